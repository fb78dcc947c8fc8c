"""`Urls`: the one place where an absolute URL of this service is made, from the configured public URL alone. Pure."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from feedsvc.model.author import author_slug, is_author
from feedsvc.model.feed import is_feed, published_name
from feedsvc.model.site import Site, digest_slug, story_slug

if TYPE_CHECKING:
    from feedsvc.model.file_copy import FileCopy
    from feedsvc.model.record import Record

FOLLOW_PATH, EMBEDDING_PATH, TOPICS_PATH, CORRECTIONS_PATH = "/follow", "/embed", "/topics", "/corrections"
# Where makers of sites have their feed of everything, and where that is here; and what has moved here.
MOVED = {
    "/help": FOLLOW_PATH,
    **dict.fromkeys(("/feed", "/rss", "/rss.xml", "/feed.xml", "/index.xml", "/feed.rss", "/feed/rss"), "/feeds/all.rss"),
    **dict.fromkeys(("/atom.xml", "/feed.atom", "/feed/atom"), "/feeds/all.atom"),
    **dict.fromkeys(("/feed.json", "/feed/json"), "/feeds/all.json"),
}
# What an address pattern may hold; the first two tell articles apart.
PLACES = ("slug", "path", "year", "month", "day", "topic")
MAX_PATH = 500
MAX_NAME = 200  # characters of a file's name in an address that has a digest too
DIGEST_LENGTH = 12
_PATH = re.compile(r"/(?:[^/?#\\\s\x00-\x1f\x7f][^?#\\\s\x00-\x1f\x7f]*)?")
_PLACE = re.compile(r"\{(\w*)\}")
_EMPTY_PART = re.compile(r"(?<!:)/{2,}")


@dataclass(frozen=True, slots=True)
class Urls:
    """Paths and URLs under one public URL (without a slash at its end); a path is percent-encoded UTF-8."""

    public_url: str
    site: Site

    def url(self, path: str) -> str:
        """The absolute URL of a path of this service."""
        return self.public_url + path

    def home(self) -> str:
        """The portal's own home page, or this service's if it has none."""
        return self.site.url or self.url("/")

    def topic(self, slug: str) -> str:
        """The page of a topic; of all topics, the home page of this service."""
        return self.url(topic_path(slug))

    def feed(self, slug: str, suffix: str, archive: str | None = None) -> str:
        """A topic's feed, or one of its archives (RFC 5005, 4); `suffix` is `rss`, `atom` or `json`."""
        return self.url(archive_path(slug, archive, suffix) if archive else feed_path(slug, suffix))

    def article(self, slug: str, published: datetime | None = None, topic: str = "", path: str = "") -> str:
        """An article's address: the portal's own page if `article_url` is set, or this service's.

        `published` counts in the portal's time zone, `topic` is a slug, and `path` is that of the article's file.
        """
        pattern = self.site.article_url
        if not pattern:
            return self.url(article_path(slug))
        if self.site.is_addressed_by_slug:
            return pattern.replace("{slug}", quote(slug))
        day = published.astimezone(self.site.zone) if published else None
        values = {
            "slug": slug,
            "path": _without_ending(path),
            "year": f"{day:%Y}" if day else "",
            "month": f"{day:%m}" if day else "",
            "day": f"{day:%d}" if day else "",
            "topic": next(iter(self.site.resolve([topic])), "") if topic else "",
        }
        return _EMPTY_PART.sub("/", _PLACE.sub(lambda place: quote(values.get(place[1], "")), pattern))

    def of(self, record: Record) -> str:
        """Where the article of a record is read."""
        topic = record.topics[0][0] if record.topics else ""
        return record.link or self.article(record.slug, record.published, topic, record.path)

    def author(self, slug: str) -> str:
        """The page of an author."""
        return self.url(author_path(slug))

    def media(self, file: str) -> str:
        """A picture in the articles folder; `file` is its path there."""
        return self.url(media_path(file))

    def copy(self, copy: FileCopy) -> str:
        """A recording in the articles folder, or a text beside one, by its copy."""
        return self.url(copy_path(copy))


def as_path(written: str) -> str | None:
    """A path as it counts, percent-encoded and without a slash at its end; None for what is none."""
    if not _PATH.fullmatch(written) or len(written) > MAX_PATH:
        return None
    return quote(unquote(written.rstrip("/"))) or "/"


def _without_ending(path: str) -> str:
    """A file's path as it stands in addresses: without its ending, and of a folder with one article in it the folder."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return folder if stem == "index" and folder else f"{folder}/{stem}".lstrip("/")


def topic_path(slug: str) -> str:
    """The path of a topic's page, of a story's or an author's; a digest has its topic's, and a defined feed that of everything."""
    if slug == digest_slug("all") or is_feed(slug):
        return "/"
    if is_author(slug):
        return author_path(slug.removeprefix(author_slug("")))
    slug = slug.removeprefix(digest_slug(""))
    if slug.startswith(story_slug("")):
        return f"/stories/{quote(slug.removeprefix(story_slug('')))}"
    return "/" if slug == "all" else f"/topics/{quote(slug)}"


def feed_path(slug: str, suffix: str) -> str:
    """The path of a topic's feed."""
    return f"/feeds/{quote(published_name(slug))}.{suffix}"


def archive_path(slug: str, archive: str, suffix: str) -> str:
    """The path of one of a topic's archives; `archive` is a month, such as `2026-05`, or a further part of one, `2026-05-2`."""
    return f"/feeds/{quote(slug)}/{archive}.{suffix}"


def sitemap_path(archive: str) -> str:
    """The path of the sitemap of all articles in one of the archives of everything."""
    return f"/sitemap/{archive}.xml"


def month_path(slug: str, archive: str) -> str:
    """The path of the page of a topic's or a story's month; `archive` is as in `archive_path`."""
    return f"{'/topics/all' if slug == 'all' else topic_path(slug)}/{archive}"


def partner_path(partner: str, slug: str) -> str:
    """The path of a topic's feed by a partner's rules."""
    return f"/partners/{partner}/{quote(slug)}.rss"


def headlines_path(slug: str) -> str:
    """The path of a topic's headlines."""
    return "/headlines.json" if slug == "all" else f"/headlines/{quote(published_name(slug))}.json"


def article_path(slug: str) -> str:
    """The path of an article's page."""
    return f"/articles/{quote(slug)}"


def author_path(slug: str) -> str:
    """The path of an author's page."""
    return f"/authors/{quote(slug)}"


def media_path(file: str) -> str:
    """The path of a file of the articles folder that readers may get; a picture's leads to where it is now."""
    return f"/media/{quote(file)}"


def copy_path(copy: FileCopy) -> str:
    """The path of a copy of a file of the articles folder; the digest names its bytes."""
    stem, dot, suffix = copy.file.rpartition(".")
    return f"/media/{quote(stem[:MAX_NAME])}-{copy.digest[:DIGEST_LENGTH]}{dot}{suffix.lower()}"


def variant_path(file: str, digest: str, width: int, suffix: str) -> str:
    """The path of a picture of the articles folder in one size; the digest names its bytes."""
    return f"/media/{quote(posixpath.splitext(file)[0][:MAX_NAME])}-{digest[:DIGEST_LENGTH]}-{width}.{suffix}"
