"""A machine that serves and builds nothing: its app, with a copy in a file, asked without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.test import Client

from feedsvc.settings import Settings
from feedsvc.web.app import create_app
from feedsvc.web.follower import open_copy, open_source
from support.live import PUBLIC_URL


@contextmanager
def web(file: Path, database: str, replica: str | None = None) -> Iterator[Client]:
    """A web machine that reads from a database, or from its replica."""
    settings = Settings(database=database, database_read=replica, role="web", public_url=PUBLIC_URL, local_copy=file)
    copy = open_copy(settings)
    assert copy
    source = open_source(settings, copy)
    try:
        yield Client(create_app(settings, source, copy=copy))
    finally:
        copy.store.close()
        source.close()
