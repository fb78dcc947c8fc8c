"""`Record`: an article's row in the ledger, and the digests in it.

Pure: no I/O, no clock, no globals; `now` is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from html import unescape

import msgspec

from feedsvc.model.article import Article, ArticleKind, Recording
from feedsvc.model.hashing import digest

TOMBSTONE = timedelta(days=30)  # how long a feed says that an article is gone (RFC 6721)
ENTRY_ALLOWANCE = 6_000
CREDIT_ALLOWANCE = 1_300
_BLANKS = bytes(char for char in range(128) if chr(char).isspace())
_TAG = re.compile(r"<[^>]*>")


class State(StrEnum):
    """Whether an article is meant to be read: only a standing one is, from its embargo to its expiry."""

    STANDING = "standing"
    DRAFT = "draft"
    RETRACTED = "retracted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What readers saw of an article last: what a notice, a tombstone or a takedown may say of it once it is withdrawn."""

    id: str
    slug: str
    title: str
    published: datetime
    topics: tuple[tuple[str, str], ...] = ()
    story: tuple[str, str] | None = None
    link: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    kind: ArticleKind = ArticleKind.NEWS
    syndicate: tuple[str, ...] | None = None

    @property
    def traits(self) -> tuple[object, ...]:
        """All that decides in which listings it is, but for its story."""
        return self.topics, self.authors, self.language, self.kind, self.syndicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An article's row in the ledger: all that the builder must know of it without its text.

    `path` is that of its file, or of one that is gone, and then "" once another article has been there; `words` is the digest of
    its visible words, `stamp` that of all that a document may show; `topics` are (slug, name) pairs, the name "" if it gives none,
    and `story` is such a pair; `since` is when its `state` began, `shown` whether readers ever saw it, `appeared` since when, None
    if since it was published, and `seen` what they saw last if the record says something else: it was changed while, or as, it was
    withdrawn; `corrected` is the date of its newest correction; `lead` is whether it leads the front page
    while it is new; `breaking_since` is when it first broke,
    None where the file says itself when that ends; `page_date` is when its page last changed, None if that is when it was updated,
    and `page_since` when it took the place of a notice or of another's page; `media` is the file of its lead picture, `pictures`
    are those that its text shows, `recordings` the files that it plays, and `leads_to` the files of articles to which it leads,
    there or not; `size` is how many bytes it takes in a feed at most;
    `translation_of` is what its versions in other languages share; `taken_back` are the
    partners, and the slugs of the defined feeds, that had it and may not have it any more, each with since when.
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
    appeared: datetime | None = None
    seen: Seen | None = None
    page_date: datetime | None = None
    page_since: datetime | None = None
    expires: datetime | None = None
    corrected: datetime | None = None
    lead: bool = False
    breaking: bool = False
    breaking_since: datetime | None = None
    breaking_until: datetime | None = None
    topics: tuple[tuple[str, str], ...] = ()
    story: tuple[str, str] | None = None
    link: str | None = None
    media: str | None = None
    pictures: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    size: int = 0
    authors: tuple[str, ...] = ()
    language: str | None = None
    translation_of: str | None = None
    kind: ArticleKind = ArticleKind.NEWS
    syndicate: tuple[str, ...] | None = None
    taken_back: tuple[tuple[str, datetime], ...] = ()

    @property
    def traits(self) -> tuple[object, ...]:
        """All that decides in which listings it is, but for its story."""
        return self.topics, self.authors, self.language, self.kind, self.syndicate

    @property
    def first_shown(self) -> datetime:
        """When readers could first see it."""
        return self.appeared or self.published

    def live(self, now: datetime) -> bool:
        """Whether readers may see the article at this moment."""
        return self.state is State.STANDING and self.published <= now and (self.expires is None or now < self.expires)

    def to_come(self, now: datetime) -> bool:
        """Whether the article is still to come out: a draft, or under embargo."""
        return self.state is State.DRAFT or (self.state is State.STANDING and now < self.published)

    @property
    def shows(self) -> tuple[str, ...]:
        """The files of the articles folder that it shows."""
        return (self.media, *self.pictures) if self.media else self.pictures

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the articles folder that it shows or plays."""
        return (*self.shows, *self.recordings)

    @property
    def last_seen(self) -> Seen:
        """What readers saw of it last, if they ever saw it; the title of a retraction is its own, which is written for them."""
        if self.seen:
            return replace(self.seen, title=self.title) if self.state is State.RETRACTED else self.seen
        return Seen(
            id=self.id,
            slug=self.slug,
            title=self.title,
            published=self.published,
            topics=self.topics,
            story=self.story,
            link=self.link,
            authors=self.authors,
            language=self.language,
            kind=self.kind,
            syndicate=self.syndicate,
        )

    @property
    def over(self) -> datetime | None:
        """When its expiry takes it away: never before the save that set it."""
        return max(self.expires, self.since) if self.expires and self.seen else self.expires

    def breaking_at(self, now: datetime) -> bool:
        """Whether the article counts as breaking news at this moment."""
        return self.breaking and (self.breaking_until is None or now < self.breaking_until)

    def instants(self) -> Iterable[datetime]:
        """The moments at which readers see a change without any file changing."""
        if self.state is State.STANDING:
            yield self.published
            if self.expires and self.over:
                yield self.expires
                yield self.over + TOMBSTONE
            if self.breaking_until:
                yield self.breaking_until
        elif self.shown:
            yield self.since + TOMBSTONE
        yield from (since + TOMBSTONE for _, since in self.taken_back)


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
        *(recording.title for recording in article.recordings if recording.title),
    )
    # Both ways remove the same characters; the first is much faster.
    return digest(*(text.encode().translate(None, _BLANKS) if text.isascii() else "".join(text.split()) for text in texts))


def stamp_of(article: Article, picture_mark: str = "", other_marks: Collection[str] = ()) -> str:
    """The digest of all that a document may show of an article; a picture's mark stands for the content of its file."""
    stamp = digest(msgspec.json.encode(article), picture_mark)
    return digest(stamp, *other_marks) if other_marks else stamp


def written_size(text: str) -> int:
    """How many bytes a text takes at most in any format, every special character escaped."""
    return len(text.encode()) + 5 * sum(text.count(char) for char in "&<>\"\\")


def _texts_of(recording: Recording) -> Iterable[str]:
    yield from (recording.src, recording.title)
    yield from (one.src for one in (recording.captions, recording.transcript) if one)
    if recording.poster:
        yield from (recording.poster.src, recording.poster.alt)


def size_of(article: Article) -> int:
    """How many bytes an article takes at most in any format: twice as text and as markup, every special character escaped.

    Its topics and related articles are not counted; `ENTRY_ALLOWANCE` is for them.
    """
    plain = (
        *(article.title, article.standfirst, article.why_it_matters, article.what_it_means, article.retracted or ""),
        *(*article.key_points, *article.authors, *(url for _, url in article.author_urls), *article.tags),
        *(correction.text for correction in article.corrections),
        *(text for image in article.images for text in (image.src, image.alt, image.caption, image.credit)),
        *(text for recording in article.recordings for text in _texts_of(recording)),
    )
    texts = "".join(plain)
    # Of an author each format may have a page and a picture, of at most so many bytes, or an address made of the name.
    credited = sum(CREDIT_ALLOWANCE + 9 * len(name.encode()) for name in article.authors)
    special = sum(texts.count(char) for char in "&<>\"\\")
    marked = sum(article.body.count(char) for char in "&<>\"\\")
    return 2 * len(article.body.encode()) + 4 * marked + 4 * len(texts.encode()) + 16 * special + credited + ENTRY_ALLOWANCE
