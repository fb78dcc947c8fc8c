"""Fixtures: the real parts of tests/live.py, each in the test's own folder and ended after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import BACKENDS, fresh_database
from live import FEEDSVC, Newsroom, Service, free_port

from feedsvc.store import Store


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom in this process."""
    made = Newsroom(tmp_path)
    yield made
    made.close()


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Makes services that run in the test's folder, and ends what is left of them."""
    made: list[Service] = []

    def new(*command: str, **environment: str) -> Service:
        port = free_port()
        words = [word.replace("{port}", str(port)) for word in command]
        made.append(Service(words, tmp_path, port, environment))
        return made[-1]

    yield new
    for service in made:
        if service.process and service.process.poll() is None:
            service.stop()


@pytest.fixture
def serve(services: Callable[..., Service], tmp_path: Path) -> Callable[..., Service]:
    """Makes instances of `feedsvc serve` over `articles/` in the test's folder."""
    (tmp_path / "articles").mkdir(exist_ok=True)

    def new(*flags: str, workers: int = 1, **environment: str) -> Service:
        return services(*FEEDSVC, "serve", "--port", "{port}", "--workers", str(workers), *flags, **environment)

    return new


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind that the test run has."""
    return fresh_database(request.param, tmp_path)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A store in such a database."""
    made = Store(database)
    yield made
    made.close()
