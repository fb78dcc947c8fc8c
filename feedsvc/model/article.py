"""`Article`: what was written: one file in the articles folder, parsed and checked.

Pure: no I/O, no clock, no globals. Every time is aware and in UTC; every text is XML-safe; `body` is
sanitised HTML; every URL is absolute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_BYTES = 2_000_000
MAX_TEXT = 1_000
MAX_TOPICS = 50
EARLIEST_YEAR = 1970
LATEST_YEAR = 2100


class Claim(StrEnum):
    """How sure the newsroom is of what the article says."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"


class ArticleKind(StrEnum):
    """What an article is; readers are told of all but news."""

    NEWS = "news"
    ANALYSIS = "analysis"
    OPINION = "opinion"
    SPONSORED = "sponsored"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Variant:
    """A picture in one size and format, with its length in bytes."""

    src: str
    type: str
    width: int
    height: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of an article: `alt` is for whoever can't see it, `caption` for all.

    `file` is its path in the articles folder if it is there, and then its size is known, and the `variants` are the same picture in
    the sizes among which a page lets the browser choose, the smallest first.
    """

    src: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    file: str | None = None
    type: str | None = None
    width: int | None = None
    height: int | None = None
    length: int | None = None
    variants: tuple[Variant, ...] = ()


class Medium(StrEnum):
    """What a recording is."""

    AUDIO = "audio"
    VIDEO = "video"


EPISODE_TYPES = ("full", "trailer", "bonus")  # Apple, “A Podcaster's Guide to RSS”: itunes:episodeType


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A text file beside a recording: its captions or its transcript; `file` is its path in the articles folder if it is there."""

    src: str
    type: str
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Sound or film of an article: `length` in bytes and `duration` in seconds, where they are known.

    `file` is its path in the articles folder if it is there. `type` is a media type. `episode` and `season` are its numbers in a
    podcast, `episode_type` is one of `EPISODE_TYPES`, "" for a whole episode, and `explicit` None if it is as its podcast.
    """

    medium: Medium
    src: str
    type: str
    file: str | None = None
    length: int | None = None
    duration: int | None = None
    title: str = ""
    captions: TextFile | None = None
    transcript: TextFile | None = None
    poster: Image | None = None
    episode: int | None = None
    season: int | None = None
    episode_type: str = ""
    explicit: bool | None = None

    @property
    def is_secure(self) -> bool:
        """Whether a page that came by https may play it, and an app on a phone load it."""
        return self.src.startswith("https:")


@dataclass(frozen=True, slots=True)
class Correction:
    """What was corrected in an article, and when; `text` is plain."""

    date: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One file as parsed.

    `topics` and `tags` are names as the newsroom wrote them; `folder` is the first-level folder if that names a topic too.
    `body` is sanitised HTML; `standfirst`, `key_points`, `why_it_matters`, `what_it_means` and all else are plain text.
    `id`, `date` and `updated` are None if the file does not give them; the ledger has them then. `day` is the midnight at which the
    day in the file's name begins, if the file gives no date. `aliases` are the paths at which the article was before,
    percent-encoded and without a slash at the end. `author_urls` are pages about authors, each with the author's name.
    `translation_of` is what its versions in other languages share: the id or the slug of one of them, or a word of their own; it
    begins with a slash where the files' names say so.
    `syndicate` names the feeds and partners that may have it, None if all may.
    `images` are the pictures of a gallery, without `image`, and `body_pictures` those of the articles folder that the body shows.
    """

    title: str
    slug: str
    body: str
    id: str | None = None
    date: datetime | None = None
    day: datetime | None = None
    updated: datetime | None = None
    expires: datetime | None = None
    draft: bool = False
    authors: tuple[str, ...] = ()
    author_urls: tuple[tuple[str, str], ...] = ()
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    folder: str | None = None
    story: str | None = None
    standfirst: str = ""
    key_points: tuple[str, ...] = ()
    why_it_matters: str = ""
    what_it_means: str = ""
    link: str | None = None
    image: Image | None = None
    images: tuple[Image, ...] = ()
    audio: Recording | None = None
    video: Recording | None = None
    lead: bool = False
    breaking: bool = False
    breaking_until: datetime | None = None
    claim: Claim | None = None
    corrections: tuple[Correction, ...] = ()
    retracted: str | None = None
    language: str | None = None
    translation_of: str | None = None
    aliases: tuple[str, ...] = ()
    kind: ArticleKind = ArticleKind.NEWS
    syndicate: tuple[str, ...] | None = None
    body_pictures: tuple[Image, ...] = ()

    @property
    def pictures(self) -> tuple[Image, ...]:
        """Its picture and those of its gallery."""
        return ((self.image,) if self.image else ()) + self.images

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Its sound and film, sound first."""
        return tuple(one for one in (self.audio, self.video) if one)

    @property
    def credits(self) -> tuple[tuple[str, str | None], ...]:
        """The authors in their order, each with the address of a page about them where there is one."""
        urls = dict(self.author_urls)
        return tuple((author, urls.get(author)) for author in self.authors)
