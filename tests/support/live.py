"""The real parts: a newsroom's folder with a builder over it, and a service in a process of its own on a real port."""

from __future__ import annotations

import atexit
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from werkzeug.test import Client

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.builder.build import Builder, BuildResult
from feedsvc.model.document import Document
from feedsvc.settings import Settings
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store
from feedsvc.web.app import create_app

PUBLIC_URL = "https://feeds.example"
# One for all builds in this process: its readers are begun once.
ROOM = ParserPool(processes=1)
atexit.register(ROOM.close)
T = TypeVar("T")
LONG = os.environ.get("FEEDSVC_TEST_LONG") == "1"  # somebody looks for a fault, and has time
SLOW = 120.0  # seconds that anything may take: the machine may be busy with other things
NOON = datetime(2026, 5, 21, 12, tzinfo=UTC)


def save(folder: Path, path: str, title: str, **keys: str) -> Path:
    """An article saved as editors save: written beside, then moved over."""
    file = folder / "articles" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    front = "".join(f'{key}: "{value}"\n' for key, value in {"title": title, **keys}.items())
    beside = file.with_name(f".{file.name}.tmp")
    beside.write_text(f"---\n{front}---\nThe words of {title}.\n", "utf-8")
    os.replace(beside, file)
    return file


def until(condition: Callable[[], T], seconds: float = SLOW) -> T:
    """What a condition gives as soon as it is true; fails when it has not come true in time.

    The longer it waits, the less often it asks, so that it takes no processor from what it waits for.
    """
    begun = time.monotonic()
    while True:
        if found := condition():
            return found
        waited = time.monotonic() - begun
        assert waited < seconds, "it did not come true in time"
        time.sleep(min(0.05, 0.01 + waited / 20))


class Newsroom:
    """A folder of articles, and a builder over it whose clock stands where the test puts it."""

    def __init__(self, folder: Path) -> None:
        self.articles = folder / "articles"
        self.articles.mkdir()
        self._file = folder / "var/feedsvc.db"
        self.database = f"sqlite:///{self._file}"
        self.now = NOON
        self.public_url = PUBLIC_URL
        self._writes = self._backups = 0
        self.open()

    def open(self) -> None:
        """Opens the database, and begins."""
        self.store = Store(self.database)
        self._lease = Lease(self.store)
        assert self._lease.acquire(time.monotonic())
        self.begin()

    def back_up(self) -> Path:
        """A copy of the database as it is now, made as docs/operations.md says."""
        self._backups += 1
        copy = self.articles.with_name(f"backup-{self._backups}.db")
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        return copy

    def restore(self, copy: Path) -> None:
        """Begins anew with the database as it was, the holder of whose lease is gone."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        shutil.copy(copy, self._file)
        with closing(sqlite3.connect(self._file)) as connection, connection:
            connection.execute("UPDATE lease SET holder = ''")
        self.open()

    def begin(self, picture_seconds: float = SLOW) -> None:
        """A new build, as after a restart, which waits for new pictures as long as it is told."""
        folder = ArticlesFolder(self.articles, SUFFIXES)
        self.builder = Builder(self.store, folder, ROOM, self.public_url, picture_seconds=picture_seconds)
        atexit.register(self.builder.maker.close)

    def write(self, path: str, text: str | None = None, *, age: float = 3600, **keys: object) -> Path:
        """An article file: a Markdown one made from front-matter keys, unless its whole text is given; `age` in seconds."""
        file = self.articles / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            keys = {"title": file.stem.replace("-", " ").capitalize(), **keys}
            front = "".join(f"{key}: {_yaml(value)}\n" for key, value in keys.items() if key != "body")
            text = f"---\n{front}---\n{keys.get('body', 'The tide came in, and the tide went out.')}\n"
        file.write_text(text, "utf-8")
        self._writes += 1
        written = self.now.timestamp() - age + self._writes / 1000  # two versions never look the same
        os.utime(file, (written, written))
        return file

    def build(self, *hints: str, after: timedelta = timedelta()) -> BuildResult:
        """One build, some time after the last; of the whole folder unless files are named."""
        self.now += after
        return self.builder.run(self.now, holder=self._lease.holder, fence=self._lease.fence, hints=hints or None)

    def go_on(self) -> BuildResult:
        """One build, without a look, of what the last one has left."""
        return self.builder.run(self.now, holder=self._lease.holder, fence=self._lease.fence, hints=())

    def document(self, path: str) -> Document | None:
        """What is published at a path."""
        return self.store.document(path)

    def picture(self, path: str) -> Document | None:
        """What is published of a picture, to which the path of its file leads."""
        moved = self.document(path)
        assert moved is None or (moved.status == 302 and moved.location)
        return self.document(str(moved.location).removeprefix(self.public_url)) if moved else None

    def body(self, path: str) -> str:
        """The text of what is published at a path."""
        document = self.document(path)
        assert document is not None, f"nothing is published at {path}"
        return document.encodings["identity"].body.decode(errors="replace")  # an icon is no text

    def feed(self, topic: str = "all") -> dict[str, Any]:
        """A topic's JSON Feed as published."""
        found: dict[str, Any] = json.loads(self.body(f"/feeds/{topic}.json"))
        return found

    def titles(self, topic: str = "all") -> list[str]:
        """The titles in a topic's feed, in order."""
        return [entry["title"] for entry in self.feed(topic)["items"]]

    def client(self) -> Client:
        """A client of the web app over the database, as soon as it serves what is published."""
        settings = Settings(database=self.database, public_url=self.public_url)
        client = Client(create_app(settings, self.store, clock=lambda: self.now))
        until(lambda: client.get("/readyz").status_code == 200)
        return client

    def everything(self) -> str:
        """All that anybody can read, as one text."""
        return "".join(self.body(path) for path in self.store.paths() if not path.startswith("/media/"))

    def close(self) -> None:
        """Gives the lease back and closes the database."""
        self._lease.release()
        self.store.close()


