"""`identity`: which file or folder lies at a path, for another one may lie there soon."""

from __future__ import annotations

import os
from pathlib import Path

Identity = tuple[int, int]


def identity(path: Path) -> Identity | None:
    """Its device and its number there, None where there is nothing."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
