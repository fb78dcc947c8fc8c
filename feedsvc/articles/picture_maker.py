"""`PictureMaker`: makes what is published of pictures, in sandboxed processes, while builds go on.

A picture takes a third of a second, so that a thousand of them take minutes. A build asks for those that it needs, the newest
articles' first, and takes what is ready; `on_ready` says that more is, for another build.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from heapq import heappop, heappush

import msgspec

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile
from feedsvc.articles.parser_pool import PARSERS
from feedsvc.articles.picture_variants import VERSION, MadePicture, made, samples
from feedsvc.articles.pictures import MAX_SOURCE_BYTES, kind_of
from feedsvc.errors import ArticleError, StoreError
from feedsvc.model.hashing import digest
from feedsvc.model.picture import Picture
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.sandboxed_pool import SandboxedPool
from feedsvc.processes.sandboxed_process import Crashed, OutOfTime, Work, WorkFailed

SECONDS = 20  # of processor time for one picture
PATIENCE = 6  # times SECONDS by the clock
ATTEMPTS = 2
MOST_PROCESSES = 2  # each may need 0.6 GB for a large picture
MAX_READY_BYTES = 64_000_000  # finished and not yet taken by a build
GROUP, GROUP_SECONDS = 25, 2.0  # pictures of a long queue that come out together
log = logging.getLogger("feedsvc.articles")
_made = msgspec.msgpack.Decoder(MadePicture).decode


@dataclass(frozen=True, slots=True)
class Finished:
    """What was made of a file; nothing if it was being written. `same` is what had been made of the same bytes before."""

    key: str = ""
    made: MadePicture | None = None
    same: Picture | None = None

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return sum(len(variant.data) for variant in self.made.variants) if self.made else 0


@dataclass(slots=True)
class _Asked:
    """What is asked for and what is ready, by the file's name as articles have it; shared by threads, under one lock."""

    queue: list[tuple[float, int, str, FoundFile]] = field(default_factory=list)
    waiting: dict[str, FoundFile] = field(default_factory=dict)
    ready: dict[str, tuple[FoundFile, Finished]] = field(default_factory=dict)
    threads: int = 0
    count: int = 0
    told: set[str] = field(default_factory=set)
    told_at: float = 0.0

    @property
    def size(self) -> int:
        return sum(finished.size for _, finished in self.ready.values())


