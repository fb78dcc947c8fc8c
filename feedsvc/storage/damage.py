"""A damaged SQLite file: how to distinguish it from one that can't be used just now, and how to set it aside.

Only SQLite's own error counts, and bytes that can't be unpacked: never a lock, a permission, a full disk, or another version's
tables.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from zlib_ng import zlib_ng

from feedsvc.files import Identity, identity

# Endings of the files that SQLite keeps beside a database (sqlite.org/fileformat2.html).
BESIDE = ("-wal", "-shm")
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

UNPACKABLE: Any = zlib_ng.error


def is_damage(error: BaseException) -> bool:
    """Whether an error, or what a library made it from, says that the file itself is broken."""
    error = getattr(error, "orig", None) or error
    if isinstance(error, sqlite3.Error):
        # The low byte is the kind of error, the others say where it occurred (sqlite.org/rescode.html).
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
    if isinstance(error, msgspec.ValidationError):
        return False  # it can be read, and is of another version
    return isinstance(error, (msgspec.DecodeError, UNPACKABLE))


def suspect(path: Path) -> None:
    """Marks a database as suspect, for the builder to examine."""
    with suppress(OSError):
        _mark(path).touch()


def suspected(path: Path) -> bool:
    """Whether a database is marked as suspect."""
    return _mark(path).exists()


def absolve(path: Path) -> None:
    """Removes the mark."""
    with suppress(OSError):
        _mark(path).unlink(missing_ok=True)


def set_aside(path: Path, damaged: Identity | None, now: datetime) -> Path | None:
    """Renames a damaged database with all that belongs to it; its new name, None if another process has done so.

    Raises `OSError`.
    """
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%S%fZ}")
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # of two processes that find the same damage, the second would rename the new database
        if damaged is None or identity(path) != damaged:
            return None
        # First the files that must not be beside a new database: SQLite would replay an old log into it.
        for suffix in (*BESIDE, ""):
            with suppress(FileNotFoundError):
                os.rename(f"{path}{suffix}", f"{aside}{suffix}")
        absolve(path)
        os.fsync(folder)
    finally:
        os.close(folder)
    return aside


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")
