"""The database's connections: none outlives its store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from feedsvc.storage.store import Store


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_a_connection_in_use_when_the_store_is_closed_is_closed_too(tmp_path: Path, way: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    with getattr(store, way)() as connection:
        raw = connection.connection.dbapi_connection
        store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        raw.execute("SELECT 1")
