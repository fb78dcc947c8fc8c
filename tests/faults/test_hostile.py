"""One hostile client stops nobody: each attack of tests/faults/hostile.py, small, beside ordinary readers who have their answers.

What is measured is printed; the attacks in full are `python tests/faults/hostile.py`.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import make_url

from faults.hostile import attacking, cpu_of, memory_of, read_along
from support.databases import POSTGRESQL, fresh_database
from support.live import FEEDSVC, SLOW, Answer, Service, called, save, until
from support.pictures import heavy

PATIENT = 20.0  # the machine may be busy with other things
SECONDS = 4.0
TOKEN = "x" * 32
PICTURE_BYTES = 5_000_000


@pytest.fixture
def small(services: Callable[..., Service], tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Makes a service whose one web worker has room for 150 connections."""
    for number in range(20):
        save(tmp_path, f"sport/match-{number}.md", f"Match {number}", date="2026-05-20T09:30:00Z")
    (tmp_path / "articles/sport/large.gif").write_bytes(heavy(PICTURE_BYTES))
    save(tmp_path, "sport/picture.md", "Picture", image="large.gif", date="2026-05-20T09:30:00Z")
    made: list[Service] = []

    def new(*flags: str) -> Service:
        words = ("serve", "--port", "{port}", "--workers", "1", "--interval", "3600", *flags)
        limited = ("sh", "-c", 'ulimit -n 600; exec "$@"', "sh", *FEEDSVC, *words)
        made.append(services(*limited, FEEDSVC_STATUS_TOKEN=TOKEN).start())
        until(lambda: b"Picture" in made[-1].get("/feeds/all.json").body)
        return made[-1]

    yield new
    for service in made:
        assert service.get("/feeds/all.rss").status == 200
        assert "Traceback" not in service.log and len(service.log.splitlines()) < 100


def large(service: Service) -> str:
    """The path of the large picture, once it is published."""
    moved = until(lambda: service.get("/media/sport/large.gif").headers.get("location"))
    return urlsplit(moved).path


def worker(service: Service) -> int:
    [pid] = called(service, "feedsvc-web")
    return pid


def under(
    attack: str, service: Service, number: int, path: str = "/feeds/all.rss", read: str = "/feeds/all.rss", least: float = 1.0
) -> dict[str, int]:
    """What an attack has counted, beside which at least this share of readers had their answers: all of them, by default."""
    pid = worker(service)
    memory, cpu, begun = memory_of(pid), cpu_of(pid), time.monotonic()
    with attacking(attack, service.port, number, SECONDS + 1, path) as attacker:
        seen = read_along(service.port, SECONDS, read, prompt=PATIENT)
        share = (cpu_of(pid) - cpu) / (time.monotonic() - begun)
        counted: dict[str, int] = json.loads(attacker.communicate(timeout=60)[0])
    print(f"| {attack}, {number} | {seen} | {memory:.0f} to {memory_of(pid):.0f} MB | {share:.0%} | {counted} |")
    assert seen["share"] >= least, seen
    return counted


def test_idle_connections_make_room(small: Callable[..., Service]) -> None:
    # Of thousands that come each second, a reader whom the machine keeps from speaking for a moment looks like the others.
    assert under("idle", small(), 500, least=0.9)["lost"] > 300


def test_half_sent_requests_make_room(small: Callable[..., Service]) -> None:
    assert under("half", small(), 200)["lost"] > 300


def test_one_address_has_its_share(small: Callable[..., Service]) -> None:
    service = small("--trusted-proxies", "", "--connections-per-address", "20")
    counted = under("idle", service, 100)
    assert counted["lost"] >= 80


@pytest.mark.parametrize("addresses", ["127.0.0.0/8", ""], ids=["from a proxy", "from a client"])
def test_who_takes_nothing_costs_a_piece(small: Callable[..., Service], addresses: str) -> None:
    service = small("--trusted-proxies", addresses)
    before = memory_of(worker(service))
    assert under("greedy", service, 100, large(service))["asked"] == 100
    # A copy for each would be half a gigabyte.
    assert memory_of(worker(service), "VmHWM") - before < 100


@pytest.mark.parametrize("read", ["/feeds/all.rss", "/healthz", "/readyz"])
def test_random_names_keep_nobody_waiting_who_asks_for_what_is_in_memory(small: Callable[..., Service], read: str) -> None:
    assert under("strangers", small(), 120, read=read)


def test_looks_at_large_pictures_keep_nobody_waiting(small: Callable[..., Service]) -> None:
    service = small()
    assert under("looks", service, 20, large(service))["200"] > 20
    assert memory_of(worker(service), "VmHWM") < 90 + 370  # megabytes, as docs/operations.md says


