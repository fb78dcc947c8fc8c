"""When the builder runs: at a change, at an interval, at an instant; once at a time, and never beside another builder."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from feedsvc.alarm import HOLD_SECONDS
from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.builder.build import Builder, BuildResult
from feedsvc.builder.schedule import Schedule
from feedsvc.deliveries import deliveries
from feedsvc.errors import StoreError
from feedsvc.storage.facts import PROBLEM
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store
from support.live import PUBLIC_URL, SLOW, until

Start = Callable[..., Schedule]


class CountingPress(Builder):
    """A real build that remembers its runs, and fails or dawdles where a test wants it to."""

    def __init__(self, store: Store, articles_folder: ArticlesFolder) -> None:
        super().__init__(store, articles_folder, ParserPool(1), PUBLIC_URL)
        self.runs: list[set[str] | None] = []
        self.at_once = self.most_at_once = 0
        self.before: Callable[[], None] = lambda: None

    def run(self, now: datetime, *, holder: str, fence: int, hints: set[str] | None = None) -> BuildResult:  # type: ignore[override]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.before()
            return super().run(now, holder=holder, fence=fence, hints=hints)
        finally:
            self.at_once -= 1
            self.runs.append(hints)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts schedules over one folder and one database, each in a thread, and stops them."""
    (tmp_path / "articles").mkdir()
    running: list[tuple[Schedule, threading.Thread, Store]] = []

    def new(interval: float = 3600, monotonic: Callable[[], float] = time.monotonic) -> tuple[CountingPress, Store]:
        store = Store(f"sqlite:///{tmp_path}/feedsvc.db")
        builder = CountingPress(store, ArticlesFolder(tmp_path / "articles", SUFFIXES))
        schedule = Schedule(builder, Lease(store), interval, monotonic=monotonic)
        thread = threading.Thread(target=schedule.run, daemon=True)
        thread.start()
        running.append((schedule, thread, store))
        return builder, store

    yield new
    for schedule, thread, store in running:
        schedule.stop()
        thread.join(SLOW)
        assert not thread.is_alive()
        store.close()


def write(folder: Path, name: str, title: str = "Town win") -> None:
    (folder / "articles" / name).write_text(f"---\ntitle: {title}\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")


def published(store: Store, text: str) -> bool:
    document = store.document("/feeds/all.json")
    return document is not None and text.encode() in document.encodings["identity"].body


def test_a_saved_file_is_looked_at_alone(start: Start, tmp_path: Path) -> None:
    builder, store = start()
    until(lambda: None in builder.runs)
    until(lambda: builder.at_once == 0)
    builder.runs.clear()
    write(tmp_path, "win.md")
    until(lambda: published(store, "Town win"))
    assert None not in builder.runs


def test_the_folder_is_scanned_at_every_interval(start: Start) -> None:
    builder, _ = start(interval=0.2)
    until(lambda: builder.runs.count(None) >= 4)
    assert builder.most_at_once == 1


def test_a_build_slower_than_its_interval_has_none_beside_it_and_none_piles_up(start: Start) -> None:
    builder, _ = start(interval=0.1)
    slow = threading.Event()
    builder.before = lambda: slow.wait(1)
    until(lambda: builder.at_once == 1)
    until(lambda: len(builder.runs) >= 2)
    builder.before = lambda: None
    done = len(builder.runs)
    slow.set()
    until(lambda: len(builder.runs) >= done + 2)
    assert builder.most_at_once == 1


def test_many_changes_at_once_are_few_builds(start: Start, tmp_path: Path) -> None:
    builder, store = start()
    until(lambda: builder.runs)
    builder.runs.clear()
    saved = threading.Event()
    builder.before = lambda: saved.wait(SLOW)
    for number in range(1_500):
        write(tmp_path, f"match-{number}.md", f"Match {number:04}")
    saved.set()
    until(lambda: store.counts()["articles"] == 1_500)
    assert len(builder.runs) < 100


def test_of_two_builders_one_builds_and_the_other_follows(start: Start, tmp_path: Path) -> None:
    first, _ = start(interval=0.2)
    until(lambda: first.runs)
    second, _ = start(interval=0.2)
    before = len(first.runs)
    until(lambda: len(first.runs) > before + 3)
    assert second.runs == []


def test_the_folder_removed_and_made_again_is_watched_again(start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, "win.md")
    _, store = start(interval=1)
    until(lambda: published(store, "Town win"))
    (tmp_path / "articles").rename(tmp_path / "removed")  # at once: otherwise a build may see the article go before the folder
    shutil.rmtree(tmp_path / "removed")
    until(lambda: "all stays published" in caplog.text)
    until(lambda: "no such file" in store.fact(PROBLEM))
    assert published(store, "Town win")
    (tmp_path / "articles").mkdir()
    write(tmp_path, "win.md")
    until(lambda: store.fact(PROBLEM) == "")
    write(tmp_path, "draw.md", "A draw")
    until(lambda: published(store, "A draw"))


