"""The generation, noticed over a kept connection, on each kind of database."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from feedsvc.errors import StoreError
from feedsvc.model.publication import Publication
from feedsvc.storage import generation as limits
from feedsvc.storage.facts import GENERATION, MARK
from feedsvc.storage.generation import GenerationPoll
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store
from support.live import SLOW


@pytest.fixture
def pulse(store: Store) -> Iterator[GenerationPoll]:
    made = GenerationPoll(store)
    yield made
    made.close()


def test_what_another_connection_writes_is_seen_at_once(store: Store, pulse: GenerationPoll) -> None:
    assert pulse.generation() == 0
    for generation in (1, 2, 3):
        store.set_fact(GENERATION, generation)
        assert pulse.generation() == generation == store.generation()


def test_it_holds_nobody_up(store: Store, pulse: GenerationPoll) -> None:
    store.set_fact(GENERATION, 1)
    assert pulse.generation() == 1
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM facts WHERE name = 'generation'")
        assert pulse.generation() == 1
    assert pulse.generation() == 0


def test_a_lost_connection_is_an_error_once(store: Store, pulse: GenerationPoll) -> None:
    store.set_fact(GENERATION, 7)
    assert pulse.generation() == 7
    pulse._cursor.connection.close()
    with pytest.raises(StoreError, match="can't be read"):
        pulse.generation()
    assert pulse.generation() == 7


def test_a_database_that_went_back_and_gave_a_number_again_is_another(store: Store, pulse: GenerationPoll) -> None:
    lease = Lease(store)
    assert lease.acquire(0)

    def publish(after: str | None = None) -> None:
        store.publish(Publication(), holder=lease.holder, fence=lease.fence, after=after)

    publish()
    assert pulse.generation() == 1
    before, database = store.facts(), pulse.database
    publish(after=before[MARK.name])
    assert (pulse.generation(), pulse.database) == (2, database)
    lost = store.fact(MARK)
    with store.writing() as connection:
        store.put_facts(connection, before)
    with pytest.raises(StoreError, match="has gone back"):
        publish(after=lost)
    publish()
    assert pulse.generation() == 2 and pulse.database > database
    database = pulse.database
    for _ in range(3):
        publish()
    assert (pulse.generation(), pulse.database) == (5, database)
    lease.release()


def test_who_waits_hears_of_a_publication_at_once(database: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SERVER_SECONDS", SLOW)  # so that what was not heard would not be seen
    lease, other = Lease(store), Store(database)
    assert lease.acquire(0)
    pulse = GenerationPoll(other)
    assert pulse.generation() == 0
    for number in (1, 2):
        store.publish(Publication(), holder=lease.holder, fence=lease.fence)
        while pulse.generation() != number:
            pulse.wait()
    waited = threading.Thread(target=pulse.wait, daemon=True)
    waited.start()
    store.publish(Publication(), holder=lease.holder, fence=lease.fence)
    waited.join(SLOW / 2)
    assert not waited.is_alive() and pulse.generation() == 3
    pulse.close()
    other.close()
    lease.release()
