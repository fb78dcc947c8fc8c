"""`PidFile`: a file beside the database by which a running service is found, and in which it says how it is.

The first line is its process, for programs that know such files; the second is for `feedsvc reload` and `feedsvc status`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from feedsvc.processes.procfs import began

FILE_NAME = "feedsvc.pid"
MOST_BYTES = 20_000


class RunningService(msgspec.Struct, frozen=True):
    """A running service: its process, and when that began in the kernel's own count, for a number is given anew.

    `reloads` counts how often it was asked for new settings, `refused` is why it did not take the last ones, `notices` what is
    wrong with it now.
    """

    pid: int
    began: int
    reloads: int = 0
    refused: str = ""
    notices: dict[str, str] = {}

    @property
    def alive(self) -> bool:
        """Whether that process runs."""
        return began(self.pid) == self.began != 0


_entry_of = msgspec.json.Decoder(RunningService).decode


class PidFile:
    """The file in one folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._own: RunningService | None = None

    def find(self) -> RunningService | None:
        """The service that runs, None where there is none."""
        try:
            with self.path.open("rb") as file:
                entry = _entry_of(file.read(MOST_BYTES).partition(b"\n")[2])
        except (OSError, msgspec.DecodeError):
            return None
        return entry if entry.alive else None

    def enter(self) -> bool:
        """Enters this process, unless another one that runs is named there.

        Raises `OSError`.
        """
        if self.find():
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write(RunningService(os.getpid(), began(os.getpid())))
        return True

    def note(self, notices: Mapping[str, str]) -> None:
        """Says what is wrong now; where the disk is full, this is not said here."""
        if self._own and dict(notices) != self._own.notices:
            with suppress(OSError):
                self._write(msgspec.structs.replace(self._own, notices=dict(notices)))

    def reloaded(self, refused: str) -> None:
        """Says how a reload ended: why it was refused, nothing where it was not."""
        if self._own:
            with suppress(OSError):
                self._write(msgspec.structs.replace(self._own, reloads=self._own.reloads + 1, refused=refused))

    def leave(self) -> None:
        """Takes this process out."""
        if self._own:
            with suppress(OSError):
                self.path.unlink()
            self._own = None

    def _write(self, entry: RunningService) -> None:
        beside = self.path.with_name(f".{self.path.name}-{entry.pid}")
        beside.write_bytes(b"%d\n%b\n" % (entry.pid, msgspec.json.encode(entry)))
        os.replace(beside, self.path)
        self._own = entry
