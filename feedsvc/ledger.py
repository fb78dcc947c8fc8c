"""The ledger: what is remembered of an article for ever, and what its past says of its id, dates and addresses.

Pure: no I/O, no clock, no globals; `now` comes in.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from html import unescape

import msgspec

from feedsvc.article import Article
from feedsvc.document import digest

# The namespace of ids that are derived from paths; it must never change, since the ids would.
NAMESPACE = uuid.UUID("6f1b6c1e-6a0e-5b52-9d2c-5f3f0c9b7a41")

TOMBSTONE = timedelta(days=30)  # for so long a feed says that an article is gone (RFC 6721)
ENTRY_ALLOWANCE = 6_000
BRAKE_NUMBER = 5
BRAKE_SHARE = 0.3
BRAKE_WINDOW = timedelta(minutes=2)

_BLANKS = bytes(char for char in range(128) if chr(char).isspace())
_TAG = re.compile(r"<[^>]*>")


class State(StrEnum):
    """Whether an article is meant to be read: only a standing one is, between its embargo and its expiry."""

    STANDING = "standing"
    DRAFT = "draft"
    RETRACTED = "retracted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An article's line in the ledger: all that the press must know of it without its text.

    `words` is the digest of its visible words, `stamp` that of all that a document may show; `topics` are (slug, name)
    pairs, the name "" where it wrote none, and `story` is such a pair; `since` is when it came into its `state`, `shown`
    whether readers ever saw it, and `came_out` the date under which they last did; `size` is how many bytes it takes in a feed
    at most.
    """

    id: str
    path: str
    slug: str
    title: str
    first_seen: datetime
    published: datetime
    updated: datetime
    words: str
    stamp: str
    state: State
    since: datetime
    shown: bool = False
    came_out: datetime | None = None
    expires: datetime | None = None
    breaking: bool = False
    breaking_until: datetime | None = None
    topics: tuple[tuple[str, str], ...] = ()
    story: tuple[str, str] | None = None
    link: str | None = None
    media: str | None = None
    size: int = 0

    def live(self, now: datetime) -> bool:
        """Whether readers may see the article at this moment."""
        return self.state is State.STANDING and self.published <= now and (self.expires is None or now < self.expires)

    def was_live(self, now: datetime) -> bool:
        """Whether readers have seen the article by this moment, though it may have expired since."""
        begin = max(self.published, self.since)
        in_time = begin <= now and (self.expires is None or begin < self.expires)
        return self.shown or (self.state is State.STANDING and in_time)

    def breaking_at(self, now: datetime) -> bool:
        """Whether the article counts as breaking news at this moment."""
        return self.breaking and (self.breaking_until is None or now < self.breaking_until)

    def instants(self) -> Iterable[datetime]:
        """The moments at which time alone changes what readers may see of it."""
        if self.state is State.STANDING:
            yield self.published
            if self.expires:
                yield self.expires
                yield self.expires + TOMBSTONE
            if self.breaking_until:
                yield self.breaking_until
        elif self.shown:
            yield self.since + TOMBSTONE


def words_of(article: Article) -> str:
    """The digest of an article's visible words: white space and markup don't count."""
    texts = (
        article.title,
        article.standfirst,
        *article.key_points,
        unescape(_TAG.sub("", article.body)),
        article.why_it_matters,
        article.what_it_means,
        *(correction.text for correction in article.corrections),
    )
    # Both ways take out the same, the first in a fraction of the time.
    return digest(*(text.encode().translate(None, _BLANKS) if text.isascii() else "".join(text.split()) for text in texts))


def stamp_of(article: Article, picture_mark: str = "") -> str:
    """The digest of all that a document may show of an article; its picture's mark counts for what lies in the picture's file."""
    return digest(msgspec.json.encode(article), picture_mark)


def size_of(article: Article) -> int:
    """How many bytes an article takes at most in any format: twice as text and as markup, every special character escaped.

    Its topics and related articles are not in it, for which there is an allowance.
    """
    plain = (
        *(article.title, article.standfirst, article.why_it_matters, article.what_it_means, article.retracted or ""),
        *(*article.key_points, *article.authors, *(correction.text for correction in article.corrections)),
    )
    texts = "".join(plain)
    special = sum(texts.count(char) for char in "&<>\"\\")
    marked = sum(article.body.count(char) for char in "&<>\"\\")
    return 2 * len(article.body.encode()) + 4 * marked + 4 * len(texts.encode()) + 16 * special + ENTRY_ALLOWANCE


