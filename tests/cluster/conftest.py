"""Several machines and one PostgreSQL: each machine's network is the test's to break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

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
