"""The way into the articles folder: real files, and everything that only looks like one."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles import folder as folder_module
from feedsvc.articles.folder import HELD_OPEN_NS, LOOKS_APART_NS, MAX_DEPTH, STILL_NS, ArticlesFolder
from feedsvc.articles.look import FoundFile, Look
from feedsvc.errors import ArticleError, UsageError
from feedsvc.model.article import MAX_BYTES

TEXT = b"The ferry runs late.\n"
SECOND = 1_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    return made


@pytest.fixture
def articles_folder(folder: Path) -> ArticlesFolder:
    return ArticlesFolder(folder, (".md", ".html"))


def write(folder: Path, path: str, data: bytes = TEXT, age: float = 3600) -> Path:
    """A file that was last changed so many seconds ago, by the clock of `read`."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    os.utime(file, ns=(NOW, NOW - int(age * SECOND)))
    return file


NOW = 1_779_360_000 * SECOND


def read(articles_folder: ArticlesFolder, path: str, monotonic: int = 0, now: int = NOW) -> bytes | None:
    found_file = articles_folder.find(path)
    assert found_file is not None
    return articles_folder.read(found_file, now_ns=now, monotonic_ns=monotonic)


def kernel_tells(file: Path) -> bool:
    """Whether the file system knows who has a file open; one that doesn't needs two looks."""
    with file.open("rb") as opened:
        return folder_module._lease(opened.fileno()) is not None


def paths(look: Look) -> list[str]:
    return [found_file.path for found_file in look.found_files]


def reasons(look: Look) -> dict[str, str]:
    return {fault.path: fault.reason for fault in look.faults}


# ---- looking


def test_a_look_finds_every_article_in_order(folder: Path, articles_folder: ArticlesFolder) -> None:
    for path in ("b.md", "a.html", "harbour/quay/ferry.md", "harbour/a.md", "été/日本.md", "2026/x.md", "with space.md"):
        write(folder, path)
    look = articles_folder.look()
    in_order = ["2026/x.md", "a.html", "b.md", "harbour/a.md", "harbour/quay/ferry.md", "with space.md", "été/日本.md"]
    assert paths(look) == in_order
    assert look.faults == [] and look.scope is None and not look.unseen
    assert paths(look) == paths(articles_folder.look())


@pytest.mark.parametrize(
    "path",
    [".hidden.md", ".git/a.md", "harbour/.a.md", "harbour/.b/c.md", "a.md~", "a.md.swp", "a.md.tmp", "a.md.part", "a.txt", "md"],
)
def test_what_is_no_article_by_its_name_is_not_seen(folder: Path, articles_folder: ArticlesFolder, path: str) -> None:
    write(folder, path)
    assert not articles_folder.wanted(path)
    assert paths(articles_folder.look()) == [] == paths(articles_folder.look([path]))


def test_a_sighting_marks_what_makes_a_file_another(folder: Path, articles_folder: ArticlesFolder) -> None:
    file = write(folder, "a.md")
    first = articles_folder.find("a.md")
    assert first is not None and first.size == len(TEXT) and first.mtime == NOW - 3600 * SECOND
    os.utime(file, ns=(NOW, NOW))
    later = articles_folder.find("a.md")
    write(folder, "b.md")
    os.replace(folder / "b.md", file)
    other = articles_folder.find("a.md")
    assert later is not None and other is not None
    assert len({first.mark, later.mark, other.mark}) == 3
    assert other.size == first.size and other.mtime == first.mtime


def test_links_are_never_followed(folder: Path, articles_folder: ArticlesFolder, tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.md", b"secret")
    (tmp_path / "outside").mkdir()
    write(tmp_path, "outside/a.md", b"secret")
    (folder / "file.md").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path / "outside")
    (folder / "folder.md").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to(folder)
    (folder / "self.md").symlink_to("self.md")
    (folder / "dangling.md").symlink_to("nowhere.md")
    write(folder, "real.md")
    look = articles_folder.look()
    assert paths(look) == ["real.md"]
    assert reasons(look).keys() == {"file.md", "folder.md", "self.md", "dangling.md"}
    assert set(reasons(look).values()) == {"is a symbolic link; put the article itself into the folder"}
    for path in ("file.md", "folder/a.md", "loop/real.md", "self.md", "folder.md"):
        assert articles_folder.find(path) is None
        assert paths(articles_folder.look([path])) == []


