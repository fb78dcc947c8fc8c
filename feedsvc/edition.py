"""`Edition` and `Entry`: one topic's ordered live articles at one moment.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from feedsvc.addresses import Addresses
from feedsvc.article import Article
from feedsvc.ledger import Record
from feedsvc.topics import Site, Topic

RELATED = 5  # other articles of its story that an entry shows at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article's place in an edition, with what the ledger knows of it.

    `topics` are those the article belongs to, in its own order; `breaking` is true at the edition's moment;
    `related` are (title, URL) pairs of the other live articles of its story, newest first.
    """

    id: str
    url: str
    published: datetime
    updated: datetime
    article: Article
    topics: tuple[Topic, ...] = ()
    breaking: bool = False
    related: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A topic's entries in their order; `updated` is the newest event in the topic, a removal too.

    `gone` are the ids of what was retracted or removed in the last 30 days, and when, newest first.
    """

    site: Site
    topic: Topic
    entries: tuple[Entry, ...]
    updated: datetime
    gone: tuple[tuple[str, datetime], ...] = ()

    @property
    def title(self) -> str:
        """What the edition's documents are called: the portal alone, or the topic and the portal."""
        return self.site.title if self.topic.slug == "all" else f"{self.topic.name} – {self.site.title}"

    @property
    def description(self) -> str:
        """One sentence on what is in it; never empty, since RSS requires it."""
        site = self.site.description or self.site.tagline or self.site.title
        return site if self.topic.slug == "all" else self.topic.description or f"{self.topic.name} from {self.site.title}"


def entry_of(
    record: Record, article: Article, topics: tuple[Topic, ...], story: Iterable[Record], addresses: Addresses, now: datetime
) -> Entry:
    """The entry of an article at `now`; `story` are the live records of its story, newest first."""
    others = [other for other in story if other.id != record.id][:RELATED]
    return Entry(
        id=record.id,
        url=record.link or addresses.article(record.slug),
        published=record.published,
        updated=record.updated,
        article=article,
        topics=topics,
        breaking=record.breaking_at(now),
        related=tuple((other.title, other.link or addresses.article(other.slug)) for other in others),
    )
