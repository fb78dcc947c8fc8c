"""Several machines and a PostgreSQL of one's own, with an editor who saves, readers who look, and somebody who is told.

The machines are services of this computer, each in its own space of process numbers, so that none can see whether another
lives, and each with a network of its own to the database, which can be cut. The parts are those of the tests in `tests/cluster`.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from cluster.servers import Server, primary_and_standby
from feedsvc.errors import FeedsvcError
from feedsvc.storage.store import Store
from support.live import FEEDSVC, PUBLIC_URL, Service, free_port, offspring, until
from support.network import Network, through
from support.receivers import SECRET, Receiver

SAVE_SECONDS = 0.5  # between two saves
LOOK_SECONDS = 0.01
SETTLED = 240.0  # seconds in which all that was saved must be published and told of
ALONE = ("unshare", "--fork", "--pid", "--kill-child")  # as on another machine: who holds the lease can't be seen


@dataclass
class Machine:
    """A service with its own folder and its own way to the database."""

    name: str
    folder: Path
    network: Network
    service: Service

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        process = self.service.process
        return process is not None and process.poll() is None

    def stop(self) -> None:
        """Ends it as a deployment does."""
        process = self.service.process
        if process is None:
            raise RuntimeError("it was not started")
        os.kill(offspring(process.pid)[0], signal.SIGTERM)
        process.wait(SETTLED)

    def end(self) -> None:
        """Ends it as a power cut would."""
        process = self.service.process
        if process and self.runs:
            process.kill()  # its whole space of process numbers goes with it
            process.wait(60)


@dataclass
class Seen:
    """What was noticed of a fault."""

    published: list[float] = field(default_factory=list)  # when another generation was found in the database
    began: float = 0.0
    answers: int = 0
    wrong: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def gap(self) -> float:
        """The longest time without a publication since the fault began."""
        moments = [self.began, *(moment for moment in self.published if moment > self.began)]
        return max(later - earlier for earlier, later in itertools.pairwise(moments))


class Cluster:
    """A primary with its standby, the machines beside it, and all that is noticed of them."""

    def __init__(self, folder: Path, first: Server, second: Server, between: Network, stack: ExitStack) -> None:
        self.folder, self.first, self.second, self.between = folder, first, second, between
        self.now = first  # the primary
        self.machines: dict[str, Machine] = {}
        self.seen = Seen()
        self.receiver = Receiver()
        stack.callback(self.receiver.close)
        self.beside = stack  # what ends with it
        self.saved = 0
        self.folders: list[Path] = []
        self._over = threading.Event()
        self._resting = threading.Event()
        self._dates: dict[str, str] = {}
        self._highest: dict[str, int] = {}
        self.goes_back = False  # where a publication may be lost with its database, a reader may see less than before

    def add(self, name: str, *flags: str, saves: bool = True, url: str | None = None, **limits: str) -> Machine:
        """Makes a machine; `saves` is whether the editor's articles get there."""
        folder = self.folder / name
        (folder / "articles/news").mkdir(parents=True)
        network = Network(self.now.port)
        self.beside.callback(network.close)
        port = free_port()
        words = [*ALONE, *FEEDSVC, "serve", "--port", str(port), "--workers", "2", "--public-url", PUBLIC_URL]
        words += ["--private-targets", "127.0.0.1", "--local-copy", "copy.db", *flags]
        environment = {
            "FEEDSVC_DATABASE": url or through(network, self.first.url, **limits),
            "FEEDSVC_WEBHOOK_SECRET_ALL": SECRET,
            "FEEDSVC_STATUS_TOKEN": "x" * 32,
        }
        if saves:
            site = f'[site]\n[[webhooks]]\nname = "all"\nurl = "{self.receiver.url}"\nevents = ["published"]\n'
            (folder / "articles/site.toml").write_text(site, "utf-8")
            for one in self.folders[:1]:
                shutil.copytree(one / "articles", folder / "articles", dirs_exist_ok=True)
            self.folders.append(folder)
        made = Machine(name, folder, network, Service(words, folder, port, environment))
        self.beside.callback(made.end)
        self.machines[name] = made
        return made

    def begin(self) -> None:
        """Starts the editor, the readers and the look at the database."""
        for work in (self._edit, self._watch, self._read):
            threading.Thread(target=work, daemon=True).start()
        until(lambda: self.seen.published)

    def fault(self) -> None:
        """Notes that the fault begins now."""
        self.seen.began = time.monotonic()

    def settle(self) -> Seen:
        """Waits until all is published and told of, and gives what was noticed."""
        reached = self.saved + 4  # what is saved after all is over is published too
        until(lambda: self._highest and min(self._shown()) >= reached, SETTLED)
        self._resting.set()
        last = self.saved
        until(lambda: min(self._shown()) >= last, SETTLED)
        wanted = {f"Number {number:05}" for number in range(1, last + 1)}

        def missing() -> set[str]:
            return wanted - {title for _, titles in self.receiver.told for title in titles}

        with suppress(AssertionError):
            until(lambda: not missing(), 90)
        self._over.set()
        self.seen.lost = sorted(missing())
        return self.seen

    def end(self) -> None:
        """Ends editor, readers and the look at the database."""
        self._over.set()

    def _shown(self) -> list[int]:
        return [self._highest.get(name, 0) for name, one in self.machines.items() if one.runs]

    def _edit(self) -> None:
        while not self._over.is_set():
            if not self._resting.is_set():
                self.saved += 1
                moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                text = f'---\ntitle: "Number {self.saved:05}"\nid: number-{self.saved:05}\ndate: {moment}\n---\nIts words.\n'
                for folder in self.folders:
                    beside = folder / "articles/news/.beside.tmp"
                    beside.write_text(text, "utf-8")
                    os.replace(beside, folder / f"articles/news/number-{self.saved:05}.md")
            self._over.wait(SAVE_SECONDS)

    def _watch(self) -> None:
        store, at, known = None, None, 0
        while not self._over.is_set():
            try:
                if store is None or at is not self.now:
                    at, store = self.now, Store(self.now.url, create=False, awaited=True)
                generation = store.generation()
                if generation != known:
                    known = generation
                    self.seen.published.append(time.monotonic())
            except FeedsvcError:
                pass
            self._over.wait(LOOK_SECONDS)
        if store:
            store.close()

    def _read(self) -> None:
        while not self._over.is_set():
            for machine in list(self.machines.values()):
                self._ask(machine)
            self._over.wait(LOOK_SECONDS * 5)

    def _ask(self, machine: Machine) -> None:
        saved = self.saved + 1
        connection = http.client.HTTPConnection("127.0.0.1", machine.service.port, timeout=30)
        try:
            connection.request("GET", "/feeds/all.json")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return  # it is dead, or starts: a load balancer asks another
        finally:
            connection.close()
        self.seen.answers += 1
        if answer.status != 200:
            # Before it has anything, a machine says so, and a load balancer asks another.
            if machine.name in self._highest or answer.status != 503:
                self.seen.wrong.append(f"{machine.name}: {answer.status}")
            return
        entries = json.loads(body)["items"]
        numbers = [int(entry["title"].removeprefix("Number ")) for entry in entries]
        highest = max(numbers, default=0)
        if highest > saved or len(set(numbers)) != len(numbers):
            self.seen.wrong.append(f"{machine.name}: {highest} of {saved}, {len(numbers)} entries")
        if highest < self._highest.get(machine.name, 0) and not self.goes_back:
            self.seen.wrong.append(f"{machine.name}: {highest} after {self._highest[machine.name]}")
        self._highest[machine.name] = highest
        for entry in entries:
            said = f"{entry['id']} {entry['date_published']}"
            if self._dates.setdefault(entry["title"], said) != said:
                self.seen.twice.append(f"{entry['title']}: {said} and {self._dates[entry['title']]}")


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster without machines; all that was begun in it is ended."""
    folder.mkdir(parents=True)
    with primary_and_standby() as (first, second, between), ExitStack() as stack:
        made = Cluster(folder, first, second, between, stack)
        stack.callback(made.end)
        yield made


Scenario = Callable[[Cluster], None]
