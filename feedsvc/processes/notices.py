"""`Notices`: what the processes of one service tell each other of how they are, in memory that all of them share.

What is wrong must be told when the database can't be written, which may be what is wrong.
"""

from __future__ import annotations

from ctypes import c_char, c_uint64
from multiprocessing import get_context

PLACES = ("build", "watcher", "builder", "web worker")
STAGES = ("", "up", "open")  # of a web worker that begins
_MOST_BYTES = 1_000


class Notices:
    """One notice for each place, how often each kind of process was started again, and how far so many web workers have come.

    A process gets it when it is begun.
    """

    def __init__(self, workers: int = 1) -> None:
        context = get_context("forkserver")
        self._notices = context.RawArray(c_char, len(PLACES) * _MOST_BYTES)
        self._restarts = context.RawArray(c_uint64, len(PLACES))
        self._stages = context.RawArray(c_uint64, workers)

    def put(self, place: str, text: str) -> None:
        """Puts a notice up in the place of the last one; an empty text takes it down."""
        begin = PLACES.index(place) * _MOST_BYTES
        written = text.encode("utf-8", "backslashreplace")[:_MOST_BYTES]
        self._all()[begin : begin + _MOST_BYTES] = written.ljust(_MOST_BYTES, b"\0")

    def notices(self) -> dict[str, str]:
        """What is up now, by its place."""
        found = {place: self._read(number) for number, place in enumerate(PLACES)}
        return {place: text for place, text in found.items() if text}

    def count(self, place: str) -> None:
        """Counts a restart; only the service's main process does."""
        self._restarts[PLACES.index(place)] += 1

    def restarts(self) -> dict[str, int]:
        """How often each kind of process was started again."""
        return {place: self._restarts[PLACES.index(place)] for place in ("builder", "web worker")}

    def reach(self, worker: int, stage: str) -> None:
        """Says how far a web worker has come."""
        self._stages[worker] = STAGES.index(stage)

    def reached(self, worker: int, stage: str) -> bool:
        """Whether a web worker has come so far."""
        return self._stages[worker] >= STAGES.index(stage)

    def _read(self, number: int) -> str:
        shown = slice(number * _MOST_BYTES, (number + 1) * _MOST_BYTES)
        while (found := bytes(self._all()[shown])) != bytes(self._all()[shown]):
            continue  # it was being written
        return found.rstrip(b"\0").decode("utf-8", "replace")

    def _all(self) -> memoryview[int]:
        return memoryview(self._notices).cast("B")
