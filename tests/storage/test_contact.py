"""Whether a database answers, by the clock of the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.errors import StoreError
from feedsvc.storage.contact import PATIENCE_SECONDS, Contact
from feedsvc.storage.facts import PROBLEM
from feedsvc.storage.store import Store


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def contact(clock: Clock) -> Contact:
    return Contact(clock)


def test_an_answer_ends_the_silence(contact: Contact, clock: Clock) -> None:
    with contact.asking():
        clock.now += 2
        assert contact.silence == 2 and not contact.lost
        clock.now += PATIENCE_SECONDS
        assert contact.lost
    assert contact.silence == 0 and not contact.lost


def test_what_takes_long_may_take_long(contact: Contact, clock: Clock) -> None:
    with contact.asking(10):
        clock.now += 10
        assert contact.silence == 0
        clock.now += 1
        assert contact.silence == 1


def test_a_refusal_is_an_answer_and_the_end_of_a_lost_connection_is_none(contact: Contact, clock: Clock) -> None:
    def fails(after: float) -> None:
        with pytest.raises(StoreError), contact.asking():
            clock.now += after
            raise StoreError("refused")

    fails(1)
    assert contact.silence == 0
    fails(PATIENCE_SECONDS + 1)
    fails(0)
    assert contact.lost
    with contact.asking():
        assert contact.lost
    assert not contact.lost


def test_a_lost_database_is_asked_by_nobody_else(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/feedsvc.db")
    with store.contact.asking(-PATIENCE_SECONDS - 1):
        with pytest.raises(StoreError, match="can't be read: it does not answer"):
            store.fact(PROBLEM)
        with pytest.raises(StoreError, match="can't be written: it does not answer"):
            store.set_fact(PROBLEM, "x")
    assert store.fact(PROBLEM) == ""
    store.close()
