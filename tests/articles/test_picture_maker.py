"""Pictures are made in sandboxed processes, the most urgent first; one that takes too long or crashes costs nothing but itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from feedsvc.articles import picture_maker
from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.picture_maker import PictureMaker
from feedsvc.articles.picture_variants import MadePicture, MadeVariant, samples
from feedsvc.model.picture import Picture
from feedsvc.processes.sandboxed_process import Crashed
from support.live import until
from support.metadata import metadata
from support.pictures import encoded, image, private


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[PictureMaker]:
    made = PictureMaker(ArticlesFolder(tmp_path, [".md"]), processes=1)
    yield made
    made.close()


def asked(maker: PictureMaker, folder: Path, files: dict[str, bytes]) -> dict[str, picture_maker.Finished]:
    """What is made of some files, all asked for at once."""
    for number, (name, data) in enumerate(files.items()):
        (folder / name).write_bytes(data)
        os.utime(folder / name, (1e9, 1e9))
        maker.ask(name, maker._folder.find(name), -number)
    maker.wait(files, 120)
    return {name: maker.take(name, maker._folder.find(name)) for name in files}


@pytest.mark.clock
def test_every_kind_is_made_behind_the_walls_of_the_sandbox(maker: PictureMaker, tmp_path: Path) -> None:
    forms = [(form, orientation) for form in ("JPEG", "PNG", "GIF", "WEBP", "AVIF") for orientation in (1, 6)]
    files = {f"{form}.{orientation}": private(form, orientation, image(60, 40)) for form, orientation in forms}
    files |= {
        "compact": encoded("JPEG", image(400, 300), quality=40),
        "print": encoded("JPEG", image(60, 40, "CMYK")),
        "fine": encoded("PNG", image(60, 40, "1")),
        "glass": encoded("PNG", image(60, 40, "LA")),
        "wide": encoded("JPEG", image(2_000, 40)),
        "broken": b"\x89PNG\r\n\x1a\n",
    }
    found = asked(maker, tmp_path, files)
    assert {name for name, one in found.items() if not one.made.variants} == {"broken"}
    for one in found.values():
        assert all(metadata(variant.data) == [] for variant in one.made.variants)
    assert maker.left == 0
    until(lambda: maker.is_idle and maker._pool is None)


@pytest.mark.clock
def test_one_that_takes_too_long_is_named_and_the_next_is_made(
    maker: PictureMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_maker, "SECONDS", 0.05)
    heavy = encoded("PNG", image(3_000, 2_000))
    found = asked(maker, tmp_path, {"heavy.png": heavy, "light.png": encoded("PNG", image(4, 4))})
    assert found["heavy.png"].made.reason == "takes longer than 0.05 seconds to read; save it smaller, or in another format"
    assert found["light.png"].made.variants


def test_what_a_process_says_is_checked() -> None:
    for variant in (MadeVariant("image/png", 1, 1, b"<script>"), MadeVariant("image/png", 0, 1, next(iter(samples())))):
        with pytest.raises(Crashed):
            picture_maker._checked(msgspec.msgpack.encode(MadePicture((variant,))))


@pytest.mark.clock
def test_what_was_made_of_the_same_bytes_is_not_made_again(tmp_path: Path) -> None:
    before = Picture(file="old.png", mark="", key="", variants=(object(),))  # type: ignore[arg-type]
    maker = PictureMaker(ArticlesFolder(tmp_path, [".md"]), lambda key: before)
    assert asked(maker, tmp_path, {"new.png": encoded("PNG")})["new.png"].same is before
    assert maker._pool is None


@pytest.mark.clock
def test_a_file_that_has_gone_or_is_larger_than_allowed_is_no_picture(
    maker: PictureMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_maker, "MAX_SOURCE_BYTES", 10)
    found = asked(maker, tmp_path, {"large.png": encoded("PNG")})["large.png"]
    assert found.made.reason == "is larger than 10 bytes"
    gone = maker._folder.find("large.png")
    (tmp_path / "large.png").unlink()
    maker.ask("large.png", gone, 0)
    maker.wait(["large.png"], 120)
    assert maker.take("large.png", gone) == picture_maker.Finished()


@pytest.mark.clock
def test_a_machine_that_can_start_no_process_is_said_and_stops_nothing(
    maker: PictureMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_process(*_: object) -> None:
        raise OSError("no memory")

    monkeypatch.setattr(picture_maker, "SandboxedPool", no_process)
    found = asked(maker, tmp_path, {"one.png": encoded("PNG"), "two.png": encoded("PNG", image(9, 9))})
    assert {one.made.reason for one in found.values()} == {"could not be made (no memory); save it once more"}
    assert "could not be made" in caplog.text and until(lambda: maker.is_idle)
