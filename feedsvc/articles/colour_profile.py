"""`bare`: a picture's colour profile (ICC.1:2022) without what it tells of the machine that it was made on. Pure.

A screenshot has the profile of its screen, with the screen's name, model and serial number; a calibrated one names its owner.
"""

from __future__ import annotations

import struct

# What colours are worked out from (9.2); whatever else is in a profile is text, or about devices.
_KEPT = frozenset(
    b"rXYZ gXYZ bXYZ rTRC gTRC bTRC wtpt bkpt chad cicp A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 D2B0 D2B1 D2B2 B2D0 B2D1 B2D2 gamt".split()
)
_NEEDED = (frozenset((b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC")), frozenset((b"A2B0",)))
_HEADER, _MOST_TAGS = 128, 100
_DATE = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
_NAME = "RGB"  # a profile must have a name and a copyright


def bare(profile: bytes) -> bytes:
    """A profile of red, green and blue with its colours alone; b"" for what is none."""
    try:
        return _bare(profile)
    except struct.error:
        return b""


def _bare(profile: bytes) -> bytes:
    (count,) = struct.unpack_from(">I", profile, _HEADER)
    if profile[16:20] != b"RGB " or profile[36:40] != b"acsp" or count > _MOST_TAGS:
        return b""
    parts: dict[bytes, bytes] = {}
    for number in range(count):
        name, at, length = struct.unpack_from(">4sII", profile, _HEADER + 4 + 12 * number)
        if at < _HEADER or at + length > len(profile):
            return b""
        if name in _KEPT:
            parts[name] = profile[at : at + length]
    if not any(needed <= parts.keys() for needed in _NEEDED):
        return b""
    new = profile[8] >= 4
    parts |= {b"desc": _multilingual() if new else _described(), b"cprt": _multilingual() if new else _plain()}

    body, places, at = [], {}, _HEADER + 4 + 12 * len(parts)
    for content in dict.fromkeys(parts.values()):  # tags may share one content, as the three curves mostly do
        places[content] = at
        body.append(content + b"\0" * (-len(content) % 4))
        at += len(body[-1])
    table = b"".join(struct.pack(">4sII", name, places[content], len(content)) for name, content in parts.items())
    head = bytearray(profile[:_HEADER])
    head[0:4] = struct.pack(">I", at)
    head[24:36] = _DATE
    for start, end in ((4, 8), (40, 44), (48, 56), (80, 100)):  # the maker of the profile and its software, and of the device
        head[start:end] = bytes(end - start)
    head[100:128] = bytes(28)
    return b"".join((bytes(head), struct.pack(">I", len(parts)), table, *body))


def _multilingual() -> bytes:
    text = _NAME.encode("utf-16-be")
    return struct.pack(">4sIII4sII", b"mluc", 0, 1, 12, b"enUS", len(text), 28) + text


def _described() -> bytes:
    text = _NAME.encode() + b"\0"
    return struct.pack(">4sII", b"desc", 0, len(text)) + text + bytes(8 + 3 + 67)


def _plain() -> bytes:
    return struct.pack(">4sI", b"text", 0) + _NAME.encode() + b"\0"
