"""Everyone polls while everything changes: kept connections, slow clients and bursts, while 10,000 files are saved at once.

How long it takes is printed and nothing hangs on it, for the machine that tests has other things to do. `FEEDSVC_TEST_LONG=1`
makes each burst one of 10,000 polls.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from faults.burst import Polls, hurried, ordinary
from support.live import LONG, SLOW, Service, until

ARTICLES = 10_000
TOPICS = 20
KEPT, SLOWLY = 1_000, 200
POLLS, CONNECTIONS = 10_000 if LONG else 2_000, 50
SECONDS = 2.0
MOST_PRESSINGS = 40  # saving so many files takes seconds, and what is saved is not kept waiting for the rest
REQUEST = "GET {path} HTTP/1.1\r\nHost: feeds.example\r\nAccept-Encoding: gzip\r\n{more}\r\n"
Ask = tuple[str, dict[str, str]]


def write(folder: Path, version: int) -> None:
    """Saves every article as editors save: beside it, then moved over it."""
    for number in range(ARTICLES):
        file = folder / f"topic-{number % TOPICS:02}/note-{number:05}.md"
        date = f"2026-05-{1 + number % 28:02}T{number % 24:02}:{number // 24 % 60:02}:00Z"
        beside = file.with_name(f".{file.name}.tmp")
        beside.write_text(f"---\ntitle: Note {number} as of {version}\ndate: {date}\n---\nVersion {version} of a short note.\n")
        os.replace(beside, file)


def read_so_far(service: Service) -> int:
    return sum(int(number) for number in re.findall(r"built generation=\d+ read=(\d+)", service.log))


@contextmanager
def crowd(service: Service) -> Iterator[list[socket.socket]]:
    """A thousand kept connections, and slow clients who send or take one byte a second."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    over = threading.Event()
    with ExitStack() as stack:
        kept = [stack.enter_context(socket.create_connection(("127.0.0.1", service.port), SLOW)) for _ in range(KEPT)]
        slow = [stack.enter_context(_slow(service.port, number)) for number in range(SLOWLY)]

        def creep() -> None:
            while not over.wait(1.0):
                for number, line in enumerate(slow):
                    with suppress(OSError):  # whoever takes ten seconds for a request is hung up on
                        line.send(b"x") if number % 2 else line.recv(1)

        thread = threading.Thread(target=creep, daemon=True)
        thread.start()
        yield kept
        over.set()
        thread.join(SLOW)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _slow(port: int, number: int) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.connect(("127.0.0.1", port))
    line.setblocking(False)
    whole = REQUEST.format(path="/feeds/all.rss", more="").replace("gzip", "identity").encode()
    line.send(whole[:-4] if number % 2 else whole * 20)
    return line


def answers_on(lines: list[socket.socket]) -> int:
    """How many of some kept connections still answer, all of them asked at once."""
    answered = 0
    with selectors.DefaultSelector() as selector:
        for line in lines:
            line.sendall(REQUEST.format(path="/headlines.json", more="If-None-Match: *\r\n").encode())
            selector.register(line, selectors.EVENT_READ)
        while selector.get_map() and (ready := selector.select(SLOW)):
            for key, _ in ready:
                assert isinstance(key.fileobj, socket.socket)
                answered += key.fileobj.recv(4096).startswith(b"HTTP/1.1 304")
                selector.unregister(key.fileobj)
    return answered


@pytest.fixture
def readers() -> Iterator[ProcessPoolExecutor]:
    """Processes for readers, so that none waits for another's interpreter."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_a_crowd_a_burst_and_ten_thousand_saves_at_once(
    serve: Callable[..., Service], tmp_path: Path, readers: ProcessPoolExecutor
) -> None:
    folder = tmp_path / "articles"
    for topic in range(TOPICS):
        (folder / f"topic-{topic:02}").mkdir()
    write(folder, 0)
    service = serve("--interval", "3600", workers=2).start()
    until(lambda: read_so_far(service) >= ARTICLES)
    feed, page = "/feeds/topic-03.rss", "/articles/note-09999"
    kinds: dict[str, Ask] = {
        "feed": (feed, {}),
        "feed, not modified": (feed, {"If-None-Match": "*"}),
        "headlines": ("/headlines.json", {}),
        "not found": ("/feeds/none.rss", {}),
        "article's page": (page, {}),
    }
    asks = [(path, {"Accept_Encoding": "gzip", **more}) for path, more in kinds.values()]
    results: dict[str, Polls] = {}

    def reading(seconds: float = SECONDS) -> Polls:
        return readers.submit(ordinary, service.port, asks, seconds, 0.002).result(SLOW)

    reading(0.5)
    results["idle"] = reading()
    with crowd(service) as kept:
        results["with a crowd"] = reading()
        assert answers_on(kept) == KEPT
        before = len(re.findall("built generation=", service.log))
        writing = threading.Thread(target=write, args=(folder, 1), daemon=True)
        writing.start()
        results["with a crowd, 10,000 saves"] = reading(3 * SECONDS)
        writing.join(SLOW)
        until(lambda: read_so_far(service) >= 2 * ARTICLES)
        assert answers_on(kept) == KEPT
        builds = len(re.findall("built generation=", service.log)) - before
        assert "as of 1" in service.get(feed).text and "as of 0" not in service.get(feed).text
        writing = threading.Thread(target=write, args=(folder, 2), daemon=True)
        writing.start()
        for kind, (path, more) in kinds.items():
            request = REQUEST.format(path=path, more="".join(f"{name}: {text}\r\n" for name, text in more.items())).encode()
            beside = readers.submit(ordinary, service.port, asks, 0.5, 0.002)
            results[f"a burst: {kind}"] = readers.submit(hurried, service.port, request, POLLS, CONNECTIONS).result(SLOW)
            results[f"ordinary beside it: {kind}"] = beside.result(SLOW)
        writing.join(SLOW)
        assert answers_on(kept) == KEPT
        until(lambda: read_so_far(service) >= 3 * ARTICLES)
    print(f"{builds} builds\n| who polls | polls | a second | median, ms | 99th percentile, ms | most, ms |")
    for name, polls in results.items():
        told = f"{polls.part(50):.2f} | {polls.part(99):.1f} | {max(polls.took) * 1000:.0f}"
        print(f"| {name} | {len(polls.took)} | {polls.rate:.0f} | {told} |")
    for name, polls in results.items():
        assert not polls.statuses.keys() - {200, 304, 404}, name
    assert builds <= MOST_PRESSINGS
    assert service.stop() == 0 and "Traceback" not in service.log
