"""`Edition` and `Entry`: one topic's ordered live articles at one moment.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from feedsvc.model.article import Article
from feedsvc.model.author import Credit
from feedsvc.model.feed import Feed
from feedsvc.model.record import Record, State
from feedsvc.model.selection import common
from feedsvc.model.site import Site, Topic
from feedsvc.model.translations import Translation, translations_of
from feedsvc.model.urls import Urls

EPOCH = datetime.fromtimestamp(0, UTC)  # the time of the newest event, before there is one
AHEAD = timedelta(minutes=1)  # more than changes in a row put the time of the last ahead of the clock, a second each
RELATED = 5  # other articles of its story that an entry shows at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article's place in an edition, with what the ledger has about it.

    `topics` are those the article belongs to, in its own order; `breaking` is as at the edition's moment, and `breaking_until`
    when that ends; `related` are (title, URL) pairs of the other live articles of its story, newest first,
    and `translations` its versions in all languages, if there are several; only its own page shows them.
    """

    id: str
    url: str
    published: datetime
    updated: datetime
    article: Article
    topics: tuple[Topic, ...] = ()
    breaking: bool = False
    breaking_until: datetime | None = None
    related: tuple[tuple[str, str], ...] = ()
    translations: tuple[Translation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left of an article that readers have seen and may no longer see, and `since` when."""

    id: str
    title: str
    url: str
    published: datetime
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A topic's entries in their order; `updated` is the time of the newest event in the topic; a removal counts.

    `gone` is what was retracted or removed in the last 30 days, latest first, and `expired` what expired in that time.
    `archive` is set if the edition is not the current one but one of the topic's archives, and `before` names the archive before
    it in time (RFC 5005, 4). `feed` says how it is given, where that isn't as usual. `author` is who has written all of it.
    """

    site: Site
    topic: Topic
    entries: tuple[Entry, ...]
    updated: datetime
    gone: tuple[Tombstone, ...] = ()
    expired: tuple[Tombstone, ...] = ()
    archive: str | None = None
    before: str | None = None
    feed: Feed | None = None
    author: Credit | None = None

    @property
    def hub(self) -> str | None:
        """The hub that is notified of it: not of archives and authors' feeds, which are made when somebody asks for them, and a hub
        would get no protected feed."""
        return None if self.archive or self.author or (self.feed and self.feed.protected) else self.site.hub

    @property
    def language(self) -> str | None:
        """The language that is true of all of its entries; None if there is none."""
        if self.feed and self.feed.chosen.language:
            return self.feed.chosen.language
        return common(self._tags) if self.entries else self.site.language

    @property
    def main_language(self) -> str:
        """The language of all entries that don't say another themselves."""
        tags, chosen = self._tags, self.feed.chosen.language if self.feed else None
        return chosen or (tags[0] if len(tags) == 1 else self.site.language)

    @property
    def _tags(self) -> list[str]:
        return list(dict.fromkeys(entry.article.language or self.site.language for entry in self.entries))

    @property
    def title(self) -> str:
        """The title of the edition's documents."""
        return self.site.title_of(self.topic)

    @property
    def description(self) -> str:
        """One sentence on what is in it; never empty, since RSS requires it."""
        site = self.site.description or self.site.tagline or self.site.title
        if self.topic.slug == "all":
            return site
        default = self.topic.name if self.topic.is_feed else f"{self.topic.name} from {self.site.title}"
        return self.topic.description or default


def entry_of(
    record: Record,
    article: Article,
    topics: tuple[Topic, ...],
    story: Iterable[Record],
    addresses: Urls,
    now: datetime,
    versions: Iterable[Record] = (),
) -> Entry:
    """The entry of an article at `now`; `story` are the live records of its story, newest first, and `versions` those in other
    languages, for its own page."""
    others = [other for other in story if other.id != record.id][:RELATED]
    return Entry(
        id=record.id,
        url=addresses.of(record),
        published=record.published,
        updated=record.updated,
        article=article,
        topics=topics,
        breaking=record.breaking_at(now),
        breaking_until=record.breaking_until if record.breaking_at(now) else None,
        related=tuple((other.title, addresses.of(other)) for other in others),
        translations=translations_of(record, versions, addresses),
    )


def after(event: datetime | None, newest: datetime, moment: datetime) -> datetime:
    """The time of an edition's newest event, given the one before: a change without a date of its own happened at this moment.

    One that lies far ahead is not true, and no client may go by it (RFC 9110, 8.8.2.1).
    """
    if event and event > moment + AHEAD:
        return max(newest, moment)
    if event is None or newest > event:
        return newest
    return max(moment, datetime.fromtimestamp(event.timestamp() + 1, UTC))


def tombstone_of(record: Record, addresses: Urls) -> Tombstone:
    """What is left of an article that is gone or has expired: what readers saw last, whatever its file says since."""
    seen = record.last_seen
    return Tombstone(
        id=seen.id,
        title=seen.title,
        url=seen.link or addresses.of(replace(record, slug=seen.slug, published=seen.published, link=None)),
        published=seen.published,
        since=record.over if record.state is State.STANDING and record.over else record.since,
    )
