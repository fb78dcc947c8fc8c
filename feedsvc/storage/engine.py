"""The database's tables, how it is opened, and its version."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from feedsvc.errors import DamagedStore, DatabaseAway, NothingPublished, SchemaError, StoreError
from feedsvc.files import database_file, identity
from feedsvc.storage.damage import BESIDE, UNPACKABLE, is_damage, suspect
from feedsvc.storage.facts import SCHEMA
from feedsvc.storage.migration import EARLIER_VERSIONS, SCHEMA_VERSION, bring_up
from feedsvc.storage.tables import facts

log = logging.getLogger("feedsvc.storage")

BUSY_SECONDS = 10
PRIVATE = 0o600  # permissions
# A server that does not answer: seconds to connect, for a statement, for a lock, and for a packet to be acknowledged.
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
LOCK_SECONDS = 10
SILENT_SECONDS = 10
SERVER_CONNECTIONS = 5  # of one process, of which the builder needs most
CHANNEL = "feedsvc"  # of the notifications that something was published
UPGRADE_LOCK = 0x66656564  # any number that no other program uses in the database


class _Pool(QueuePool):
    """A pool that closes also those connections that come back after it was disposed of; SQLAlchemy's leaves them open."""

    __module__ = QueuePool.__module__  # after which SQLAlchemy names the log of what pools do, which is not ours
    _over = False

    def dispose(self) -> None:
        self._over = True
        super().dispose()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        if self._over:  # looked at afterwards: who disposes of it meanwhile finds the connection
            super().dispose()


def make(url: str, *, create: bool, one: bool = False) -> Engine:
    """An engine for a database, which is not asked anything yet; with `one` connection to a server at a time.

    Raises `StoreError` where there can be none, and `NothingPublished` for a file that does not exist and may not be created.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":  # whose driver depends on the version of SQLAlchemy
        parsed = parsed.set(drivername="postgresql+psycopg")
    with _opening(parsed):
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, create=create)
        return _postgresql(parsed, 1 if one else SERVER_CONNECTIONS)


def agree(engine: Engine, *, create: bool) -> None:
    """Checks that an engine's database has feedsvc's tables in it, or puts them there; disposes of it if not.

    Raises `StoreError` where it can't be opened, `DatabaseAway` where that is because its server can't be reached,
    `NothingPublished` where it has no tables and may not be given any, `SchemaError` where another version of feedsvc wrote it,
    and `DamagedStore` where its file is broken.
    """
    with _opening(engine.url), ExitStack() as failed:
        failed.callback(engine.dispose)
        _agree(engine, _shown(engine.url), create=create)
        failed.pop_all()
    if path_of(engine):
        event.listen(engine, "do_connect", _before_connect)


@contextmanager
def _opening(url: URL) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as error:
        away = isinstance(error, OperationalError) and url.get_backend_name() != "sqlite"
        kind = DamagedStore if is_damage(error) else DatabaseAway if away else StoreError
        raise kind(f"database {_shown(url)}: can't be opened: {cause(error)}") from error


def path_of(engine: Engine) -> Path | None:
    """The file of a database that is one."""
    return database_file(engine.url)


def database_path(url: str) -> Path | None:
    """The file of the database at a URL, where it is one."""
    return database_file(url)


@contextmanager
def using(engine: Engine, done: str) -> Iterator[None]:
    """Tells what goes wrong while the database is read or written (`done`), and a damaged one from one that fails."""
    try:
        yield
    except (SQLAlchemyError, msgspec.DecodeError, UNPACKABLE) as error:
        path = path_of(engine)
        if path and is_damage(error):
            suspect(path)
            raise DamagedStore(f"the database is damaged and can't be {done}: {cause(error)}") from error
        raise StoreError(f"the database can't be {done}: {cause(error)}") from error


def _agree(engine: Engine, shown: str, *, create: bool) -> None:
    with engine.connect() as connection:
        version = _version(connection)
    if version is None and not create:
        raise NothingPublished(f"database {shown}: nothing is published in it yet")
    if version is None or (version in EARLIER_VERSIONS and create):
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                # Its "if not exists" does not keep two processes that create a table at once from failing.
                connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
            bring_up(connection)
    elif version in EARLIER_VERSIONS:
        raise SchemaError(f"database {shown}: its schema is version {version}; feedsvc serve brings it up to {SCHEMA_VERSION}")
    elif version != SCHEMA_VERSION:
        raise SchemaError(f"database {shown}: its schema is version {version}, this feedsvc knows version {SCHEMA_VERSION}")


def share(connection: Connection) -> None:
    """Keeps the database's version as it is until a transaction that writes has ended.

    An upgrade waits for it, and who waits for an upgrade then sees its version. SQLite has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(UPGRADE_LOCK)))


