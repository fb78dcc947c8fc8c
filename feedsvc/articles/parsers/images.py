"""The `image:` key: a picture elsewhere, or a file in the articles folder. Pure."""

from __future__ import annotations

import posixpath
import re

from feedsvc.articles.parsers.faults import quoted
from feedsvc.articles.parsers.links import web_link
from feedsvc.model.urls import Urls

# No SVG: it may hold scripts, and would be served from this service's own address.
_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def image_source(written: str, path: str, base: str, addresses: Urls) -> tuple[str, str | None]:
    """The absolute URL of a picture, and its path in the articles folder where it lies there.

    `path` is the article's own. Raises `ValueError` with a reason that fits behind "image".
    """
    shown = quoted(written)
    if written.startswith("/") or _SCHEME.match(written):
        url = web_link(written, base)
        if url is None:
            raise ValueError(f"{shown} is not an http(s) address")
        return url, None
    if "\\" in written:
        raise ValueError(f"{shown} contains a backslash; separate folders with /")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    if file == ".." or file.startswith(("../", "/")):
        raise ValueError(f"{shown} leads out of the articles folder")
    if any(part.startswith(".") for part in file.split("/")):
        raise ValueError(f"{shown} is a hidden file")
    if not file.lower().endswith(_SUFFIXES):
        raise ValueError(f"{shown} is not a picture; known are {', '.join(_SUFFIXES)}")
    return addresses.media(file), file