def test_a_link_in_the_place_of_a_file_or_folder_is_not_read(folder: Path, articles_folder: ArticlesFolder, tmp_path: Path) -> None:
    write(tmp_path, "secret/a.md", b"secret")
    write(folder, "harbour/a.md")
    write(folder, "b.md")
    before = [articles_folder.find("harbour/a.md"), articles_folder.find("b.md")]
    (folder / "harbour").rename(folder / "old")
    (folder / "harbour").symlink_to(tmp_path / "secret")
    (folder / "b.md").unlink()
    (folder / "b.md").symlink_to(tmp_path / "secret/a.md")
    assert before[0] is not None and before[1] is not None
    assert articles_folder.read(before[0], now_ns=NOW, monotonic_ns=0) is None
    with pytest.raises(ArticleError, match=r"b\.md: can't be read"):
        articles_folder.read(before[1], now_ns=NOW, monotonic_ns=0)


@pytest.fixture
def listening(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(folder)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket.md")
        yield


@pytest.mark.usefixtures("listening")
def test_what_is_no_regular_file_is_told_and_never_opened_blocking(folder: Path, articles_folder: ArticlesFolder) -> None:
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    write(folder, "folder.md/real.md")
    look = articles_folder.look()
    assert paths(look) == ["folder.md/real.md"]
    assert reasons(look) == {"pipe.md": "is not a regular file", "socket.md": "is not a regular file"}
    for path in ("pipe.md", "socket.md", "folder.md"):
        assert articles_folder.find(path) is None
        with pytest.raises(ArticleError, match=rf"^{path}: "):
            articles_folder.read(FoundFile(path, 0, 0, 0), now_ns=NOW, monotonic_ns=0)


def test_a_file_that_is_too_large_is_told_and_not_read(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "most.md", b"a" * MAX_BYTES)
    write(folder, "more.md", b"a" * (MAX_BYTES + 1))
    look = articles_folder.look()
    assert paths(look) == ["most.md"]
    assert reasons(look) == {"more.md": "is larger than 2,000,000 bytes"}
    assert read(articles_folder, "most.md") == b"a" * MAX_BYTES
    with pytest.raises(ArticleError, match=r"^more\.md: is larger than 2,000,000 bytes$"):
        read(articles_folder, "more.md")
    found_file = articles_folder.find("more.md")
    assert found_file is not None and articles_folder.read(found_file, now_ns=NOW, monotonic_ns=0, most=MAX_BYTES + 1)


def test_a_name_that_is_not_utf_8_is_told_and_stops_nothing(folder: Path, articles_folder: ArticlesFolder) -> None:
    (Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md"))).write_bytes(TEXT)
    Path(os.fsdecode(os.fsencode(folder) + b"/d\xff")).mkdir()
    write(folder, "z.md")
    look = articles_folder.look()
    assert paths(look) == ["z.md"]
    assert reasons(look) == {"caf\\xe9.md": "has a name that is not UTF-8", "d\\xff": "has a name that is not UTF-8"}


def test_a_folder_that_can_not_be_looked_into_hides_what_is_in_it_alone(
    folder: Path, articles_folder: ArticlesFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "shut/a.md")
    write(folder, "shut/below/b.md")
    write(folder, "open/c.md")
    shut, scandir = os.stat(folder / "shut").st_ino, os.scandir

    def refusing(opened: int) -> object:
        if os.fstat(opened).st_ino == shut:
            raise PermissionError(13, "Permission denied")
        return scandir(opened)

    monkeypatch.setattr(folder_module.os, "scandir", refusing)
    look = articles_folder.look()
    assert paths(look) == ["open/c.md"]
    assert reasons(look) == {"shut": "can't be examined: permission denied"}
    assert [look.covers(path) for path in ("shut/a.md", "shut/below/b.md", "open/c.md", "shutter.md")] == [False, False, True, True]
    look = articles_folder.look(["shut", "open"])
    assert paths(look) == ["open/c.md"]
    assert [look.covers(path) for path in ("shut/a.md", "open/d.md")] == [False, True]


def test_folders_without_end_are_not_followed_to_it(folder: Path, articles_folder: ArticlesFolder) -> None:
    deep = "/".join("d" for _ in range(MAX_DEPTH))
    write(folder, f"{deep}/fits.md")
    write(folder, f"{deep}/e/f/too.md")
    look = articles_folder.look()
    assert paths(look) == [f"{deep}/fits.md"]
    assert list(reasons(look).values()) == [f"can't be examined: lies more than {MAX_DEPTH} folders deep"]
    assert not look.covers(f"{deep}/e/f/too.md")
    assert paths(articles_folder.look([f"{deep}/e"])) == []


def test_a_folder_that_is_missing_is_an_error_and_not_an_empty_one(folder: Path, articles_folder: ArticlesFolder) -> None:
    articles_folder.check()
    folder.rmdir()
    with pytest.raises(FileNotFoundError):
        articles_folder.look()
    with pytest.raises(UsageError, match="no such file or directory"):
        articles_folder.check()
    folder.write_bytes(TEXT)
    with pytest.raises(UsageError, match="not a directory"):
        articles_folder.check()
    assert articles_folder.find("a.md") is None


def test_the_articles_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    write(folder, "a.md")
    (tmp_path / "link").symlink_to(folder)
    linked = ArticlesFolder(tmp_path / "link", (".md",))
    assert paths(linked.look()) == ["a.md"] and read(linked, "a.md") == TEXT


# ---- hints


def test_a_hint_on_a_file_looks_at_it_alone(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "harbour/a.md")
    write(folder, "harbour/b.md")
    look = articles_folder.look(["harbour/a.md", "harbour/a.md"])
    assert paths(look) == ["harbour/a.md"]
    covered = [look.covers(path) for path in ("harbour/a.md", "harbour/a.md/x.md", "harbour/b.md", "harbour")]
    assert covered == [True, True, False, False]


def test_a_hint_on_a_folder_covers_all_in_it(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "harbour/a.md")
    write(folder, "harbour/quay/b.md")
    write(folder, "harbours/c.md")
    look = articles_folder.look(["harbour"])
    assert sorted(paths(look)) == ["harbour/a.md", "harbour/quay/b.md"]
    assert [look.covers(path) for path in ("harbour/gone.md", "harbour/quay/gone.md", "harbours/c.md")] == [True, True, False]


@pytest.mark.parametrize("gone", ["harbour/a.md", "harbour", "a.md/b/c.md", "never/was", "x" * 300])
def test_a_hint_on_what_is_gone_covers_it_and_all_that_was_in_it(folder: Path, articles_folder: ArticlesFolder, gone: str) -> None:
    write(folder, "a.md")
    look = articles_folder.look([gone])
    assert paths(look) == [] and look.faults == []
    assert look.covers(gone) and look.covers(f"{gone}/below.md") and not look.covers("b.md")


def test_a_hint_on_another_file_covers_it_for_it_may_be_a_picture(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "harbour/dusk.jpg")
    look = articles_folder.look(["harbour/dusk.jpg"])
    assert paths(look) == [] and look.scope == {"harbour/dusk.jpg"}


@pytest.mark.parametrize("hint", ["..", "../secret.md", ".", "", "harbour/../../secret.md", "harbour/..", "/etc/passwd", "//"])
def test_a_hint_never_leads_out_of_the_folder(folder: Path, articles_folder: ArticlesFolder, tmp_path: Path, hint: str) -> None:
    write(tmp_path, "secret.md")
    write(folder, "harbour/a.md")
    assert paths(articles_folder.look([hint])) == []
    assert articles_folder.find(hint) is None


@pytest.mark.parametrize("path", ["a\0b", "\ud800.md", "a" * 5000, "a/" * 3000])
def test_a_name_that_no_file_can_have_is_of_none(articles_folder: ArticlesFolder, path: str) -> None:
    assert articles_folder.find(path) is None


# ---- reading


def test_a_still_file_is_read(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "harbour/a.md")
    assert read(articles_folder, "harbour/a.md") == TEXT


def test_a_file_just_written_and_closed_is_read_at_once(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "a.md", age=0)
    assert read(articles_folder, "a.md") == (TEXT if kernel_tells(folder / "a.md") else None)
    assert read(articles_folder, "a.md", LOOKS_APART_NS) == TEXT


def test_a_file_open_for_writing_is_not_read_until_it_is_closed(folder: Path, articles_folder: ArticlesFolder) -> None:
    file = write(folder, "a.md", b"half", age=0)
    with file.open("ab") as writer:
        assert read(articles_folder, "a.md") is None
        writer.write(b" and half")
    os.utime(file, ns=(NOW, NOW))
    first = read(articles_folder, "a.md", LOOKS_APART_NS)
    assert first in (None, b"half and half")
    assert read(articles_folder, "a.md", 2 * LOOKS_APART_NS) == b"half and half"


def test_a_file_held_open_for_a_minute_without_a_word_is_read(folder: Path, articles_folder: ArticlesFolder) -> None:
    file = write(folder, "a.md", age=HELD_OPEN_NS / SECOND - 1)
    with file.open("ab"):
        assert read(articles_folder, "a.md") == (None if kernel_tells(file) else TEXT)
        assert read(articles_folder, "a.md", now=NOW + 2 * SECOND) == TEXT


def test_a_reader_holds_up_nobody(folder: Path, articles_folder: ArticlesFolder) -> None:
    file = write(folder, "a.md")
    with file.open("rb"):
        assert read(articles_folder, "a.md") == TEXT
    with file.open("ab") as writer:
        writer.write(b"more")


@pytest.mark.parametrize("data", [TEXT, b""])
def test_where_the_kernel_can_not_tell_two_looks_decide(
    folder: Path, articles_folder: ArticlesFolder, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr(folder_module, "_lease", lambda descriptor: None)
    write(folder, "a.md", data, age=1)
    assert read(articles_folder, "a.md", 0) is None
    assert read(articles_folder, "a.md", LOOKS_APART_NS - 1) is None
    assert read(articles_folder, "a.md", LOOKS_APART_NS) == data


def test_a_file_that_changes_between_two_looks_is_looked_at_anew(
    folder: Path, articles_folder: ArticlesFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "_lease", lambda descriptor: None)
    write(folder, "a.md", b"half", age=0.5)
    assert read(articles_folder, "a.md", 0) is None
    write(folder, "a.md", b"half and half", age=0.4)
    assert read(articles_folder, "a.md", LOOKS_APART_NS) is None
    assert read(articles_folder, "a.md", 2 * LOOKS_APART_NS) == b"half and half"


def test_where_the_kernel_can_not_tell_an_old_file_is_still(
    folder: Path, articles_folder: ArticlesFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "_lease", lambda descriptor: None)
    write(folder, "a.md", age=STILL_NS / SECOND + 0.1)
    assert read(articles_folder, "a.md") == TEXT
    write(folder, "future.md", age=-9999)
    assert [read(articles_folder, "future.md", looks * LOOKS_APART_NS) for looks in (0, 1)] == [None, TEXT]


def test_an_empty_file_may_be_about_to_be_written(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "a.md", b"", age=0)
    assert [read(articles_folder, "a.md", looks * LOOKS_APART_NS) for looks in (0, 1)] == [None, b""]


@pytest.mark.parametrize("change", ["replaced", "grown", "touched", "gone", "folder gone"])
def test_a_file_that_is_not_as_sighted_is_not_read(folder: Path, articles_folder: ArticlesFolder, change: str) -> None:
    file = write(folder, "harbour/a.md")
    found_file = articles_folder.find("harbour/a.md")
    assert found_file is not None
    if change == "replaced":
        os.replace(write(folder, "b.md", TEXT), file)
    elif change == "grown":
        write(folder, "harbour/a.md", TEXT + TEXT)
    elif change == "touched":
        os.utime(file, ns=(NOW, NOW - SECOND))
    else:
        file.unlink()
        if change == "folder gone":
            file.parent.rmdir()
    assert articles_folder.read(found_file, now_ns=NOW, monotonic_ns=0) is None


def test_a_disk_that_fails_is_the_articles_fault_and_no_crash(
    folder: Path, articles_folder: ArticlesFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "a.md")

    def failing(descriptor: int) -> bool:
        raise OSError(5, "Input/output error")

    found_file = articles_folder.find("a.md")
    assert found_file is not None
    monkeypatch.setattr(folder_module, "_lease", failing)
    with pytest.raises(ArticleError, match=r"^a\.md: can't be read: input/output error$"):
        articles_folder.read(found_file, now_ns=NOW, monotonic_ns=0)


def test_looking_and_reading_leave_nothing_open(folder: Path, articles_folder: ArticlesFolder) -> None:
    write(folder, "harbour/quay/a.md")
    (folder / "b.md").symlink_to("nowhere")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        articles_folder.look()
        articles_folder.look(["harbour", "harbour/quay/a.md", "harbour/quay/gone.md", "harbour/gone/a.md", "b.md"])
        read(articles_folder, "harbour/quay/a.md")
        articles_folder.find("harbour/quay/gone.md")
    assert len(os.listdir("/proc/self/fd")) == before


names = st.lists(st.sampled_from(["a", "b", "a.md", ".a", ".."]), min_size=1, max_size=4).map("/".join)


@given(names, st.sets(names, max_size=4), st.sets(names, max_size=3))
def test_a_look_covers_what_lies_in_its_scope_and_was_seen(path: str, scope: set[str], unseen: set[str]) -> None:
    def within(parts: set[str]) -> bool:
        return any(path == part or path.startswith(f"{part}/") for part in parts)

    def marked(parts: set[str]) -> set[str]:
        return parts | {f"{part}/" for part in parts}

    assert Look(scope=marked(scope), unseen=marked(unseen)).covers(path) == (within(scope) and not within(unseen))
    assert Look(unseen=marked(unseen)).covers(path) == (not within(unseen))