def test_a_folder_moved_in_is_read_with_all_that_is_in_it(start: Start, tmp_path: Path) -> None:
    builder, store = start(interval=2)
    until(lambda: builder.runs)
    (tmp_path / "beside/deep").mkdir(parents=True)
    (tmp_path / "beside/deep/win.md").write_text("---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    (tmp_path / "beside").rename(tmp_path / "articles/sport")
    until(lambda: published(store, "Town win"))


def test_a_name_that_is_not_utf8_ends_nothing(start: Start, tmp_path: Path) -> None:
    builder, store = start(interval=0.5)
    until(lambda: builder.runs)
    Path(os.fsdecode(os.fsencode(tmp_path / "articles") + b"/caf\xe9.md")).write_text("---\ntitle: x\n---\nx\n")
    write(tmp_path, "win.md")
    until(lambda: published(store, "Town win"))
    write(tmp_path, "draw.md", "A draw")
    until(lambda: published(store, "A draw"))


def test_a_file_that_is_being_written_is_read_when_it_is_whole(start: Start, tmp_path: Path) -> None:
    builder, store = start()
    until(lambda: builder.runs)
    with (tmp_path / "articles/win.md").open("w") as file:
        file.write("---\ntitle: Half a ")
        file.flush()
        end = time.monotonic() + 0.5
        until(lambda: time.monotonic() > end)
        assert store.files().get("win.md") is None
        file.write("win\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    until(lambda: published(store, "Half a win"))


def test_a_failing_build_is_said_once_and_tried_again(start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, "win.md")
    builder, store = start(interval=0.2)
    until(lambda: published(store, "Town win"))

    def fail() -> None:
        raise ZeroDivisionError("a fault of ours")

    builder.before = fail
    until(lambda: "a fault of ours" in store.fact(PROBLEM))
    before = len(builder.runs)
    until(lambda: len(builder.runs) > before + 3)
    assert sum("the build failed" in record.message for record in caplog.records) == 1
    builder.before = lambda: None
    write(tmp_path, "win.md", "Town win again")
    until(lambda: published(store, "Town win again"))
    until(lambda: store.fact(PROBLEM) == "")


def test_a_hub_that_says_nothing_delays_no_build_and_no_end(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "START_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as hub:
        (tmp_path / "articles/site.toml").write_text(f'[site]\nhub = "http://127.0.0.1:{hub.getsockname()[1]}/"\n')
        _, store = start()
        hub.settimeout(SLOW)
        connection, _ = hub.accept()
        with connection:
            assert connection.recv(4) == b"POST"
            write(tmp_path, "win.md")
            until(lambda: published(store, "Town win"))
    [target] = store.targets().values()
    assert target.generation < store.generation()


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def disk_full() -> None:
    raise StoreError("the disk is full")


def reported(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says of the disk, in order."""
    said = (record.message for record in caplog.records if record.name == "feedsvc.schedule")
    return [line for line in said if line.startswith(("the disk is full", "all is well"))]


FULL = "the disk is full; what was published before is served"


def test_a_database_that_fails_by_turns_is_named_once_until_it_works_for_a_while(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "feedsvc.schedule")
    clock = Clock()
    builder, store = start(0.1, clock)
    until(lambda: builder.runs)

    def fail_by_turns() -> None:
        clock.now += HOLD_SECONDS / 2
        if len(builder.runs) % 2:
            disk_full()

    builder.before = fail_by_turns
    before = len(builder.runs)
    until(lambda: len(builder.runs) > before + 6)
    assert (reported(caplog), store.fact(PROBLEM)) == ([FULL], FULL)
    builder.before = lambda: None
    before = len(builder.runs)
    until(lambda: len(builder.runs) > before + 2)
    assert (reported(caplog), store.fact(PROBLEM)) == ([FULL], FULL)
    clock.now += HOLD_SECONDS
    until(lambda: store.fact(PROBLEM) == "")
    until(lambda: reported(caplog) == [FULL, "all is well again"])


def test_a_database_that_takes_nothing_is_not_well(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "feedsvc.schedule")
    clock = Clock()
    builder, store = start(0.1, clock)
    until(lambda: builder.runs)
    with monkeypatch.context() as patch:
        patch.setattr(store, "set_fact", lambda name, value: disk_full())
        builder.before = disk_full
        until(lambda: reported(caplog))
        builder.before = lambda: setattr(clock, "now", clock.now + HOLD_SECONDS)
        before = len(builder.runs)
        until(lambda: len(builder.runs) > before + 4)  # each of which had nothing to write
        assert reported(caplog) == [FULL]
    until(lambda: reported(caplog) == [FULL, "all is well again"])


def test_a_database_that_fails_for_a_while_is_tried_again(start: Start, tmp_path: Path) -> None:
    builder, store = start(interval=0.2)
    until(lambda: builder.runs)

    builder.before = disk_full
    until(lambda: "the disk is full" in store.fact(PROBLEM))
    builder.before = lambda: None
    write(tmp_path, "win.md")
    until(lambda: published(store, "Town win"))
