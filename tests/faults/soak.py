"""`soak`: a service runs for a while; a newsroom changes, readers check every answer, and processes are killed."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, median_high

from faults.consistency import Asked, ConsistencyChecker
from faults.poller import Poller, Torn
from faults.random_newsroom import STORIES, TOPICS, RandomNewsroom
from support.live import SLOW, Service, called, until

READERS = 5
PAUSE = 0.01
ACTS_A_SECOND = 8
FIRST = "/feeds/all.json"


@dataclass
class Level:
    """What the processes of one role hold together at one moment: MB of their own share of memory (PSS), and open files."""

    megabytes: float = 0.0
    files: int = 0


@dataclass
class Figures:
    """What a soak found."""

    seconds: float
    counts: Counter[str]
    done: dict[str, int]
    kills: Counter[str]
    builds: int
    delays: list[float]
    recoveries: list[float]
    faults: list[str]
    levels: list[dict[str, Level]] = field(repr=False)

    def usual(self, role: str) -> tuple[Level, Level]:
        """What a role held as a rule in the second quarter of the time, when it had warmed up, and in the last.

        The median, for a process that is just being begun or killed counts twice or not at all.
        """
        usual = []
        for quarter in (1, 3):
            some = self.levels[len(self.levels) * quarter // 4 : len(self.levels) * (quarter + 1) // 4]
            held = [levels.get(role, Level()) for levels in some]
            usual.append(Level(median(level.megabytes for level in held), median_high(level.files for level in held)))
        return usual[0], usual[1]

    def told(self) -> str:
        """The figures as a person reads them."""
        first, last, levels = self.levels[0], self.levels[-1], []
        for role in sorted(last):
            held = (first.get(role, Level()), *self.usual(role), last[role])
            levels.append(f"  {role}: {' → '.join(f'{level.megabytes:.1f} MB, {level.files} files' for level in held)}")
        lines = [
            f"{self.seconds:.0f} s, {sum(self.done.values())} acts {dict(self.done)}",
            f"responses {dict(self.counts)}",
            f"kills {dict(self.kills)}, builds {self.builds}",
            f"saved → read: median {median(self.delays) * 1000:.0f} ms, worst {max(self.delays) * 1000:.0f} ms",
            f"builder killed → read: {', '.join(f'{seconds:.1f}' for seconds in self.recoveries)} s",
            *levels,
        ]
        return "\n".join([*lines, *self.faults])


def soak(service: Service, seconds: float, *, seed: int, quiet: float, grace: float) -> Figures:
    """Soaks a service with two web workers that has been made and not started.

    Something is killed after `quiet` seconds or less, and what is saved must be served within the `grace`.
    """
    checker = ConsistencyChecker(grace)
    newsroom = RandomNewsroom(service.folder / "articles", seed, checker.settled)
    checker.windows = newsroom.windows
    started = time.time()
    with checker.outage():
        service.start()
    over, resting, kills, recoveries = threading.Event(), threading.Event(), Counter[str](), list[float]()
    levels = [levels_of(service)]

    def act() -> None:
        chance = random.Random(seed + 1)
        while not over.wait(chance.expovariate(ACTS_A_SECOND)):
            for _ in range(20 if chance.random() < 0.01 else 1):
                newsroom.step()

    def kill() -> None:
        chance = random.Random(seed + 2)
        while not over.wait(chance.uniform(quiet / 3, quiet)):
            role = chance.choice(("builder", "builder", "web worker"))
            pids = [pid for pid in _workforce(service) if (os.getpriority(os.PRIO_PROCESS, pid) == 19) == (role == "builder")]
            if not pids:
                continue
            kills[role] += 1
            victim, before = chance.choice(pids), time.time()
            if role == "builder":
                with checker.outage():
                    os.kill(victim, signal.SIGKILL)
                    word = newsroom.signal()
                    until(lambda word=word: word in checker.first)
                recoveries.append(time.time() - before)
            else:
                os.kill(victim, signal.SIGKILL)
                until(lambda victim=victim: victim not in (found := _workforce(service)) and len(found) == 3)

    def measure() -> None:
        while not over.wait(max(1.0, seconds / 60)):
            levels.append(levels_of(service))

    polling = [_reader(service, newsroom, checker, resting, random.Random(seed + 3 + number)) for number in range(READERS)]
    polling.append(_reader(service, newsroom, checker, resting, None))
    threads = [_Thread(work, checker) for work in (act, kill, measure)]
    readers = [_Thread(work, checker) for work in polling]
    over.wait(seconds)
    with suppress(AssertionError):
        until(lambda: kills["builder"] and kills["web worker"])
    over.set()
    for thread in threads:
        thread.join(SLOW)
    newsroom.finish()
    wrong: set[str] = set()

    def right() -> bool:  # by one answer: another worker may be a moment behind
        nonlocal wrong
        wrong = _shown(service) ^ newsroom.expected()
        return not wrong

    with suppress(AssertionError):
        until(right)
    checker.faults += [f"in the end shown and not expected, or expected and not shown: {sorted(wrong)}"] if wrong else []
    levels.append(levels_of(service))
    resting.set()
    for thread in readers:
        thread.join(SLOW)
    faults = checker.faults + checker.lost()
    builds = len(re.findall("built generation=", service.log))
    lived = time.time() - started
    return Figures(lived, checker.counts, newsroom.done, kills, builds, checker.delays(), recoveries, faults, levels)


class _Thread(threading.Thread):
    """Work of which an error is a fault that was found."""

    def __init__(self, work: Callable[[], None], checker: ConsistencyChecker) -> None:
        super().__init__(daemon=True)
        self._work, self._checker = work, checker
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._checker.faults.append(f"{self._work.__name__}: {error!r}")


def _paths(newsroom: RandomNewsroom, chance: random.Random) -> str:
    """A path that somebody may ask for."""
    topic = chance.choice(("all", "all", *TOPICS))
    month = f"{datetime.now(UTC):%Y-%m}"
    suffix = chance.choice(("rss", "atom", "json"))
    return chance.choice(
        (
            f"/feeds/{topic}.{suffix}",
            f"/feeds/{topic}.{suffix}",
            "/headlines.json" if topic == "all" else f"/headlines/{topic}.json",
            "/" if topic == "all" else f"/topics/{topic}",
            f"/feeds/{topic}/{month}.{suffix}",
            f"/articles/{chance.choice(newsroom.slugs)}",
            f"/articles/{chance.choice(newsroom.slugs[-20:])}",
            chance.choice(("/feeds.opml", "/sitemap-news.xml", "/ticker.js", f"/partners/flipboard/{topic}.rss")),
            chance.choice((f"/stories/{chance.choice(STORIES)}", f"/feeds/story/{chance.choice(STORIES)}.{suffix}")),
        )
    )


def _reader(
    service: Service, newsroom: RandomNewsroom, checker: ConsistencyChecker, over: threading.Event, chance: random.Random | None
) -> Callable[[], None]:
    """A reader of anything, or without chance the one who asks for one feed all the time."""

    def poll() -> None:
        poller, tags, dates = Poller(service.port), dict[tuple[str, str], str](), dict[str, float]()
        for number in itertools.count():
            if over.wait(PAUSE if chance else PAUSE / 2):
                break
            path, coding = FIRST, "identity"
            if chance:
                path, coding = _paths(newsroom, chance), chance.choice(("gzip", "br", "identity"))
                if number % 200 == 199:
                    poller.close()
            if not poller.connected:
                dates.clear()
            tag = tags.get((path, coding), "") if chance is None or chance.random() < 0.7 else ""
            conditions = {"If_None_Match": tag} if tag else {}
            asked = Asked(path, coding, tag, time.time())
            try:
                answered = poller.ask(path, Accept_Encoding=coding, **conditions)
            except Torn as torn:
                checker.counts["torn while answered" if torn.begun else "no answer"] += 1
                continue
            tags[path, coding] = checker.hear(asked, answered.status, answered.headers, answered.body, dates)
        poller.close()

    return poll


def _shown(service: Service) -> set[str]:
    titles = [entry["title"].split()[0] for entry in json.loads(service.get(FIRST).body)["items"]]
    return set(titles)


def _workforce(service: Service) -> list[int]:
    """The builder and the web workers."""
    return called(service, "feedsvc-builder", "feedsvc-web")


def levels_of(service: Service) -> dict[str, Level]:
    """What all processes of a service's session hold, by what they do."""
    assert service.process
    levels: dict[str, Level] = defaultdict(Level)
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(stat[3]) != service.process.pid:
                continue
            parent, pid = int(stat[1]), int(folder.name)
            role = "main" if pid == service.process.pid else "web workers"
            if parent == service.process.pid:
                role = "source and tracker"
            elif stat[16] == "19":
                role = "builder and its readers"
            pss = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
            levels[role].megabytes += int(pss[1]) / 1000 if pss else 0
            levels[role].files += len(os.listdir(folder / "fd"))
    return dict(levels)
