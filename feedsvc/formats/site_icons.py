"""The icons of a portal: in a browser's tab, on a phone's home screen, and where a page is shared. Without a logo, they are ours.

Pure: no clock, no globals; the pictures are part of the program and are read once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import msgspec

from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

FAVICON_PATH, TOUCH_PATH, MANIFEST_PATH = "/favicon.ico", "/apple-touch-icon.png", "/site.webmanifest"
ICON_PATHS = {192: "/icon-192.png", 512: "/icon-512.png"}
MANIFEST_TYPE = "application/manifest+json; charset=utf-8"
PNG, ICO = "image/png", "image/vnd.microsoft.icon"


def shared(site: Site, addresses: Urls) -> str:
    """The picture of a shared page that has none of its own: the logo, if it is no drawing, or the large icon."""
    logo = site.logo or ""
    is_drawing = urlsplit(logo).path.lower().endswith(".svg")
    return logo if logo and not is_drawing else addresses.url(ICON_PATHS[512])


def touch(site: Site, root: str) -> str:
    """The icon on a home screen."""
    return site.logo or root + TOUCH_PATH


def pictures() -> Iterator[tuple[str, bytes, str]]:
    """Our own icons: path, bytes and type of each. Browsers ask for the first two by themselves."""
    yield FAVICON_PATH, _file("favicon.ico"), ICO
    yield TOUCH_PATH, _file("touch-icon.png"), PNG
    for size, path in ICON_PATHS.items():
        yield path, _file(f"icon-{size}.png"), PNG


def manifest(site: Site, root: str) -> bytes:
    """The web manifest (https://www.w3.org/TR/appmanifest/); `root` is the path of the public URL."""
    ours: list[dict[str, str]] = [
        {"src": root + path, "sizes": f"{size}x{size}", "type": PNG} for size, path in ICON_PATHS.items()
    ]
    described: dict[str, Any] = {
        "name": site.title,
        "start_url": f"{root}/",
        "scope": f"{root}/",
        "display": "browser",
        "lang": site.language,
        "icons": [{"src": site.logo}, *ours] if site.logo else ours,
    }
    if site.description or site.tagline:
        described["description"] = site.description or site.tagline
    return msgspec.json.encode(described)


@cache
def _file(name: str) -> bytes:
    return (files("feedsvc.formats") / "static" / name).read_bytes()
