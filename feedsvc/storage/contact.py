"""`Contact`: whether a database answers, known from the thread that asks it all the time, so that no other must find out."""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

PATIENCE_SECONDS = 3.0  # then nothing else is asked until the thread that polls has an answer
_CELL = struct.Struct("dq")
_LOOKED = struct.Struct("q")  # after it: a main process of an earlier release shares the cell with us


class Failing(IntEnum):
    """What the thread that asks could not do the last time."""

    NOTHING = 0
    READ = 1  # the database can't be read
    KEEP = 2  # what was read can't be written into this machine's copy


class Contact:
    """How long a question has had no answer; one thread asks, any may look."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._due: float | None = None
        self.failing = Failing.NOTHING

    @contextmanager
    def asking(self, allowed: float = 0.0) -> Iterator[None]:
        """Around a question; `allowed` is how many seconds its answer may take before the database counts as silent.

        An error is an answer, unless the silence was long enough for it to be the end of a lost connection.
        """
        if self._due is None:
            self._due = self._monotonic() + allowed
        try:
            yield
        except BaseException:
            if not self.lost:
                self._due = None
            raise
        self._due = None

    @property
    def silence(self) -> float:
        """The seconds for which an answer has been due, 0 if none is."""
        due = self._due
        return 0.0 if due is None else max(0.0, self._monotonic() - due)

    @property
    def lost(self) -> bool:
        """Whether it is not worth while to ask anything else."""
        return self.silence > PATIENCE_SECONDS


class SharedContact(Contact):
    """The contact of a whole machine: one of its processes asks, and all of them look into the same memory, that of a file.

    The kernel's monotonic clock is one for all processes (clock_gettime(2)).
    """

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(file, mmap.PAGESIZE)
            self._cell = mmap.mmap(file, mmap.PAGESIZE)
        finally:
            os.close(file)
        self._monotonic = time.monotonic

    def begin(self) -> None:
        """Forgets what the last one that asked has left behind."""
        self._due, self.failing, self.looked = None, Failing.NOTHING, False

    @property
    def looked(self) -> bool:
        """Whether the one that asks has had an answer, or has failed, since it began."""
        return bool(_LOOKED.unpack_from(self._cell, _CELL.size)[0])

    @looked.setter
    def looked(self, looked: bool) -> None:
        _LOOKED.pack_into(self._cell, _CELL.size, looked)

    @property
    def _due(self) -> float | None:
        return _CELL.unpack_from(self._cell)[0] or None

    @_due.setter
    def _due(self, due: float | None) -> None:
        _CELL.pack_into(self._cell, 0, due or 0.0, self.failing)

    @property
    def failing(self) -> Failing:
        """What could not be done the last time."""
        return Failing(_CELL.unpack_from(self._cell)[1])

    @failing.setter
    def failing(self, failing: Failing) -> None:
        _CELL.pack_into(self._cell, 0, self._due or 0.0, failing)
