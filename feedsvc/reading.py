"""`ReadingRoom`: where articles are read, in processes that can be stopped.

A parser may crash or hang on what it is given (C parsers do). Here such a file costs two seconds and itself.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from types import TracebackType
from typing import TypeAlias

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from feedsvc import readers
from feedsvc.addresses import Addresses
from feedsvc.errors import ArticleError, Fault
from feedsvc.readers import Reading

SECONDS = 2
ATTEMPTS = 3
MEMORY_BYTES = 2_000_000_000
MOST_READERS = 4
CHUNK_FILES = 32
TASKS = 200  # that a reader takes before a new one follows it: cmarkgfm keeps 10 KB of every article for ever
CHUNK_BYTES = 256_000

File = tuple[str, bytes]
Outcome = Reading | ArticleError
# An exception of ours does not cross processes, its faults do.
Future: TypeAlias = "ProcessFuture[list[Reading | tuple[Fault, ...]]]"


class ReadingRoom:
    """Some processes that read articles, begun when first needed and kept; use it as a context manager, or close it."""

    def __init__(self, readers: int | None = None) -> None:
        self._readers = readers or min(os.cpu_count() or 1, MOST_READERS)
        self._pool: ProcessPool | None = None

    def __enter__(self) -> ReadingRoom:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes."""
        if self._pool:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def read_all(self, files: Iterable[File], addresses: Addresses) -> Iterator[tuple[str, Outcome]]:
        """What each of some files holds, in their order, by path: a reading, or the error that says why there is none.

        Files are drawn as the readers come to need them, so that an archive need not lie in memory.
        """
        ahead: deque[tuple[list[File], Future]] = deque()
        for chunk in _chunks(files):
            ahead.append((chunk, self._begin(chunk, addresses)))
            if len(ahead) > 2 * self._readers:
                yield from self._outcomes(*ahead.popleft(), addresses)
        while ahead:
            yield from self._outcomes(*ahead.popleft(), addresses)

    def _begin(self, chunk: list[File], addresses: Addresses) -> Future:
        if self._pool is None or not self._pool.active:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPool(self._readers, TASKS, initializer=_sit_down, context=context)
        # Ctrl-C at a terminal is for us, who end the readers; begun while it is blocked, they never see it.
        resource_tracker.ensure_running()  # it unblocks the signal when it begins
        unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._pool.schedule(_read, args=(chunk, addresses), timeout=SECONDS)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)

    def _outcomes(
        self, chunk: list[File], future: Future, addresses: Addresses, attempts: int = ATTEMPTS
    ) -> Iterator[tuple[str, Outcome]]:
        try:
            outcomes = future.result()
        except TimeoutError:
            reason = f"takes longer than {SECONDS} seconds to read"
        except BrokenProcessPool:  # a reader died that was reading nothing, which is no file's fault
            if self._pool and not self._pool.active:
                self.close()
            if attempts > 1:
                yield from self._outcomes(chunk, self._begin(chunk, addresses), addresses, attempts - 1)
                return
            reason = "crashes its reader"
        except (ProcessExpired, MemoryError):
            reason = "crashes its reader"
        else:
            for (path, _), outcome in zip(chunk, outcomes, strict=True):
                yield path, outcome if isinstance(outcome, Reading) else ArticleError(*outcome)
            return
        if len(chunk) == 1:
            path = chunk[0][0]
            yield path, ArticleError(Fault(path, 0, reason))
            return
        for file in chunk:  # one of them did it, and the others are not to suffer
            yield from self._outcomes([file], self._begin([file], addresses), addresses)


def _chunks(files: Iterable[File]) -> Iterator[list[File]]:
    chunk: list[File] = []
    size = 0
    for path, data in files:
        if chunk and (len(chunk) == CHUNK_FILES or size + len(data) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((path, data))
        size += len(data)
    if chunk:
        yield chunk


def _sit_down() -> None:
    """Makes this a process that ends when it is told to, and can't take the machine's memory."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))


def _read(chunk: list[File], addresses: Addresses) -> list[Reading | tuple[Fault, ...]]:
    outcomes: list[Reading | tuple[Fault, ...]] = []
    for path, data in chunk:
        try:
            outcomes.append(readers.read(path, data, addresses))
        except ArticleError as error:
            outcomes.append(error.faults)
    return outcomes
