"""The database's connections: none outlives its store."""

from __future__ import annotations

import logging
import sqlite3
from operator import attrgetter
from pathlib import Path

import pytest

from feedsvc.storage.store import Store


def test_what_becomes_of_connections_is_not_said_in_our_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    store.facts()
    store.engine.dispose()
    store.close()
    assert not [record for record in caplog.records if record.name.startswith("feedsvc")]


@pytest.mark.parametrize("way", ["reading", "writing", "engine.connect"])
def test_a_connection_in_use_when_the_store_is_closed_is_closed_too(tmp_path: Path, way: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    with attrgetter(way)(store)() as connection:
        raw = connection.connection.dbapi_connection
        store.close()
        assert raw.execute("SELECT 1").fetchone() == (1,), "while it is used it stays open"
    with pytest.raises(sqlite3.ProgrammingError):
        raw.execute("SELECT 1")
