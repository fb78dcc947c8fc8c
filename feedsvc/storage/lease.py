"""`Lease`: one builder at a time. Its fencing number is checked again by the transaction that publishes.

No clock is compared with another machine's: a waiting builder takes the lease when its holder has shown no sign of life for
`LEASE_TTL_SECONDS` of the waiter's own monotonic clock, or at once when it can see that the holder's process is dead.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid

import msgspec
from sqlalchemy import select, update

from feedsvc.errors import StoreError
from feedsvc.processes.procfs import began, boot, pid_space
from feedsvc.storage import tables
from feedsvc.storage.database import check_version
from feedsvc.storage.engine import path_of
from feedsvc.storage.store import Store

LEASE_TTL_SECONDS = 15.0
BEAT_SECONDS = 3.0
LOOK_AGAIN_SECONDS = 0.2
_NAME = "builder"


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lease; `token` distinguishes two holders in one process, `since` is in seconds since 1970, 0 if unknown.

    `interval` is in seconds: how often it scans the articles folder. `began` is when its process started in the kernel's count,
    because process numbers are reused. `boot` and `space` say where the number counts: in another container, or after another
    boot, it names another process. All are 0 or empty if unknown.
    """

    host: str
    pid: int
    token: str
    since: int = 0
    fence: int = 0
    interval: float = 0
    began: int = 0
    boot: str = ""
    space: int = 0

    @property
    def dead(self) -> bool:
        """Whether it was a process that could be seen from here, and has ended."""
        if (self.host, self.boot, self.space) != (_host(), boot(), pid_space()):
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        now = began(self.pid)
        return bool(now and self.began and now != self.began)


class Lease:
    """A claim to be the one builder, which scans the articles folder every `interval` seconds."""

    def __init__(self, store: Store, interval: float = 0) -> None:
        self._store = store
        self._seen: tuple[tuple[int, int], float] | None = None
        self._stop = threading.Event()
        self._beating: threading.Thread | None = None
        pid = os.getpid()
        self._claim = Holder(
            _host(), pid, uuid.uuid4().hex, interval=interval, began=began(pid), boot=boot(), space=pid_space()
        )
        self.holder = _encode(self._claim)
        self.fence = 0

    @property
    def token(self) -> str:
        """What distinguishes it from all others."""
        return self._claim.token

    @property
    def among_machines(self) -> bool:
        """Whether builders on other machines, with folders of their own, may want it."""
        return path_of(self._store.engine) is None

    def acquire(self, monotonic: float) -> bool:
        """Takes the lease if no living builder holds it; whether we hold it now.

        Raises `StoreError` where the database can't be written, `SchemaError` where another version of feedsvc has upgraded it.
        """
        columns = tables.lease.c
        with self._store.reading() as connection:
            check_version(connection)
            row = connection.execute(select(tables.lease).where(columns.name == _NAME)).first()
        if row is not None and not self._free(row.holder, row.fence, row.beat, monotonic):
            return False
        fence = 1 if row is None else row.fence + 1
        self.holder = _encode(msgspec.structs.replace(self._claim, since=int(time.time()), fence=fence))
        with self._store.writing() as connection:
            if row is None:
                made = {"name": _NAME, "holder": self.holder, "fence": fence, "beat": 0}
                # The returned row shows whether it was inserted: PostgreSQL's driver has no count of rows for that.
                inserted = self._store.insert_new(tables.lease).values(made).returning(columns.fence)
                taken = connection.execute(inserted).first() is not None
            else:
                # The winner of a race for this row changes its fence, and the others find it changed.
                free = (columns.name == _NAME, columns.fence == row.fence, columns.beat == row.beat)
                taken = connection.execute(update(tables.lease).where(*free).values(holder=self.holder, fence=fence)).rowcount == 1
        if taken:
            self.fence = fence
            self._stop.clear()
            self._beating = threading.Thread(target=self._beat, name="lease", daemon=True)
            self._beating.start()
        return taken

    def acquire_patiently(self) -> bool:
        """Takes the lease, waiting if its holder may be dead; False as soon as the holder shows a sign of life.

        Raises `StoreError` where the database can't be written.
        """
        first = None
        while not self.acquire(time.monotonic()):
            first = first or self._seen
            if first and self._seen and first[0] != self._seen[0]:
                return False
            time.sleep(LOOK_AGAIN_SECONDS)
        return True

    def _free(self, holder: str, fence: int, beat: int, monotonic: float) -> bool:
        if not holder or _decode(holder).dead:
            return True
        if self._seen is None or self._seen[0] != (fence, beat):
            self._seen = ((fence, beat), monotonic)
        return self.due(monotonic) < 0

    def due(self, monotonic: float) -> float:
        """In how many seconds the lease is free, if its holder shows no sign of life until then."""
        return self._seen[1] + LEASE_TTL_SECONDS - monotonic if self._seen else 0.0

    def release(self) -> None:
        """Gives the lease back, so that the next builder need not wait."""
        self._stop.set()
        if self._beating:
            self._beating.join()
            self._beating = None
        columns = tables.lease.c
        with self._store.writing(any_version=True) as connection:  # for those of the version that replaces ours
            connection.execute(update(tables.lease).where(columns.holder == self.holder).values(holder=""))

    def _beat(self) -> None:
        columns = tables.lease.c
        alive = update(tables.lease).where(columns.holder == self.holder, columns.fence == self.fence).values(beat=columns.beat + 1)
        while not self._stop.wait(BEAT_SECONDS):
            try:
                with self._store.writing() as connection:
                    if connection.execute(alive).rowcount != 1:
                        return
            except StoreError:
                continue  # the build that needs the database reports it


def current_holder(store: Store) -> Holder | None:
    """Who holds the lease now, None if nobody does."""
    with store.reading() as connection:
        holder = connection.execute(select(tables.lease.c.holder).where(tables.lease.c.name == _NAME)).scalar()
    return _decode(holder) if holder else None


_decode = msgspec.json.Decoder(Holder).decode


def _encode(holder: Holder) -> str:
    return msgspec.json.encode(holder).decode()


def _host() -> str:
    return socket.gethostname()