def test_heads_of_a_megabyte_are_refused_while_they_come(small: Callable[..., Service]) -> None:
    assert under("heads", small(), 10)["431"] > 10


def test_wrong_tokens_are_counted_and_slow_and_the_right_one_is_not(small: Callable[..., Service]) -> None:
    service = small()
    counted = under("guesses", service, 20, "/status")
    assert 5 <= counted["401"] <= 5 + 20 * (SECONDS + 10)
    begun = time.monotonic()
    metrics = service.get("/metrics", Authorization=f"Bearer {TOKEN}").text
    assert time.monotonic() - begun < PATIENT
    wrong = next(float(line.split()[1]) for line in metrics.splitlines() if line.startswith("feedsvc_wrong_tokens_total"))
    assert wrong >= counted["401"]
    said = [line for line in service.log.splitlines() if "wrong token or password" in line]
    assert 1 <= len(said) <= 4 and "Basic" not in service.log


def test_beside_a_held_lock_pages_are_answered_and_kept_later(small: Callable[..., Service], tmp_path: Path) -> None:
    service = small()
    answers: list[Answer] = []
    with closing(sqlite3.connect(tmp_path / "var/feedsvc.db", isolation_level=None, timeout=30)) as held:
        held.execute("BEGIN IMMEDIATE")

        def ask(number: int) -> None:
            answers.append(service.get(f"/articles/match-{number}"))

        threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SLOW)
        assert [answer.status for answer in answers] == [200] * 12
        kept = held.execute("SELECT count(*) FROM documents WHERE path LIKE '/articles/%' AND status = 200").fetchone()
        assert kept == (0,)
        held.execute("ROLLBACK")
        count = "SELECT count(*) FROM documents WHERE path LIKE '/articles/%' AND status = 200"
        until(lambda: held.execute(count).fetchone() == (12,))


class Swallowing:
    """A way to a database's server that passes all on, until it swallows what comes: connections stay, and nothing is answered."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self.swallows = threading.Event()
        self._over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                theirs, ours = self._door.accept()[0], socket.create_connection(self._to, timeout=SLOW)
                for one, other in ((theirs, ours), (ours, theirs)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), one, other:
            while some := one.recv(65_536):
                while self.swallows.is_set() and not self._over.is_set():
                    self._over.wait(0.05)
                other.sendall(some)


@pytest.mark.skipif(not POSTGRESQL, reason="needs PostgreSQL")
def test_beside_a_server_that_swallows_what_comes_only_what_is_not_in_memory_waits(
    services: Callable[..., Service], tmp_path: Path
) -> None:
    url = make_url(fresh_database("postgresql", tmp_path))
    between = Swallowing(url.host or "127.0.0.1", url.port or 5432)
    through = url.set(host="127.0.0.1", port=between.port).render_as_string(hide_password=False)
    save(tmp_path, "sport/match.md", "Match", date="2026-05-20T09:30:00Z")
    words = (*FEEDSVC, "serve", "--port", "{port}", "--workers", "1")
    service = services(*words, FEEDSVC_DATABASE=through, FEEDSVC_STATUS_TOKEN=TOKEN).start()
    until(lambda: b"Match" in service.get("/feeds/all.json").body)
    # What was read while a build was being loaded is not kept, so it is asked for again once there is nothing to load.
    until(lambda: service.get("/readyz").status == 200 and service.get("/feeds/all.json").status == 200)
    assert service.get("/feeds/all.json").status == 200
    try:
        between.swallows.set()
        until(lambda: "the database does not answer" in service.get("/readyz").text)
        pages: list[Answer] = []
        askers = [threading.Thread(target=lambda n=n: pages.append(service.get(f"/articles/{n}")), daemon=True) for n in range(20)]
        for asker in askers:
            asker.start()
        for path, status in (("/healthz", 200), ("/readyz", 200), ("/feeds/all.json", 200), ("/status", 503)):
            begun = time.monotonic()
            assert service.get(path, Authorization=f"Bearer {TOKEN}").status == status
            assert time.monotonic() - begun < PATIENT
        for asker in askers:
            asker.join(SLOW)
        assert {page.status for page in pages} == {503} and {page.headers["retry-after"] for page in pages} == {"5"}
        assert service.log.count("pages: no answer in 5 s") == 1
        between.swallows.clear()
        until(lambda: service.get("/articles/match").status == 200)
        until(lambda: service.get("/readyz").text == "ready\n")
    finally:
        between.close()
