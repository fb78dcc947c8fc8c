"""`/robots.txt` (RFC 9309): where the news sitemap is, and nothing else, for what isn't forbidden may be read (2.2.2).

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from feedsvc.addresses import Addresses
from feedsvc.formats import sitemap

PATH = "/robots.txt"


def whole(addresses: Addresses) -> bytes:
    """The one line that crawlers need."""
    return f"Sitemap: {addresses.url(sitemap.PATH)}\n".encode()
