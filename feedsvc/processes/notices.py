"""`Notices`: problems that the processes of one service report to each other, in memory that all of them share.

Problems must be visible even when the database can't be written, which may be the problem.
"""

from __future__ import annotations

from ctypes import c_char, c_uint64
from multiprocessing import get_context

from feedsvc.processes.served import Served

PLACES = ("build", "watcher", "builder", "web worker")
STAGES = ("", "up", "open")  # of a web worker that starts
_MOST_BYTES = 1_000


class Notices:
    """One notice for each place, how often each kind of process was restarted, the stage of each web worker's start, and what each
    serves.

    A process gets it when it starts.
    """

    def __init__(self, workers: int = 1) -> None:
        context = get_context("forkserver")
        self._notices = context.RawArray(c_char, len(PLACES) * _MOST_BYTES)
        self._restarts = context.RawArray(c_uint64, len(PLACES))
        self._stages = context.RawArray(c_uint64, workers)
        self.served = Served(workers)

    def put(self, place: str, text: str) -> None:
        """Replaces a place's notice; an empty text removes it."""
        begin = PLACES.index(place) * _MOST_BYTES
        written = text.encode("utf-8", "backslashreplace")[:_MOST_BYTES]
        self._all()[begin : begin + _MOST_BYTES] = written.ljust(_MOST_BYTES, b"\0")

    def notices(self) -> dict[str, str]:
        """The notices by their places."""
        found = {place: self._read(number) for number, place in enumerate(PLACES)}
        return {place: text for place, text in found.items() if text}

    def count(self, place: str) -> None:
        """Counts a restart; only the service's main process does."""
        self._restarts[PLACES.index(place)] += 1

    def restarts(self) -> dict[str, int]:
        """How often each kind of process was restarted."""
        return {place: self._restarts[PLACES.index(place)] for place in ("builder", "web worker")}

    def reach(self, worker: int, stage: str) -> None:
        """Sets the stage of a web worker."""
        self._stages[worker] = STAGES.index(stage)

    def reached(self, worker: int, stage: str) -> bool:
        """Whether a web worker has reached a stage."""
        return self._stages[worker] >= STAGES.index(stage)

    def _read(self, number: int) -> str:
        shown = slice(number * _MOST_BYTES, (number + 1) * _MOST_BYTES)
        while (found := bytes(self._all()[shown])) != bytes(self._all()[shown]):
            continue  # it was being written
        return found.rstrip(b"\0").decode("utf-8", "replace")

    def _all(self) -> memoryview[int]:
        return memoryview(self._notices).cast("B")
