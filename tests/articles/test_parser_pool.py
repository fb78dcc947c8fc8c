"""The room where articles are read: what hangs or dies there costs itself alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.articles import parser_pool
from feedsvc.articles.parser_pool import ParsedArticle, ParserPool
from feedsvc.errors import ArticleError
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls
from feedsvc.processes import sandboxed_pool
from support.live import PUBLIC_URL, offspring, until

ADDRESSES = Urls(PUBLIC_URL, Site())
SLOW = b"---\ntitle: Slow\ndate: 2026-05-20T09:30:00Z\n---\n" + b"*a **b _c [d](e) `f` <b>g\n\n" * 60_000


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    with ParserPool(processes=1) as made:
        yield made


def good(number: int) -> tuple[str, bytes]:
    return f"{number}.md", f"---\ntitle: Article {number}\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n".encode()


def read(pool: ParserPool, *files: tuple[str, bytes]) -> dict[str, str]:
    """What came of some files, by path: the title, or the reason."""
    outcomes = pool.read_all(iter(files), ADDRESSES)
    return {path: one.article.title if isinstance(one, ParsedArticle) else str(one) for path, one in outcomes}


def test_files_come_back_in_their_order_read_or_refused(pool: ParserPool) -> None:
    files = [good(number) for number in range(100)]
    files[50] = ("50.md", b"---\ntitle: [\n---\nx\n")
    outcomes = list(pool.read_all(iter(files), ADDRESSES))
    assert [path for path, _ in outcomes] == [path for path, _ in files]
    assert isinstance(outcomes[50][1], ArticleError) and outcomes[50][1].faults[0].path == "50.md"
    assert sum(isinstance(outcome, ParsedArticle) for _, outcome in outcomes) == 99
    assert read(pool) == {}


def test_what_takes_too_long_costs_itself_alone(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    read(pool, good(0))
    monkeypatch.setattr(parser_pool, "SECONDS", 0.05)
    monkeypatch.setattr(parser_pool, "PATIENCE", 2_400)
    monkeypatch.setattr(parser_pool, "CHUNK_BYTES", 10_000_000)
    assert read(pool, good(1), ("slow.md", SLOW), good(2)) == {
        "1.md": "Article 1",
        "slow.md": "slow.md: takes longer than 0.05 seconds to read",
        "2.md": "Article 2",
    }


def test_a_machine_that_is_busy_with_other_things_is_no_files_fault(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    read(pool, good(0))
    monkeypatch.setattr(parser_pool, "SECONDS", 0.2)
    monkeypatch.setattr(parser_pool, "PATIENCE", 600)
    [reader] = readers_of(os.getpid())
    os.kill(reader, signal.SIGSTOP)
    later = threading.Timer(1.0, os.kill, (reader, signal.SIGCONT))
    later.start()
    assert read(pool, good(1)) == {"1.md": "Article 1"}
    later.join(60)


def test_what_kills_its_reader_costs_itself_alone(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    read(pool, good(0))
    monkeypatch.setattr(parser_pool, "SECONDS", 60)
    over = threading.Event()

    def kill_for_ever() -> None:
        while not over.wait(0.02):
            for pid in readers_of(os.getpid()):
                os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill_for_ever, daemon=True)
    thread.start()
    try:
        assert read(pool, ("deadly.md", SLOW)) == {"deadly.md": "deadly.md: crashes the parser"}
    finally:
        over.set()
        thread.join(60)
    assert read(pool, good(1)) == {"1.md": "Article 1"}


def test_a_closed_room_leaves_nobody_and_opens_again() -> None:
    pool = ParserPool(processes=2)
    read(pool, good(0))
    before = readers_of(os.getpid())
    pool.close()
    until(lambda: not set(before) & set(readers_of(os.getpid())))
    assert read(pool, good(1)) == {"1.md": "Article 1"}
    pool.close()


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
    monkeypatch.setattr(sandboxed_pool, "GROWTH_BYTES", -1)
    monkeypatch.setattr(parser_pool, "CHUNK_FILES", 1)
    with ParserPool(processes=1) as pool:
        assert read(pool, *(good(number) for number in range(7))) == {f"{number}.md": f"Article {number}" for number in range(7)}


def test_a_reader_that_dies_while_it_reads_nothing_costs_nobody(pool: ParserPool) -> None:
    for number in range(3):
        assert read(pool, good(number)) == {f"{number}.md": f"Article {number}"}
        for pid in readers_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not readers_of(os.getpid()))
    assert read(pool, *map(good, range(70))) == {f"{number}.md": f"Article {number}" for number in range(70)}
