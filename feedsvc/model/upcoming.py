"""`Upcoming`: what time alone will change for readers.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A moment at which time alone changes what readers see of an article, and what happens then."""

    when: datetime
    what: str
    title: str
    path: str
