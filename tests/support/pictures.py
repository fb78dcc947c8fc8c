"""Small pictures of every kind, made when they are needed, with all that must not be published in them."""

from __future__ import annotations

import io
import random
import struct
from typing import Any

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

PRIVATE = "Ada Keel's own camera"
ORIENTATION, ARTIST, GPS = 0x0112, 0x013B, 0x8825
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{PRIVATE}</x:xmpmeta>".encode()


def screen() -> bytes:
    """The profile of somebody's own screen, with colours of its own: red and green have changed places."""
    table = {SRGB[at : at + 4]: struct.unpack(">II", SRGB[at + 4 : at + 12]) for at in range(132, 132 + 12 * SRGB[131], 12)}
    parts = {name: SRGB[at : at + length] for name, (at, length) in table.items()}
    said = PRIVATE.encode("utf-16-be")
    named = struct.pack(">4sIII4sII", b"mluc", 0, 1, 12, b"enUS", len(said), 28) + said
    parts |= {b"rXYZ": parts[b"gXYZ"], b"gXYZ": parts[b"rXYZ"], b"desc": named, b"mmod": b"mmod" + bytes(16) + PRIVATE.encode()}
    rows, body, at = [], b"", 132 + 12 * len(parts)
    for name, content in parts.items():
        rows.append(struct.pack(">4sII", name, at + len(body), len(content)))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I", at + len(body)) + SRGB[4:48] + b"ADA KEEL" + SRGB[56:128]
    return head + struct.pack(">I", len(parts)) + b"".join(rows) + body


def image(width: int = 24, height: int = 16, mode: str = "RGB") -> Image.Image:
    """A gradient with a red corner at its top left, which shows which way up it is."""
    made = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    made.paste((255, 0, 0), (0, 0, max(1, width // 4), max(1, height // 4)))
    return made.convert(mode)


def encoded(form: str, shown: Image.Image | None = None, **given: Any) -> bytes:
    """A picture in one of Pillow's formats."""
    out = io.BytesIO()
    (shown or image()).save(out, form, **given)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Who took a picture and where."""
    said = Image.Exif()
    said[ORIENTATION], said[ARTIST] = orientation, PRIVATE
    said.get_ifd(GPS).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    return said


def private(form: str, orientation: int = 1, shown: Image.Image | None = None, **given: Any) -> bytes:
    """A picture with Exif, a position, XMP and a comment, as far as its format has room for them, and something behind its end."""
    if form == "GIF":
        return encoded(form, shown, comment=PRIVATE.encode(), **given) + PRIVATE.encode()
    if form == "PNG":
        said = PngInfo()
        said.add_text("Comment", PRIVATE)
        said.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=False)
        return encoded(form, shown, exif=exif(orientation), pnginfo=said, icc_profile=screen(), **given) + PRIVATE.encode()
    if form == "JPEG":
        given = {"comment": PRIVATE.encode(), **given}
    behind = b"" if form == "AVIF" else PRIVATE.encode()
    return encoded(form, shown, exif=exif(orientation), xmp=XMP, icc_profile=screen(), **given) + behind


def frames(form: str, count: int, size: tuple[int, int] = (8, 8)) -> bytes:
    """A moving picture whose frames all differ."""
    shown = [Image.new("RGB", size, (number * 40 % 256, number // 6 % 256, 128)) for number in range(count)]
    return private(form, shown=shown[0], save_all=True, append_images=shown[1:], duration=40, loop=0)


def heavy(count: int, seed: int = 0) -> bytes:
    """A moving picture of so many bytes, which nothing makes smaller: it is published as it is."""
    noise, frame = random.Random(seed).randbytes(count // 2), b"," + struct.pack("<HHHHB", 0, 0, 800, 600, 0) + b"\x08"  # noqa: S311
    blocks = b"".join(bytes([len(part)]) + part for part in (noise[at : at + 255] for at in range(0, len(noise), 255)))
    return b"GIF89a" + struct.pack("<HHBBB", 800, 600, 0, 0, 0) + 2 * (frame + blocks + b"\0") + b";"
