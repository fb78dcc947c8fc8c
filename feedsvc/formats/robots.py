"""`/robots.txt` (RFC 9309): where the sitemaps are, and nothing else, because what isn't forbidden may be read (2.2.2).

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from feedsvc.formats import sitemap
from feedsvc.model.urls import Urls

PATH = "/robots.txt"


def whole(addresses: Urls) -> bytes:
    """The lines of the file."""
    return "".join(f"Sitemap: {addresses.url(path)}\n" for path in (sitemap.INDEX_PATH, sitemap.PATH)).encode()
