"""A clock that is set forward, set back, or goes into daylight saving, while nobody tells of changes: a scan finds them in time."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faults.editions import served
from support.live import FEEDSVC, SLOW, Service, free_port, until

INTERVAL = 1
HOUR = timedelta(hours=1)
SUMMER_TIME = datetime(2027, 3, 28, 1, tzinfo=UTC)  # when clocks in London go from one to two
WINTER_TIME = datetime(2027, 10, 31, 1, tzinfo=UTC)  # and from two to one
# In a name space without inotify, so that no change is told of.
QUIET = ["unshare", "-Ur", "sh", "-c", 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', "sh"]

# Up to version 0.9.10 libfaketime gives the kernel a wrong time where Python sleeps (wolfcw/libfaketime, issue 426).
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"


@dataclass
class Timed:
    """A service whose clock a test sets; the monotonic clock goes on as it does."""

    service: Service
    clock: Path

    def set(self, moment: datetime) -> None:
        """Has the service's clock go on from a moment."""
        beside = self.clock.with_suffix(".new")
        beside.write_text(f"{(moment - datetime.now(UTC)).total_seconds():+.3f}")
        beside.rename(self.clock)

    def save(self, name: str, date: datetime | str | None = None) -> None:
        """An article, saved in place, by the machine's own clock."""
        front = f"title: {name}\n" + (f"date: {date}\n" if date else "")
        (self.service.folder / f"articles/{name}.md").write_text(f"---\n{front}---\nThe words of {name}.\n")

    def titles(self) -> set[str]:
        """What readers see."""
        return {entry["title"] for entry in json.loads(served(self.service, "/feeds/all.json"))["items"]}

    def found(self, name: str) -> set[str]:
        """Saves an article, and waits until it is published, long before the clock is where it was; all that is published then."""
        self.save(name, "2026-05-20T09:00:00Z")
        until(lambda: name in self.titles())
        return self.titles()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[datetime], Timed]]:
    """Starts a service at a moment."""
    made: list[Service] = []

    def new(moment: datetime) -> Timed:
        (tmp_path / "articles").mkdir()
        (tmp_path / "articles/site.toml").write_text('[site]\ntimezone = "Europe/London"\n')
        port = free_port()
        asked = ["faketime", "-m", "-f", "+0", "env"]
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=SLOW).stdout
        library = re.search(r"^LD_PRELOAD=(.+)$", told, re.MULTILINE)
        assert library
        (tmp_path / "python").mkdir()
        (tmp_path / "python/sitecustomize.py").write_text(SLEEP)
        environment = {
            "PYTHONPATH": os.pathsep.join([str(tmp_path / "python"), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "LD_PRELOAD": library[1],
            "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        words = [*FEEDSVC, "serve", "--port", str(port), "--workers", "1", "--interval", str(INTERVAL)]
        preloaded = [*QUIET, "env", *(f"{key}={value}" for key, value in environment.items()), *words]
        service = Service(preloaded, tmp_path, port)
        made.append(service)
        timed = Timed(service, tmp_path / "clock")
        timed.set(moment)
        service.start()
        return timed

    yield new
    for service in made:
        if service.process and service.process.poll() is None:
            service.stop()


def test_an_hour_back_withdraws_nothing_and_lets_nothing_out_early(start: Callable[[datetime], Timed]) -> None:
    now = datetime.now(UTC)
    timed = start(now)
    until(lambda: "changes are found only by the scan every 1 s" in timed.service.log)
    timed.save("out", now - timedelta(minutes=1))
    timed.save("later", now + timedelta(minutes=30))
    assert timed.found("before") == {"before", "out"}
    timed.set(now - HOUR)
    assert timed.found("after") == {"before", "out", "after"}
    timed.save("embargoed", now - timedelta(minutes=30))  # its time was past, and is to come again
    assert timed.found("at-last") == {"before", "out", "after", "at-last"}
    assert timed.service.get("/articles/embargoed").status == 404
    timed.set(now - timedelta(minutes=29))
    assert "embargoed" in until(lambda: "embargoed" in timed.titles() and timed.titles())
    assert "later" not in timed.titles()


def test_an_hour_forward_publishes_what_is_due_and_going_back_leaves_it(start: Callable[[datetime], Timed]) -> None:
    now = datetime.now(UTC)
    timed = start(now)
    timed.save("due", now + timedelta(minutes=30))
    timed.save("later", now + timedelta(hours=3))
    assert timed.found("before") == {"before"}
    timed.set(now + HOUR)
    until(lambda: timed.titles() == {"before", "due"})
    timed.set(now)
    assert timed.found("after") == {"before", "due", "after"}


@pytest.mark.parametrize("change", [SUMMER_TIME, WINTER_TIME])
def test_daylight_saving_moves_no_embargo(start: Callable[[datetime], Timed], change: datetime) -> None:
    timed = start(change - timedelta(seconds=4))
    london = "2027-03-28 02:30" if change == SUMMER_TIME else "2027-10-31 02:30"  # without an offset: the site's time
    timed.save("half-past", london)
    timed.save("at-the-change", (change + timedelta(seconds=1)).isoformat())
    assert "half-past" not in timed.found("before")
    until(lambda: "at-the-change" in timed.titles())
    timed.set(change + timedelta(minutes=29 if change == SUMMER_TIME else 89))
    assert "half-past" not in timed.found("nearly")
    timed.set(change + timedelta(minutes=31 if change == SUMMER_TIME else 91))
    until(lambda: "half-past" in timed.titles())