def identify(path: str, records: Mapping[str, Record], moved: str | None) -> str:
    """The id of an article that names none, at a path where none is known.

    `moved` is the id of the article with the same words whose file is gone, or of the one that was removed from this very path,
    if there is one: then this is its file, moved or back.
    """
    if moved:
        return moved
    derived, count = _derived(path), 1
    # The path's own id is taken when an article that was first seen here has moved away and a new one took its place.
    while derived in records and records[derived].path != path:
        count += 1
        derived = _derived(f"{path}\n{count}")
    return derived


def _derived(name: str) -> str:
    return uuid.uuid5(NAMESPACE, name).urn


def remember(
    before: Record | None,
    article: Article,
    *,
    id: str,
    path: str,
    words: str,
    stamp: str,
    size: int,
    topics: tuple[tuple[str, str], ...],
    story: tuple[str, str] | None,
    media: str | None,
    seen: datetime,
    now: datetime,
) -> Record:
    """The record of an article as it is read at `now`, given what was known of it `before`.

    `seen` is when a new article counts as first seen: `now`, or its file's date where the ledger starts with it.
    """
    state = State.RETRACTED if article.retracted else State.DRAFT if article.draft else State.STANDING
    read_anew = before is not None and before.stamp == stamp and before.state is state
    published = before.published if before and read_anew else _published(before, article, state, seen=seen, now=now)
    if article.updated:
        updated = article.updated
    elif before is None or not before.was_live(now):
        updated = published
    else:
        # A time to come is left over from an embargo that is lifted: what readers see again has changed now.
        updated = before.updated if before.words == words and before.updated <= now else now
    same_state = before is not None and before.state is state
    record = Record(
        id=id,
        path=path,
        slug=article.slug,
        title=article.title,
        first_seen=before.first_seen if before else seen,
        published=published,
        updated=max(updated, published),
        words=words,
        stamp=stamp,
        state=state,
        since=before.since if before and same_state else now if before else seen,
        shown=before is not None and before.was_live(now),
        came_out=before.came_out if before else None,
        expires=article.expires,
        breaking=article.breaking,
        breaking_until=article.breaking_until,
        topics=topics,
        story=story,
        link=article.link,
        media=media,
        size=size,
    )
    return record if before is None or record.live(now) else replace(record, came_out=_came_out(before, now))


def _published(before: Record | None, article: Article, state: State, *, seen: datetime, now: datetime) -> datetime:
    if article.date:
        return article.date
    if before is None:
        return seen
    if before.was_live(now):
        # A date to come that is taken out again does not make an old story new.
        return before.published if before.published <= now else before.came_out or before.first_seen
    # What comes out is published now; a retraction says that it was out before, though this ledger never saw it.
    comes_out = state is State.STANDING and before.state is not State.RETRACTED
    return now if comes_out else before.published


def _came_out(before: Record, now: datetime) -> datetime | None:
    """The date under which readers last saw an article that they see no more."""
    return before.published if before.live(now) else before.came_out


def remove(record: Record, now: datetime) -> Record:
    """The record of an article whose file is gone."""
    return replace(record, state=State.REMOVED, since=now, shown=record.was_live(now), came_out=_came_out(record, now))


def too_early(before: Record | None, article: Article, *, clock: datetime, now: datetime) -> bool:
    """Whether an article must wait, for its embargo is over at `now` and yet not by the clock, which was set back since.

    One that readers see already does not: a clock withdraws nothing.
    """
    embargoed = article.date is not None and clock < article.date <= now and not (article.draft or article.retracted)
    return embargoed and not (before and before.live(now))


def braked(gone: int, records: Iterable[Record], standing: int, now: datetime) -> bool:
    """Whether so many files are gone at once that a person must confirm it: more than 5 and more than 30 % of the articles.

    What was removed a moment ago counts with them, since a folder that is being deleted is seen in parts.
    """
    just_removed = sum(1 for record in records if record.state is State.REMOVED and now - record.since < BRAKE_WINDOW)
    number = gone + just_removed
    return number > BRAKE_NUMBER and number > BRAKE_SHARE * (standing + just_removed)
