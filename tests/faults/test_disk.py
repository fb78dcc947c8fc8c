"""A disk that fails, is full, or may only be read: what is published is served, and one line names the fault while it lasts."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from faults.editions import BUILD, PUBLIC_URL, copy, edit, entries, lay_out, look, served
from faults.service import family
from faults.steps import Disk, sample
from feedsvc.storage.lease import current_holder
from feedsvc.storage.store import Store
from support.live import FEEDSVC, SLOW, Service, free_port, until

TOKEN = "quay-gazette-token"  # noqa: S105
FAULTS = {"EIO": ("disk I/O error",), "ENOSPC": ("database or disk is full", "disk I/O error")}
# A folder as its own mount: as large as it is given, or one that can only be read.
MOUNT = {
    "full": "mount -t tmpfs -o size={size}k tmpfs var && cp -a before/. var/",
    "read-only": "mount --bind var var && mount -o remount,bind,ro var",
}


def status(service: Service) -> dict[str, Any]:
    """What the newsroom is told."""
    found: dict[str, Any] = json.loads(service.get("/status.json", Authorization=f"Bearer {TOKEN}").body)
    return found


def failures(service: Service) -> list[str]:
    """The lines of the log that say that the database can't be used."""
    return re.findall(r"ERROR feedsvc\.\w+ (the database can't be .*)", service.log)


def shown(service: Service, title: str) -> bool:
    """Whether a title is served."""
    return title in served(service, "/feeds/all.json") and title in served(service, "/feeds/harbour.atom")


def well(service: Service) -> bool:
    """Whether nothing is wrong any more, and that was said."""
    return service.get("/readyz").text == "ready\n" and status(service)["problems"] == [] and "all is well again" in service.log


@pytest.fixture
def service(serve: Callable[..., Service], tmp_path: Path) -> Service:
    """The first edition, served; the folder is looked at every second."""
    lay_out(tmp_path)
    return serve("--interval", "1", "--public-url", PUBLIC_URL, FEEDSVC_STATUS_TOKEN=TOKEN).start()


@pytest.mark.parametrize("error", FAULTS)
def test_a_write_that_fails_is_named_and_tried_again(service: Service, tmp_path: Path, error: str) -> None:
    disk = Disk(tmp_path / "var/feedsvc.db", tmp_path / "trace")
    store = Store(f"sqlite:///{tmp_path}/var/feedsvc.db")
    holder = until(lambda: current_holder(store))
    first = entries(service)
    with disk.attached(holder.pid):
        edit(tmp_path, "Ferry 1.")
        until(lambda: shown(service, "Ferry 1."))
    injected = 0
    for number, step in enumerate(sample(disk.steps(), 3), 2):
        title = f"Ferry {number}."
        with disk.attached(holder.pid, *step.fault(f"error={error}")):
            edit(tmp_path, title)
            assert service.get("/readyz").status == 200
            until(partial(shown, service, title))
        injected += disk.injected()
        assert look(tmp_path).generation == store.generation()
    said = failures(service)
    assert 0 < len(said) <= injected and all(line.startswith("the database can't be written: ") for line in said), said
    assert all(any(cause in line for cause in FAULTS[error]) for line in said), said
    until(lambda: well(service))
    assert "Traceback" not in service.log and current_holder(store) == holder
    assert {key: one[1:] for key, one in entries(service).items()} == {key: one[1:] for key, one in first.items()}
    store.close()


@pytest.mark.parametrize("calls", ["fsync,fdatasync", "pwrite64"])
def test_a_disk_that_goes_on_failing_is_named_once_and_nothing_is_lost(service: Service, tmp_path: Path, calls: str) -> None:
    disk, theirs = (Disk(tmp_path / "var/feedsvc.db", tmp_path / name) for name in ("trace", "trace-of-worker"))
    store = Store(f"sqlite:///{tmp_path}/var/feedsvc.db")
    holder = until(lambda: current_holder(store))
    running, first = family(service), entries(service)
    fails = ("-e", f"inject={calls}:error=EIO")
    (worker,) = {*running} - {holder.pid}
    with disk.attached(holder.pid, *fails) as traces, theirs.attached(worker, *fails):
        for number in range(1, 13):  # each meets the fault, as do the scans and the signs of life in between
            before = disk.injected()
            edit(tmp_path, f"Ferry {number}.")
            until(lambda before=before: disk.injected() > before)
            assert entries(service) == first and service.get("/articles/renamed").status == 200
        end = time.monotonic() + 3
        until(lambda: time.monotonic() > end)
        said = "the database can't be written: disk I/O error; what was published before is served"
        assert any(said in problem for problem in status(service)["problems"])  # beside that nobody has looked for long
        told = service.get("/readyz")
        assert told.status == 200 and told.text.startswith("ready, degraded: the builder reports a problem")
        assert "feedsvc_problems 0.0" not in service.get("/metrics", Authorization=f"Bearer {TOKEN}").text
        # The builder says it once, and so may the web worker of the pages that it can't keep.
        assert len(failures(service)) == 1, service.log
        sayers = sorted(re.findall(r" (?:WARNING|ERROR) feedsvc\.(\w+) ", service.log))
        assert sayers in (["schedule"], ["schedule", "web"]), service.log
        assert traces() and family(service) == running
    until(lambda: shown(service, "Ferry 12."))
    until(lambda: well(service))
    assert service.log.count("all is well again") == 1 and "Traceback" not in service.log
    assert family(service) == running and current_holder(store) == holder
    assert {key: one[1:] for key, one in entries(service).items()} == {key: one[1:] for key, one in first.items()}
    assert look(tmp_path).generation == store.generation()
    store.close()


