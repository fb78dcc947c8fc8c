"""The database's connections: none outlives its store."""

from __future__ import annotations

import sqlite3
from operator import attrgetter
from pathlib import Path

import pytest

from feedsvc.storage.store import Store


@pytest.mark.parametrize("way", ["reading", "writing", "engine.connect"])
def test_a_connection_in_use_when_the_store_is_closed_is_closed_too(tmp_path: Path, way: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    with attrgetter(way)(store)() as connection:
        raw = connection.connection.dbapi_connection
        store.close()
        assert raw.execute("SELECT 1").fetchone() == (1,), "while it is used it stays open"
    with pytest.raises(sqlite3.ProgrammingError):
        raw.execute("SELECT 1")