def notify(connection: Connection) -> None:
    """Tells all who listen that something is published, when the transaction has ended."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


def cause(error: BaseException) -> str:
    """The driver's own message on a failure, in one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, facts.name):
        return None
    return connection.execute(select(facts.c.value).where(facts.c.name == SCHEMA.name)).scalar()


def _postgresql(url: URL, connections: int) -> Engine:
    # Our side (libpq, "connection").
    limits: dict[str, Any] = {
        # From a database made without an encoding the driver reads bytes instead of text, unless the encoding is set.
        "client_encoding": "utf8",
        # No prepared statements: behind a pooler the next transaction may be in another session, which has none of them.
        "prepare_threshold": None,
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": SILENT_SECONDS * 1000,
        "keepalives_idle": SILENT_SECONDS // 2,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
    # The server's side: the session of a machine that is gone ends by itself, and with it the locks that it holds.
    session = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{SILENT_SECONDS}s",
        "tcp_user_timeout": f"{SILENT_SECONDS}s",
        "tcp_keepalives_idle": SILENT_SECONDS // 2,
        "tcp_keepalives_interval": 2,
        "tcp_keepalives_count": 3,
    }
    # The URL overrides each of these: of a session's options the last counts.
    given = {name: value for name, value in limits.items() if name not in url.query}
    options = " ".join([*(f"-c {name}={value}" for name, value in session.items()), *url.normalized_query.get("options", ())])
    pool = {"pool_pre_ping": True, "pool_size": connections, "max_overflow": 0, "pool_timeout": CONNECT_SECONDS}
    return create_engine(url, poolclass=_Pool, **pool, connect_args={**given, "options": options})


def _sqlite(url: URL, *, create: bool) -> Engine:
    path = Path(url.database or "")
    if create:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(path)
    elif not path.exists():
        raise NothingPublished(f"database {_shown(url)}: does not exist; nothing is published yet")
    engine = create_engine(url, poolclass=_Pool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "do_connect", partial(_on_connecting, path))

    def made(connection: Any, record: Any) -> None:
        _on_connect(connection)
        record.info["file"] = identity(path)

    def taken(_: Any, record: Any, __: Any) -> None:
        # The file may have been set aside or replaced by a backup: the pool then makes another connection.
        if identity(path) != record.info["file"]:
            raise DisconnectionError

    event.listen(engine, "connect", made)
    event.listen(engine, "checkout", taken)
    event.listen(engine, "begin", _on_begin)
    return engine


def _make_private(path: Path) -> None:
    """Makes a database readable only by its user, whatever its folder's permissions: it contains articles under embargo.

    SQLite gives its log and its other files the same permissions. A file that is there is not opened: where this process has it
    open already, closing it would end all locks on it, and another process would delete the log with what was published (SQLite,
    "How to corrupt an SQLite database file", 2.2).
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, PRIVATE))
    for file in (path, *(Path(f"{path}{suffix}") for suffix in BESIDE)):
        with suppress(FileNotFoundError):
            if file.stat().st_mode & ~PRIVATE & 0o777:
                try:
                    file.chmod(PRIVATE)
                except PermissionError:
                    log.warning("%s can be read by others, and belongs to another user: chmod 600 it", file)


def _on_connecting(path: Path, _: Any, record: Any, __: Any, arguments: dict[str, Any]) -> Any:
    """Opens a database that no process can write: in a read-only folder SQLite can read it no other way.

    Such a connection sees no change that comes later, so each is for one use (SQLite, "immutable").
    """
    record.info["fixed"] = path.exists() and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    if not record.info["fixed"]:
        return None
    record.invalidate(soft=True)
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, **arguments)


def _before_connect(_: Any, __: Any, named: list[Any], ___: Any) -> None:
    """Refuses a file that is gone while the service runs: SQLite would make an empty one."""
    if not os.path.exists(named[0]):
        raise DamagedStore(f"the database {os.path.normpath(named[0])} is gone")


def _on_connect(connection: Any) -> None:
    """Begins transactions itself, because the driver would begin none for a read (SQLAlchemy, "pysqlite")."""
    connection.isolation_level = None
    cursor = connection.cursor()
    # A published document must outlive a power cut, or ids and dates that readers have seen would be given again to others.
    with suppress(Exception):  # a read-only database can't change its journal, and need not
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A writer takes the write lock at once: upgrading a read lock later would fail instead of waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _shown(url: URL) -> str:
    """A database's URL without its password; only the path for a file."""
    if url.get_backend_name() == "sqlite":
        return os.path.normpath(url.database) if url.database else ":memory:"
    return url.render_as_string(hide_password=True)
