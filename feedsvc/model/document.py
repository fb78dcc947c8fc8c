"""`Document`: one published path, its bytes in each encoding with their ETags, and what its headers are made of.

Pure: no I/O, no clock, no globals. `web/responses.py` answers a request for one.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from feedsvc.model import cache_control

HTML = "text/html; charset=utf-8"
SVG = "image/svg+xml"
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A document's bytes in one content coding, with their strong ETag (RFC 9110, 8.8.3)."""

    body: bytes
    etag: str

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.body)


class Unpacked(Encoded):
    """A document's plain bytes, decompressed from gzip when they are asked for; few clients ask."""

    __slots__ = ("packed",)
    packed: bytes

    def __init__(self, packed: bytes, etag: str) -> None:
        object.__setattr__(self, "packed", packed)
        object.__setattr__(self, "etag", etag)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encoded) and (self.body, self.etag) == (other.body, other.etag)

    __hash__ = Encoded.__hash__

    @property
    def body(self) -> bytes:
        """The plain bytes."""
        return gzip.decompress(self.packed)

    @property
    def size(self) -> int:
        """The number of plain bytes, read from the compressed ones (RFC 1952, 2.3.1: ISIZE)."""
        return int.from_bytes(self.packed[-4:], "little")


class Kept(Encoded):
    """A document's plain bytes that the database keeps in pieces, under the name of the copy; they are never in memory at once."""

    __slots__ = ("_size", "copy")
    copy: str

    def __init__(self, copy: str, size: int, etag: str) -> None:
        object.__setattr__(self, "copy", copy)
        object.__setattr__(self, "_size", size)
        object.__setattr__(self, "etag", etag)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and (self.copy, self.size, self.etag) == (other.copy, other.size, other.etag)

    __hash__ = Encoded.__hash__

    @property
    def body(self) -> bytes:
        """Nothing: an answer is read piece by piece."""
        return b""

    @property
    def size(self) -> int:
        """The number of bytes."""
        size: int = self._size  # type: ignore[attr-defined]
        return size


class Headers(NamedTuple):
    """What may change in a document whose bytes stay the same: its fields are those of `Document`."""

    content_type: str
    max_age: int
    status: int
    location: str | None
    links: tuple[str, ...]
    open: bool
    protected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is published at one path.

    `status` is 200, 301 with a `location`, 410, or 404 for what may be published at any moment;
    `links` are the values of its Link header (RFC 8288); `open` lets every site's scripts read it (CORS); `framed` lets
    every site show it in a frame, and `keys` are the surrogate keys that its answers name: neither is stored in the database.
    `protected` is the name of the feed whose password it needs; a `max_age` of a year is for what never changes (RFC 8246);
    `warning` is for the newsroom, and only in a document that has just been built. `prepared` is for the web side: responses that
    were prepared once, by content coding.
    """

    path: str
    encodings: Mapping[str, Encoded]
    content_type: str
    last_modified: datetime
    max_age: int = cache_control.PAGE
    status: int = 200
    location: str | None = None
    links: tuple[str, ...] = ()
    open: bool = False
    framed: bool = False
    protected: str = ""
    keys: tuple[str, ...] = ()
    warning: str | None = field(default=None, compare=False)
    prepared: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def etag(self) -> str:
        """The ETag of the plain bytes."""
        return self.encodings["identity"].etag

    @property
    def kept(self) -> Kept | None:
        """Its bytes where the database keeps them in pieces."""
        identity = self.encodings["identity"]
        return identity if isinstance(identity, Kept) else None

    @property
    def headers(self) -> Headers:
        """What its headers say besides its ETags and its date."""
        return Headers(self.content_type, self.max_age, self.status, self.location, self.links, self.open, self.protected)


def weight(document: Document) -> int:
    """Roughly how many bytes a document takes in memory."""
    return 1_000 + (0 if document.kept else sum(encoded.size for encoded in document.encodings.values()))
