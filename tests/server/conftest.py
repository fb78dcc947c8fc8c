"""A server without a network, and a connection to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedsvc.server.connection import Connection
from support.connections import Server, Wire


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def opened(server: Server) -> Iterator[tuple[Connection, Wire]]:
    connection, wire = server.connect()
    yield connection, wire
    wire.end()
