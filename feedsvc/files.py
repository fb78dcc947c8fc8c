"""Files: the identity of the file at a path, which another file may replace, and the file of a database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

Identity = tuple[int, int]


def identity(path: Path) -> Identity | None:
    """Its device and its number there, None if there is nothing."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def database_file(url: URL) -> Path | None:
    """The file of the database at a URL, None for one on a server or in memory."""
    named = url.database if url.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" else None
