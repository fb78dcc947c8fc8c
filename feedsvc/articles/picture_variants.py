"""A picture as it is published: without metadata, upright, in the sizes that pages and feeds need. Runs in a sandboxed process.

Every still picture is decoded and encoded anew, so that nothing of its file is left but its pixels and their colours. One that
can't be, whatever the reason, is not published at all.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

# Imported before the sandbox is closed: Pillow would load each when a picture first needs it.
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from feedsvc.articles.animations import stripped
from feedsvc.articles.colour_profile import bare
from feedsvc.articles.pictures import MAX_PICTURE_BYTES, kind_of, too_large

# Raised when the same bytes would give others: then every picture is made again.
VERSION = 2
MAX_FRAMES = 1_000
MAX_FRAMES_PIXELS = 1_000_000_000
PAGE_WIDTHS = (400, 800, 1_600)
FEED_WIDTH = 1_200
JPEG_QUALITY, WEBP_QUALITY = 82, 75
MAX_PROFILE_BYTES = 64_000  # of a larger one, as for print, its colours are converted to sRGB instead
_LONGEST_SIDE = 16_000  # WebP's own limit is 16,383
_WORTH_A_SIZE = 0.8  # a size is left out if the next is hardly larger
# In bytes a pixel: a JPEG of fewer keeps its quality, and a PNG or GIF of fewer is a drawing and no photograph.
_COMPACT_JPEG, _GRAPHIC = 0.35, 0.5
_DAMAGED = "is damaged or cut off; save it anew"

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP", "image/avif": "AVIF"}
_PLUGINS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
_ORIENTATION = 0x0112  # Exif's tag (Exif 2.3, 4.6.4)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = (5, 6, 7, 8)  # the orientations in which width and height change places
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a sandboxed process can start none
Image.MAX_IMAGE_PIXELS = None  # counted here instead


@dataclass(frozen=True, slots=True)
class MadeVariant:
    """One size of a picture, encoded."""

    type: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class MadePicture:
    """All sizes of a picture, the one for feeds first; none for a `reason`. `note` says what is lost of one that is published."""

    variants: tuple[MadeVariant, ...] = ()
    reason: str = ""
    note: str = ""


class _Unfit(Exception):
    """A picture can't be published."""


def made(data: bytes) -> MadePicture:
    """What is published of a picture's file."""
    kind = kind_of(data)
    if kind is None:
        return MadePicture(reason="is of no kind that can be shown")
    try:
        with Image.open(io.BytesIO(data), formats=(_FORMATS[kind],)) as image:
            return _made(image, kind, data)
    except MemoryError:
        raise
    except _Unfit as error:
        return MadePicture(reason=str(error))
    except Exception:  # a library for pictures raises whatever there is at one that is damaged
        return MadePicture(reason=_DAMAGED)


def _made(image: Image.Image, kind: str, data: bytes) -> MadePicture:
    pixels = image.width * image.height
    if reason := too_large(image.width, image.height):
        raise _Unfit(reason)
    note = ""
    if getattr(image, "is_animated", False) and kind != "image/jpeg":  # a JPEG may hold a second picture, as those of phones do
        moving = None if kind == "image/avif" else stripped(kind, data)
        if moving and moving[1] <= MAX_FRAMES and moving[1] * pixels <= MAX_FRAMES_PIXELS and len(moving[0]) <= MAX_PICTURE_BYTES:
            return MadePicture((MadeVariant(kind, image.width, image.height, moving[0]),))
        note = _still(moving[1] if moving else None)
        image.seek(0)
    return MadePicture(tuple(_variants(image, kind, data, moves=bool(note))), note=note)


def _still(frames: int | None) -> str:
    limits = f"of at most {MAX_FRAMES:,} and {MAX_PICTURE_BYTES:,} bytes in all"
    moves = "moves, which only a GIF, PNG or WebP may" if frames is None else f"moves in {frames:,} frames, {limits}"
    return f"{moves}; its first frame is shown"


def _variants(image: Image.Image, kind: str, data: bytes, *, moves: bool) -> Iterator[MadeVariant]:
    """A still picture for feeds, then for pages, the smallest first."""
    whole, profile, untouched = _decoded(image, kind, data)
    pixels = whole.width * whole.height
    main = _for_feeds(image if untouched else None, whole, kind, data, profile, moves=moves)
    graphic = kind in ("image/png", "image/gif") and len(data) < pixels * _GRAPHIC
    yield main
    for width in _widths(whole.width):
        whole_or_less = whole if width == whole.width else _scaled(whole, width)
        given = {"lossless": True} if graphic else {"quality": WEBP_QUALITY}
        try:
            variant = _encoded(whole_or_less, "WEBP", profile, method=4, **given)
        except ValueError:  # more detail than the format has room for
            continue
        if variant.width > main.width or len(variant.data) < len(main.data):
            yield variant


