"""Opening a database: one that is there, one that is not, one of another version, and what is none."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from feedsvc.errors import SchemaError, StoreError
from feedsvc.formats.compression import encode
from feedsvc.model.document import Document
from feedsvc.model.publication import Publication
from feedsvc.storage.engine import CONNECT_SECONDS, LOCK_SECONDS, SILENT_SECONDS, STATEMENT_SECONDS
from feedsvc.storage.facts import PROBLEM, SCHEMA
from feedsvc.storage.lease import Lease
from feedsvc.storage.migration import SCHEMA_VERSION
from feedsvc.storage.recovery import open_store
from feedsvc.storage.store import Store
from support.databases import POSTGRESQL, fresh_database
from support.live import SLOW

NINE = datetime(2026, 5, 21, 9, tzinfo=UTC)
FEED = Document(path="/feeds/all.rss", encodings=encode(b"<rss/>", "text/xml"), content_type="text/xml", last_modified=NINE)


def test_what_was_published_is_there_after_a_restart(database: str) -> None:
    first = Store(database)
    holder = Lease(first)
    assert holder.acquire(0)
    first.publish(Publication(documents=[FEED]), holder=holder.holder, fence=holder.fence)
    holder.release()
    first.close()
    second = Store(database, create=False)
    assert second.document("/feeds/all.rss") == FEED
    second.close()


def test_several_may_create_it_at_once(database: str) -> None:
    start, faults = threading.Barrier(6, timeout=SLOW), []

    def opened() -> None:
        start.wait()
        try:
            Store(database).close()
        except StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=opened, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SLOW)
    assert faults == []


def test_one_process_may_open_it_twice_while_another_closes_it(tmp_path: Path) -> None:
    """As where a web server has the builder in its process: SQLite deletes its log when it takes itself for the last to close."""
    url = f"sqlite:///{tmp_path / 'feedsvc.db'}"
    first = Store(url)
    first.set_fact(PROBLEM, "before")
    second = Store(url)
    code = f"from feedsvc.storage.store import Store; store = Store({url!r}); store.facts(); store.close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=SLOW)
    assert (tmp_path / "feedsvc.db-wal").exists()
    first.set_fact(PROBLEM, "after")
    assert second.fact(PROBLEM) == "after"
    code = f"from feedsvc.storage.store import Store; print(Store({url!r}).facts()['problem'])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, timeout=SLOW) == "after\n"
    first.close()
    second.close()


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("version", ["0", str(int(SCHEMA_VERSION) + 1), "99"])
def test_another_versions_database_is_refused(database: str, version: str, create: bool) -> None:
    made = Store(database)
    made.set_fact(SCHEMA, version)
    made.close()
    with pytest.raises(SchemaError, match=f"its schema is version {version}, this feedsvc knows version {SCHEMA_VERSION}$"):
        Store(database, create=create)


def test_a_database_that_is_not_there_is_made_only_where_that_is_meant(database: str) -> None:
    with pytest.raises(StoreError, match="nothing is published"):
        Store(database, create=False)
    Store(database).close()
    Store(database, create=False).close()


def test_reading_makes_no_database_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"does not exist; nothing is published yet$"):
        Store(f"sqlite:///{tmp_path}/var/feedsvc.db", create=False)
    assert not (tmp_path / "var").exists()


def no_database(folder: Path) -> dict[str, str]:
    """URLs of databases that can't be opened."""
    (folder / "file").write_text("a text, and no database, long enough to hold a header of a hundred bytes\n" * 9)
    (folder / "folder").mkdir()
    empty = folder / "tables"
    engine = create_engine(f"sqlite:///{empty}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE facts (other INTEGER)"))
    engine.dispose()
    return {
        "no database": f"sqlite:///{folder}/file",
        "a folder": f"sqlite:///{folder}/folder",
        "below a file": f"sqlite:///{folder}/file/feedsvc.db",
        "another program's": f"sqlite:///{empty}",
        "nobody listens": "postgresql://desk:secret@127.0.0.1:1/feedsvc",
        "no driver": "mysql://desk:secret@127.0.0.1/feedsvc",
        "no such dialect": "desk://desk:secret@127.0.0.1/feedsvc",
    }


