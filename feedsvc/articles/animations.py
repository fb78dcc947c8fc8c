"""A moving picture, or one that is fine as it is, without anything but its frames: no text, no metadata, nothing behind its end.

Its frames are copied as they are, by a list of what may be in a file; to decode and encode thousands of them would take minutes.
Pure.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from feedsvc.articles.colour_profile import bare

# What a PNG shows and how (PNG, third edition, 5.6); text, time, Exif and what nobody knows are not among it.
_PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"acTL", b"fcTL", b"fdAT")
)
_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_PRIVATE = 0x0C  # the flags for Exif and XMP (RFC 9649, 2.7)
_WEBP_PROFILE = 0x20
_MOST_PROFILE_BYTES = 1_000_000  # of a larger one the beginning alone is read, which is none
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")  # how often a GIF's frames are shown
_GIF_BLOCK, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B
_GIF_CONTROL, _GIF_APPLICATION = 0xF9, 0xFF


class CutOff(ValueError):
    """A picture ends before its end."""


def stripped(kind: str, data: bytes) -> tuple[bytes, int]:
    """A GIF, PNG or WebP with its frames alone, and their number.

    Raises `CutOff`.
    """
    try:
        return _STRIPPERS[kind](data)
    except (IndexError, struct.error) as error:
        raise CutOff from error


def _gif(data: bytes) -> tuple[bytes, int]:
    at = 13 + _colours(data[10])
    kept, frames = [data[:at]], 0
    while data[at] != _GIF_END:
        if data[at] == _GIF_EXTENSION:
            end = _blocks_end(data, at + 2)
            label = data[at + 1]
            loops = label == _GIF_APPLICATION and data[at + 3 : at + 14] in _LOOPS and end - at == 19
            if loops or (label == _GIF_CONTROL and end - at == 8):
                kept.append(data[at:end])
        elif data[at] == _GIF_BLOCK:
            end = _blocks_end(data, at + 11 + _colours(data[at + 9]))
            kept.append(data[at:end])
            frames += 1
        else:
            raise CutOff
        at = end
    return b"".join((*kept, data[at : at + 1])), frames


def _colours(flags: int) -> int:
    """The bytes of a table of colours that flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    """Where a chain of blocks, each with its length before it, ends."""
    while length := data[at]:
        at += 1 + length
    return at + 1


def _png(data: bytes) -> tuple[bytes, int]:
    kept, frames, at = [data[:8]], 0, 8
    while True:
        (length,), name = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise CutOff
        if name == b"iCCP":
            kept.append(_png_profile(data[at + 8 : end - 4]))
        elif name in _PNG_KEPT:
            kept.append(data[at:end])
            frames += name == b"fcTL"
        if name == b"IEND":
            return b"".join(kept), max(1, frames)
        at = end


def _png_profile(content: bytes) -> bytes:
    """The chunk of a colour profile (PNG, third edition, 11.3.2.3), whose name is of its maker's choice."""
    packed = content[content.find(b"\0") + 2 :]
    try:
        profile = bare(zlib.decompressobj().decompress(packed, _MOST_PROFILE_BYTES))
    except zlib.error:
        profile = b""
    if not profile:
        return b""
    body = b"iCCPICC\0\0" + zlib.compress(profile)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _webp(data: bytes) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise CutOff
    kept, frames = [], 0
    parts = list(_riff(data[12 : 8 + length]))
    profile = next((bare(content) for name, content in parts if name == b"ICCP"), b"")
    hidden = _WEBP_PRIVATE if profile else _WEBP_PRIVATE | _WEBP_PROFILE
    for name, content in parts:
        if name == b"VP8X":
            content = bytes([content[0] & ~hidden]) + content[1:]
        elif name == b"ICCP":
            if not profile:
                continue
            content, profile = profile, b""
        elif name == b"ANMF":
            frames += 1
            content = content[:16] + b"".join(_chunk(*part) for part in _riff(content[16:]) if part[0] in _WEBP_KEPT)
        if name in _WEBP_KEPT:
            kept.append(_chunk(name, content))
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body, max(1, frames)


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        name, (length,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
        if at + 8 + length > len(data):
            raise CutOff
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


_STRIPPERS = {"image/gif": _gif, "image/png": _png, "image/webp": _webp}
