"""What a build would change for readers, topic by topic. Pure: no I/O, no clock, no globals; `now` is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feedsvc.builder.index import TopicIndex
from feedsvc.model.record import Record


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """What happens to an article in a topic: `+` added, `~` changed, `-` removed."""

    kind: str
    title: str
    path: str


def dry_run(
    before: Mapping[str, Record], placed: Mapping[str, tuple[str, ...]], after: TopicIndex, now: datetime
) -> dict[str, list[Change]]:
    """The changes in each topic that has any, in order; `before` are the records that readers see, `placed` their topics."""
    changes: dict[str, list[Change]] = {}
    for id, new in after.records.items():
        old = before.get(id)
        left = set(placed[id]) if old else set()
        right = set(after.topics_of(new)) if new.live(now) else set()
        for slug in right - left:
            changes.setdefault(slug, []).append(Change("+", new.title, new.path))
        for slug in left - right:
            changes.setdefault(slug, []).append(Change("-", new.title, new.path))
        for slug in left & right if old and _differ(old, new) else ():
            changes.setdefault(slug, []).append(Change("~", new.title, new.path))
    return {slug: sorted(changes[slug]) for slug in sorted(changes)}


def _differ(old: Record, new: Record) -> bool:
    return (old.stamp, old.published, old.updated, old.slug) != (new.stamp, new.published, new.updated, new.slug)