@pytest.mark.parametrize(
    "which", ["no database", "a folder", "below a file", "another program's", "nobody listens", "no driver", "no such dialect"]
)
@pytest.mark.parametrize("create", [True, False])
def test_what_can_not_be_opened_is_told_in_one_line_without_a_password(tmp_path: Path, which: str, create: bool) -> None:
    with pytest.raises(StoreError) as caught:
        Store(no_database(tmp_path)[which], create=create)
    said = str(caught.value)
    assert said.startswith("database ") and len(said.splitlines()) == 1
    assert "secret" not in said and "sqlalche.me" not in said


def test_a_database_that_fails_later_is_told_too(tmp_path: Path) -> None:
    made = Store(f"sqlite:///{tmp_path}/feedsvc.db")
    with made.writing() as connection:
        connection.execute(text("DROP TABLE facts"))
    with pytest.raises(StoreError, match=r"^the database can't be read: no such table: facts$"):
        made.generation()
    with pytest.raises(StoreError, match=r"^the database can't be written: no such table: facts$"):
        made.set_fact(PROBLEM, "b")
    made.close()


if POSTGRESQL:

    @pytest.mark.parametrize("encoding", ["SQL_ASCII", "UTF8"])
    def test_a_postgresql_database_of_any_encoding_will_do(encoding: str) -> None:
        name = f"feedsvc_{encoding.lower()}"
        server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"client_encoding": "utf8"})
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"))
        store = Store(make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False))
        store.set_fact(PROBLEM, "Новости")
        assert store.fact(PROBLEM) == "Новости"
        store.close()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        server.dispose()


@pytest.fixture
def careless() -> Iterator[None]:
    """A user whose files everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_nobody_else_may_read_it_whatever_the_folder(tmp_path: Path, careless: None) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    store = Store(f"sqlite:///{folder}/feedsvc.db")
    store.set_fact(PROBLEM, "x")
    assert modes(folder) == {"feedsvc.db": 0o600, "feedsvc.db-wal": 0o600, "feedsvc.db-shm": 0o600}
    for path in folder.iterdir():
        path.chmod(0o644)  # as an earlier release left them
    again = Store(f"sqlite:///{folder}/feedsvc.db")
    assert set(modes(folder).values()) == {0o600}
    again.close()
    store.close()
    Store(f"sqlite:///{folder}/feedsvc.db", create=False).close()


def test_a_copy_that_is_set_aside_is_nobody_elses_either(tmp_path: Path, careless: None) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    (folder / "feedsvc.db").write_bytes(b"no database, for all that it is long enough " * 100)
    open_store(f"sqlite:///{folder}/feedsvc.db").close()
    assert len(modes(folder)) >= 2 and set(modes(folder).values()) == {0o600}


SESSION = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{SILENT_SECONDS}s",
    "tcp_user_timeout": f"{SILENT_SECONDS * 1000}",
    "tcp_keepalives_idle": f"{SILENT_SECONDS // 2}",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}


def session(store: Store) -> dict[str, str]:
    """The limits of a session, as its server has them."""
    with store.reading() as connection:
        return {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in SESSION}


@pytest.mark.skipif(not POSTGRESQL, reason="needs PostgreSQL")
def test_neither_side_waits_for_the_other_without_end() -> None:
    store = Store(fresh_database("postgresql", Path()))
    assert session(store) == SESSION
    with store.reading() as connection:
        driver: Any = connection.connection.dbapi_connection
        given = driver.info.get_parameters()
        assert (given["connect_timeout"], given["tcp_user_timeout"]) == (str(CONNECT_SECONDS), str(SILENT_SECONDS * 1000))
    store.close()


@pytest.mark.skipif(not POSTGRESQL, reason="needs PostgreSQL")
def test_what_the_url_says_of_a_limit_counts_and_leaves_the_others() -> None:
    said = "connect_timeout=3&options=-c%20statement_timeout%3D7s&options=-c%20lock_timeout%3D2s"
    store = Store(f"{fresh_database('postgresql', Path())}?{said}")
    assert session(store) == {**SESSION, "statement_timeout": "7s", "lock_timeout": "2s"}
    store.close()
