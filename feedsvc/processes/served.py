"""`Served`: the publication that each web worker of one machine serves, in memory that all of them share.

A worker that dies says nothing any more, and so each says with it when it looked last, by the clock that all processes share.
"""

from __future__ import annotations

import time
from ctypes import c_double, c_uint64
from multiprocessing import get_context

SILENT_SECONDS = 3.0  # after which a worker counts as gone; each looks for publications more often than that


class Served:
    """One place for each worker; a process gets it when it starts."""

    def __init__(self, workers: int) -> None:
        context = get_context("forkserver")
        self._generations = context.RawArray(c_uint64, workers)
        self._looked = context.RawArray(c_double, workers)
        self._told = context.RawArray(c_uint64, 1)

    def put(self, worker: int, generation: int) -> None:
        """Says that a worker serves a publication, and lives."""
        self._generations[worker] = generation
        self._looked[worker] = time.monotonic()

    def by_all(self) -> int:
        """The publication that every living worker serves, or a later one; 0 if none lives."""
        since = time.monotonic() - SILENT_SECONDS
        living = (number for number, looked in enumerate(self._looked) if looked > since)
        return min((self._generations[number] for number in living), default=0)

    def news(self) -> int:
        """What all serve, if nobody has been told yet; who asks tells it. Two who ask at the same moment may both get it."""
        found = self.by_all()
        if found == self._told[0]:
            return 0
        self._told[0] = found
        return found

    def take_back(self) -> None:
        """Says that nobody could be told."""
        self._told[0] = 0
