"""A colour profile keeps its colours, and says nothing of whose screen or camera it is."""

from __future__ import annotations

import io
import random

import pytest
from PIL import ImageCms

from feedsvc.articles.colour_profile import bare
from support.pictures import PRIVATE, SRGB, image, screen


def seen(profile: bytes) -> bytes:
    """A picture's colours on a usual screen."""
    given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    shown = ImageCms.profileToProfile(image(60, 40), given, ImageCms.createProfile("sRGB"))
    assert shown
    return shown.tobytes()


@pytest.mark.parametrize("version", [2, 4])
@pytest.mark.parametrize("given", [SRGB, screen()])
def test_its_colours_stay_and_nothing_else(given: bytes, version: int) -> None:
    profile = given[:8] + bytes([version]) + given[9:]
    kept = bare(profile)
    assert seen(kept) == seen(profile) and (seen(screen()) != seen(SRGB))
    for private in (PRIVATE.encode(), PRIVATE.encode("utf-16-be"), b"ADA", b"mmod", b"lcms", b"Little CMS"):
        assert private not in kept
    read = ImageCms.ImageCmsProfile(io.BytesIO(kept)).profile
    assert (read.profile_description, read.copyright, read.version) == ("RGB", "RGB", version + 0.4 if version == 4 else 2.4)
    assert bare(kept) == kept and len(kept) < 700


@pytest.mark.parametrize("given", [b"", b"x" * 200, SRGB[:200], SRGB[:16] + b"GRAY" + SRGB[20:], SRGB.replace(b"rXYZ", b"xxxx")])
def test_what_is_no_profile_is_dropped(given: bytes) -> None:
    assert bare(given) == b""


def test_a_profile_of_anything_is_a_profile_or_none() -> None:
    chance = random.Random(17)  # noqa: S311  (the same each time)
    for _ in range(2_000):
        given = bytearray(screen())
        for _ in range(chance.randrange(1, 6)):
            given[chance.randrange(300)] = chance.randrange(256)
        kept = bare(bytes(given))
        assert len(kept) <= len(given) + 200 and bare(kept) == kept


def test_a_shared_curve_is_written_once() -> None:
    rows = [SRGB.index(name, 132) for name in (b"rTRC", b"gTRC", b"bTRC")]
    kept = bare(SRGB)
    places = {kept[kept.index(SRGB[at : at + 4], 132) + 4 :][:4] for at in rows}
    assert len(places) == 1


