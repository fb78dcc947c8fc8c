"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import click

T = TypeVar("T")

BAR_FROM = 200  # things, below which a bar would only flicker
LINE_SECONDS = 5.0


def watched(things: Sequence[T], label: str) -> Iterable[T]:
    """Things one by one; if they are many, with a progress bar on a terminal and plain lines elsewhere."""
    if len(things) < BAR_FROM:
        return things
    if not sys.stderr.isatty():
        return _counted(things, label)
    return _with_bar(things, label)


def _with_bar(things: Sequence[T], label: str) -> Iterator[T]:
    with click.progressbar(things, label=label, file=sys.stderr) as bar:
        yield from bar


def _counted(things: Sequence[T], label: str) -> Iterator[T]:
    said = time.monotonic()
    for number, thing in enumerate(things):
        if time.monotonic() - said > LINE_SECONDS:
            said = time.monotonic()
            click.echo(f"{label}: {number} of {len(things)}", err=True)
        yield thing
