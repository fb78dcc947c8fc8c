"""`/robots.txt` (RFC 9309): where the news sitemap is, and nothing else, because what isn't forbidden may be read (2.2.2).

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from feedsvc.formats import sitemap
from feedsvc.model.urls import Urls

PATH = "/robots.txt"


def whole(addresses: Urls) -> bytes:
    """The one line of the file."""
    return f"Sitemap: {addresses.url(sitemap.PATH)}\n".encode()
