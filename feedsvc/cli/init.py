"""`feedsvc init`: the first files of a new newsroom."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from feedsvc.cli.options import options
from feedsvc.settings import Settings


@click.command()
@options("articles")
def init(**given: Any) -> None:
    """Write site.toml and a first article into the articles folder, and print their paths; nothing is overwritten."""
    folder = Settings(**given).articles
    for file, new in begin(folder):
        click.echo(file if new else f"{file} is there already, and stays as it is", err=not new)


def begin(folder: Path) -> Iterator[tuple[str, bool]]:
    """Writes the files that are not there yet, the article only if there is none; each path, with whether it is new."""
    from feedsvc.articles.new_file import write_new
    from feedsvc.articles.starters import FIRST_ARTICLE, first_article, site_file
    from feedsvc.model.site import SITE_FILE

    had_some = not is_empty(folder)
    yield f"{folder}/{SITE_FILE}", write_new(folder, SITE_FILE, site_file(_time_zone()))
    if not had_some or (folder / FIRST_ARTICLE).exists():
        yield f"{folder}/{FIRST_ARTICLE}", write_new(folder, FIRST_ARTICLE, first_article(datetime.now().astimezone()))


def offer(folder: Path, database: str) -> None:
    """Offers a new newsroom to begin: at a terminal with a question, elsewhere with a line in the log.

    Where there is a database already, a folder without articles is no beginning: it may have lost its disk.
    """
    if not is_empty(folder):
        return
    from feedsvc.storage.engine import database_path

    known = database_path(database)
    if known is None or known.exists():
        return
    what = "is empty" if folder.is_dir() else "is missing"
    if not _at_a_terminal():
        click.echo(f"the articles folder {folder} {what}; `feedsvc init` writes a site.toml and a first article into it", err=True)
        return
    question = f"The articles folder {folder} {what}. Write a site.toml and a first article into it?"
    if click.confirm(question, default=True, err=True):
        for file, _ in begin(folder):
            click.echo(file, err=True)


def is_empty(folder: Path) -> bool:
    """Whether nothing that counts is in a folder, or there is none."""
    with suppress(OSError), os.scandir(folder) as found:
        return not any(not entry.name.startswith(".") for entry in found)
    return not folder.exists()


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _time_zone() -> str:
    """The machine's time zone, UTC where it has none that we know."""
    from zoneinfo import ZoneInfo

    with suppress(OSError, ValueError, KeyError):
        return ZoneInfo(os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]).key
    return "UTC"
