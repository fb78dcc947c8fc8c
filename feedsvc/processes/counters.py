"""`RequestCounters`: how many requests each web worker has answered, in memory that all of them share.

Counting adds to a number in memory, without a lock or a system call. Each worker has its own numbers, and the worker that replaces
a dead one continues them, so that the totals never decrease.
"""

from __future__ import annotations

from ctypes import c_uint64
from multiprocessing import get_context

SLOTS = 600  # one for each status
BODIES = 0  # the slot of the bytes of all bodies
WRONG_TOKENS = 1  # and that of the wrong status tokens


class RequestCounters:
    """The counts of all web workers; a process gets them when it starts."""

    def __init__(self, workers: int) -> None:
        self._counts = get_context("forkserver").RawArray(c_uint64, workers * SLOTS)

    def of(self, worker: int) -> memoryview[int]:
        """One worker's own counts, by status."""
        return self._all()[worker * SLOTS : (worker + 1) * SLOTS]

    def totals(self) -> dict[int, int]:
        """The sums over all workers, without zeros."""
        rows = [row for row in map(self.of, range(len(self._counts) // SLOTS)) if any(row)]
        return {slot: total for slot in range(SLOTS) if (total := sum(row[slot] for row in rows))}

    def _all(self) -> memoryview[int]:
        return memoryview(self._counts).cast("B").cast("Q")
