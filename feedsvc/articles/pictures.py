"""What the first bytes of a picture file, or of another that readers may get, say of it. Pure."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import imagesize

from feedsvc.articles.parsers.local_links import is_pdf
from feedsvc.model.article import Image
from feedsvc.model.document import PDF

MAX_PICTURE_BYTES = 10_000_000
MAX_SOURCE_BYTES = 30_000_000  # of a picture that is made anew
MAX_PIXELS = 64_000_000
SIGNATURE_BYTES = 16
HEAD_BYTES = 64_000  # in which a picture says how large it is
_KINDS = (
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("image/avif", re.compile(rb"\0\0\0.ftypavi[fs]", re.DOTALL)),
)


def kind_of(data: bytes) -> str | None:
    """The media type of a picture, by its signature, never by its name; None for what is no picture."""
    return next((kind for kind, signature in _KINDS if signature.match(data)), None)


def served_as(path: str, data: bytes) -> str | None:
    """The media type with which readers get the file at a path: a picture, or a PDF that is named so; None for any other."""
    if is_pdf(path):
        return PDF if data.startswith(b"%PDF-") else None
    return kind_of(data)


def too_large(width: int, height: int) -> str | None:
    """Why a picture of so many pixels is not decoded; None for one that is."""
    if width * height <= MAX_PIXELS:
        return None
    return f"has {width:,} x {height:,} pixels, of at most {MAX_PIXELS:,} in all; save it smaller"


def measured(image: Image, data: bytes, length: int | None = None) -> Image | None:
    """A picture with its type, width and height in pixels, and length in bytes; None for what is no picture.

    Its beginning is enough, with the `length` of the whole.
    """
    kind = kind_of(data)
    if kind is None:
        return None
    try:
        width, height = imagesize.get(io.BytesIO(data))
    except Exception:
        width = height = -1
    known = width > 0 and height > 0
    return replace(image, type=kind, length=length or len(data), width=width if known else None, height=height if known else None)