def _widths(width: int) -> list[int]:
    """The widths for pages of a picture that is so wide."""
    largest = min(width, PAGE_WIDTHS[-1])
    return [*(one for one in PAGE_WIDTHS if one <= largest * _WORTH_A_SIZE), largest]


def _decoded(image: Image.Image, kind: str, data: bytes) -> tuple[Image.Image, bytes, bool]:
    """The pixels as they are to be seen, no larger than a page needs, their colour profile, and whether that is all of the file."""
    orientation = _orientation(image)
    width, height = image.size[::-1] if orientation in _LYING else image.size
    share = min(1.0, PAGE_WIDTHS[-1] / width, _LONGEST_SIDE / max(width, height))
    if kind == "image/jpeg":
        # A JPEG can be decoded at a half, a quarter or an eighth of its size, for a fraction of the time and memory.
        image.draft(None, (ceil(image.width * share), ceil(image.height * share)))
    image.load()
    profile = image.info.get("icc_profile") or b""
    untouched = share == 1.0 and orientation == 1
    pixels, profile = _in_rgb(image, profile)
    size = max(1, round(width * share)), max(1, round(height * share))
    flat = size[::-1] if orientation in _LYING else size
    if pixels.size != flat:
        pixels = pixels.resize(flat, Image.Resampling.LANCZOS)
    if orientation in _TURNS:
        pixels = pixels.transpose(_TURNS[orientation])
    return _bare(pixels), profile, untouched


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION)
    except Exception:  # metadata that nobody can read says nothing
        return 1
    return found if isinstance(found, int) and found in _TURNS else 1


def _in_rgb(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """A picture in red, green and blue, with its transparency, and the profile of these colours."""
    if image.mode.startswith("I"):
        image, profile = image.convert("I").point(lambda value: value * (1 / 256)).convert("L"), b""
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    if profile and (profile[16:20] != b"RGB " or image.mode not in ("RGB", "RGBA", "P") or len(profile) > MAX_PROFILE_BYTES):
        clear = image.convert("RGBA").getchannel("A") if wanted == "RGBA" else None
        image, profile = _in_srgb(image, profile).convert("RGB"), b""
        if clear:
            image.putalpha(clear)
    return image if image.mode == wanted else image.convert(wanted), bare(profile) if profile else b""


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """A picture with its colours as a screen has them; as they are where its profile says nothing that can be used."""
    modes = {b"RGB ": "RGB", b"CMYK": "CMYK", b"GRAY": "L"}
    mode = modes.get(profile[16:20])
    try:
        if mode:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            plain = image if image.mode == mode else image.convert(mode)
            changed = ImageCms.profileToProfile(plain, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return changed or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        pass
    return image


def _bare(image: Image.Image) -> Image.Image:
    """Pixels alone: what Pillow knows of a file's metadata it would write again."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _scaled(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def _for_feeds(
    source: Image.Image | None, whole: Image.Image, kind: str, data: bytes, profile: bytes, *, moves: bool
) -> MadeVariant:
    """A picture at a width that suits every reader, in its own format where each knows that; `source` is an untouched file's."""
    small = whole.width <= FEED_WIDTH
    if source and small and not moves and kind in ("image/png", "image/gif"):
        return MadeVariant(kind, whole.width, whole.height, stripped(kind, data)[0])
    shown = whole if small else _scaled(whole, FEED_WIDTH)
    if kind in ("image/png", "image/gif") or whole.mode == "RGBA":
        return _encoded(shown, "PNG", profile, optimize=True)
    how: dict[str, object] = {"quality": JPEG_QUALITY}
    compact = len(data) < whole.width * whole.height * _COMPACT_JPEG
    if isinstance(source, JpegImagePlugin.JpegImageFile) and small and source.mode == "RGB" and compact:
        how = {"qtables": source.quantization, "subsampling": JpegImagePlugin.get_sampling(source)}
    return _encoded(shown, "JPEG", profile, optimize=True, progressive=True, **how)


def _encoded(image: Image.Image, form: str, profile: bytes, **given: object) -> MadeVariant:
    out = io.BytesIO()
    image.save(out, form, icc_profile=profile or None, exif=b"", **given)
    return MadeVariant(f"image/{form.lower()}", *image.size, out.getvalue())


def samples() -> Iterator[bytes]:
    """A small picture of each kind, to be made once before the sandbox is closed: whatever that loads is loaded then."""
    small = Image.new("RGB", (2, 2))
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in _FORMATS.values():
        out = io.BytesIO()
        small.save(out, form, exif=exif, icc_profile=profile)
        yield out.getvalue()
