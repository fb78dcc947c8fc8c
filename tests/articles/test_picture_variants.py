"""What is published of a picture: upright, in a few sizes, without anything private, whatever its file is."""

from __future__ import annotations

import io
import zlib
from struct import pack

import pytest
from PIL import Image

from feedsvc.articles.colour_profile import bare
from feedsvc.articles.picture_variants import MAX_FRAMES, MadePicture, made
from support.metadata import metadata
from support.pictures import PRIVATE, encoded, frames, image, private, screen

FORMS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
MOVING = ("GIF", "PNG", "WEBP")



def opened(picture: MadePicture) -> list[Image.Image]:
    return [Image.open(io.BytesIO(variant.data)) for variant in picture.variants]


def sizes(picture: MadePicture) -> list[tuple[str, int, int]]:
    return [(variant.type.removeprefix("image/"), variant.width, variant.height) for variant in picture.variants]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", [24, 1_300])
def test_nothing_private_is_left(form: str, width: int) -> None:
    data = private(form, 3, image(width, width // 2))
    assert PRIVATE.encode() in data
    picture = made(data)
    assert picture.variants and not picture.reason and not picture.note
    for variant in picture.variants:
        assert metadata(variant.data) == [] and PRIVATE.encode() not in variant.data


@pytest.mark.parametrize("form", MOVING)
def test_a_moving_picture_moves_on_without_what_is_private(form: str) -> None:
    data = frames(form, 5)
    [variant] = made(data).variants
    assert (metadata(variant.data), PRIVATE.encode() in data, PRIVATE.encode() in variant.data) == ([], True, False)
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(variant.data))
    assert after.n_frames == before.n_frames == 5
    for number in range(5):
        before.seek(number)
        after.seek(number)
        assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()


def test_the_metadata_that_the_tests_look_for_is_found() -> None:
    for form in ("JPEG", "PNG", "GIF", "WEBP"):
        assert len(metadata(private(form))) > 1, form


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_upright(orientation: int) -> None:
    shown = image(40, 20)
    turned = {1: shown, 2: shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 3: shown.transpose(Image.Transpose.ROTATE_180)}
    turned |= {4: shown.transpose(Image.Transpose.FLIP_TOP_BOTTOM), 5: shown.transpose(Image.Transpose.TRANSPOSE)}
    turned |= {6: shown.transpose(Image.Transpose.ROTATE_90), 7: shown.transpose(Image.Transpose.TRANSVERSE)}
    turned[8] = shown.transpose(Image.Transpose.ROTATE_270)
    for form in ("JPEG", "PNG", "WEBP"):
        for upright in opened(made(private(form, orientation, turned[orientation]))):
            assert upright.size == (40, 20)
            red, green, _ = upright.convert("RGB").getpixel((2, 2))
            assert red > 180 and green < 90, (form, orientation)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_colour_profile_stays_without_what_it_says_of_a_screen(form: str, orientation: int) -> None:
    picture = made(private(form, orientation, image(30, 20)))
    assert [one.info.get("icc_profile") for one in opened(picture)] == [bare(screen())] * len(picture.variants)


def test_a_wide_picture_has_three_widths_for_pages_and_one_for_feeds() -> None:
    picture = made(encoded("JPEG", image(2_000, 1_000)))
    assert sizes(picture) == [("jpeg", 1_200, 600), ("webp", 400, 200), ("webp", 800, 400), ("webp", 1_600, 800)]
    assert sizes(made(encoded("JPEG", image(900, 300))))[0] == ("jpeg", 900, 300)


def test_a_size_that_is_hardly_smaller_or_heavier_is_left_out() -> None:
    assert [width for kind, width, _ in sizes(made(encoded("JPEG", image(900, 300), quality=95))) if kind == "webp"] == [400, 900]
    [alone] = sizes(made(encoded("PNG", image(16, 1))))
    assert alone == ("png", 16, 1)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (encoded("JPEG", image(mode="CMYK")), "jpeg"),
        (encoded("JPEG", image(mode="L")), "jpeg"),
        (encoded("PNG", Image.new("I;16", (24, 16), 40_000)), "png"),
        (encoded("PNG", image(mode="P")), "png"),
        (encoded("PNG", image(mode="1")), "png"),
        (encoded("PNG", image(mode="LA")), "png"),
        (encoded("PNG", image(1_300, 20, "RGBA")), "png"),
        (encoded("WEBP"), "jpeg"),
        (encoded("WEBP", image(mode="RGBA").rotate(45)), "png"),
        (encoded("AVIF"), "jpeg"),
        (encoded("GIF", image(1_300, 20)), "png"),
    ],
)
def test_every_kind_of_colours_is_seen_by_every_reader(data: bytes, kind: str) -> None:
    picture = made(data)
    assert sizes(picture)[0][0] == kind and not picture.reason
    assert {one.mode for one in opened(picture)} <= {"RGB", "RGBA", "P", "L", "LA", "1", "I;16"}


def test_sixteen_bits_and_print_colours_look_as_they_did() -> None:
    grey, red = Image.new("I;16", (8, 8), 0x8000), Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert abs(opened(made(encoded("PNG", grey)))[-1].convert("L").getpixel((4, 4)) - 128) < 4
    assert opened(made(encoded("JPEG", red)))[0].getpixel((4, 4))[0] > 200


def _png_chunk(name: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))


def png_of(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is so large."""
    return b"\x89PNG\r\n\x1a\n" + _png_chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + _png_chunk(b"IDAT", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png_of(60_000, 60_000), "has 60,000 x 60,000 pixels, of at most 64,000,000 in all; save it smaller"),
        (png_of(1_000, 1_000), "is damaged or cut off; save it anew"),
        (encoded("JPEG", image(300, 200))[:-300], "is damaged or cut off; save it anew"),
        (encoded("PNG", image(300, 200))[:-30], "is damaged or cut off; save it anew"),
        (frames("GIF", 3)[:150], "is damaged or cut off; save it anew"),
        (b"\xff\xd8\xff" + bytes(100), "is damaged or cut off; save it anew"),
        (b"\x89PNG\r\n\x1a\n" + encoded("JPEG"), "is damaged or cut off; save it anew"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is of no kind that can be shown"),
        (b"", "is of no kind that can be shown"),
    ],
)
def test_what_can_t_be_made_anew_is_not_published(data: bytes, reason: str) -> None:
    assert made(data) == MadePicture(reason=reason)


def test_a_picture_of_too_many_frames_stands_still() -> None:
    picture = made(frames("GIF", MAX_FRAMES + 1, (2, 2)))
    assert picture.note.startswith(f"moves in {MAX_FRAMES + 1:,} frames, of at most 1,000") and picture.note.endswith("is shown")
    assert not any(getattr(one, "is_animated", False) for one in opened(picture))
    assert all(metadata(variant.data) == [] for variant in picture.variants)
