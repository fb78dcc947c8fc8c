"""Several machines and one PostgreSQL: each machine's network is the test's to break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from cluster.machine import Machine
from feedsvc.storage.store import Store
from support.databases import POSTGRESQL, fresh_database
from support.network import Network

collect_ignore_glob = [] if POSTGRESQL else ["test_*.py"]


@pytest.fixture
def database() -> str:
    """The URL of an empty PostgreSQL database."""
    return fresh_database("postgresql", Path())


@pytest.fixture
def networks(database: str) -> Iterator[Callable[[], Network]]:
    """Makes networks between a machine and the database."""
    made: list[Network] = []

    def new() -> Network:
        made.append(Network(make_url(database).port or 5432))
        return made[-1]

    yield new
    for one in made:
        one.close()


@pytest.fixture
def network(networks: Callable[[], Network]) -> Network:
    """One such network."""
    return networks()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Makes machines that may build, each with a folder of its own name."""
    made: list[Machine] = []

    def new(name: str, database: str, **given: Any) -> Machine:
        made.append(Machine(tmp_path / name, database, **given))
        return made[-1]

    yield new
    for one in made:
        one.stop()


@pytest.fixture
def seen(database: str) -> Iterator[Store]:
    """The database as a reader's machine sees it."""
    store = Store(database)
    yield store
    store.close()
