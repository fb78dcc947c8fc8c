"""`GenerationPoll`: which database it is, and the number of its newest publication.

A file is polled two hundred times a second. PostgreSQL says that something was published (its "NOTIFY"), and is asked now and then
besides: on a standby, or behind a pooler, it says nothing.
"""

from __future__ import annotations

import select
import time
from contextlib import suppress
from math import inf
from typing import Any

from sqlalchemy.exc import DBAPIError

from feedsvc.errors import StoreError
from feedsvc.files import Identity, identity
from feedsvc.storage.engine import CHANNEL, path_of, using
from feedsvc.storage.facts import GENERATION, MARK, MARKS
from feedsvc.storage.store import Store

FIXED_SECONDS = 1.0
FILE_SECONDS = 0.005
SERVER_SECONDS = 1.0
# In one statement, and so of one moment; the mark comes last.
_GENERATION = f"SELECT value FROM facts WHERE name IN ('{GENERATION.name}', '{MARK.name}') ORDER BY name"  # noqa: S608 - constants


class GenerationPoll:
    """One kept connection to a store's database for one query; for one thread.

    SQLAlchemy's pool and transactions would cost fifty times as much as the query.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._engine = store.engine
        self._path = path_of(store.engine)
        self._cursor: Any = None
        self._listens = False
        self._told = False
        self._good_until = inf
        self._file: Identity | None = None
        self._known = 0, ""
        self.database = 0

    def generation(self) -> int:
        """The number of the newest publication, 0 before the first.

        `database` changes when another file is at the path, or the database has gone back and has other publications than before.

        Raises `StoreError` where the database can't be read; the next query uses a new connection.
        """
        if self._path and (found := identity(self._path)) != self._file:
            self.close()
            # Counted, because a new file may have the number of the deleted one.
            self._file, self.database = found, self.database + 1
        try:
            with using(self._engine, "read"):
                try:
                    if self._cursor is None or time.monotonic() > self._good_until:
                        self.close()
                        self._store.open()
                        self._cursor = self._connect()
                    self._cursor.execute(_GENERATION)
                    rows = self._cursor.fetchall()  # to the end, or SQLite would go on reading
                except self._engine.dialect.loaded_dbapi.Error as error:
                    raise DBAPIError(_GENERATION, None, error) from error
        except StoreError:
            self.close()
            raise
        newest = int(rows[0][0]) if rows else 0, rows[1][0] if len(rows) > 1 else ""
        if newest != self._known:
            if self._known[1] not in self._store.fact(MARKS):
                self.database += 1
            self._known = newest
        return newest[0]

    def wait(self) -> None:
        """Waits until it is time to ask again, because the database says so or for a while."""
        if not self._listens:
            time.sleep(FILE_SECONDS if self._path else SERVER_SECONDS)
        elif not self._told:
            readable = select.poll()
            readable.register(self._cursor.connection.fileno(), select.POLLIN)
            readable.poll(SERVER_SECONDS * 1000)
        self._told = False

    def close(self) -> None:
        """Closes the connection."""
        self._listens = self._told = False
        if self._cursor is not None:
            with suppress(Exception):
                self._cursor.connection.close()
        self._cursor = None

    def _connect(self) -> Any:
        pooled = self._engine.raw_connection()
        # A connection that sees no changes must be replaced to see one.
        self._good_until = time.monotonic() + FIXED_SECONDS if pooled.info.get("fixed") else inf
        pooled.detach()  # it never goes back to the pool
        connection: Any = pooled.dbapi_connection
        try:
            if self._engine.dialect.name == "postgresql":
                connection.autocommit = True  # an open transaction would delay the database's own maintenance
                self._listen(connection)
            return connection.cursor()
        except BaseException:
            connection.close()
            raise

    def _listen(self, connection: Any) -> None:
        # What comes with the answer to a question may be newer than the answer.
        connection.add_notify_handler(lambda _: setattr(self, "_told", True))
        with suppress(self._engine.dialect.loaded_dbapi.Error):  # a standby says nothing
            connection.execute(f"LISTEN {CHANNEL}")
            self._listens = True
