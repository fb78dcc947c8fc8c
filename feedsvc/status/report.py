"""The status as lines for a terminal. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from feedsvc.fault_lines import by_kind
from feedsvc.model.history import BuildEntry
from feedsvc.status.status import KEPT, NOT_PUBLISHED, Status


def report(status: Status) -> Iterator[str]:
    """The lines of a status."""
    yield f"published   {counts(status)}"
    yield f"public URL  {status.public_url or '–'}"
    yield f"generation  {status.generation}, published {_time(status.built)}, folder last checked {_time(status.looked)}"
    lease = status.lease
    since = f" since {_time(lease.since)}" if lease and lease.since else ""
    yield f"builder     {f'process {lease.pid} on {lease.host}{since}, lease number {lease.fence}' if lease else 'none'}"
    if status.pictures:
        yield f"pictures    {status.pictures:,} still to be made; articles are shown without them until then"
    yield from (f"told        {told.name}: up to generation {told.generation}" for told in status.targets)
    yield from (f"PROBLEM     {problem}" for problem in status.problems)
    yield f"quarantine  {len(status.quarantine) or 'empty'}"
    yield from (f"  {one}; {KEPT if one.published else NOT_PUBLISHED}" for one in status.quarantine)
    if status.warnings:
        yield f"warnings    {len(status.warnings)}"
        yield from (f"  {line}" for lines in by_kind(status.warnings, "--json") for line in lines)
    if status.upcoming:
        yield f"upcoming    {len(status.upcoming)}"
        yield from (f"  {_time(one.when)} {one.what}: {one.title} ({one.path})" for one in status.upcoming)
    if status.builds:
        yield f"builds      the last {len(status.builds)}, newest first"
        yield from (f"  {_built(line)}" for line in status.builds)


def _built(line: BuildEntry) -> str:
    outcome = f"generation {line.generation}, {line.read} read, {line.documents} documents" if line.generation else line.outcome
    return f"{_time(line.at)} in {line.seconds:.3f} s: {outcome} ({line.cause}){f'; {line.problem}' if line.problem else ''}"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "never"


def counts(status: Status) -> str:
    """How much is published."""
    counted = ((status.articles, "article"), (len(status.topics), "topic"), (status.documents, "document"))
    articles, topics, documents = (f"{number} {name}{'' if number == 1 else 's'}" for number, name in counted)
    return f"{articles} in {topics}, {documents}"
