"""What a picture's first bytes say of it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.pictures import kind_of, measured
from feedsvc.model.article import Image

IMAGE = Image(src="https://feeds.example/media/a", alt="Dusk", file="a")


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + bytes(width)) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def gif(width: int, height: int, version: bytes = b"GIF89a") -> bytes:
    return version + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def jpeg(width: int, height: int) -> bytes:
    start = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    return start + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"


def webp(width: int, height: int) -> bytes:
    """A lossless one: its size is two 14-bit numbers, each less one."""
    bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
    chunk = b"VP8L" + struct.pack("<I", 10) + b"\x2f" + bits + b"\x07\x10\x11\x88\x88"
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


PICTURES = [("image/png", png(30, 20)), ("image/gif", gif(30, 20)), ("image/jpeg", jpeg(30, 20)), ("image/webp", webp(30, 20))]


@pytest.mark.parametrize(("kind", "data"), PICTURES)
def test_a_picture_is_measured(kind: str, data: bytes) -> None:
    assert measured(IMAGE, data) == replace(IMAGE, type=kind, width=30, height=20, length=len(data))


def test_both_gifs_and_avif_are_known() -> None:
    assert kind_of(gif(1, 1, b"GIF87a")) == "image/gif"
    assert kind_of(b"\0\0\0\x1cftypavif\0\0\0\0") == "image/avif"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG",
        b"GIF",
        b"GIF8!",
        b"RIFF",
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x1cftypheic",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
        b"<svg   /WEBP",
        b"<?xml v=WEBP",
        b"<svgftypavif",
        b"%PDF-1.7",
        b"MZ\x90\0",
        b"<html>\xff\xd8\xff",
        b" \x89PNG\r\n\x1a\n",
        b"a title, and a text",
    ],
)
def test_what_is_no_picture_is_none_whatever_its_name(data: bytes) -> None:
    assert kind_of(data) is None
    assert measured(IMAGE, data) is None


@pytest.mark.parametrize(("kind", "data"), PICTURES)
def test_a_torn_picture_has_no_size_or_its_own(kind: str, data: bytes) -> None:
    for end in range(len(data)):
        found = measured(IMAGE, data[:end])
        assert found is None or (found.type, found.length) == (kind, end)
        assert found is None or (found.width, found.height) in ((None, None), (30, 20))


def test_a_picture_of_no_size_has_none() -> None:
    found = measured(IMAGE, gif(0, 20))
    assert found is not None and (found.width, found.height) == (None, None)


heads = [b"\xff\xd8\xff", b"\0\0\0\x18ftypavif", b"RIFF\0\0\0\0WEBPVP8X"]
starts = st.sampled_from([*heads, *(data[:cut] for _, data in PICTURES for cut in (12, 16, len(data)))])


@given(starts, st.binary(max_size=200))
def test_hostile_bytes_never_raise(start: bytes, rest: bytes) -> None:
    found = measured(IMAGE, start + rest)
    assert found is None or (found.width is None) == (found.height is None)
    assert found is None or found.width is None or (found.width > 0 and (found.height or 0) > 0)
