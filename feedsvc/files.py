"""Files: the identity of the file at a path, which another file may replace, and the file of a database."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

Identity = tuple[int, int]

# The URL of a database's file in which nothing stands for anything else.
_FILE_URL = re.compile(r"sqlite:///([\w./-]+)", re.ASCII)


def identity(path: Path) -> Identity | None:
    """Its device and its number there, None if there is nothing."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def database_file(url: str | URL) -> Path | None:
    """The file of the database at a URL, None for one on a server or in memory.

    Raises `ValueError` for a text that is no such URL.
    """
    if isinstance(url, str):
        if plain := _FILE_URL.fullmatch(url):
            return Path(plain[1])
        # Half of a start's time, and half of the main process's memory: with a file of the usual kind it needs none of it.
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(url)
        except ArgumentError as error:
            raise ValueError("not a database URL") from error
    named = url.database if url.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" else None
