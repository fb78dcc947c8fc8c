"""`PidFile`: a file beside the database by which a running service is found, and in which it reports its problems.

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
    """A running service: its process, and when that started in the kernel's own count, because process numbers are reused.

    `reloads` counts how often it was asked to reload, `refused` is why it refused the last time, `notices` are its problems now.
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
        """The running service, None if there is none."""
        try:
            with self.path.open("rb") as file:
                entry = _entry_of(file.read(MOST_BYTES).partition(b"\n")[2])
        except (OSError, msgspec.DecodeError):
            return None
        return entry if entry.alive else None

    def enter(self) -> bool:
        """Writes this process into the file, unless it names another one that runs.

        Raises `OSError`.
        """
        if self.find():
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write(RunningService(os.getpid(), began(os.getpid())))
        return True

    def note(self, notices: Mapping[str, str]) -> None:
        """Writes the current problems; on a full disk they are not written."""
        if self._own and dict(notices) != self._own.notices:
            with suppress(OSError):
                self._write(msgspec.structs.replace(self._own, notices=dict(notices)))

    def reloaded(self, refused: str) -> None:
        """Writes how a reload ended: why it was refused, or nothing."""
        if self._own:
            with suppress(OSError):
                self._write(msgspec.structs.replace(self._own, reloads=self._own.reloads + 1, refused=refused))

    def leave(self) -> None:
        """Removes this process."""
        if self._own:
            with suppress(OSError):
                self.path.unlink()
            self._own = None

    def _write(self, entry: RunningService) -> None:
        beside = self.path.with_name(f".{self.path.name}-{entry.pid}")
        beside.write_bytes(b"%d\n%b\n" % (entry.pid, msgspec.json.encode(entry)))
        os.replace(beside, self.path)
        self._own = entry
