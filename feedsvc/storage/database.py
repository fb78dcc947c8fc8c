"""`Database`: connections to one database, its facts, and how rows are written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects import sqlite

from feedsvc.errors import SchemaError, StoreError
from feedsvc.storage import engine, tables
from feedsvc.storage.contact import Contact
from feedsvc.storage.facts import SCHEMA, Fact
from feedsvc.storage.migration import SCHEMA_VERSION
from feedsvc.storage.turns import Turns

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

CHUNK_ROWS = 500  # named in one statement


class SharedWith(NamedTuple):
    """What several processes of a machine know of one server, and how many connections to it they have together."""

    contact: Contact
    turns: Turns


class Database:
    """One database; safe to use from several threads and processes.

    Every method raises `StoreError` where the database can't be read or written, `DamagedStore` where its file is broken. A server
    that is `awaited` need not be there yet: `open` finds out. `shared` is what all processes of
    the machine have in common that use it for requests.
    """

    def __init__(self, url: str, *, create: bool = True, awaited: bool = False, shared: SharedWith | None = None) -> None:
        self.contact = shared.contact if shared else Contact()
        self._create = create
        self.engine = engine.make(url, create=create, one=shared is not None)
        if shared:
            shared.turns.limit(self.engine)
        self._opened = self.closed = False
        if not awaited or engine.path_of(self.engine):
            self.open()
        self._upsert = _upsert(self.engine.dialect.name)
        # Connections don't survive a fork: a preloading server's workers each open their own.
        os.register_at_fork(after_in_child=lambda: self.engine.dispose(close=False))

    def open(self) -> None:
        """Checks that feedsvc's tables are there, and of this version; nothing is read or written before.

        Raises what `engine.agree` does.
        """
        if not self._opened:
            engine.agree(self.engine, create=self._create)
            self._opened = True

    def close(self) -> None:
        """Closes every connection, those that are used as soon as they are not; `closed` tells threads that poll it."""
        self.closed = True
        self.engine.pool.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from."""
        with self._connected("read") as connection:
            yield connection

    @contextmanager
    def writing(self, *, any_version: bool = False) -> Iterator[Connection]:
        """A connection in a transaction of its own, which is rolled back when anything raises.

        Raises `SchemaError` where another version of feedsvc has upgraded the database meanwhile, unless that does not matter.
        """
        with self._connected("written") as opened:
            connection = opened.execution_options(writes=True)
            with connection.begin():
                if not any_version:
                    engine.share(connection)
                    check_version(connection)
                yield connection

    @contextmanager
    def _connected(self, done: str) -> Iterator[Connection]:
        if self.contact.lost:
            raise StoreError(f"the database can't be {done}: it does not answer")
        self.open()
        with engine.using(self.engine, done), self.engine.connect() as connection:
            yield connection

    # ---- facts

    def fact(self, fact: Fact[T]) -> T:
        """The value of a fact."""
        with self.reading() as connection:
            return fact_in(connection, fact)

    def facts(self, *some: Fact[Any]) -> dict[str, str]:
        """All facts by their names, or some, as they are stored."""
        query = select(tables.facts)
        if some:
            query = query.where(tables.facts.c.name.in_([fact.name for fact in some]))
        with self.reading() as connection:
            return {row.name: row.value for row in connection.execute(query)}

    def set_fact(self, fact: Fact[T], value: T) -> None:
        """Writes a single fact."""
        with self.writing() as connection:
            self.put_facts(connection, {fact.name: fact.encode(value)})

    def put_facts(self, connection: Connection, facts: Mapping[str, str]) -> None:
        """Writes facts in a transaction."""
        self.put(connection, tables.facts, [{"name": name, "value": value} for name, value in facts.items()])

    # ---- rows

    def put(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Writes rows, each replacing the one with its primary key."""
        if not rows:
            return
        statement = self._upsert(table)
        keys = [column.name for column in table.primary_key]
        changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))

    def insert_new(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insertion that keeps an existing row with the same primary key."""
        return self._upsert(table).on_conflict_do_nothing()


T = TypeVar("T")
Upsert = Callable[[Table], "sqlite.Insert | postgresql.Insert"]

_FACT = select(tables.facts.c.value).where(tables.facts.c.name == bindparam("name"))
_FACT_LOCKED = _FACT.with_for_update()


def fact_in(connection: Connection, fact: Fact[T], *, locked: bool = False) -> T:
    """The value of a fact as a transaction sees it; if `locked`, no other transaction changes it before this one ends."""
    value = connection.execute(_FACT_LOCKED if locked else _FACT, {"name": fact.name}).scalar()
    return fact.read({} if value is None else {fact.name: value})


def check_version(connection: Connection) -> None:
    """Raises `SchemaError` unless the database is of this version, as a transaction sees it."""
    version = fact_in(connection, SCHEMA)
    if version != SCHEMA_VERSION:
        known = f"its schema is version {version}, this feedsvc knows version {SCHEMA_VERSION}"
        raise SchemaError(f"another feedsvc has the database: {known}, publishes nothing, and waits to be replaced")


def chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """Things in chunks of as many as one statement may name."""
    for start in range(0, len(things), CHUNK_ROWS):
        yield things[start : start + CHUNK_ROWS]


def storable(text: str) -> bool:
    """Whether every database accepts a text: PostgreSQL accepts no NUL, and none accepts half a surrogate pair."""
    return text.isprintable()


def _upsert(dialect: str) -> Upsert:
    if dialect != "postgresql":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # a twentieth of a second

    return postgresql.insert
