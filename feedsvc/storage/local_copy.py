"""`LocalCopy`: what is published, in a file of this machine: its web workers read it, and serve on when the database is away.

It holds documents that readers may see, and nothing else of the newsroom: no articles, no files, no words of a problem. What is
withdrawn is overwritten in it.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, event, select
from sqlalchemy.exc import SQLAlchemyError

from feedsvc.errors import DamagedStore, SchemaError, StoreError
from feedsvc.storage import damage, tables
from feedsvc.storage.contact import SharedContact
from feedsvc.storage.database import SharedWith
from feedsvc.storage.engine import cause
from feedsvc.storage.facts import BRAKE, BUILT, GENERATION, MARK, MARKS, PROBLEM, PUBLIC_URL, SITE, WATCHER
from feedsvc.storage.published import VOID
from feedsvc.storage.store import Store
from feedsvc.storage.turns import Turns

log = logging.getLogger("feedsvc.storage")

MOST_CONNECTIONS = 2
CHUNK_DOCUMENTS = 50  # in memory at once
_EDITION = (GENERATION, MARK, MARKS, PUBLIC_URL, SITE, BUILT)
_PROBLEMS = (PROBLEM, WATCHER, BRAKE)  # of which the copy knows that there is one
_A_PROBLEM = "yes"


class LocalCopy:
    """The copy in one file, which all processes of a machine share; one of them at a time is its keeper.

    Raises `StoreError` where the file can't be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, str] = {}
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.contact = SharedContact(self._beside("contact"))
            self.shared = SharedWith(self.contact, Turns(self._beside("turn"), MOST_CONNECTIONS))
            with self._locked("opening", wait=True):
                self.store = self._opened()
                with self.keeping():  # where nobody does, what its last keeper knew is of long ago
                    pass
        except OSError as error:
            raise StoreError(f"the copy {path} can't be made: {(error.strerror or str(error)).lower()}") from error

    @contextmanager
    def keeping(self) -> Iterator[bool]:
        """Whether this process is the keeper, until the end of the block or of the process."""
        with self._locked("keeper", wait=False) as taken:
            if taken:
                self.contact.begin()
                self._known = {}
            yield taken

    def take(self, source: Store) -> None:
        """Takes over what has been published since the last time, in one transaction, and whether there are problems.

        Raises `StoreError` where the source can't be read, and `CopyFailed` where the copy can't be written; a damaged one is then
        empty, and the next call fills it.
        """
        with source.reading() as connection:
            # All that is read is of one moment, however long it takes.
            there = connection.execution_options(isolation_level="REPEATABLE READ")
            facts = _facts_in(there)
            holder = there.execute(select(tables.lease.c.holder)).scalar() or ""
            told = {fact.name: _A_PROBLEM if facts.get(fact.name) else "" for fact in _PROBLEMS}
            edition = {fact.name: facts[fact.name] for fact in _EDITION if fact.name in facts}
            found = edition | told | {"holder": holder}
            if found == self._known and not damage.suspected(self.path):
                return
            try:
                if damage.suspected(self.path):
                    raise DamagedStore("the copy is damaged")
                if self._write(there, edition, told, holder):
                    self._forget()
            except _SourceFailed:
                raise
            except DamagedStore as error:
                self._make_anew()
                raise CopyFailed(f"{error}; it is made anew") from error
            except StoreError as error:
                raise CopyFailed(f"the copy {self.path}: {error}") from error
            self._known = found

    def _write(self, there: Connection, edition: dict[str, str], told: dict[str, str], holder: str) -> bool:
        """Writes what is new; whether something was withdrawn."""
        withdrawn = False
        with self.store.writing() as here:
            if GENERATION.read(edition):  # an empty database has no edition to take the place of the last one
                withdrawn = self._write_documents(there, here, edition)
                self.store.put_facts(here, edition)
            self.store.put_facts(here, told)
            lease = {"name": "builder", "holder": holder, "fence": 0, "beat": 0}
            self.store.put(here, tables.lease, [lease])
        return withdrawn

    def _write_documents(self, there: Connection, here: Connection, edition: dict[str, str]) -> bool:
        known = _facts_in(here)
        if known.get(MARK.name) == edition.get(MARK.name) and GENERATION.read(known) == GENERATION.read(edition):
            return False
        columns = tables.documents.c
        query = select(columns.path, columns.status, columns.generation)
        if known.get(MARK.name, "") in MARKS.read(edition):
            query = query.where(columns.generation > GENERATION.read(known))
        else:  # it is another database, or has gone back, or this copy is too old
            here.execute(delete(tables.documents))
            query = query.where(columns.status != VOID)
        changed = _read(there, query)
        gone = [row for row in changed if row.status == VOID]
        nothing = {"status": VOID, "head": b"", "identity": None, "gzip": None, "br": None}
        rows: list[dict[str, Any]] = [{"path": row.path, "generation": row.generation, **nothing} for row in gone]
        self.store.put(here, tables.documents, rows)
        paths = [row.path for row in changed if row.status != VOID]
        for start in range(0, len(paths), CHUNK_DOCUMENTS):
            some = select(tables.documents).where(columns.path.in_(paths[start : start + CHUNK_DOCUMENTS]))
            self.store.put(here, tables.documents, [dict(row._mapping) for row in _read(there, some)])
        return bool(changed)

    def _make_anew(self) -> None:
        self._known = {}
        try:
            self._remove()
            Store(f"sqlite:///{self.path}").close()  # connections to the file before are replaced when they are next used
        except OSError as error:
            raise StoreError(f"the copy {self.path} can't be made anew: {(error.strerror or str(error)).lower()}") from error

    def _opened(self) -> Store:
        try:
            store = Store(f"sqlite:///{self.path}")
        except (DamagedStore, SchemaError) as error:
            log.warning("%s; the copy of what is published is made anew", error)
            self._remove()
            store = Store(f"sqlite:///{self.path}")
        event.listen(store.engine, "connect", _on_connect)
        store.engine.dispose()  # of the connections that were made before
        return store

    def _remove(self) -> None:
        for suffix in (*damage.BESIDE, ""):
            with suppress(FileNotFoundError):
                os.unlink(f"{self.path}{suffix}")
        damage.absolve(self.path)

    def _forget(self) -> None:
        """Takes what was withdrawn out of the file's log too, if no other process is just reading it."""
        with self.store.reading() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _locked(self, what: str, *, wait: bool) -> Iterator[bool]:
        file = os.open(self._beside(what), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(file)

    def _beside(self, what: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{what}")


class CopyFailed(StoreError):
    """What was read can't be written into the copy."""


class _SourceFailed(StoreError):
    """The source can't be read, while the copy is written."""


def _facts_in(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(_FACTS)}


def _read(source: Connection, query: Select[Any]) -> Sequence[Row[Any]]:
    try:
        return source.execute(query).all()
    except SQLAlchemyError as error:
        raise _SourceFailed(f"the database can't be read: {cause(error)}") from error


def _on_connect(connection: Any, _: object) -> None:
    # What a power cut takes is taken from the database again. What is withdrawn is overwritten (SQLite, "secure_delete").
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA secure_delete=ON")


_FACTS = select(tables.facts.c.name, tables.facts.c.value).where(
    tables.facts.c.name.in_([fact.name for fact in (*_EDITION, *_PROBLEMS)])
)
