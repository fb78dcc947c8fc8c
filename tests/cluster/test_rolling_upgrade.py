"""Releases of different schemas on one database: the older one stops writing, says so, and leaves the lease to the newer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, func, select

from cluster.machine import Machine
from feedsvc.errors import SchemaError
from feedsvc.model.publication import Publication
from feedsvc.storage import engine, tables
from feedsvc.storage.facts import PROBLEM, SCHEMA
from feedsvc.storage.lease import Lease, current_holder
from feedsvc.storage.migration import SCHEMA_VERSION
from feedsvc.storage.store import Store
from support.live import SLOW, save, until


@contextmanager
def upgrading(store: Store) -> Iterator[Connection]:
    """The transaction in which another release's start upgrades the database."""
    with store.engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(engine.UPGRADE_LOCK)))
        yield connection


def upgrade(store: Store, version: str) -> None:
    with upgrading(store) as connection:
        connection.execute(tables.facts.update().where(tables.facts.c.name == SCHEMA.name).values(value=version))


def title(store: Store) -> str:
    document = store.document("/feeds/all.json")
    return document.encodings["identity"].body.decode() if document else ""


def test_an_older_release_publishes_nothing_until_it_is_replaced(
    machine: Callable[..., Machine], seen: Store, database: str
) -> None:
    old = machine("old", database)
    save(old.folder, "harbour/tide.md", "The tide")
    old.start()
    until(lambda: "The tide" in title(seen))
    upgrade(seen, "99")
    upgraded = seen.facts()  # whatever the old one had begun to write was written before
    save(old.folder, "harbour/fog.md", "Fog")
    until(lambda: "schema is version 99" in old.problem and "waits to be replaced" in old.problem)
    until(lambda: current_holder(seen) is None)  # the newer release takes the lease without a wait
    assert seen.facts() == upgraded and "Fog" not in title(seen)
    assert "The tide" in title(old.store)  # it serves on
    upgrade(seen, SCHEMA_VERSION)
    until(lambda: "Fog" in title(seen))


def test_who_waits_for_an_upgrade_sees_it(seen: Store, database: str) -> None:
    old = Store(database)
    lease = Lease(old)
    assert lease.acquire(0)
    refused: list[SchemaError] = []

    def publish() -> None:
        with pytest.raises(SchemaError) as caught:
            old.publish(Publication(facts={PROBLEM.name: "late"}), holder=lease.holder, fence=lease.fence)
        refused.append(caught.value)

    thread = threading.Thread(target=publish, daemon=True)
    with upgrading(seen) as connection:
        thread.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        until(lambda: connection.exec_driver_sql(waiting).scalar())
        connection.execute(tables.facts.update().where(tables.facts.c.name == SCHEMA.name).values(value="99"))
    thread.join(SLOW)
    assert refused and seen.fact(PROBLEM) == ""
    lease.release()
    old.close()
