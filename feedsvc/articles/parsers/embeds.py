"""Embeds: what takes the place of players, maps and other pages in an article, which no feed may hold. Pure.

A feed's readers run nothing that comes from elsewhere, so an embed becomes a link to what it showed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

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
    (re.compile(r"open\.spotify\.com/embed/(\w+/\w+).*"), r"https://open.spotify.com/\1"),
)


def embedded(name: str, attributes: Mapping[str, str], content: str, follow: Callable[[str], str | None]) -> tuple[str, str] | None:
    """The address of what an element shows and what to call it; None where it shows nothing that can be linked.

    `follow` gives the absolute address of a written one.
    """
    if attributes.get("width") in _NOTHING or attributes.get("height") in _NOTHING:
        return None
    written = next((attributes[key] for key in EMBEDS[name] if attributes.get(key, "").strip()), "")
    if not written and (found := _SOURCE.search(content)):
        written = found[1]
    if not written or written.startswith(("about:", "data:", "javascript:")):
        return None
    url = follow(page_of(written))
    if url is None:
        return None
    title = one_line(attributes.get("title") or attributes.get("aria-label") or "")
    return url, title or urlsplit(url).hostname or url


def page_of(written: str) -> str:
    """The page on which what a player plays is shown, else the address as it is."""
    if not _ADDRESS.fullmatch(written.strip()):
        return written
    place = written.strip().partition("//")[2]
    return next((found.expand(page) for player, page in _PLAYERS if (found := player.fullmatch(place))), written)