class PictureMaker:
    """Makes pictures in at most so many `processes`, forks of `source`, which end when there is nothing to do.

    `known` gives what has been made of bytes before, by their key.
    """

    def __init__(
        self,
        folder: ArticlesFolder,
        known: Callable[[str], Picture | None] = lambda key: None,
        source: ForkServer = PARSERS,
        processes: int | None = None,
    ) -> None:
        self.on_ready: Callable[[set[str]], object] = lambda files: None
        self._folder = folder
        self._known = known
        self._source = source
        self._processes = processes or min(os.cpu_count() or 1, MOST_PROCESSES)
        self._asked = _Asked()
        self._changed = threading.Condition()
        self._pool: SandboxedPool | None = None

    @property
    def left(self) -> int:
        """How many pictures are still to be made or taken."""
        return len(self._asked.waiting) + len(self._asked.ready)

    @property
    def is_idle(self) -> bool:
        """Whether it makes nothing now."""
        return not self._asked.threads

    def is_waiting(self, file: str, found: FoundFile) -> bool:
        """Whether a file as it was found is still to be made."""
        return self._asked.waiting.get(file) == found

    def ask(self, file: str, found: FoundFile, urgency: float) -> None:
        """Asks for a picture; of several the one with the greatest urgency is made first."""
        asked = self._asked
        with self._changed:
            if found in (asked.waiting.get(file), asked.ready.get(file, (None,))[0]):
                return
            asked.waiting[file] = found
            asked.count += 1
            heappush(asked.queue, (-urgency, asked.count, file, found))
            if asked.threads < min(self._processes, len(asked.queue)):
                asked.threads += 1
                threading.Thread(target=self._work, name="pictures", daemon=True).start()

    def take(self, file: str, found: FoundFile) -> Finished | None:
        """What was made of a file as it was found, once; None where it is not ready."""
        with self._changed:
            ready = self._asked.ready.pop(file, None)
            self._changed.notify_all()
            return ready[1] if ready and ready[0] == found else None

    def wait(self, files: Iterable[str], seconds: float) -> None:
        """Waits until these files are ready, but not for longer."""
        wanted = set(files)
        with self._changed:
            self._changed.wait_for(lambda: wanted.isdisjoint(self._asked.waiting), seconds)

    def settle(self) -> None:
        """Waits until some pictures are ready: as many as a build takes at once, or all that are left."""
        asked = self._asked
        with self._changed:
            self._changed.wait_for(lambda: not asked.waiting or len(asked.ready) >= GROUP or asked.size >= MAX_READY_BYTES // 2)

    def forget(self, is_wanted: Callable[[str, FoundFile], bool]) -> None:
        """Drops what is ready and no article needs any more."""
        with self._changed:
            for file in [file for file, (found, _) in self._asked.ready.items() if not is_wanted(file, found)]:
                del self._asked.ready[file]
            self._changed.notify_all()

    def close(self) -> None:
        """Drops everything, and ends the processes."""
        with self._changed:
            self._asked.queue.clear()
            self._asked.waiting.clear()
            self._asked.ready.clear()
            pool, self._pool = self._pool, None
            self._changed.notify_all()
        if pool:
            pool.close()

    def _work(self) -> None:
        """A thread's whole life: makes one picture after the other while there are any."""
        asked = self._asked
        while True:
            with self._changed:
                self._changed.wait_for(lambda: asked.size < MAX_READY_BYTES or not asked.queue)
                if not asked.queue:
                    asked.threads -= 1
                    idle = None if asked.threads else self._pool
                    self._pool = None if idle else self._pool
                    break
                _, _, file, found = heappop(asked.queue)
                if asked.waiting.get(file) != found:  # it has changed, or is wanted no more
                    continue
            finished = self._finished(found)
            with self._changed:
                if asked.waiting.get(file) != found:
                    continue
                del asked.waiting[file]
                asked.ready[file] = found, finished
                tell = self._to_tell(file)
                self._changed.notify_all()
            if tell:
                self.on_ready(tell)
        if idle:
            idle.close()

    def _to_tell(self, file: str) -> set[str]:
        """The files to tell of now: a few together while many are waited for, since a build for each would cost more than it."""
        asked, now = self._asked, time.monotonic()
        asked.told_at = asked.told_at if asked.told else now
        asked.told.add(file)
        if asked.waiting and len(asked.told) < GROUP and now - asked.told_at < GROUP_SECONDS and asked.size < MAX_READY_BYTES // 2:
            return set()
        told, asked.told = asked.told, set()
        return told

    def _finished(self, found: FoundFile) -> Finished:
        try:
            data = self._folder.read_now(found, MAX_SOURCE_BYTES)
        except ArticleError as error:
            return Finished(f"{VERSION}.", MadePicture(reason=error.faults[0].reason))
        if data is None:
            return Finished()
        key = f"{VERSION}.{digest(data)}"
        try:
            same = self._known(key)
        except StoreError:
            same = None
        if same and same.variants:
            return Finished(key, same=same)
        return Finished(key, self._make(data))

    def _make(self, data: bytes) -> MadePicture:
        reason = ""
        for _ in range(ATTEMPTS):  # whatever ended the process may be no fault of the file's
            try:
                return _checked(self._submitted(data).result())
            except (OutOfTime, WorkFailed) as error:
                return MadePicture(reason=f"{error}; save it smaller, or in another format")
            except (Crashed, msgspec.MsgspecError):
                reason = f"{Crashed()}; save it smaller, or in another format"
            except Exception as error:  # whatever keeps a process from starting must not keep this thread from the next picture
                log.exception("a picture could not be made")
                reason = f"could not be made ({error}); save it once more"
        return MadePicture(reason=reason)

    def _submitted(self, data: bytes) -> Future[bytes]:
        with self._changed:
            if self._pool is None:
                self._pool = SandboxedPool("feedsvc-pictures", self._source, _prepared, (), self._processes)
            return self._pool.submit(data, SECONDS, PATIENCE * SECONDS)


def _checked(reply: bytes) -> MadePicture:
    """A reply, if its pictures are what it says: whoever has taken over the process can give nothing else than pictures."""
    picture = _made(reply)
    if any(kind_of(variant.data) != variant.type or min(variant.width, variant.height) < 1 for variant in picture.variants):
        raise Crashed
    return picture


def _prepared() -> Work:
    """What a process does with a picture, once all that it may need is imported."""
    for sample in samples():
        made(sample)

    def work(request: bytes) -> bytes:
        return msgspec.msgpack.encode(made(request))

    return work
