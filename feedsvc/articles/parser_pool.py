"""`ParserPool`: where articles are read, in processes that can be stopped.

A parser may crash or hang on what it is given (C parsers do). Here such a file costs two seconds of a processor's time and
itself. On a machine that is busy with other things those are longer than two of the clock, which are no file's fault.
"""

from __future__ import annotations

import os
import resource
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from types import TracebackType
from typing import TypeAlias

import msgspec
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from feedsvc.articles import parsers
from feedsvc.errors import ArticleError, Fault
from feedsvc.model.article import Article
from feedsvc.model.packing import packed
from feedsvc.model.record import size_of, stamp_of, words_of
from feedsvc.model.urls import Urls
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.procfs import call_itself

SECONDS = 2  # of a processor's time
PATIENCE = 30  # as many times that by the clock, for what waits and does nothing
ATTEMPTS = 3
MEMORY_BYTES = 2_000_000_000
MOST_PARSERS = 4
CHUNK_FILES = 32
AHEAD = 8  # chunks a reader that wait to be read or taken in; while the readers begin, files are read for them
TASKS = 200  # that a reader takes before a new one follows it: cmarkgfm keeps 10 KB of every article for ever
CHUNK_BYTES = 256_000

File = tuple[str, bytes]
Future: TypeAlias = "ProcessFuture[bytes]"


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """An article as read, with its warnings and what the builder needs of it: worked out here, where there are several to do it.

    `words`, `stamp` and `size` are the record's, `packed` is the article as the database keeps it.
    """

    article: Article
    warnings: tuple[Fault, ...]
    words: str
    stamp: str
    size: int
    packed: bytes


_TOO_LONG = "takes longer than {} seconds to read"
ParseOutcome = ParsedArticle | ArticleError
# An exception of ours does not cross processes, its faults do.
_received = msgspec.msgpack.Decoder(list[tuple[ParsedArticle | None, tuple[Fault, ...]]]).decode


PARSERS = ForkServer(__name__)


class ParserPool:
    """Some processes that read articles, begun when first needed and kept; use it as a context manager, or close it.

    They are forks of `source`, and so read with what was imported when that began, whatever is installed meanwhile.
    """

    def __init__(self, readers: int | None = None, source: ForkServer = PARSERS) -> None:
        self._source = source
        self._readers = readers or min(os.cpu_count() or 1, MOST_PARSERS)
        self._pool: ProcessPool | None = None

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes."""
        if self._pool:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def read_all(self, files: Iterable[File], addresses: Urls) -> Iterator[tuple[str, ParseOutcome]]:
        """What each of some files holds, in their order, by path: its galley, or the error that says why there is none.

        Files are drawn as the readers come to need them, so that an archive need not lie in memory.
        """
        ahead: deque[tuple[list[File], Future]] = deque()
        for chunk in _chunks(files):
            ahead.append((chunk, self._begin(chunk, addresses)))
            if len(ahead) > AHEAD * self._readers:
                yield from self._outcomes(*ahead.popleft(), addresses)
        while ahead:
            yield from self._outcomes(*ahead.popleft(), addresses)

    def _begin(self, chunk: list[File], addresses: Urls) -> Future:
        if self._pool is None or not self._pool.active:
            with _uninterrupted():
                context = self._source.context()
            nice = os.getpriority(os.PRIO_PROCESS, 0)
            self._pool = ProcessPool(self._readers, TASKS, initializer=_sit_down, initargs=(nice,), context=context)
        with _uninterrupted():
            return self._pool.schedule(_read, args=(chunk, addresses, SECONDS), timeout=PATIENCE * SECONDS)

    def _outcomes(
        self, chunk: list[File], future: Future, addresses: Urls, attempts: int = ATTEMPTS
    ) -> Iterator[tuple[str, ParseOutcome]]:
        try:
            outcomes = _received(future.result())
        except TimeoutError:
            reason = _TOO_LONG.format(SECONDS)
        except BrokenProcessPool:  # a reader died that was reading nothing, which is no file's fault
            if self._pool and not self._pool.active:
                self.close()
            if attempts > 1:
                yield from self._outcomes(chunk, self._begin(chunk, addresses), addresses, attempts - 1)
                return
            reason = "crashes the parser"
        except (ProcessExpired, MemoryError) as error:
            out_of_time = isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGPROF
            reason = _TOO_LONG.format(SECONDS) if out_of_time else "crashes the parser"
        else:
            for (path, _), (galley, faults) in zip(chunk, outcomes, strict=True):
                yield path, galley or ArticleError(*faults)
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


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C at a terminal is for us, who end the readers; begun while it is blocked, they never see it."""
    resource_tracker.ensure_running()  # it unblocks the signal when it begins
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)


def _sit_down(nice: int) -> None:
    """Makes this a process that ends when it is told to, and can't take the machine's memory."""
    call_itself("feedsvc-reader")
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))


def _read(chunk: list[File], addresses: Urls, seconds: float) -> bytes:
    outcomes: list[tuple[ParsedArticle | None, tuple[Fault, ...]]] = []
    signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends this process, whatever a parser in C is about
    for path, data in chunk:
        try:
            outcomes.append((_galley(parsers.read(path, data, addresses)), ()))
        except ArticleError as error:
            outcomes.append((None, error.faults))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return msgspec.msgpack.encode(outcomes)


def _galley(reading: parsers.Reading) -> ParsedArticle:
    article = reading.article
    return ParsedArticle(article, reading.warnings, words_of(article), stamp_of(article), size_of(article), packed(article))
