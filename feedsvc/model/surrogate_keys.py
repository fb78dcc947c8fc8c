"""Surrogate keys: the names under which a cache may forget all answers that show something (Fastly's `Surrogate-Key`, Cloudflare's
`Cache-Tag`, Varnish's xkey). They follow from the path alone. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from feedsvc.model.hashing import digest

SITE_KEY = "site"  # what is about the whole portal, or about something that has no key of its own
FRAMES_KEY = "embed"  # the tickers in frames, of whatever topic
_DIGEST_LENGTH = 16
_MOST_BYTES = 200  # a longer name has its digest for a key

_FEED = re.compile(r"/feeds/(?:(story|digest|author)/)?([^/]+)\.(rss|atom|json)")
_OTHERS = (
    (re.compile(r"/headlines/([^/]+)\.json"), "topic", "headlines"),
    (re.compile(r"/headlines/story/([^/]+)\.json"), "story", "headlines"),
    (re.compile(r"/topics/([^/]+)"), "topic", "html"),
    (re.compile(r"/stories/([^/]+)"), "story", "html"),
    (re.compile(r"/articles/([^/]+)"), "article", "html"),
    (re.compile(r"/authors/([^/]+)(?:/[^/]+)?"), "author", "html"),
    (re.compile(r"/partners/[^/]+/([^/]+)\.rss"), "topic", "rss"),
)
_ARCHIVE = re.compile(r"/feeds/((?:story/)?[^/]+)/(\d{4}-\d{2}(?:-\d+)?)\.(rss|atom|json)")
_FORMAT = "format-"


def keys_of(path: str) -> tuple[str, ...]:
    """The keys of what is published at a path: what it shows, and its format."""
    if archive := _ARCHIVE.fullmatch(path):
        # No topic's key: a month that is over stays in caches when the topic changes.
        return _key("archive", f"{archive[1].replace('/', '-')}-{archive[2]}"), _FORMAT + archive[3]
    if feed := _FEED.fullmatch(path):
        about, slug, form = feed.groups()
        if about is None and slug == "digest":
            slug = "all"
        return _key(about if about in ("story", "author") else "topic", slug), _FORMAT + form
    if path in ("/", "/headlines.json"):
        return "topic-all", _FORMAT + ("html" if path == "/" else "headlines")
    for pattern, about, form in _OTHERS:
        if found := pattern.fullmatch(path):
            return _key(about, found[1]), _FORMAT + form
    if path.startswith("/media/"):
        return f"media-{digest(path)[:_DIGEST_LENGTH]}", f"{_FORMAT}media"
    return (FRAMES_KEY, f"{_FORMAT}html") if path.startswith("/embed/") else (SITE_KEY,)


def changed_keys(paths: Iterable[str], below: Iterable[str] = ()) -> tuple[str, ...]:
    """The keys to forget when the answers at some paths are others, and all of those `below` some folders."""
    found: set[str] = set()
    for path in paths:
        found.update(key for key in keys_of(path) if not key.startswith(_FORMAT))
        if path.startswith("/headlines"):
            found.add(FRAMES_KEY)
    found.update(keys_of(f"{folder}x.{form}")[-1] for folder in below for form in ("rss", "atom", "json"))
    return tuple(sorted(found))


def _key(about: str, slug: str) -> str:
    """A key is ASCII without white space and commas, and caches may not know small letters from big ones."""
    name = quote(unquote(slug), safe="").lower()
    return f"{about}-{name if len(name) <= _MOST_BYTES else digest(name)[:_DIGEST_LENGTH]}"
