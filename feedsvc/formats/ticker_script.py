"""The ticker's script, as it is served and as other sites embed it.

Pure: no clock, no globals; the script is part of the program and is read once.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

from feedsvc.model import hashing

PATH = "/ticker.js"
TYPE = "text/javascript; charset=utf-8"
EMBED_PATH = "/embed/ticker"
STYLE_PATH = "/embed.css"
LAYOUTS = ("line", "list", "marquee")
THEMES = ("light", "dark")
_VERSIONED = re.compile(r"/ticker-[0-9a-f]{16}\.js")
# Comment lines and indentation: a tenth of the bytes to send, and of no use in a browser.
_FOR_US = re.compile(rb"^\s*//.*\n|^\s+", re.MULTILINE)


@cache
def script() -> bytes:
    """The content of `/ticker.js`."""
    return _FOR_US.sub(b"", (files("feedsvc.formats") / "static" / "ticker.js").read_bytes())


@cache
def style() -> bytes:
    """The stylesheet of the page for frames."""
    return (files("feedsvc.formats") / "static" / "embed.css").read_bytes()


@cache
def versioned_path() -> str:
    """The path at which the script never changes."""
    return f"/ticker-{hashing.digest(script())[:16]}.js"


def is_versioned(path: str) -> bool:
    """Whether a path is that of this script, or of one that an earlier release had, which other sites may still load."""
    return _VERSIONED.fullmatch(path) is not None


@cache
def integrity() -> str:
    """The script's digest as a browser checks it."""
    return hashing.integrity(script())


def embed_path(topic: str, layout: str, **more: object) -> str:
    """The path of the page that shows a topic's headlines in a frame, with its other settings; the topic `all` is everything."""
    return f"{EMBED_PATH}?{urlencode({'topic': topic, 'layout': layout, **more})}"
