"""What a picture's bytes say besides their pixels, found by walking through each format's own parts."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_PNG_FINE = frozenset(b"IHDR PLTE IDAT IEND tRNS cHRM gAMA sRGB iCCP sBIT acTL fcTL fdAT".split())
_WEBP_FINE = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})


def metadata(data: bytes) -> list[str]:
    """The parts of a JPEG, PNG, GIF or WebP that are neither pixels nor how to show them, and what stands behind its end."""
    if data.startswith(b"\xff\xd8"):
        return list(_in_jpeg(data))
    if data.startswith(b"\x89PNG"):
        return list(_in_png(data))
    if data.startswith(b"GIF8"):
        return list(_in_gif(data))
    assert data[:4] == b"RIFF" and data[8:12] == b"WEBP", data[:16]
    return list(_in_webp(data))


def _in_jpeg(data: bytes) -> Iterator[str]:
    at = 2
    while data[at + 1] != 0xDA:
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        content = data[at + 4 : at + 2 + length]
        fine = marker in (0xE0, 0xEE) or (marker == 0xE2 and content.startswith(b"ICC_PROFILE"))
        if marker == 0xFE or (0xE0 <= marker <= 0xEF and not fine):
            yield f"marker {marker:#x}: {content[:20]!r}"
        at += 2 + length
    end = data.rindex(b"\xff\xd9")
    if end + 2 != len(data) or b"\xff\xd8" in data[at:]:
        yield f"behind the end: {data[end:end + 40]!r}"


def _in_png(data: bytes) -> Iterator[str]:
    at = 8
    while at < len(data):
        (length,), name = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        if name not in _PNG_FINE:
            yield f"chunk {name!r}"
        at += 12 + length
        if name == b"IEND":
            break
    if at != len(data):
        yield "behind the end"


def _in_gif(data: bytes) -> Iterator[str]:
    at = 13 + (3 * 2 ** ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            at += 11 + (3 * 2 ** ((data[at + 9] & 7) + 1) if data[at + 9] & 0x80 else 0)
        else:
            if data[at + 1] != 0xF9 and not (data[at + 1] == 0xFF and data[at + 3 : at + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0")):
                yield f"extension {data[at + 1]:#x}"
            at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
    if at + 1 != len(data):
        yield "behind the end"


def _in_webp(data: bytes) -> Iterator[str]:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 != len(data):
        yield "behind the end"
    at = 12
    while at < size + 8:
        name, (length,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        if name not in _WEBP_FINE or (name == b"VP8X" and data[at + 8] & 0x0C):
            yield f"chunk {name!r}"
        at += 8 + length + length % 2
