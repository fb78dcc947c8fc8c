"""`Newsletter`: the daily digests of all topics, made when the day's hour has come, and never again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from feedsvc.builder.state import BuildState
from feedsvc.formats import digest as formatted
from feedsvc.model.daily_digest import DAYS, LINES, compose, day_of, last_hour, new_since, past_days, stands
from feedsvc.model.edition import Entry
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record
from feedsvc.model.site import Topic
from feedsvc.model.urls import Urls

Entries = Callable[[Sequence[Record]], Sequence[Entry]]


class Newsletter:
    """One build's digests: what the clock asks for is composed, and what was withdrawn is taken out."""

    def __init__(self, memory: BuildState, publication: Publication, now: datetime) -> None:
        self.memory = memory
        self.publication = publication
        self.now = now
        self.hour = last_hour(now, memory.site)
        taken = memory.facts.get("digested")
        self._begins = taken is None
        self._due = taken is None or datetime.fromisoformat(taken) < self.hour

    def compose(self, slug: str, entries: Entries) -> bool:
        """Composes the digests of a topic that are due; whether its feed may differ from what is published."""
        unmade = slug not in self.memory.digests
        known = self.memory.digests.setdefault(slug, {})
        new = slug not in self.memory.editions
        days = self._past(slug) if self._begins or new else self._latest(slug) if self._due else []
        for day, records in days:
            if records and day.isoformat() not in known:
                made = compose(day, entries(records[:LINES]), (record.id for record in records[LINES:]), self.memory.site)
                known[made.day] = self.publication.digests[slug, made.day] = made
        changed = self.publication.records.keys()
        for old in sorted(known)[:-DAYS]:
            del known[old]
            self.publication.digests[slug, old] = None
        return unmade or self._due or any(self._differs(id) for digest in known.values() for id in digest.ids & changed)

    def _differs(self, id: str) -> bool:
        """Whether an article may be told of now and could not before, or the other way round."""
        return (id in self.memory.live) != stands(self.memory.index.records.get(id), self.now)

    def entries(self, topic: Topic, addresses: Urls) -> tuple[Entry, ...]:
        """The digests of a topic as entries, the newest first."""
        known = self.memory.digests[topic.slug]
        records = self.memory.index.records
        made = []
        for day in sorted(known, reverse=True):
            told = {id: records.get(id) for id in known[day].ids}
            gone = {id: record.since if record else self.now for id, record in told.items() if not stands(record, self.now)}
            made.append(formatted.entry(topic, known[day], gone, addresses))
        return tuple(entry for entry in made if entry)

    def close(self) -> None:
        """Notes that the hour has been taken."""
        if self._due:
            self.publication.facts["digested"] = self.hour.isoformat()

    def _past(self, slug: str) -> list[tuple[date, list[Record]]]:
        out = (record for record in self.memory.index.all_live(slug, self.now) if record.published <= self.hour)
        return past_days(out, self.memory.site)

    def _latest(self, slug: str) -> list[tuple[date, list[Record]]]:
        records = new_since(self.memory.index.all_live(slug, self.now), self.hour, self.memory.digests[slug])
        return [(day_of(self.hour, self.memory.site), records)]
