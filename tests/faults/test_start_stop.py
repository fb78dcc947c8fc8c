"""Start and end at bad moments: in a request, in a build, over another version's database."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import text

from faults.service import entries
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.notices import Notices
from feedsvc.status.collect import read_status
from feedsvc.storage.facts import SCHEMA
from feedsvc.storage.migration import SCHEMA_VERSION
from feedsvc.storage.store import Store
from feedsvc.supervisor import child
from feedsvc.supervisor.child import Child
from feedsvc.supervisor.sockets import ListeningSockets, stop_listening
from support.live import NOON, SLOW, Service, feedsvc, free_port, save, until


def test_it_ends_in_time_while_it_builds_and_half_a_request_is_there(serve: Callable[..., Service], tmp_path: Path) -> None:
    service = serve(workers=2).start()
    for number in range(1500):
        save(tmp_path, f"sport/match-{number}.md", f"Match {number}")
    with socket.create_connection(("127.0.0.1", service.port), timeout=SLOW) as half:
        half.sendall(b"GET /feeds/all.rss HTTP/1.1\r\nHost: x\r\n")
        assert service.stop(signal.SIGTERM) == 0
    assert "Traceback" not in service.log


@pytest.mark.parametrize("version", ["0", "99"])
def test_a_newer_database_is_refused_and_left_alone(serve: Callable[..., Service], tmp_path: Path, version: str) -> None:
    store = Store(f"sqlite:///{tmp_path}/var/feedsvc.db")
    store.set_fact(SCHEMA, version)
    store.close()
    (tmp_path / "articles").mkdir(exist_ok=True)
    for command in (("serve", "--port", str(free_port())), ("build",)):
        ended = feedsvc(*command, folder=tmp_path)
        assert ended.returncode == 2 and f"its schema is version {version}, this feedsvc knows version" in ended.stderr
    assert not list((tmp_path / "var").glob("*.damaged-*"))


def test_an_older_one_is_brought_up_and_serves_on(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve().start()
    before = entries(service)
    assert service.stop() == 0
    store = Store(f"sqlite:///{tmp_path}/var/feedsvc.db")
    with store.writing() as connection:
        for table in ("archives", "digests"):
            connection.execute(text(f"DROP TABLE {table}"))
    store.set_fact(SCHEMA, "1")
    store.close()
    service.start()
    assert entries(service) == before
    assert service.stop() == 0
    store = Store(f"sqlite:///{tmp_path}/var/feedsvc.db", create=False)
    assert store.fact(SCHEMA) == SCHEMA_VERSION
    store.close()


def end_at_once() -> None:
    raise SystemExit(7)


def wait_for_long() -> None:
    time.sleep(600)


def live_a_while() -> None:
    time.sleep(0.6)


def test_a_crash_loop_is_named_and_forgotten_when_it_runs_steadily(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(child, "RESTART_SECONDS", (0.01, 0.02))
    monkeypatch.setattr(child, "STEADY_SECONDS", SLOW)  # on a busy machine even a process that ends at once takes seconds
    source, work, notices = ForkServer("feedsvc.supervisor.child"), [end_at_once], Notices()
    kept = Child("builder", lambda: source.fork(work[0]), notices)
    said = until(lambda: notices.notices())["builder"]
    assert re.match(r"the builder has ended \d+ times in a row soon after its start, last with exit code 7; it restarts", said)
    assert "has ended 3 times in a row" in caplog.text and "has ended 2 times in a row" not in caplog.text
    monkeypatch.setattr(child, "STEADY_SECONDS", 0.5)  # before the one that stays is begun, which reads it
    work[0] = wait_for_long
    until(lambda: not notices.notices())
    assert notices.restarts()["builder"] >= 3
    kept.end()
    kept.join(SLOW)
    assert "runs normally again" in caplog.text
    source.end()


def test_one_that_has_lived_for_a_while_is_replaced_at_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(child, "RESTART_SECONDS", (0.1, 0.5))
    source = ForkServer("feedsvc.supervisor.child")
    kept = Child("web worker", lambda: source.fork(live_a_while), Notices())
    until(lambda: kept.died >= 3)
    kept.end()
    kept.join(SLOW)
    source.end()
    until(lambda: caplog.text.count("it restarts in 0.1 s") == kept.died)  # the last death is counted before it is logged


def end_by_a_signal_without_a_name() -> None:
    os.kill(os.getpid(), 40)


@pytest.mark.parametrize("telling", ["works", "fails"])
def test_whatever_ends_it_and_whatever_goes_wrong_then_it_is_replaced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, telling: str
) -> None:
    monkeypatch.setattr(child, "RESTART_SECONDS", (0.01, 0.02))
    if telling == "fails":
        monkeypatch.setattr(Notices, "count", None)
    begun: list[int] = []
    source = ForkServer("feedsvc.supervisor.child")

    def begin() -> ForkServerProcess:
        begun.append(1)
        return source.fork(end_by_a_signal_without_a_name)

    kept = Child("web worker", begin, Notices())
    until(lambda: len(begun) >= 3)
    kept.end()
    kept.join(SLOW)
    source.end()
    assert ("signal 40" if telling == "works" else "what was to be said of it failed") in caplog.text


def test_a_socket_that_nobody_accepts_from_gets_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "RESTART_SECONDS", (0.01, 0.02, 600))
    sockets = ListeningSockets("127.0.0.1", free_port())
    dead, alive = (sockets.of(number, 2) for number in (0, 1))
    for one in (*dead, *alive):
        one.listen()
    source = ForkServer("feedsvc.supervisor.child")
    kept = Child("web worker", lambda: source.fork(end_at_once), Notices(), partial(stop_listening, dead))
    until(lambda: kept.died == 2)
    alive[0].settimeout(SLOW)
    for _ in range(20):  # the kernel would give half of them to the other
        with socket.create_connection(sockets.address, timeout=SLOW):
            alive[0].accept()[0].close()
    kept.end()
    kept.join(SLOW)
    source.end()
    stop_listening(alive)
    dead[0].listen()  # the next worker does
    dead[0].settimeout(SLOW)
    with socket.create_connection(sockets.address, timeout=SLOW):
        dead[0].accept()[0].close()
    sockets.close()


def test_the_boards_notices_are_problems_in_the_status_and_gone_with_them(tmp_path: Path) -> None:
    store, notices = Store(f"sqlite:///{tmp_path}/feedsvc.db"), Notices()
    notices.put("build", "the disk is full \ud800" + "x" * 2000)
    notices.put("web worker", "the web worker has ended 3 times in a row")
    problems = "\n".join(read_status(store, NOON, notices.notices()).problems)
    assert "The builder reports: the disk is full" in problems and "The web worker has ended 3 times" in problems
    assert "Nothing is published" not in problems
    for place in ("build", "web worker"):
        notices.put(place, "")
    assert notices.notices() == {}
    store.close()
