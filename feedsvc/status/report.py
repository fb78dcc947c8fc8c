"""The status as lines for a terminal. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Iterator

from feedsvc.model.history import BuildEntry
from feedsvc.status.status import KEPT, NOT_PUBLISHED, Status


def report(status: Status) -> Iterator[str]:
    """The lines of a status."""
    yield f"published   {counts(status)}"
    yield f"for         {status.public_url or '–'}"
    yield f"generation  {status.generation}, built {status.built or 'never'}, folder looked at {status.looked or 'never'}"
    lease = status.lease
    since = f" since {lease.since}" if lease and lease.since else ""
    yield f"build    {f'process {lease.pid} on {lease.host}{since}, fence {lease.fence}' if lease else 'nobody'}"
    if status.hub:
        yield f"hub         {status.hub.url}, told of everything up to generation {status.hub.announced}"
    yield from (f"PROBLEM     {problem}" for problem in status.problems)
    yield f"quarantine  {len(status.quarantine) or 'empty'}"
    yield from (f"  {one}; {KEPT if one.published else NOT_PUBLISHED}" for one in status.quarantine)
    if status.warnings:
        yield f"warnings    {len(status.warnings)}"
        yield from (f"  {fault}" for fault in status.warnings)
    if status.upcoming:
        yield f"upcoming    {len(status.upcoming)}"
        yield from (f"  {one.when} {one.what}: {one.title} ({one.path})" for one in status.upcoming)
    if status.builds:
        yield f"builds   the last {len(status.builds)}, the newest first"
        yield from (f"  {_built(line)}" for line in status.builds)


def _built(line: BuildEntry) -> str:
    said = f"generation {line.generation}, {line.read} read, {line.documents} documents" if line.generation else line.outcome
    return f"{line.at} in {line.seconds:.3f} s: {said} ({line.cause}){f'; {line.problem}' if line.problem else ''}"


def counts(status: Status) -> str:
    """How much is published."""
    counted = ((status.articles, "article"), (len(status.topics), "topic"), (status.documents, "document"))
    articles, topics, documents = (f"{number} {name}{'' if number == 1 else 's'}" for number, name in counted)
    return f"{articles} in {topics}, {documents}"
