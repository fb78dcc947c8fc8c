"""What a look at the articles folder shows: `FoundFile` and `Look`.

Pure: no I/O, no clock, no globals. Paths are POSIX, relative to the folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from feedsvc.articles.passed_over import PassedOver
from feedsvc.errors import Fault


@dataclass(frozen=True, slots=True)
class FoundFile:
    """What one look at a file showed without opening it; `mtime` is in nanoseconds since 1970."""

    path: str
    size: int
    mtime: int
    inode: int

    @property
    def mark(self) -> str:
        """What differs when the file does."""
        return f"{self.size}.{self.mtime}.{self.inode}"


@dataclass(slots=True)
class Look:
    """What a look showed; `scope` holds the paths looked at, `unseen` those that could not be, both with folders ending in "/".

    Of what was `passed_over` a look at the whole folder has warnings among its faults.
    """

    found_files: list[FoundFile] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    passed_over: PassedOver = field(default_factory=PassedOver)
    scope: set[str] | None = None
    unseen: set[str] = field(default_factory=set)

    def covers(self, path: str) -> bool:
        """Whether the look would have shown a file at this path."""
        return (self.scope is None or _within(path, self.scope)) and not _within(path, self.unseen)


def _within(path: str, parts: set[str]) -> bool:
    """Whether a path, or a folder that it lies in, is among some paths."""
    if path in parts:
        return True
    end = path.find("/")
    while end != -1:
        if path[: end + 1] in parts:
            return True
        end = path.find("/", end + 1)
    return False


# Wraps the files to be read in what shows how far they are.
Progress = Callable[[Sequence[FoundFile]], Iterable[FoundFile]]
