"""How many connections to PostgreSQL a machine has: few, however many web workers it has, and each worker has its turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from feedsvc.errors import StoreError
from feedsvc.storage import turns as limits
from feedsvc.storage.local_copy import MOST_CONNECTIONS, LocalCopy
from feedsvc.storage.store import Store
from support.live import SLOW

WORKERS = 6
_OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[LocalCopy]:
    made = LocalCopy(tmp_path / "copy.db")
    yield made
    made.store.close()


def test_workers_share_them_and_none_is_left_out(database: str, copy: LocalCopy) -> None:
    Store(database).close()  # makes the tables
    answers = [0] * WORKERS
    over = threading.Event()
    failures: list[Exception] = []

    def work(number: int) -> None:
        store = Store(database, awaited=True, shared=copy.shared)
        try:
            while not over.is_set():
                store.generation()
                answers[number] += 1
        except StoreError as error:
            failures.append(error)
        store.close()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(WORKERS)]
    most = 0
    watcher = create_engine(database, isolation_level="AUTOCOMMIT")
    with watcher.connect() as connection:
        for thread in threads:
            thread.start()
        while min(answers) < 5 and not failures:
            most = max(most, connection.execute(text(_OPEN)).scalar_one())
        over.set()
        for thread in threads:
            thread.join(SLOW)
    watcher.dispose()
    assert not failures
    # The server may see one that is closed for a moment longer.
    assert 0 < most <= 2 * MOST_CONNECTIONS < WORKERS


def test_who_gets_no_turn_is_told(database: str, copy: LocalCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0.05)
    taken = [Store(database, shared=copy.shared) for _ in range(MOST_CONNECTIONS)]
    with taken[0].reading() as first, taken[1].reading() as second:
        assert first.execute(text("SELECT 1")).scalar() == second.execute(text("SELECT 1")).scalar() == 1
        with pytest.raises(StoreError, match="all connections of this machine are in use"):
            Store(database, shared=copy.shared)
    for store in taken:
        store.close()
