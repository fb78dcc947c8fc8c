"""Embeds: what takes the place of players, maps and other pages in an article, which no feed may hold. Pure.

A feed's readers run nothing that comes from elsewhere, so an embed becomes a link to what it showed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from feedsvc.articles.parsers.markup import read_attributes, texts
from feedsvc.text import one_line

# Elements that show something from elsewhere, with where that stands.
EMBEDS: Mapping[str, tuple[str, ...]] = {
    "iframe": ("src", "data-src", "data-lazy-src", "data-litespeed-src"),
    "video": ("src", "data-src"),
    "audio": ("src", "data-src"),
    "object": ("data",),
    "embed": ("src",),
}
_SOURCE = re.compile(
    r"""<(?:source|embed|param\s+name=["']?(?:movie|src))\s[^>]*?\b(?:src|value)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE
)
_NOTHING = frozenset({"0", "1", "0px", "1px"})  # the sides of what counts readers and shows nothing
_ADDRESS = re.compile(r"(?:https?:)?//\S+")
# Players, and the pages on which the same is shown.
_PLAYERS = (
    (
        re.compile(r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/videoseries\?(?:.*&)?list=([\w-]+).*"),
        r"https://www.youtube.com/playlist?list=\1",
    ),
    (re.compile(r"(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v)/([\w-]+).*"), r"https://www.youtube.com/watch?v=\1"),
    (re.compile(r"player\.vimeo\.com/video/(\d+).*"), r"https://vimeo.com/\1"),
    (re.compile(r"(?:www\.)?dailymotion\.com/embed/video/(\w+).*"), r"https://www.dailymotion.com/video/\1"),
    (re.compile(r"([\w.-]+/@[\w.@-]+/\d+)/embed"), r"https://\1"),  # Mastodon's
    (re.compile(r"open\.spotify\.com/embed/(\w+/\w+).*"), r"https://open.spotify.com/\1"),
)


_SOMEBODYS = re.compile(
    r"https?://(?:(?:www\.|mobile\.)?(?P<x>twitter|x)\.com/(?P<user>\w+)/status/|(?P<host>[\w.-]+)/@(?P<name>[\w.-]+)[/@])"
)
_FILE = re.compile(r"[^/]+\.(?:mp3|m4a|aac|og[gav]|opus|flac|wav|web[am]|mp4|m4v|mov)", re.IGNORECASE)
# Messages of others as their sites hand them out: a quote with a class, and a script that makes more of it.
_MESSAGE = re.compile(
    r"""<blockquote\b(?P<attributes>[^>]*\bclass\s*=\s*["']?[^"'>]*\b(?:twitter-tweet|mastodon-embed|bluesky-embed|instagram-media|tiktok-embed|text-post-media)\b[^>]*)>"""
    r"(?P<content>(?:(?!<blockquote\b|</blockquote)[\s\S]){0,20000})</blockquote\s*>",
    re.IGNORECASE,
)
_HREF = re.compile(r"""<a\s[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_WORDS = re.compile(r"<p[\s>]", re.IGNORECASE)


class Embed(NamedTuple):
    """What takes an embed's place: a link with its words, and the poster of a film where it has one; all as written."""

    url: str
    words: str
    poster: str | None = None


def embedded(name: str, attributes: Mapping[str, str], content: str, follow: Callable[[str], str | None]) -> Embed | None:
    """What takes the place of an element; None where it shows nothing that can be linked.

    `follow` gives the absolute address of a written one.
    """
    if attributes.get("width") in _NOTHING or attributes.get("height") in _NOTHING:
        return None
    written = source_of(name, attributes, content)
    if not written or written.startswith(("about:", "data:", "javascript:")):
        return None
    url = follow(page_of(written))
    if url is None:
        return None
    title = one_line(attributes.get("title") or attributes.get("aria-label") or "")
    file = unquote(urlsplit(written).path.rpartition("/")[2]) if name in ("video", "audio") else ""
    words = title or (one_line(file) if _FILE.fullmatch(file) else named(url))
    return Embed(url, words, attributes.get("poster", "").strip() or None if name == "video" else None)


def source_of(name: str, attributes: Mapping[str, str], content: str) -> str:
    """Where an element's content is, as it is written."""
    written = next((attributes[key] for key in EMBEDS[name] if attributes.get(key, "").strip()), "")
    return written or (found[1] if (found := _SOURCE.search(content)) else "")


def named(url: str) -> str:
    """What to call what is at an address, where nobody has given it a name."""
    if found := _SOMEBODYS.match(url):
        return f"A post by @{found['user']} on X" if found["x"] else f"A post by @{found['name']} on {found['host']}"
    return urlsplit(url).hostname or url


def with_messages(html: str, note: Callable[[str], None]) -> str:
    """A text in which messages of others that say nothing themselves are embeds like all others.

    `note` is told of those that stay quotes. No line of the text changes its number.
    """
    if "-embed" not in html and "-tweet" not in html and "-media" not in html:
        return html

    def put(found: re.Match[str]) -> str:
        given, content = read_attributes(found["attributes"]), found["content"]
        links = _HREF.findall(content)
        written = given.get("data-embed-url") or given.get("data-instgrm-permalink") or given.get("cite") or (links or [""])[-1]
        url = unescape(written).strip()
        if not url.startswith(("https://", "http://")):
            return found[0]
        if _WORDS.search(content):
            note(url)
            return found[0]
        words = "".join(texts(content)).split("View on")[0]
        return f'<iframe src="{escape(url)}" title="{escape(one_line(words))}"></iframe>' + "\n" * found[0].count("\n")

    return _MESSAGE.sub(put, html)


def page_of(written: str) -> str:
    """The page on which what a player plays is shown, else the address as it is."""
    if not _ADDRESS.fullmatch(written.strip()):
        return written
    place = written.strip().partition("//")[2]
    return next((found.expand(page) for player, page in _PLAYERS if (found := player.fullmatch(place))), written)