@pytest.mark.parametrize("error", FAULTS)
def test_a_build_that_can_not_write_ends_with_one_line_and_the_next_succeeds(tmp_path: Path, error: str) -> None:
    lay_out(tmp_path / "before")
    folder = copy(tmp_path / "before", tmp_path / "newsroom")
    disk = Disk(folder / "var/feedsvc.db", tmp_path / "trace")
    words = [*disk.strace(), *BUILD]
    assert subprocess.run(words, cwd=folder, capture_output=True, timeout=SLOW).returncode == 0
    for step in sample(disk.steps(), 1, begin=10 if error == "EIO" else 30):
        copy(tmp_path / "before", folder)
        words = [*disk.strace(*step.fault(f"error={error}")), *BUILD]
        ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SLOW)
        told = [line for line in ended.stderr.splitlines() if line.startswith("feedsvc: ")]
        assert (ended.returncode, len(told)) in ((0, 0), (2, 1)), (step, ended.stderr)
        assert "Traceback" not in ended.stderr, (step, ended.stderr)
        assert subprocess.run(BUILD, cwd=folder, capture_output=True, timeout=SLOW).returncode == 0
        assert len(look(folder).dates) == 5


# ---- a disk of its own, in a name space of mounts


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Serves what was published before, from a database on a mount of its own."""
    made: list[Service] = []

    def new(kind: str, *flags: str, **values: int) -> Service:
        lay_out(tmp_path)
        assert subprocess.run(BUILD, cwd=tmp_path, capture_output=True, timeout=SLOW).returncode == 0
        copy(tmp_path / "var", tmp_path / "before")
        port = free_port()
        words = [*FEEDSVC, "serve", "--port", str(port), "--workers", "1", "--public-url", BUILD[-1], *flags]
        script = f'{MOUNT[kind].format(**values)} && exec "$@"'
        command = ["unshare", "-Urm", "sh", "-c", script, "sh", *words]
        made.append(Service(command, tmp_path, port, {"FEEDSVC_STATUS_TOKEN": TOKEN}))
        return made[-1].start()

    yield new
    for service in made:
        if service.process and service.process.poll() is None:
            service.stop()


def test_a_full_disk_is_named_and_passes_when_there_is_room(mounted: Callable[..., Service], tmp_path: Path) -> None:
    service = mounted("full", "--interval", "1", size=1024)
    assert service.process
    inside = Path(f"/proc/{service.process.pid}/root{tmp_path}/var")
    edit(tmp_path, "Ferry 1.")
    until(lambda: shown(service, "Ferry 1."))
    before = entries(service)
    with (inside / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(b"\0" * 4096)
    for number in range(2, 40):  # the log of the database has room for some builds, however full the disk is
        edit(tmp_path, f"Ferry {number}.")
        until(lambda title=f"Ferry {number}.": failures(service) or shown(service, title))
        if failures(service):
            break
    (said,) = failures(service)
    assert said == "the database can't be written: database or disk is full; what was published before is served"
    assert service.get("/readyz").status == 200
    assert f"Ferry {number - 1}." in served(service, "/feeds/all.rss")
    until(lambda: status(service)["problems"])
    (inside / "filler").unlink()
    until(lambda: shown(service, f"Ferry {number}."))
    until(lambda: well(service))
    assert {key: one[1:] for key, one in entries(service).items()} == {key: one[1:] for key, one in before.items()}
    assert service.log.count("all is well again") == 1 and "Traceback" not in service.log


def test_a_database_that_can_only_be_read_is_served_and_that_is_said(mounted: Callable[..., Service], tmp_path: Path) -> None:
    service = mounted("read-only")
    edit(tmp_path, "Ferry 1.")
    (said,) = until(lambda: failures(service))
    assert "readonly" in said
    assert {one[0] for one in entries(service).values()} == {*look(tmp_path).dates}
    assert "Ferry 1." not in served(service, "/feeds/all.rss")
    assert service.get("/articles/edited").status == 200, "a page that can't be kept"
    assert any("readonly" in problem for problem in status(service)["problems"])
    assert "Traceback" not in service.log
    assert service.stop() == 0
