"""`Digests`: the daily digests of all topics, made at the day's hour; later, articles are only removed from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from datetime import date, datetime

from feedsvc.builder.state import BuildState
from feedsvc.model.daily_digest import DAYS, LINES, DailyDigest, compose, day_of, last_hour, new_since, past_days, withholding
from feedsvc.model.edition import Entry
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record
from feedsvc.model.rights import DIGEST, asked_for
from feedsvc.storage.facts import DIGESTED, UNDIGESTED

Entries = Callable[[Sequence[Record]], Sequence[Entry]]


class Digests:
    """One build's digests: those that are due are composed, and withdrawn articles are withheld at once.

    If the build leaves files for the next (`complete` is not set), nothing is composed: it would lack their articles for ever.
    """

    def __init__(self, state: BuildState, publication: Publication, now: datetime, changed: Set[str], *, complete: bool) -> None:
        self.state = state
        self.publication = publication
        self.now = now
        self.moment = now.replace(microsecond=0)
        self.changed = changed
        self.complete = complete
        self.hour = last_hour(now, state.site)
        taken = DIGESTED.read(state.facts)
        self._begins = taken is None
        self._due = complete and (taken is None or taken < self.hour)
        self._undigested = set(UNDIGESTED.read(state.facts))

    def make(self, slug: str, entries: Entries) -> tuple[dict[str, DailyDigest], bool]:
        """A topic's digests by day, and whether they may differ from what is published."""
        known = dict(self.state.digests.get(slug, {}))
        new = not self.are_published(slug)
        if new and not self.complete:
            self._undigested.add(slug)
        for day, records in self._days(slug, known, new) if self.complete else ():
            if records and day.isoformat() not in known:
                made = compose(day, entries(records[:LINES]), (record.id for record in records[LINES:]), self.state.site)
                known[made.day] = self.publication.digests[slug, made.day] = made
        for old in sorted(known)[:-DAYS]:
            del known[old]
            self.publication.digests[slug, old] = None
        withheld = False
        for digest in tuple(known.values()):
            if new or not digest.ids.isdisjoint(self.changed):
                now = withholding(digest, self.state.index.records, self.moment, self._asked_for)
                if now is not digest:
                    known[now.day] = self.publication.digests[slug, now.day] = now
                    withheld = True
        return known, (new and (self.complete or bool(known))) or self._due or withheld

    def are_published(self, slug: str) -> bool:
        """Whether a topic's digests were published before this build."""
        return slug in self.state.editions and slug not in UNDIGESTED.read(self.state.facts)

    def close(self) -> None:
        """Records up to which hour digests were made."""
        if self._due:
            DIGESTED.write(self.publication.facts, self.hour)
        left = () if self.complete else tuple(sorted(self._undigested))
        if left != UNDIGESTED.read(self.state.facts):
            UNDIGESTED.write(self.publication.facts, left)

    def _asked_for(self, record: Record) -> bool:
        return asked_for(record, DIGEST, self.state.site)

    def _days(self, slug: str, known: dict[str, DailyDigest], new: bool) -> Iterator[tuple[date, list[Record]]]:
        live = (one for one in self.state.index.all_live(slug, self.now) if self._asked_for(one))
        if self._begins or new:
            yield from past_days((record for record in live if record.published <= self.hour), self.state.site)
        elif self._due:
            yield day_of(self.hour, self.state.site), new_since(live, self.hour, known)
