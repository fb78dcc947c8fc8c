"""`Archivist`: files articles by month, so that each topic's archives can be made when somebody asks for them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from itertools import dropwhile, zip_longest

from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.formats import render
from feedsvc.model.archive import Part, in_parts, month_of, name, span
from feedsvc.model.edition import after
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record


class Archivist:
    """One build's way from records to filed months; the documents of a month that changed are void until asked for again."""

    def __init__(self, memory: BuildState, publication: Publication, now: datetime) -> None:
        self.memory = memory
        self.index = memory.index
        self.publication = publication
        self.now = now
        self.moment = now.replace(microsecond=0)
        # A month that is filed late may have been there before, so that its date must not go back.
        self._begun = None if memory.fresh else self.moment - timedelta(seconds=1)

    def newest(self, slug: str) -> str | None:
        """The name of a topic's newest archive."""
        filed = self.memory.archives.get(slug)
        return name(month := max(filed), len(filed[month])) if filed else None

    def file(self, known: tuple[str, ...], touched: Touched) -> None:
        """Files the months that were touched, or all, of the topics that are known."""
        archives, editions, zone = self.memory.archives, self.memory.editions, self.memory.site.zone
        # What a topic is called stands in every archive that has an article of it.
        called = {slug: self.index.topic(slug, self.now).name for slug in known}
        anew = touched.everything or any(editions[slug].name != name for slug, name in called.items() if slug in editions)
        months: dict[tuple[str, str], datetime | None] = dict(touched.months)
        if touched.everything:
            months = {(slug, month_of(one.published, zone)): None for slug in known for one in self.index.all_live(slug, self.now)}
        months |= {(slug, month): None for slug, some in archives.items() if anew or slug not in called for month in some}
        waiting = [(slug, month, anew) for slug, month in sorted(months)]
        for slug, month, leads_elsewhere in waiting:
            filed = archives.get(slug, {})
            since = None if leads_elsewhere else months.get((slug, month))
            kept, records = self._records(slug, month, filed.get(month, ()), since) if slug in called else (0, [])
            changed = {record.id for record in records} if anew else touched.records
            following = min((one for one in filed if one > month), default=None)
            if self._file_month(slug, month, kept, records, changed, leads_elsewhere) and following:
                insort(waiting, (slug, following, True))

    def _records(self, slug: str, month: str, before: tuple[Part, ...], since: datetime | None) -> tuple[int, Sequence[Record]]:
        """How many parts of a topic's month end well before what was touched in it since, and the records of all after them.

        The last of those parts is not counted: what comes after may be shorter now, and fit into it.
        """
        begin, end = span(month, self.memory.site.zone)
        kept = sum(1 for part in before if since and self.index.records[part.ids[-1]].published < since) - 1
        if kept < 1:
            return 0, self.index.between(slug, begin, end, self.now)
        first = self.index.records[before[kept].ids[0]]
        records = self.index.between(slug, first.published, end, self.now)
        return kept, list(dropwhile(lambda record: record.id != first.id, records))

    def _file_month(
        self, slug: str, month: str, kept: int, records: Sequence[Record], changed: Set[str], leads_elsewhere: bool
    ) -> bool:
        """Files a topic's month but for the first parts that are kept; whether the next must lead elsewhere.

        It must where the last part of this one has another name.
        """
        filed = self.memory.archives.setdefault(slug, {})
        before = filed.get(month, ())
        parts = list(before[:kept])
        for number, (old, some) in enumerate(zip_longest(before[kept:], in_parts(records)), kept + 1):
            ids = tuple(record.id for record in some or ())
            if old and old.ids == ids and changed.isdisjoint(ids) and not (leads_elsewhere and number == 1):
                parts.append(old)
                continue
            if old:
                self.publication.void.update(render.archive_paths(slug, name(month, number)))
            if some:
                newest = max(max(record.published, record.updated) for record in some)
                parts.append(Part(after(old.updated if old else self._begun, newest, self.moment), ids))
            self.publication.archives[slug, month, number] = parts[-1] if some else None
        if parts:
            filed[month] = tuple(parts)
        else:
            filed.pop(month, None)
        return len(before) != len(parts)
