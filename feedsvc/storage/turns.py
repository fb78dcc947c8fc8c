"""`Turns`: how many connections to a database server all processes of a machine have for requests, together.

Each is a lock on a file, which the kernel gives back when its process ends. A connection is kept for a moment, so that the pages of
a busy worker share it, and is then closed, so that the others have their turn.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from feedsvc.errors import StoreError

HELD_SECONDS = 0.25
WAIT_SECONDS = 5.0
LOOK_SECONDS = 0.01
REST_SECONDS = 5 * LOOK_SECONDS


class Turns:
    """A number of turns, each with a file of its own, whose names begin with a path."""

    def __init__(self, path: Path, number: int) -> None:
        self._files = [path.with_name(f"{path.name}{turn}") for turn in range(1, number + 1)]

    def take(self) -> int:
        """Waits for a turn, and takes it: a file's descriptor, whose closing gives it back.

        Raises `StoreError` where none is free in time.
        """
        end = time.monotonic() + WAIT_SECONDS
        while True:
            for file in self._files:
                turn = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return turn
                except BlockingIOError:
                    os.close(turn)
            if time.monotonic() > end:
                raise StoreError("the database can't be read: all connections of this machine are in use")
            time.sleep(LOOK_SECONDS)

    def limit(self, engine: Engine) -> None:
        """Makes an engine connect only in its turn, and stand back after one until all who wait have looked."""
        back = -REST_SECONDS

        def connect(dialect: Any, record: Any, given: Any, named: Any) -> Any:
            time.sleep(max(0.0, back + REST_SECONDS - time.monotonic()))
            turn = self.take()
            try:
                connection = dialect.connect(*given, **named)
            except BaseException:
                os.close(turn)
                raise
            record.info["turn"], record.info["until"] = turn, time.monotonic() + HELD_SECONDS
            timer = threading.Timer(HELD_SECONDS, close_idle, (record, turn))
            timer.daemon = True
            timer.start()
            return connection

        def close_idle(record: Any, turn: int) -> None:
            if record.info.get("turn") == turn and engine.pool.checkedin():  # type: ignore[attr-defined]
                with suppress(Exception):  # whoever needs it next is told what is wrong
                    engine.raw_connection().close()  # which returns it

        def returned(_: Any, record: Any) -> None:
            if time.monotonic() >= record.info.get("until", 0.0):  # it has none where connecting failed
                record.invalidate()

        def closed(connection: Any, record: Any) -> None:
            nonlocal back
            connection.close()  # before another process connects
            back = time.monotonic()
            if (turn := record.info.pop("turn", None)) is not None:
                os.close(turn)

        event.listen(engine, "do_connect", connect)
        event.listen(engine, "checkin", returned)
        event.listen(engine, "close", closed)
