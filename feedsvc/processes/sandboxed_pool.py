"""`SandboxedPool`: sandboxed processes that share requests."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.sandboxed_process import Crashed, SandboxedProcess, Work, WorkFailed, uninterrupted

log = logging.getLogger("feedsvc.processes")

# What a process may grow by before it is replaced: cmarkgfm keeps some 45 KB of every article for ever (its issue 53).
GROWTH_BYTES = 48_000_000


class SandboxedPool:
    """At most so many processes, started when first needed and kept until `close`; a thread waits for each.

    `name`, `source`, `begin` and `args` are those of `SandboxedProcess`.
    """

    def __init__(
        self, name: str, source: ForkServer, begin: Callable[..., Work], args: tuple[object, ...] = (), processes: int = 1
    ) -> None:
        self._start: Callable[[], SandboxedProcess] = partial(SandboxedProcess, name, source, begin, args)
        self._idle: deque[SandboxedProcess] = deque()
        self._busy: set[SandboxedProcess] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._warned = False
        with uninterrupted():
            source.begin()
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix=name)

    def submit(self, request: bytes, seconds: float, patience: float) -> Future[bytes]:
        """The reply to a request, as `SandboxedProcess.ask` gives it."""
        return self._threads.submit(self._reply, request, seconds, patience)

    def close(self) -> None:
        """Ends the processes; a request that is under way raises `Crashed`."""
        with self._lock:
            self._closed = True
            busy = list(self._busy)
        for process in busy:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        while self._idle:
            self._idle.pop().end()

    def _reply(self, request: bytes, seconds: float, patience: float) -> bytes:
        process = self._idle_or_new()
        with self._lock:
            if self._closed:
                process.kill()
            self._busy.add(process)
        try:
            reply = process.ask(request, seconds, patience)
        except WorkFailed:
            self._idle.append(process)
            raise
        finally:
            with self._lock:
                self._busy.remove(process)
        if process.growth < GROWTH_BYTES:
            self._idle.append(process)
        else:
            process.end()
        return reply

    def _idle_or_new(self) -> SandboxedProcess:
        while self._idle:
            process = self._idle.pop()
            if not process.has_ended():
                return process
            process.end()
        if self._closed:
            raise Crashed
        process = self._start()
        if "seccomp" not in process.walls and not self._warned:
            self._warned = True
            log.warning("processes that parse keep rights that they don't need: this system has no seccomp")
        return process
