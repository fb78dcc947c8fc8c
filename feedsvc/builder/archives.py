"""`Archives`: files articles by month, so that each topic's archives can be made when somebody asks for them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from itertools import dropwhile, takewhile, zip_longest

from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.formats import render
from feedsvc.model import urls as at
from feedsvc.model.archive import Part, in_parts, month_of, name, span
from feedsvc.model.edition import after
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record, written_size

TOPIC_BYTES = 300  # bytes of a category beside its name and slug: markup, and the address of its scheme


class Archives:
    """Files one build's records by month; the documents of a month that changed are deleted, and made again when asked for."""

    def __init__(self, state: BuildState, publication: Publication, now: datetime) -> None:
        self.state = state
        self.index = state.index
        self.publication = publication
        self.filed: dict[str, dict[str, tuple[Part, ...]]] = {}  # the topics' months, with what this build has changed so far
        self.now = now
        self.moment = now.replace(microsecond=0)
        # A month that is filed late may have been published before, so its date must not go back.
        self._begun = None if state.fresh else self.moment - timedelta(seconds=1)

    def newest(self, slug: str) -> str | None:
        """The name of a topic's newest archive."""
        filed = self._months(slug)
        return name(month := max(filed), len(filed[month])) if filed else None

    def names(self, slug: str) -> list[str]:
        """The names of a topic's archives, the newest month first."""
        months = sorted(self._months(slug).items(), reverse=True)
        return [name(month, number) for month, parts in months for number in range(1, len(parts) + 1)]

    def _months(self, slug: str) -> dict[str, tuple[Part, ...]]:
        if slug not in self.filed:
            self.filed[slug] = dict(self.state.archives.get(slug, {}))
        return self.filed[slug]

    def file(self, known: tuple[str, ...], touched: Touched) -> None:
        """Files the touched months, or all months, of the topics that have documents."""
        archives, editions, zone = self.state.archives, self.state.editions, self.state.site.zone
        # A topic's name is in every archive that has an article of it.
        called = {slug: self.index.topic(slug, self.now).name for slug in known}
        anew = touched.everything or any(editions[slug].name != name for slug, name in called.items() if slug in editions)
        if anew or not called.keys() <= editions.keys():
            self.state.allowances.clear()
        months: dict[tuple[str, str], datetime | None] = dict(touched.months)
        if touched.everything:
            months = {(slug, month_of(one.published, zone)): None for slug in known for one in self.index.all_live(slug, self.now)}
        months |= {(slug, month): None for slug, some in archives.items() if anew or slug not in called for month in some}
        waiting = [(slug, month, anew) for slug, month in sorted(months)]
        for slug, month, leads_elsewhere in waiting:
            filed = self._months(slug)
            since = None if leads_elsewhere else months.get((slug, month))
            before = filed.get(month, ())
            kept, records = self._records(slug, month, before, since, touched.records) if slug in called else (0, [])
            changed = {record.id for record in records} if anew else touched.records
            following = min((one for one in filed if one > month), default=None)
            if self._file_month(slug, month, kept, records, changed, leads_elsewhere) and following:
                insort(waiting, (slug, following, True))

    def _records(
        self, slug: str, month: str, before: tuple[Part, ...], since: datetime | None, touched: Set[str]
    ) -> tuple[int, Sequence[Record]]:
        """How many parts of a topic's month end before what was touched in it, and the records of all parts after them.

        Parts are compared by what they had when they were filed, because an article's date may have changed. The last such part is
        not counted: what follows may be shorter now, and fit into it.
        """
        begin, end = span(month, self.state.site.zone)
        untouched = takewhile(lambda part: since is not None and self._ends_before(part, since, touched), before)
        kept = sum(1 for _ in untouched) - 1
        if kept < 1:
            return 0, self.index.between(slug, begin, end, self.now)
        first = self.index.records[before[kept].ids[0]]
        records = self.index.between(slug, first.published, end, self.now)
        return kept, list(dropwhile(lambda record: record.id != first.id, records))

    def _ends_before(self, part: Part, moment: datetime, touched: Set[str]) -> bool:
        return touched.isdisjoint(part.ids) and self.index.records[part.ids[-1]].published < moment

    def _file_month(
        self, slug: str, month: str, kept: int, records: Sequence[Record], changed: Set[str], leads_elsewhere: bool
    ) -> bool:
        """Files a topic's month, except the first parts, which are kept; whether the next month must link to another archive.

        It must if the last part of this month has another name.
        """
        filed = self._months(slug)
        before = filed.get(month, ())
        parts = list(before[:kept])
        for number, (old, some) in enumerate(zip_longest(before[kept:], in_parts(records, self.size_of)), kept + 1):
            ids = tuple(record.id for record in some or ())
            if old and old.ids == ids and changed.isdisjoint(ids) and not (leads_elsewhere and number == 1):
                parts.append(old)
                continue
            if old:
                self.publication.void.update(render.archive_paths(slug, name(month, number)))
            if not (old and some):
                self._void_page_before(slug, month, number)
            if some:
                newest = max(max(record.published, record.updated) for record in some)
                parts.append(Part(after(old.updated if old else self._begun, newest, self.moment), ids))
            self.publication.archives[slug, month, number] = parts[-1] if some else None
        if parts:
            filed[month] = tuple(parts)
        else:
            filed.pop(month, None)
        return len(before) != len(parts)

    def _void_page_before(self, slug: str, month: str, number: int) -> None:
        """The page of the archive before one that is new or gone leads elsewhere now."""
        filed = self._months(slug)
        earlier = max((one for one in filed if one < month), default=None)
        if number > 1:
            self.publication.void.add(at.month_path(slug, name(month, number - 1)))
        elif earlier:
            self.publication.void.add(at.month_path(slug, name(earlier, len(filed[earlier]))))

    def size_of(self, record: Record) -> int:
        """How many bytes a record's entry takes at most in an archive, with the topics' current names."""
        allowance = self.state.allowances.get(record.topics)
        if allowance is None:
            topics = self.index.named_topics(record, self.now)
            allowance = sum(TOPIC_BYTES + 3 * len(topic.slug) + written_size(topic.name) for topic in topics)
            self.state.allowances[record.topics] = allowance
        return record.size + allowance
