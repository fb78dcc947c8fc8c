"""`Upcoming`: an embargo, an expiry or the like that will change what readers see.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A moment at which readers see a change without any file changing, and what happens then."""

    when: datetime
    what: str
    title: str
    path: str
