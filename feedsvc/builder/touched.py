"""`Touched`: what a build may have to make again.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.builder.index import TopicIndex
from feedsvc.model.archive import month_of
from feedsvc.model.feed import is_feed
from feedsvc.model.record import Record, Seen


@dataclass(slots=True)
class Touched:
    """The slugs of topics, their months, the ids of records, the slugs of articles' pages and of authors, and the files of pictures
    and recordings.

    A month comes with the earliest publication in it that was touched, an article's page also with the date that it had before
    (`page_dates`, by id); `before` are the records that others took the place of, by id, as they were before this build, None for a
    new one; `everything` is set where all documents may differ.
    """

    topics: set[str] = field(default_factory=set)
    months: dict[tuple[str, str], datetime] = field(default_factory=dict)
    records: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)
    page_dates: dict[str, datetime] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)
    recordings: set[str] = field(default_factory=set)
    before: dict[str, Record | None] = field(default_factory=dict)
    everything: bool = False

    def add(self, record: Record, index: TopicIndex) -> None:
        """Marks all that shows a record: its topics, its page, those of its story, and its versions in
        other languages."""
        if record.seen:
            self.topics.update(index.topics_of(record.seen))
            self.pages.add(record.seen.slug)
            self._add_authors(record.seen, index)
        for shown in (record, *index.story_members(record)):
            self.topics.update(index.topics_of(shown))
            self.topics.update(receiver for receiver, _ in shown.taken_back if is_feed(receiver))
            self._add_page(shown, index)
        for version in index.versions(record):
            self._add_page(version, index)
        self.records.add(record.id)
        month = month_of(record.published, index.site.zone)
        for slug in index.topics_of(record):
            self.months[slug, month] = min(record.published, self.months.get((slug, month), record.published))
        self.pictures.update(record.shows)
        self.recordings.update(record.recordings)

    def add_renamed(self, slug: str, index: TopicIndex, now: datetime) -> None:
        """Marks all that shows a topic's name: the topics and the pages of its articles."""
        for record in index.all_live(slug, now):
            self.topics.update(index.topics_of(record))
            self._add_page(record, index)

    def _add_authors(self, one: Record | Seen, index: TopicIndex) -> None:
        self.authors.update(filter(None, map(index.site.slug_of_author, one.authors)))

    def _add_page(self, record: Record, index: TopicIndex) -> None:
        self._add_authors(record, index)
        self.pages.add(record.slug)
        self.page_dates.setdefault(record.id, record.page_date or record.updated)
