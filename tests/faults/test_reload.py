"""New settings and new processes while everybody reads: no request is dropped, and wrong settings change nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.service import Readers, builder, entries, family, main_of, problems
from feedsvc.cli.settings_file import read_settings_file
from feedsvc.errors import UsageError
from feedsvc.logs import OFTEN
from feedsvc.processes.pidfile import PidFile, RunningService
from feedsvc.processes.procfs import began
from support.live import FEEDSVC, Service, feedsvc, free_port, offspring, save, until


def write(folder: Path, **settings: object) -> None:
    lines = "".join(f"FEEDSVC_{name.upper()}={value}\n" for name, value in settings.items())
    (folder / "feedsvc.env").write_text(f"# how it runs\n\n{lines}OTHER=1\n")


@pytest.fixture
def service(services: Callable[..., Service], tmp_path: Path) -> Service:
    save(tmp_path, "sport/win.md", "Town win")
    write(tmp_path, workers=2, interval=3600)
    made = services(*FEEDSVC, "serve", "--port", "{port}", "--settings", "feedsvc.env").start()
    until(lambda: "status page:" in made.log)
    return made


def reload(service: Service) -> None:
    ended = feedsvc("reload", folder=service.folder)
    assert (ended.returncode, ended.stdout) == (0, f"reloaded: process {main_of(service)}\n"), ended.stderr + service.log


def test_nobody_is_dropped_in_reload_after_reload(service: Service, tmp_path: Path) -> None:
    before = set(family(service))
    with Readers(service).reading() as readers:
        for number in range(5):
            write(tmp_path, workers=number % 3 + 1, interval=1800 + number)
            reload(service)
            seen = readers.answers
            until(lambda seen=seen: readers.answers > seen + 20)
    assert readers.errors == []
    until(lambda: len(family(service)) == 3)  # the builder and two web workers
    assert not before & set(family(service))
    until(lambda: len(offspring(main_of(service))) <= 2)  # nothing is left of the processes that the old ones were forks of
    assert "interval=1804.0" in service.log
    assert service.stop() == 0


def test_what_is_published_is_served_while_all_is_built_for_another_public_url(service: Service, tmp_path: Path) -> None:
    assert entries(service)["Town win"]["url"].startswith(service.url)
    with Readers(service).reading() as readers:
        write(tmp_path, workers=2, interval=3600, public_url="https://new.example")
        reload(service)
        until(lambda: entries(service)["Town win"]["url"] == "https://new.example/articles/win")
    assert readers.errors == []


def test_a_new_address_is_taken_too(services: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = services(*FEEDSVC, "serve", "--settings", "feedsvc.env")
    write(tmp_path, workers=1, port=service.port)
    service.start()
    first, service.port = service.port, free_port()
    write(tmp_path, workers=1, port=service.port)
    reload(service)
    assert "Town win" in entries(service)
    until(lambda: not listens(first))


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


WRONG = {
    "FEEDSVC_INTERVAL=0": "interval 0 is not between",
    "FEEDSVC_INTERVAL=soon": "'soon' is not a valid float",
    "FEEDSVC_INTERVALL=5": "feedsvc.env:1: FEEDSVC_INTERVALL is not a setting",
    "FEEDSVC_ARTICLES=nowhere": "articles folder nowhere: no such file",
    "FEEDSVC_DATABASE=sqlite:///elsewhere/feedsvc.db": "folder can't be changed by a reload",
    "no assignment": "feedsvc.env:1: not of the form NAME=value",
}


def test_wrong_settings_change_nothing_and_are_named(service: Service, tmp_path: Path) -> None:
    before = family(service)
    for line, why in WRONG.items():
        (tmp_path / "feedsvc.env").write_text(f"{line}\n")
        ended = feedsvc("reload", folder=tmp_path)
        assert (ended.returncode, family(service)) == (1, before), line
        assert "not reloaded, nothing has changed" in ended.stderr and why in ended.stderr
    first = list(WRONG.values())[:OFTEN]  # what repeats is counted, and told later
    assert service.log.count("not reloaded, nothing has changed") == OFTEN and all(why in service.log for why in first)
    assert "Town win" in entries(service)


def test_a_builder_or_worker_that_does_not_begin_undoes_the_reload(service: Service, tmp_path: Path) -> None:
    before = family(service)
    write(tmp_path, workers=2, database="sqlite:///var/other.db")
    (tmp_path / "var/other.db").mkdir()
    ended = feedsvc("reload", folder=tmp_path)
    assert ended.returncode == 1 and "can't be opened" in ended.stderr
    assert family(service) == before and problems(service) == ""


def test_reload_finds_nobody_where_nobody_runs(tmp_path: Path) -> None:
    register = PidFile(tmp_path / "var")
    (tmp_path / "var").mkdir()
    for content in (b"", b"12\n", b"\xff", b'1\n{"pid": 1, "began": 1}\n', b"%d\n" % os.getpid()):
        register.path.write_bytes(content)
        ended = feedsvc("reload", folder=tmp_path)
        assert ended.returncode == 2 and ended.stderr.startswith("feedsvc: no running service is registered in var/feedsvc.pid")


def test_a_number_that_another_process_has_by_now_is_never_signalled() -> None:
    assert RunningService(os.getpid(), began(os.getpid())).alive
    assert not RunningService(os.getpid(), began(os.getpid()) - 1).alive
    assert not RunningService(2**22 + 1, 0).alive


def test_a_hangup_by_hand_is_a_reload_and_the_register_is_left_at_the_end(service: Service) -> None:
    before = builder(service)
    assert (service.folder / "var/feedsvc.pid").read_text().splitlines()[0] == str(main_of(service))
    os.kill(main_of(service), signal.SIGHUP)
    until(lambda: "reloaded workers=2" in service.log and builder(service) not in (None, before))
    assert service.stop() == 0
    assert not (service.folder / "var/feedsvc.pid").exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("\ufeffFEEDSVC_PORT = 9 \r\n; c\n # d\n", {"port": "9"}),
        ("FEEDSVC_PUBLIC_URL=\"https://a.example\"\nFEEDSVC_HOST='::1'", {"public_url": "https://a.example", "host": "::1"}),
        ("PATH=x\nFEEDSVC_STATUS_TOKEN=abcdefghijklmnop", {"status_token": "abcdefghijklmnop"}),
        ("FEEDSVC_PORT=1\nFEEDSVC_PORT=2", {"port": "2"}),
    ],
)
def test_what_stands_in_a_settings_file(tmp_path: Path, text: str, found: dict[str, str]) -> None:
    (tmp_path / "f").write_text(text, "utf-8", newline="")
    assert read_settings_file(tmp_path / "f") == found


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"FEEDSVC_PORT", ":1: not of the form"),
        (b"A=1\nexport FEEDSVC_PORT=1", ":2: not of the form"),
        (b"FEEDSVC_SETTINGS=x", ":1: FEEDSVC_SETTINGS is not a setting"),
        (b'FEEDSVC_HOST="x', ":1: its quotation mark"),
        (b"FEEDSVC_HOST=x\\\n y", ":1: continues"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"#" * 100_001, "larger than"),
    ],
)
def test_what_may_not(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "f").write_bytes(data)
    with pytest.raises(UsageError, match="settings .*" + why.replace("(", r"\(")):
        read_settings_file(tmp_path / "f")


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    write(tmp_path, port=1, host="256.1.1.1", interval=0)
    ended = feedsvc("serve", "--port", "2", folder=tmp_path, FEEDSVC_INTERVAL="5", FEEDSVC_SETTINGS="feedsvc.env")
    assert "address 256.1.1.1:2" in ended.stderr and json.dumps(ended.returncode) == "2"
