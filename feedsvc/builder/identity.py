"""Which article each file is, decided for all files of a build at once, before any takes an id by its path.

Pure: no I/O, no clock, no globals; `now` is passed in. A renamed file is recognised by its words, among the articles whose own file
is gone or has other words now. So names may be reused, swapped or passed on in one step, in any order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.builder.index import TopicIndex
from feedsvc.model.ledger import may_be_derived, new_id
from feedsvc.model.record import TOMBSTONE, Record, State

THERE_FIRST = ", which was there first"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A parsed article; `id` is the one in its file, `known` the standing record whose file was last at this path."""

    path: str
    id: str | None
    slug: str
    words: str
    title: str
    date: datetime | None
    known: Record | None

    @property
    def stays(self) -> bool:
        """Whether it is certainly the article that was in its file before."""
        if self.known is None:
            return False
        return self.id == self.known.id if self.id else self.words == self.known.words


@dataclass(slots=True)
class Identities:
    """The id of each path, the records whose history a new id takes over, and why other paths are refused."""

    ids: dict[str, str] = field(default_factory=dict)
    inherited: dict[str, Record] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def identify(
    candidates: Sequence[Candidate], unreadable: Iterable[str], gone: Mapping[str, Record], index: TopicIndex, now: datetime
) -> Identities:
    """Which article each candidate is.

    `unreadable` are the paths of files that could not be parsed, which keep the article that was in them; `gone` has
    the records whose files are gone, by id.
    """
    return _Decision(candidates, unreadable, gone, index, now).made()


class _Decision:
    def __init__(
        self,
        candidates: Sequence[Candidate],
        unreadable: Iterable[str],
        gone: Mapping[str, Record],
        index: TopicIndex,
        now: datetime,
    ) -> None:
        self.candidates = sorted(candidates, key=lambda one: one.path)
        self.at = {one.path: one for one in candidates}
        self.unreadable = set(unreadable)
        self.gone = gone
        self.index = index
        self.now = now
        self.found = Identities()
        self.used: set[str] = set()
        self.named = {one.id for one in candidates if one.id}
        # What may appear at another path: its file is gone, or has something else now.
        self.free = dict(gone) | {one.known.id: one.known for one in candidates if one.known and not one.stays}

    def made(self) -> Identities:
        for one in self.candidates:
            if one.stays and one.known:
                self._give(one, one.known.id)
        self._by_name()
        self._by_words()
        self._by_title_and_date()
        for one in self._open():
            self._by_path(one)
        return self.found

    def _open(self) -> list[Candidate]:
        return [one for one in self.candidates if one.path not in self.found.ids and one.path not in self.found.refused]

    def _give(self, one: Candidate, id: str) -> None:
        self.found.ids[one.path] = id
        self.used.add(id)
        self.free.pop(id, None)

    # ---- ids in the front matter

    def _by_name(self) -> None:
        claims: dict[str, list[Candidate]] = defaultdict(list)
        for one in self._open():
            if one.id:
                claims[one.id].append(one)
        for id, claimants in claims.items():
            owner = self.index.records.get(id)
            taken = self._keeper(id, owner, claimants)
            if taken is None:
                # Of several, the one with its words, or the first by path.
                first = next((one for one in claimants if owner and one.words == owner.words), claimants[0])
                self._inherit(first, owner)
                self._give(first, id)
                taken = first.path
            for one in claimants:
                if one.path not in self.found.ids:
                    self.found.refused[one.path] = f'its id "{id}" is that of {taken}{THERE_FIRST}'

    def _keeper(self, id: str, owner: Record | None, claimants: Sequence[Candidate]) -> str | None:
        """The path of the file that keeps an id although others name it, None if the id is free."""
        if id in self.used:
            return next((path for path, given in self.found.ids.items() if given == id), owner.path if owner else "")
        if owner is None or owner.state is State.REMOVED or id in self.gone:
            return None
        there = self.at.get(owner.path)
        if there is None:
            return owner.path  # its file was not read, so it has not changed
        moved = any(one.words == owner.words for one in claimants)
        replaced = any(one.words == there.words and one.id != id for one in self.free.values())
        # An id that was written in a file goes with what is written; one that was derived stays with the file that is edited.
        return None if there.id or moved or replaced or not may_be_derived(id) else owner.path

    def _inherit(self, one: Candidate, owner: Record | None) -> None:
        """An article that gets an id from its front matter, in its file or another, keeps its history."""
        known = one.known
        if owner or known is None or known.id in self.used | self.named:
            return  # an id that another file names takes its history there
        if one.words == known.words or one.title == known.title:
            self.found.inherited[one.path] = known
            self.used.add(known.id)
            self.free.pop(known.id, None)

    # ---- files that were renamed

    def _by_words(self) -> None:
        wanting: dict[str, list[Candidate]] = defaultdict(list)
        for one in self._open():
            if not one.id:
                wanting[one.words].append(one)
        free: dict[str, list[Record]] = defaultdict(list)
        for record in self.free.values():
            free[record.words].append(record)
        for words, ones in wanting.items():
            self._pair(ones, free.get(words, []), lambda record: True)
            # A removed article may come back: at its path or slug at any time, elsewhere only as long as feeds say that it is gone.
            self._pair([one for one in ones if one.path not in self.found.ids], self.index.removed(words), self._lately)

    def _lately(self, record: Record) -> bool:
        return self.now < record.since + TOMBSTONE

    def _pair(self, ones: Sequence[Candidate], records: Sequence[Record], elsewhere: Callable[[Record], bool]) -> None:
        """Gives each candidate the record of its path, or of its slug, or the latest that may appear elsewhere."""
        left = sorted((record for record in records if record.id not in self.used), key=lambda one: (one.since, one.id))
        for same in (_path, _slug):
            by_key = {same(record): record for record in left if record.id not in self.used}
            for one in ones:
                if one.path not in self.found.ids and (record := by_key.pop(same(one), None)):
                    self._give(one, record.id)
        rest = [record for record in left if record.id not in self.used and elsewhere(record)]
        for one in ones:
            if rest and one.path not in self.found.ids:
                self._give(one, rest.pop().id)

    def _by_title_and_date(self) -> None:
        """Recognises files that were renamed and edited at once, as after a `git pull`."""
        moved: dict[tuple[str, object], list[Record]] = defaultdict(list)
        for record in self.gone.values():
            if record.id in self.free:
                moved[record.title, record.published].append(record)
                moved[record.title, record.slug].append(record)
        for one in self._open():
            alike = moved.get((one.title, one.date)) or moved.get((one.title, one.slug)) or []
            if one.known is None and not one.id and len(alike) == 1 and alike[0].id in self.free:
                self._give(one, alike[0].id)

    # ---- all others

    def _by_path(self, one: Candidate) -> None:
        if one.known and one.known.id in self.free:
            self._give(one, one.known.id)
            return
        before = self.index.removed_at(one.path)
        if before and before.id not in self.used and self._lately(before):
            self._give(one, before.id)
            return
        self._give(one, new_id(one.path, lambda id: id in self.index.records or id in self.used))


def _path(one: Candidate | Record) -> str:
    return one.path


def _slug(one: Candidate | Record) -> str:
    return one.slug
