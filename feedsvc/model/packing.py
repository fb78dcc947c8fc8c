"""Values as compressed JSON, as the database keeps them.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from zlib_ng import zlib_ng

T = TypeVar("T")


def packed(value: object) -> bytes:
    """Any value as compressed JSON."""
    return zlib_ng.compress(msgspec.json.encode(value), 1)


def unpacked(data: bytes, type: type[T]) -> T:
    """The value of a type that was packed."""
    return msgspec.json.decode(zlib_ng.decompress(data), type=type)
