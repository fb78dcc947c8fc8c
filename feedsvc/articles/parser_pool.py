"""`ParserPool`: parses articles in processes that have no rights and can be stopped.

A parser in C may crash or hang on a file, or be taken over by one. Here such a file costs two seconds of processor time, and
nothing else is affected. On a busy machine two seconds of processor time take longer by the clock, which is no file's fault.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType

import msgspec

from feedsvc.articles import parsers
from feedsvc.articles.parsers.local_links import LocalLink
from feedsvc.errors import ArticleError, Fault
from feedsvc.model.article import Article
from feedsvc.model.packing import packed
from feedsvc.model.record import size_of, stamp_of, words_of
from feedsvc.model.urls import Urls
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.sandboxed_pool import SandboxedPool
from feedsvc.processes.sandboxed_process import Crashed, OutOfTime, Work, WorkFailed

SECONDS = 2  # of processor time
PATIENCE = 30  # times SECONDS by the clock, for a process that waits and does nothing
ATTEMPTS = 3
MOST_PARSERS = 4
CHUNK_FILES = 32
AHEAD = 8  # chunks per process that wait to be parsed or taken in; while the processes start, files are read for them
CHUNK_BYTES = 256_000

File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """An article as parsed, with its warnings and what the builder needs of it, computed here because processes share the work.

    `words`, `stamp` and `size` are the record's, `packed` is the article as the database keeps it; all else is as in `Reading`.
    """

    article: Article
    warnings: tuple[Fault, ...]
    links: tuple[LocalLink, ...]
    synonyms: tuple[str, ...]
    dialect: str
    words: str
    stamp: str
    size: int
    packed: bytes


ParseOutcome = ParsedArticle | ArticleError
_requested = msgspec.msgpack.Decoder(list[File]).decode
# What comes from a parser is checked to be of these types, and nothing else.
_received = msgspec.msgpack.Decoder(list[tuple[ParsedArticle | None, tuple[Fault, ...]]]).decode
_SAMPLES = (
    ("sample.md", "---\ntitle: A title\ndate: 2026-05-20\n---\n[A link](https://é.example) and *words*.\n".encode()),
    ("sample.html", b"---\ntitle: A title\ndate: 2026-05-20T09:30:00+02:00\n---\n<p>Words.</p>\n"),
    ("sample.txt", b"A title\n\nWords.\n"),
)


PARSERS = ForkServer(__name__)


class ParserPool:
    """Processes that parse articles, started when first needed and kept; use it as a context manager, or close it.

    They are forks of `source`, and so parse with the code that it imported at its start, whatever is installed meanwhile.
    """

    def __init__(self, processes: int | None = None, source: ForkServer = PARSERS) -> None:
        self.source = source
        self._processes = processes or min(os.cpu_count() or 1, MOST_PARSERS)
        self._pool: SandboxedPool | None = None
        self._addresses: Urls | None = None

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes."""
        if self._pool:
            self._pool.close()
            self._pool = None

    def read_all(self, files: Iterable[File], addresses: Urls) -> Iterator[tuple[str, ParseOutcome]]:
        """The article in each file, in their order, by path, or the error that says why there is none.

        Files are drawn as the processes need them, so that an archive need not be in memory.
        """
        ahead: deque[tuple[list[File], Future[bytes]]] = deque()
        for chunk in _chunks(files):
            ahead.append((chunk, self._begin(chunk, addresses)))
            if len(ahead) > AHEAD * self._processes:
                yield from self._outcomes(*ahead.popleft(), addresses)
        while ahead:
            yield from self._outcomes(*ahead.popleft(), addresses)

    def _begin(self, chunk: list[File], addresses: Urls) -> Future[bytes]:
        if self._pool is None or self._addresses != addresses:
            self.close()
            self._addresses = addresses
            self._pool = SandboxedPool("feedsvc-parser", self.source, _prepared, (addresses,), self._processes)
        return self._pool.submit(msgspec.msgpack.encode(chunk), SECONDS, PATIENCE * SECONDS)

    def _outcomes(
        self, chunk: list[File], future: Future[bytes], addresses: Urls, attempts: int = ATTEMPTS
    ) -> Iterator[tuple[str, ParseOutcome]]:
        try:
            outcomes = _received(future.result())
            if len(outcomes) != len(chunk):
                raise Crashed
        except (OutOfTime, WorkFailed) as error:
            reason = str(error)
        except (Crashed, msgspec.MsgspecError):
            reason = str(Crashed())
            if len(chunk) == 1 and attempts > 1:  # whatever ended the process may be no fault of the file's
                yield from self._outcomes(chunk, self._begin(chunk, addresses), addresses, attempts - 1)
                return
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


def _prepared(addresses: Urls) -> Work:
    """What a process of the pool does with a chunk, once all that it may need is imported and open."""
    _ = addresses.site.zone  # opens its file
    for path, data in _SAMPLES:
        _outcome(path, data, addresses)

    def work(request: bytes) -> bytes:
        return msgspec.msgpack.encode([_outcome(path, data, addresses) for path, data in _requested(request)])

    return work


def _outcome(path: str, data: bytes, addresses: Urls) -> tuple[ParsedArticle | None, tuple[Fault, ...]]:
    try:
        return _parsed(parsers.read(path, data, addresses)), ()
    except ArticleError as error:
        return None, error.faults


def _parsed(reading: parsers.Reading) -> ParsedArticle:
    article = reading.article
    computed = words_of(article), stamp_of(article), size_of(article), packed(article)
    return ParsedArticle(article, reading.warnings, reading.links, reading.synonyms, reading.dialect, *computed)
