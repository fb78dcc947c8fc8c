"""The room where articles are read: what hangs or dies there costs itself alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import PUBLIC_URL, offspring, until

from feedsvc import reading
from feedsvc.addresses import Addresses
from feedsvc.errors import ArticleError
from feedsvc.reading import Galley, ReadingRoom
from feedsvc.topics import Site

ADDRESSES = Addresses(PUBLIC_URL, Site())
SLOW = b"---\ntitle: Slow\ndate: 2026-05-20T09:30:00Z\n---\n" + b"*a **b _c [d](e) `f` <b>g\n\n" * 60_000


@pytest.fixture
def room() -> Iterator[ReadingRoom]:
    with ReadingRoom(readers=1) as made:
        yield made


def good(number: int) -> tuple[str, bytes]:
    return f"{number}.md", f"---\ntitle: Article {number}\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n".encode()


def read(room: ReadingRoom, *files: tuple[str, bytes]) -> dict[str, str]:
    """What came of some files, by path: the title, or the reason."""
    outcomes = room.read_all(iter(files), ADDRESSES)
    return {path: one.article.title if isinstance(one, Galley) else str(one) for path, one in outcomes}


def test_files_come_back_in_their_order_read_or_refused(room: ReadingRoom) -> None:
    files = [good(number) for number in range(100)]
    files[50] = ("50.md", b"---\ntitle: [\n---\nx\n")
    outcomes = list(room.read_all(iter(files), ADDRESSES))
    assert [path for path, _ in outcomes] == [path for path, _ in files]
    assert isinstance(outcomes[50][1], ArticleError) and outcomes[50][1].faults[0].path == "50.md"
    assert sum(isinstance(outcome, Galley) for _, outcome in outcomes) == 99
    assert read(room) == {}


def test_what_takes_too_long_costs_itself_alone(room: ReadingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    read(room, good(0))
    monkeypatch.setattr(reading, "SECONDS", 0.05)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 10_000_000)
    assert read(room, good(1), ("slow.md", SLOW), good(2)) == {
        "1.md": "Article 1",
        "slow.md": "slow.md: takes longer than 0.05 seconds to read",
        "2.md": "Article 2",
    }


def test_a_machine_that_is_busy_with_other_things_is_no_files_fault(room: ReadingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    read(room, good(0))
    monkeypatch.setattr(reading, "SECONDS", 0.2)
    [reader] = readers_of(os.getpid())
    os.kill(reader, signal.SIGSTOP)
    later = threading.Timer(1.0, os.kill, (reader, signal.SIGCONT))
    later.start()
    assert read(room, good(1)) == {"1.md": "Article 1"}
    later.join()


def test_what_kills_its_reader_costs_itself_alone(room: ReadingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    read(room, good(0))
    monkeypatch.setattr(reading, "SECONDS", 60)
    over = threading.Event()

    def kill_for_ever() -> None:
        while not over.wait(0.02):
            for pid in readers_of(os.getpid()):
                os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill_for_ever)
    thread.start()
    try:
        assert read(room, ("deadly.md", SLOW)) == {"deadly.md": "deadly.md: crashes its reader"}
    finally:
        over.set()
        thread.join()
    assert read(room, good(1)) == {"1.md": "Article 1"}


def test_a_closed_room_leaves_nobody_and_opens_again() -> None:
    room = ReadingRoom(readers=2)
    read(room, good(0))
    before = readers_of(os.getpid())
    room.close()
    until(lambda: not set(before) & set(readers_of(os.getpid())))
    assert read(room, good(1)) == {"1.md": "Article 1"}
    room.close()


def readers_of(pid: int) -> list[int]:
    """The readers of this process's rooms, but those of other tests."""
    sources = [child for child in offspring(pid) if b"forkserver" in command(child)]
    return [child for source in sources for child in offspring(source) if child not in BEFORE]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


BEFORE: set[int] = set()


@pytest.fixture(autouse=True)
def those_before() -> Iterator[None]:
    """Leaves the readers of other tests alone."""
    BEFORE.clear()
    BEFORE.update(readers_of(os.getpid()))
    yield
    BEFORE.clear()


def test_a_reader_is_followed_by_a_new_one_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TASKS", 2)
    monkeypatch.setattr(reading, "CHUNK_FILES", 1)
    with ReadingRoom(readers=1) as room:
        assert read(room, *(good(number) for number in range(7))) == {f"{number}.md": f"Article {number}" for number in range(7)}


def test_a_reader_that_dies_while_it_reads_nothing_costs_nobody(room: ReadingRoom) -> None:
    for number in range(3):
        assert read(room, good(number)) == {f"{number}.md": f"Article {number}"}
        for pid in readers_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not room._pool or not room._pool.active or readers_of(os.getpid()))
    assert read(room, *map(good, range(70))) == {f"{number}.md": f"Article {number}" for number in range(70)}
