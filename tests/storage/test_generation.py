"""The generation, noticed over a kept connection, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedsvc.errors import StoreError
from feedsvc.storage.facts import GENERATION
from feedsvc.storage.generation import GenerationPoll
from feedsvc.storage.store import Store


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