def _yaml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_yaml(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(one)}" for key, one in value.items()) + "}"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


@dataclass
class Answer:
    """A response as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Service:
    """A server in a process of its own, on this machine's loopback."""

    command: list[str]
    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it has written so far."""
        path = self.folder / f"log-{self.port}"
        return path.read_text() if path.exists() else ""

    def interrupt(self) -> int:
        """Ctrl-C at its terminal, which every process of it gets at once; its exit code."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(SLOW)

    def start(self, ready: bool = True) -> Service:
        """Starts it, and waits until what is published can be read."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FEEDSVC_")}
        with (self.folder / f"log-{self.port}").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**environment, "PYTHONUNBUFFERED": "1", **self.environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        if ready:
            until(self.is_ready)
        return self

    def is_ready(self) -> bool:
        assert self.process and self.process.poll() is None, f"it has ended:\n{self.log}"
        try:
            return self.get("/readyz").status == 200
        except OSError:
            return False

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request; header names are written with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOW)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Ends it as its keeper would; its exit code."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(sign)
        try:
            return self.process.wait(SLOW)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(SLOW)
            raise


FEEDSVC = (sys.executable, "-m", "feedsvc.cli")


def feedsvc(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command run to its end in a folder."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FEEDSVC_")}
    made = {**clean, **environment}
    return subprocess.run([*FEEDSVC, *words], cwd=folder, env=made, capture_output=True, text=True, timeout=SLOW)


def offspring(pid: int) -> list[int]:
    """The processes that a process has begun; /proc/<pid>/task/<tid>/children may leave some out while others end (proc(5))."""
    return sorted(one for one, parent in _parents().items() if parent == pid)


def _parents() -> dict[int, int | None]:
    return {int(one): parent_of(one) for one in os.listdir("/proc") if one.isdigit()}


def parent_of(pid: int | str) -> int | None:
    """The process that has begun another; None where that one is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def called(service: Service, *names: str) -> list[int]:
    """The processes of a service that `ps` shows by these names; a fork server of it may be a fork of another."""
    assert service.process
    parents = _parents()

    def comes_from(pid: int | None) -> bool:
        return pid == service.process.pid or (bool(pid) and comes_from(parents.get(pid)))

    return [pid for pid in sorted(parents) if name_of(pid) in names and comes_from(parents[pid])]


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel gives to whoever asks for any (ip(7)), who would take it first."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def portal_pages() -> list[Path]:
    """The real pages of the portal, where the test run names a folder of them; a stranger's clone does without."""
    folder = os.environ.get("FEEDSVC_TEST_PORTAL_PAGES")
    return sorted(Path(folder).glob("*.txt")) if folder else []
