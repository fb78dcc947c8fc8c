"""Damaged databases, really damaged: set aside, named, and made anew from the articles, while readers keep what they had."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faults.service import Readers, asked, entries, problems
from feedsvc.errors import DamagedStore, SchemaError, StoreError
from feedsvc.files import identity
from feedsvc.storage import damage
from feedsvc.storage.facts import DAMAGED, PROBLEM, SCHEMA
from feedsvc.storage.recovery import examine, open_store
from feedsvc.storage.store import Store
from support.live import SLOW, Newsroom, Service, feedsvc, save, until

PAGE = 4096


def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def whole(newsroom: Newsroom, tmp_path: Path) -> Path:
    """A database with a few hundred pages in it, and nobody at it."""
    for number in range(40):
        newsroom.write(f"sport/match-{number}.md", title=f"Match {number}", body=f"{number} to nil. " * 200)
    newsroom.build()
    with newsroom.store.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "copy/feedsvc.db"
    copy.parent.mkdir()
    shutil.copy(tmp_path / "var/feedsvc.db", copy)
    return copy


def root_of(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
    return (int(page) - 1) * PAGE


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(5 * PAGE))


def header(path: Path) -> None:
    overwrite(path, 0, b"not a database at all ")


def schema_page(path: Path) -> None:
    overwrite(path, 100, b"\xff" * (PAGE - 100))


def index_page(path: Path) -> None:
    overwrite(path, root_of(path, "documents_by_generation"), b"\x99" * PAGE)


def ledger_page(path: Path) -> None:
    overwrite(path, root_of(path, "ledger"), b"\x99" * PAGE)


def documents_page(path: Path) -> None:
    overwrite(path, root_of(path, "documents"), b"\0" * PAGE)


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // PAGE * PAGE)


def one_article(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE ledger SET article = x'00112233' WHERE id = (SELECT min(id) FROM ledger)")


def one_record(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE ledger SET record = x'7b22' WHERE id = (SELECT min(id) FROM ledger)")


def one_document(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        [(packed,)] = connection.execute("SELECT br FROM documents WHERE path = '/feeds/all.rss'")
    place = path.read_bytes().index(packed[:100])
    overwrite(path, place + 50, bytes([packed[50] ^ 1]))  # one bit, which no page of SQLite's knows of


DAMAGES = [garbage, header, schema_page, index_page, ledger_page, documents_page, cut_short, one_article, one_record, one_document]


@pytest.mark.parametrize("broken", DAMAGES, ids=lambda broken: broken.__name__)
def test_each_kind_of_damage_is_found_by_whoever_looks_and_set_aside(whole: Path, broken: Callable[[Path], None]) -> None:
    broken(whole)
    damaged = whole.read_bytes()
    damage.suspect(whole)
    store = open_store(url(whole))
    assert store.generation() == 0 and store.fact(DAMAGED)
    store.close()
    [aside] = whole.parent.glob("feedsvc.db.damaged-*Z")
    assert aside.read_bytes() == damaged
    assert not damage.suspected(whole)


@pytest.mark.parametrize("broken", [garbage, header, schema_page, cut_short], ids=lambda broken: broken.__name__)
def test_what_can_not_be_opened_is_set_aside_at_the_start_without_a_suspicion(whole: Path, broken: Callable[[Path], None]) -> None:
    broken(whole)
    store = open_store(url(whole))
    assert (store.generation() == 0) == bool(list(whole.parent.glob("feedsvc.db.damaged-*")))
    store.close()


def test_a_suspicion_that_is_wrong_is_taken_back(whole: Path) -> None:
    damage.suspect(whole)
    store = open_store(url(whole))
    assert store.generation() == 1 and not damage.suspected(whole)
    store.close()


def test_a_broken_log_costs_what_was_in_it_and_no_more(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.build()
    copy = tmp_path / "copy/feedsvc.db"
    copy.parent.mkdir()
    for name in ("feedsvc.db", "feedsvc.db-wal"):
        shutil.copy(tmp_path / "var" / name, copy.with_name(name))
    overwrite(copy.with_name("feedsvc.db-wal"), 0, os.urandom(3 * PAGE))
    store = open_store(url(copy))
    store.set_fact(PROBLEM, "b")
    store.close()


@pytest.mark.parametrize("version", ["0", "99"])
def test_another_versions_database_is_never_set_aside(whole: Path, version: str) -> None:
    store = Store(url(whole))
    store.set_fact(SCHEMA, version)
    store.close()
    damage.suspect(whole)
    with pytest.raises(SchemaError, match=f"version {version}"):
        open_store(url(whole))
    assert not list(whole.parent.glob("*.damaged-*"))


def test_nor_is_one_that_is_locked_or_unreadable_or_a_folder(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedsvc.storage.engine.BUSY_SECONDS", 0.1)
    damage.suspect(whole)
    with closing(sqlite3.connect(whole, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            open_store(url(whole))
    (whole.parent / "folder").mkdir()
    with pytest.raises(StoreError):
        open_store(url(whole.parent / "folder"))
    assert not list(whole.parent.glob("*.damaged-*"))


def test_of_many_who_find_it_at_once_one_sets_it_aside(whole: Path) -> None:
    garbage(whole)
    found, start, named = identity(whole), threading.Barrier(8, timeout=SLOW), []

    def find() -> None:
        start.wait()
        named.append(damage.set_aside(whole, found, datetime.now(UTC)))

    threads = [threading.Thread(target=find, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SLOW)
    assert len([one for one in named if one]) == 1 and len(list(whole.parent.glob("*.damaged-*"))) == 1


def test_what_is_found_damaged_later_is_told_from_what_fails(whole: Path) -> None:
    store = Store(url(whole))
    ledger_page(whole)
    store.engine.dispose()
    with pytest.raises(DamagedStore, match="the database is damaged and can't be read"):
        store.records()
    assert damage.suspected(whole)
    with pytest.raises(DamagedStore):
        examine(store)
    store.close()


# ---- a real service


def test_at_the_start_it_is_set_aside_and_all_is_published_anew_with_the_same_ids(
    serve: Callable[..., Service], tmp_path: Path
) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    save(tmp_path, "sport/own.md", "An id of its own", id="tag:quay.test,2026:1", date="2026-05-21T09:00Z")
    service = serve().start()
    before = entries(service)
    etag = service.get("/feeds/sport.atom").headers["etag"]
    until(lambda: "status page:" in service.log)  # it is said a moment after the service can be read
    assert service.stop() == 0
    garbage(tmp_path / "var/feedsvc.db")
    service.start()
    until(lambda: service.log.count("status page:") == 2)
    assert entries(service) == before  # dates of undated articles too: a new ledger takes them from the files
    assert service.get("/feeds/sport.atom").headers["etag"] == etag
    assert "is set aside as var/feedsvc.db.damaged-" in service.log
    assert "The database was damaged and is set aside as var/feedsvc.db.damaged-" in problems(service)
    assert "Traceback" not in service.log


def test_while_it_serves_readers_keep_what_they_had_until_all_is_published_anew(
    serve: Callable[..., Service], tmp_path: Path
) -> None:
    for number in range(20):
        save(tmp_path, f"sport/match-{number}.md", f"Match {number}")
    service = serve("--interval", "1", workers=2).start()
    until(lambda: "status page:" in service.log)
    until(lambda: {len(entries(service)) for _ in range(30)} == {20})  # in the memory of both
    with Readers(service).reading() as readers:
        until(lambda: readers.answers > 100)
        database = tmp_path / "var/feedsvc.db"
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or the log would have every page that is overwritten
        overwrite(database, 0, os.urandom(database.stat().st_size))
        save(tmp_path, "sport/new.md", "New")
        until(lambda: "New" in entries(service))
        seen = readers.answers
        until(lambda: readers.answers > seen + 20)
    assert readers.errors == []
    assert len(list((tmp_path / "var").glob("feedsvc.db.damaged-*Z"))) == 1, service.log
    until(lambda: "The builder reports" not in problems(service))
    assert "feedsvc_restarts_total" in asked(service, "/metrics")
    assert service.stop() == 0


def test_one_that_is_deleted_while_it_serves_is_begun_anew(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve("--interval", "1").start()
    until(lambda: "status page:" in service.log)
    assert "Town win" in entries(service)
    for file in (tmp_path / "var").glob("feedsvc.db*"):
        file.unlink()
    save(tmp_path, "sport/new.md", "New")
    until(lambda: {"New", "Town win"} <= entries(service).keys())
    assert feedsvc("status", folder=tmp_path).returncode == 0
