"""What is wrong is said in one line where a person looks, and no more when it is right again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faults.service import asked, builder, entries, problems
from support.live import FEEDSVC, SLOW, Service, feedsvc, save, until


@pytest.fixture
def service(serve: Callable[..., Service], tmp_path: Path) -> Iterator[Service]:
    for number in range(8):
        save(tmp_path, f"sport/match-{number}.md", f"Match {number}")
    made = serve("--interval", "0.5").start()
    until(lambda: "status page:" in made.log)
    assert_well(made)
    yield made
    assert len(entries(made)) >= 8  # whatever it was, readers did not notice


def assert_well(service: Service) -> None:
    until(lambda: service.get("/readyz").text == "ready\n")
    assert problems(service) == ""
    assert "feedsvc_problems 0.0" in asked(service, "/metrics")


def assert_told(service: Service, publicly: str, privately: str, logged: str) -> None:
    until(lambda: publicly in service.get("/readyz").text)
    answer = service.get("/readyz")
    assert answer.status == 200 and answer.text.startswith("ready, degraded: ") and len(answer.text.splitlines()) == 1
    assert str(service.folder) not in answer.text
    until(lambda: privately in problems(service))
    assert privately.replace("`", "") in re_text(asked(service, "/status"))
    assert "feedsvc_problems 0.0" not in asked(service, "/metrics")
    until(lambda: logged in service.log)
    assert privately in feedsvc("status", folder=service.folder).stdout


def re_text(page: str) -> str:
    from html import unescape
    from re import sub

    return unescape(sub(r"<[^>]+>", "", page))


def test_the_folder_is_gone_and_back(service: Service, tmp_path: Path) -> None:
    (tmp_path / "articles").rename(tmp_path / "away")
    said = "articles folder articles: no such file or directory"
    assert_told(service, "the builder reports a problem", said, "all stays published")
    (tmp_path / "away").rename(tmp_path / "articles")
    assert_well(service)
    until(lambda: "all is well again" in service.log)


def test_most_articles_are_gone_and_back(service: Service, tmp_path: Path) -> None:
    (tmp_path / "articles/sport").rename(tmp_path / "away")
    assert_told(service, "the brake holds", "8 of 8 articles are gone at once", "feedsvc accept-removals")
    (tmp_path / "away").rename(tmp_path / "articles/sport")
    assert_well(service)


def test_nobody_builds_and_a_builder_ends_again_and_again(service: Service) -> None:
    for _ in range(4):
        os.kill(until(lambda: builder(service)), signal.SIGKILL)
        until(lambda: builder(service) is None)
    said = "he builder has ended 3 times in a row soon after its start, last with signal SIGKILL"
    until(lambda: said in service.log)
    assert_told(service, "the builder keeps crashing", "he builder has ended", said)
    assert 'feedsvc_restarts_total{process="builder"} ' in asked(service, "/metrics")


def test_the_database_can_not_be_read(service: Service, tmp_path: Path) -> None:
    etag = service.get("/feeds/all.json").headers["etag"]
    os.kill(until(lambda: builder(service)), signal.SIGSTOP)
    (tmp_path / "var/feedsvc.db").rename(tmp_path / "var/away")
    until(lambda: "the database can't be read, and what is in memory is served" in service.get("/readyz").text)
    assert service.get("/readyz").status == 200 and service.get("/feeds/all.json").headers["etag"] == etag
    assert "feedsvc_database_up 0.0" in asked(service, "/metrics")
    (tmp_path / "var/away").rename(tmp_path / "var/feedsvc.db")
    os.kill(until(lambda: builder(service)), signal.SIGCONT)
    assert_well(service)
    until(lambda: "the database can be read again" in service.log)


def test_nothing_can_be_watched(services: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    # In a namespace of its own the limit on watches is the test's to set (user_namespaces(7)).
    script = 'echo 0 > /proc/sys/user/max_inotify_instances; exec "$@"'
    words = ("--port", "{port}", "--interval", "0.5", "--workers", "1")
    made = services("unshare", "-Ur", "sh", "-c", script, "sh", *FEEDSVC, "serve", *words).start()
    until(lambda: "status page:" in made.log)
    alone = "changes are found only by the scan"
    assert_told(made, alone, "can't watch articles", f"{alone} every 0.5 s")
    save(tmp_path, "sport/draw.md", "A draw")
    until(lambda: "A draw" in entries(made))
    assert made.process
    enter = ("nsenter", "-U", "--preserve-credentials", "-t", str(made.process.pid), "sh", "-c")
    subprocess.run([*enter, "echo 9999 > /proc/sys/user/max_inotify_instances"], check=True, timeout=SLOW)
    assert_well(made)
    until(lambda: "watching articles again" in made.log)


def test_more_changes_at_once_than_the_kernel_keeps(services: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    made = services(*FEEDSVC, "serve", "--port", "{port}", "--interval", "3600", "--workers", "1").start()
    until(lambda: "status page:" in made.log)
    save(tmp_path, "sport/draw.md", "A draw")
    until(lambda: "A draw" in entries(made))
    asleep = until(lambda: builder(made))
    os.kill(asleep, signal.SIGSTOP)
    until(lambda: all(one.read_text().rpartition(")")[2].split()[0] == "T" for one in Path(f"/proc/{asleep}/task").glob("*/stat")))
    for _ in range(int(Path("/proc/sys/fs/inotify/max_queued_events").read_text()) // 2 + 1):
        for name in ("one.tmp", "other.tmp"):  # in turn, since like neighbours are one event
            (tmp_path / "articles/sport" / name).touch()
    save(tmp_path, "sport/loss.md", "A loss")
    save(tmp_path, "harbour/ferry.md", "A ferry")
    os.kill(asleep, signal.SIGCONT)
    until(lambda: {"A loss", "A ferry"} <= entries(made).keys())
    until(lambda: "WARNING feedsvc.schedule more changed in articles at once than the system reports" in made.log)
    until(lambda: "watching again" in asked(made, "/status.json"))
    assert_well(made)
    save(tmp_path, "harbour/late.md", "A late ferry")  # in a folder that was made while nothing was heard
    until(lambda: "A late ferry" in entries(made))
    assert made.log.count("more changed in articles") == 1 and builder(made) == asleep


def test_the_disk_is_full_and_has_room_again(services: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    (tmp_path / "var").mkdir()
    script = 'mount -t tmpfs -o size=3m tmpfs var; exec "$@"'
    words = ("--port", "{port}", "--interval", "0.5", "--workers", "1")
    environment = {"FEEDSVC_STATUS_TOKEN": "x" * 32}
    made = services("unshare", "-Urm", "sh", "-c", script, "sh", *FEEDSVC, "serve", *words, **environment).start()
    until(lambda: "status page:" in made.log)
    assert made.process
    # A process's own view of the file system (proc(5)), with what is mounted for it alone.
    inside = Path("/proc", str(made.process.pid), "root", *tmp_path.parts[1:], "var", "filler")
    with closing(inside.open("wb", buffering=0)) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    for number in range(30):
        save(tmp_path, f"sport/match-{number}.md", f"Match {number}")
    until(lambda: "the builder reports a problem" in made.get("/readyz").text)
    token = {"Authorization": f"Bearer {'x' * 32}"}
    until(lambda: "database or disk is full" in made.get("/status.json", **token).text)
    until(lambda: "database or disk is full; what was published before is served" in made.log)
    assert "Town win" in entries(made)
    inside.unlink()
    until(lambda: made.get("/readyz").text == "ready\n")
    until(lambda: "Match 29" in entries(made))
    shutil.rmtree(tmp_path / "var", ignore_errors=True)
