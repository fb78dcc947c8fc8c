"""SIGKILL at every step of the outbox: what was published is told at least once, in order, under the same id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from faults.steps import Disk, Step, sample
from feedsvc.storage.store import Store
from support.live import SLOW
from support.receivers import SECRET, Received, Receiver

# Delivers all that is to be delivered, and ends; nobody serves here, so nobody is waited for.
DELIVER = f"""
import sys, time
from ipaddress import ip_network
from feedsvc.deliveries import courier, deliveries
from feedsvc.storage.store import Store
deliveries.START_SECONDS, courier.MOST_SECONDS_APART = 0.0, 0.05
store = Store(sys.argv[1])
means = deliveries.Means({{"webhook_secret_cms": "{SECRET}"}}, [ip_network("127.0.0.0/8")])
made = deliveries.Deliveries(store, means)
made.start()
made.wake()
end = time.monotonic() + {SLOW}
while any(one.generation < store.generation() for one in store.targets().values()) and time.monotonic() < end:
    time.sleep(0.01)
made.stop()
store.close()
"""
BUILD = (sys.executable, "-m", "feedsvc.cli", "build", "--public-url", "https://feeds.example")
ARTICLE = "---\ntitle: {}\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n"
TITLES = [f"Game {number}" for number in range(4)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def database(folder: Path) -> Path:
    return folder / "var/feedsvc.db"


def build(folder: Path, *before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*before, *BUILD], cwd=folder, capture_output=True, text=True, timeout=SLOW)


def deliver(folder: Path, *before: str) -> int:
    """Delivers in a process of its own; its exit code."""
    words = [*before, sys.executable, "-c", DELIVER, f"sqlite:///{database(folder)}"]
    return subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SLOW).returncode


def write(folder: Path, title: str) -> None:
    (folder / f"articles/{title.replace(' ', '-')}.md").write_text(ARTICLE.format(title))


@pytest.fixture
def folder(tmp_path: Path, receiver: Receiver) -> Path:
    """A newsroom with a webhook, a hub and a cache, and four publications that nobody has been told of."""
    made = tmp_path / "before"
    (made / "articles").mkdir(parents=True)
    url = receiver.url
    purge = f'[[purges]]\nname = "edge"\nkind = "varnish"\nurl = "{url}"\n'
    (made / "articles/site.toml").write_text(f'[site]\nhub = "{url}"\n[[webhooks]]\nname = "cms"\nurl = "{url}"\n{purge}')
    assert build(made).returncode == 0
    for title in TITLES:
        write(made, title)
        assert build(made).returncode == 0
    return made


def check(received: Sequence[Received]) -> None:
    """Every article was told of, in order, each always under its id; hub and cache know of it too."""
    hooks = [request for request in received if "webhook-id" in request.headers]
    told = {request.id: [one["title"] for one in request.message["data"]["articles"]] for request in hooks}
    assert list(told.values()) == [[title] for title in TITLES]
    kept = [request.headers["xkey-purge"] for request in received if request.method == "PURGE"]
    assert any("topic-all" in keys for keys in kept) and all(f"article-{n}" in " ".join(kept).lower() for n in ("game-0", "game-3"))
    assert any(b"hub.mode=publish" in request.body and b"all.rss" in request.body for request in received)


def test_a_delivery_killed_at_any_write_is_told_in_whole(folder: Path, receiver: Receiver, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    disk = Disk(database(again), tmp_path / "trace")
    assert deliver(again, *disk.strace("-f")) == 0
    check(receiver.received)
    steps: list[Step] = disk.steps()
    killed = 0
    for step in sample(steps, 4):
        shutil.rmtree(again)
        shutil.copytree(folder, again)
        receiver.received.clear()
        killed += deliver(again, *disk.strace("-f", *step.fault("signal=KILL"))) == -9
        assert deliver(again) == 0
        check(receiver.received)
    assert killed


@pytest.mark.parametrize("answered", [False, True])
def test_a_delivery_killed_at_any_request_is_told_in_whole(
    answered: bool, folder: Path, receiver: Receiver, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill(request: Received) -> tuple[int, dict[str, str]] | None:
        pid = (tmp_path / "pid").read_text().strip()
        # What one has sent that is dead by now may be received yet, also while the next one writes its number.
        if pid and len(receiver.received) % 5 == 3 and len(killed) < 3 and int(pid) not in killed:
            killed.append(int(pid))
            os.kill(killed[-1], signal.SIGKILL)
        return (204, {}) if answered else None if len(receiver.received) in (3, 8, 13) else (204, {})

    receiver.answer = kill
    named = ("sh", "-c", f'echo $$ > {tmp_path}/pid; exec "$@"', "sh")
    ended = [deliver(folder, *named) for _ in range(4)]
    assert ended[-1] == 0 and ended.count(-9) == len(killed) > 0
    check(receiver.received)


def test_a_build_killed_at_any_write_has_told_nothing_of_what_is_not_published(
    folder: Path, receiver: Receiver, tmp_path: Path
) -> None:
    assert deliver(folder) == 0
    write(folder, "Rain")
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    disk = Disk(database(again), tmp_path / "trace")
    assert build(again, *disk.strace()).returncode == 0
    for step in sample(disk.steps(), 2):
        shutil.rmtree(again)
        shutil.copytree(folder, again)
        receiver.received.clear()
        assert build(again, *disk.strace(*step.fault("signal=KILL"))).returncode == -9
        with closing(Store(f"sqlite:///{database(again)}")) as store:
            generation, rows = store.generation(), store.announcements(0, 1_000, 1_000)
        assert all(row.generation <= generation for row in rows)
        assert build(again).returncode == 0
        assert deliver(again) == 0
        hooks = [request.message for request in receiver.received if "webhook-id" in request.headers]
        assert [one["title"] for said in hooks for one in said["data"]["articles"]] == ["Rain"], step
