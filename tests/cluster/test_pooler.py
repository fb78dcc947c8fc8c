"""PgBouncer between the machines and the database, with a session only for the length of a transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from cluster.machine import Machine
from cluster.pooler import pooler
from feedsvc.settings import Settings
from feedsvc.storage import generation as limits
from feedsvc.web.app import create_app
from feedsvc.web.follower import open_copy, open_source
from support.live import PUBLIC_URL, SLOW, save, until


@pytest.fixture
def pooled(database: str) -> Iterator[str]:
    with pooler(database) as url:
        yield url


def test_machines_work_behind_it_and_hear_of_publications_where_they_are_told_of_the_server(
    pooled: str,
    database: str,
    machine: Callable[..., Machine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = machine("first", pooled, interval=0.5), machine("second", pooled)
    save(first.folder, "harbour/tide.md", "The tide")
    first.start()
    until(first.store.generation)
    second.start()
    settings = Settings(database=pooled, database_listen=database, public_url=PUBLIC_URL, local_copy=tmp_path / "copy.db")
    copy = open_copy(settings)
    assert copy
    source = open_source(settings, copy)
    client = Client(create_app(settings, source, copy=copy))
    until(lambda: "The tide" in client.get("/feeds/all.json").text)
    monkeypatch.setattr(limits, "SERVER_SECONDS", SLOW)  # what is not heard of is not seen from now on
    # More often than a driver waits before it prepares a statement.
    for number in range(8):
        save(first.folder, "harbour/tide.md", f"The tide {number}")
        until(lambda number=number: f"The tide {number}" in client.get("/feeds/all.json").text)
        assert client.get("/articles/tide").status_code == 200
    assert not [record.message for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert first.builds and not second.builds and not first.problem
    copy.store.close()
    source.close()
    save(first.folder, "harbour/tide.md", "The tide, for the last time")  # which who listens hears, and ends
    until(lambda: "follower" not in {thread.name for thread in threading.enumerate()})
