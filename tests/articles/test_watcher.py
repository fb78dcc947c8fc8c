"""What a watcher hears of a folder, and that it says so when it can't have heard all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.articles.watcher import Watcher
from support.live import until

KEPT = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "articles/sport/2026").mkdir(parents=True)
    (tmp_path / "articles/.git").mkdir()
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "articles"


@pytest.fixture
def watcher(folder: Path) -> Iterator[Watcher]:
    with Watcher(folder) as made:
        yield made


def heard(watcher: Watcher) -> set[str]:
    """All that is heard until it is quiet."""
    found: set[str] = set()
    while more := watcher.hear():
        found |= more
    return found


def test_files_are_heard_of_in_every_folder_but_hidden_ones(folder: Path, watcher: Watcher) -> None:
    for path in ("win.md", "sport/draw.md", "sport/2026/loss.md", ".git/index", "sport/.draw.md.swp"):
        (folder / path).write_text("x")
    assert heard(watcher) == {"win.md", "sport/draw.md", "sport/2026/loss.md"}
    os.replace(folder / "win.md", folder / "sport/win.md")
    (folder / "sport/draw.md").unlink()
    assert heard(watcher) == {"win.md", "sport/win.md", "sport/draw.md"}
    os.link(folder / "sport/win.md", folder / "again.md")
    os.utime(folder / "sport/2026/loss.md", (1, 1))
    assert heard(watcher) >= {"again.md", "sport/2026/loss.md"}
    assert not watcher.lost and not watcher.over


def test_new_folders_are_heard_of_as_a_whole_and_watched(folder: Path, watcher: Watcher) -> None:
    (folder / "harbour/deep/deeper").mkdir(parents=True)
    assert "harbour" in heard(watcher)
    (folder / "harbour/deep/deeper/ferry.md").write_text("x")
    assert heard(watcher) == {"harbour/deep/deeper/ferry.md"}
    (folder.parent / "elsewhere").rename(folder / "council")
    assert heard(watcher) == {"council"}
    (folder / "council/budget.md").write_text("x")
    assert heard(watcher) == {"council/budget.md"}


def test_a_folder_that_moves_has_its_new_name_and_one_that_left_is_no_more_heard_of(folder: Path, watcher: Watcher) -> None:
    (folder / "sport").rename(folder / "games")
    assert heard(watcher) == {"sport", "games"}
    (folder / "games/2026/win.md").write_text("x")
    assert heard(watcher) == {"games/2026/win.md"}
    (folder / "games").rename(folder.parent / "games")
    assert heard(watcher) == {"games"}
    (folder.parent / "games/2026/draw.md").write_text("x")
    assert heard(watcher) == set()
    shutil.rmtree(folder.parent / "games")
    (folder / "games").mkdir()
    assert heard(watcher) == {"games"}
    (folder / "games/loss.md").write_text("x")
    assert heard(watcher) == {"games/loss.md"}


def test_links_are_not_followed_and_names_that_are_not_utf8_are_passed_over(folder: Path, watcher: Watcher) -> None:
    (folder / "out").symlink_to(folder.parent / "elsewhere")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md")).write_text("x")
    assert heard(watcher) == {"out"}
    (folder.parent / "elsewhere/secret.md").write_text("x")
    assert heard(watcher) == set()


def test_more_than_the_kernel_keeps_is_said_to_be_lost(folder: Path, watcher: Watcher) -> None:
    one, other = folder / "one.tmp", folder / "other.tmp"
    one.touch()
    other.touch()
    for _ in range(KEPT // 2):  # in turn, since like neighbours are one event
        os.utime(one)
        os.utime(other)
    (folder / "win.md").write_text("x")
    assert "win.md" not in heard(watcher)
    assert watcher.lost


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_the_folder_itself_goes(folder: Path, watcher: Watcher, how: str) -> None:
    if how == "deleted":
        shutil.rmtree(folder)
    else:
        folder.rename(folder.parent / "away")
    if how == "replaced":
        folder.mkdir()
    until(lambda: watcher.hear() is not None and watcher.over)


def test_a_folder_that_is_not_there_can_not_be_watched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Watcher(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        Watcher(tmp_path / "file")
