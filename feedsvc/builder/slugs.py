"""Which slug each article of a build gets, if several ask for the same one.

Pure: no I/O, no clock, no globals. An address stays with the article that is shown there; two articles may swap theirs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from feedsvc.builder.identity import THERE_FIRST
from feedsvc.builder.index import TopicIndex
from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.record import State

_ADDED = re.compile(r"-(?:\d{4}-\d\d-\d\d|[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Wish:
    """The slug that an article asks for, by its file's name or front matter; `day` is its date's, such as `2026-05-21`, or ""."""

    slug: str
    path: str
    day: str


@dataclass(frozen=True, slots=True)
class Other:
    """The slug that an article gets instead of the one that it asks for; `owner` is the path of the article that has that one."""

    slug: str
    owner: str


def other_slug(path: str, slug: str, other: Other) -> Fault:
    """Says of the article at a path that it does not get the slug that it asks for."""
    reason = f'its slug "{slug}" is that of {other.owner}{THERE_FIRST}; it is published as "{other.slug}"'
    return Fault.warn(Kind.SAME_SLUG, path, 0, reason)


def settle(wishes: Mapping[str, Wish], leaving: Collection[str], index: TopicIndex) -> dict[str, Other]:
    """The articles that don't get the slug that they ask for, by id.

    `wishes` are by the articles' ids; `leaving` are the ids of articles that give up theirs. An article keeps the slug that it has;
    of several new ones, the first by path gets it, and the others get it with their day or a number at the end. They keep that slug
    even if the other becomes free because its article is gone: readers know it by now.
    """
    return _Settlement(wishes, leaving, index).made()


class _Settlement:
    def __init__(self, wishes: Mapping[str, Wish], leaving: Collection[str], index: TopicIndex) -> None:
        self.wishes = wishes
        self.leaving = leaving
        self.index = index
        self.given: dict[str, str] = {}
        self.others: dict[str, Other] = {}
        self.has = {id: record.slug for id in wishes if (record := index.records.get(id)) and record.state is not State.REMOVED}
        self.moving = {id for id, slug in self.has.items() if slug != wishes[id].slug and not _derived(slug, wishes[id].slug)}

    def made(self) -> dict[str, Other]:
        in_order = sorted(self.wishes, key=lambda id: self.wishes[id].path)
        for id in in_order:
            if self.has.get(id) == self.wishes[id].slug:
                self.given[self.wishes[id].slug] = id
        for id in in_order:
            if id in self.has and id not in self.moving and self.has[id] != self.wishes[id].slug:
                self._stay_or_take(id, self.wishes[id].slug)
        for id in in_order:
            if id not in self.has or id in self.moving:
                self._take(id, self.wishes[id])
        return self.others

    def _stay_or_take(self, id: str, wanted: str) -> None:
        """An article keeps the other slug that it has, unless the one that it asks for was given up by one that still stands."""
        owner = self._owner(wanted)
        if owner is None and not self.index.left_at(wanted):
            self.given[wanted] = id
            return
        self.given[self.has[id]] = id
        self.others[id] = Other(self.has[id], owner or "")

    def _take(self, id: str, wish: Wish) -> None:
        owner = self._owner(wish.slug)
        slug = wish.slug if owner is None else next(slug for slug in _instead(wish) if self._owner(slug) is None)
        self.given[slug] = id
        if owner is not None:
            self.others[id] = Other(slug, owner)

    def _owner(self, slug: str) -> str | None:
        """The path of the article that has a slug and keeps it."""
        if slug in self.given:
            return self.wishes[self.given[slug]].path
        holder = self.index.by_slug(slug)
        leaves = holder is None or holder.id in self.leaving or holder.id in self.moving
        return None if holder is None or leaves else holder.path


def _instead(wish: Wish) -> Iterator[str]:
    if wish.day:
        yield f"{wish.slug}-{wish.day}"
    yield from (f"{wish.slug}-{number}" for number in count(2))


def _derived(slug: str, wanted: str) -> bool:
    """Whether a slug was given instead of the one asked for."""
    return slug.startswith(wanted) and _ADDED.fullmatch(slug, len(wanted)) is not None
