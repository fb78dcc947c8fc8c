"""`ParserPool`: parses articles in processes that can be stopped.

A parser in C may crash or hang on a file. Here such a file costs two seconds of processor time, and nothing else is affected. On a
busy machine two seconds of processor time take longer by the clock, which is no file's fault.
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

SECONDS = 2  # of processor time
PATIENCE = 30  # times SECONDS by the clock, for a process that waits and does nothing
ATTEMPTS = 3
MEMORY_BYTES = 2_000_000_000
MOST_PARSERS = 4
CHUNK_FILES = 32
AHEAD = 8  # chunks per process that wait to be parsed or taken in; while the processes start, files are read for them
TASKS = 200  # after which a process is replaced: cmarkgfm keeps 10 KB of every article for ever
CHUNK_BYTES = 256_000

File = tuple[str, bytes]
Future: TypeAlias = "ProcessFuture[bytes]"


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """An article as parsed, with its warnings and what the builder needs of it, computed here because processes share the work.

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
# Our exceptions do not cross processes; their faults do.
_received = msgspec.msgpack.Decoder(list[tuple[ParsedArticle | None, tuple[Fault, ...]]]).decode


PARSERS = ForkServer(__name__)


class ParserPool:
    """Processes that parse articles, started when first needed and kept; use it as a context manager, or close it.

    They are forks of `source`, and so parse with the code that it imported at its start, whatever is installed meanwhile.
    """

    def __init__(self, processes: int | None = None, source: ForkServer = PARSERS) -> None:
        self._source = source
        self._processes = processes or min(os.cpu_count() or 1, MOST_PARSERS)
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
        """The article in each file, in their order, by path, or the error that says why there is none.

        Files are drawn as the processes need them, so that an archive need not be in memory.
        """
        ahead: deque[tuple[list[File], Future]] = deque()
        for chunk in _chunks(files):
            ahead.append((chunk, self._begin(chunk, addresses)))
            if len(ahead) > AHEAD * self._processes:
                yield from self._outcomes(*ahead.popleft(), addresses)
        while ahead:
            yield from self._outcomes(*ahead.popleft(), addresses)

    def _begin(self, chunk: list[File], addresses: Urls) -> Future:
        if self._pool is None or not self._pool.active:
            with _uninterrupted():
                context = self._source.context()
            nice = os.getpriority(os.PRIO_PROCESS, 0)
            self._pool = ProcessPool(self._processes, TASKS, initializer=_prepare, initargs=(nice,), context=context)
        with _uninterrupted():
            return self._pool.schedule(_read, args=(chunk, addresses, SECONDS), timeout=PATIENCE * SECONDS)

    def _outcomes(
        self, chunk: list[File], future: Future, addresses: Urls, attempts: int = ATTEMPTS
    ) -> Iterator[tuple[str, ParseOutcome]]:
        try:
            outcomes = _received(future.result())
        except TimeoutError:
            reason = _TOO_LONG.format(SECONDS)
        except BrokenProcessPool:  # a process died that was parsing nothing, which is no file's fault
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
            for (path, _), (parsed, faults) in zip(chunk, outcomes, strict=True):
                yield path, parsed or ArticleError(*faults)
            return
        if len(chunk) == 1:
            path = chunk[0][0]
            yield path, ArticleError(Fault(path, 0, reason))
            return
        for file in chunk:  # one of them is the cause; the others must not suffer
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
    """Ctrl-C at a terminal is for this process, which ends the pool; started while it is blocked, the pool never sees it."""
    resource_tracker.ensure_running()  # it unblocks the signal when it starts
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)


def _prepare(nice: int) -> None:
    """Prepares a process of the pool: it ends at SIGTERM, and can't use up the machine's memory."""
    call_itself("feedsvc-parser")
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))


def _read(chunk: list[File], addresses: Urls, seconds: float) -> bytes:
    outcomes: list[tuple[ParsedArticle | None, tuple[Fault, ...]]] = []
    signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends this process, whatever a parser in C is doing
    for path, data in chunk:
        try:
            outcomes.append((_parsed(parsers.read(path, data, addresses)), ()))
        except ArticleError as error:
            outcomes.append((None, error.faults))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return msgspec.msgpack.encode(outcomes)


def _parsed(reading: parsers.Reading) -> ParsedArticle:
    article = reading.article
    return ParsedArticle(article, reading.warnings, words_of(article), stamp_of(article), size_of(article), packed(article))
