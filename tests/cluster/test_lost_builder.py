"""A builder that loses its network: it gives up in time, and so does the database, whose locks another builder waits for."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from feedsvc.errors import LeaseLost, StoreError
from feedsvc.model.publication import Publication
from feedsvc.storage import lease as lease_module
from feedsvc.storage import tables
from feedsvc.storage.facts import PROBLEM
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store
from support.live import until
from support.network import Network, through

# As in production, ten times as fast.
LIMITS = {"connect_timeout": "1", "tcp_user_timeout": "1000"}
SESSION = "idle_in_transaction_session_timeout=1s lock_timeout=1s"


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "LEASE_TTL_SECONDS", 1.5)
    monkeypatch.setattr(lease_module, "BEAT_SECONDS", 0.2)


@pytest.fixture
def lost(database: str, network: Network) -> Iterator[Store]:
    """The machine that is going to lose its network."""
    made = Store(through(network, database, SESSION, **LIMITS))
    yield made
    made.close()


@pytest.fixture
def other(database: str) -> Iterator[Store]:
    made = Store(database)
    yield made
    made.close()


def taken(lease: Lease) -> bool:
    try:
        return lease.acquire(time.monotonic())
    except StoreError:  # the lost one's session still holds the row
        return False


def test_cut_off_inside_the_publishing_transaction(lost: Store, other: Store, network: Network, fast: None) -> None:
    first, second = Lease(lost), Lease(other)
    assert taken(first) and not taken(second)
    with pytest.raises(StoreError), lost.writing() as connection:
        connection.execute(tables.lease.update().values(beat=tables.lease.c.beat + 1))
        network.drop()
        until(lambda: taken(second))
        connection.execute(tables.facts.insert().values(name="late", value="1"))
    assert "late" not in other.facts()
    assert other.publish(Publication(), holder=second.holder, fence=second.fence) == 1
    network.heal()
    with pytest.raises(LeaseLost):
        until(lambda: published(lost, first))
    second.release()


def published(store: Store, lease: Lease) -> int | None:
    """The generation of what a builder publishes as soon as its database answers."""
    try:
        return store.publish(Publication(), holder=lease.holder, fence=lease.fence)
    except LeaseLost:
        raise
    except StoreError:
        return None


def test_it_does_not_wait_for_an_answer_without_end(lost: Store, network: Network) -> None:
    assert lost.fact(PROBLEM) == ""
    network.drop()
    for _ in range(2):  # on the kept connection, and on a new one
        with pytest.raises(StoreError):
            lost.fact(PROBLEM)
    network.heal()
    assert until(lambda: readable(lost))


def readable(store: Store) -> bool:
    try:
        return store.fact(PROBLEM) == ""
    except StoreError:
        return False
