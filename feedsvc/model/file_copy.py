"""`FileCopy`: a file of the articles folder as the database keeps it, in pieces, for readers to get any part of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PIECE_BYTES = 131_072


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCopy:
    """One copy, complete where it has a `digest`; `file` is its path in the articles folder, `mark` what differs when that does.

    `type` is as readers get it; `replaced` is since when another is in its place.
    """

    name: str
    file: str
    mark: str
    digest: str = ""
    type: str = ""
    size: int = 0
    replaced: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a copy: those from `start` up to, and without, `end`."""

    copy: str
    start: int
    end: int

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.end - self.start

    def after(self, size: int) -> Part | None:
        """What is left of it without its first bytes."""
        return Part(self.copy, self.start + size, self.end) if size < self.size else None
