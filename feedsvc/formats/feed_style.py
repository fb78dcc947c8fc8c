"""`/feed.css`: how a feed looks in a browser's window, where it says that it is one.

Browsers have given up XSLT, so it is a stylesheet alone: the bytes are the same for everybody (https://www.w3.org/TR/xml-stylesheet/).

Pure: no clock, no globals; the stylesheet is part of the program and is read once.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from urllib.parse import urlsplit

from feedsvc.model.hashing import digest
from feedsvc.model.urls import Urls

PATH = "/feed.css"
_PROLOGUE = b"?>"


@cache
def stylesheet() -> bytes:
    """The content of `/feed.css`."""
    return (files("feedsvc.formats") / "static" / "feed.css").read_bytes()


def styled(document: bytes, addresses: Urls) -> bytes:
    """An XML document that begins with its declaration, with the instruction that names its stylesheet after that.

    The address is a path: browsers take no stylesheet of another origin, and a feed may be read by way of one.
    """
    declaration, end, rest = document.partition(_PROLOGUE)
    address = f"{urlsplit(addresses.public_url).path}{PATH}?{digest(stylesheet())[:8]}"
    instruction = f'\n<?xml-stylesheet type="text/css" href="{escape(address)}"?>\n'
    return b"".join((declaration, end, instruction.encode(), rest.lstrip()))
