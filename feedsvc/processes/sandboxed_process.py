"""`SandboxedProcess`: a process without rights that answers bytes with bytes, one request after another.

A request is its limit of processor time and its length, then its bytes. A reply is a tag and its length, then its bytes. Nothing
that comes from the process is a pickle: whoever has taken it over can give wrong bytes, and nothing else. What the process starts
with is pickled here, and read there before the first request.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import BinaryIO, TypeVar

from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.procfs import call_itself, resident, wants_processor
from feedsvc.processes.sandbox import lock_down

A = TypeVar("A")
T = TypeVar("T")
Work = Callable[[bytes], bytes]
MEMORY_BYTES = 2_000_000_000
MAX_REPLY_BYTES = 256_000_000
START_SECONDS = 60.0
STARVED_SECONDS = 600.0
LOOK_SECONDS = 0.05
_PIECE = 1_000_000
_MAX_REASON = 300
_REQUEST, _REPLY = struct.Struct("!dQ"), struct.Struct("!cQ")
_READY, _DONE, _FAILED = b"r", b"d", b"f"
# multiprocessing looks for ended processes whenever it starts one, and can't do so in two threads at once.
_STARTING_OR_ENDING = threading.Lock()


class SandboxError(Exception):
    """A request has no reply, for a reason that can be said of what was to be parsed."""


class OutOfTime(SandboxError):
    """The work took more than its processor time, or its process did not answer."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"takes longer than {seconds:g} seconds to read")


class Crashed(SandboxError):
    """The process ended, or gave what is no reply."""

    def __init__(self) -> None:
        super().__init__("crashes the parser")


class WorkFailed(SandboxError):
    """The work raised an exception, which is a fault of its code."""

    def __init__(self, said: str) -> None:
        super().__init__(f"makes the parser fail: {said}")


class SandboxedProcess:
    """A fork of `source` that has called `begin(*args)` and then given up its rights.

    What `begin` returns is called with each request; it must import and open all that this needs.
    """

    def __init__(self, name: str, source: ForkServer, begin: Callable[..., Work], args: tuple[object, ...] = ()) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        with theirs, _STARTING_OR_ENDING, uninterrupted():
            self._process = source.fork(_answer_for_ever, (name, nice, theirs, begin, args), name, daemon=True)
        tag, walls = self._reply(START_SECONDS, time.monotonic() + START_SECONDS)
        if tag != _READY:
            self.end()
            raise Crashed
        self.walls = tuple(walls.decode("ascii", "replace").split())
        self._resident = resident(self.pid)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid or 0

    @property
    def growth(self) -> int:
        """How many bytes of memory it holds more than when it was ready."""
        return resident(self.pid) - self._resident

    def ask(self, request: bytes, seconds: float, patience: float) -> bytes:
        """The reply to a request, within so many seconds of processor time, and `patience` seconds by the clock in which it waits.

        Raises `OutOfTime` or `Crashed`, after which the process has ended, or `WorkFailed`.
        """
        end = time.monotonic() + patience
        try:
            self._send(_REQUEST.pack(seconds, len(request)) + request, end)
        except TimeoutError as error:
            self.end()
            raise OutOfTime(seconds) from error
        except OSError:
            pass  # the process has ended, and its exit code says why
        tag, data = self._reply(seconds, end)
        if tag == _FAILED:
            raise WorkFailed(_printable(data))
        if tag != _DONE:
            self.end()
            raise Crashed
        return data

    def has_ended(self) -> bool:
        """Whether it has ended, or sent what nobody asked for."""
        self._socket.settimeout(0)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def kill(self) -> None:
        """Lets it end, and whoever waits for its reply have an error; any thread may call this."""
        with _STARTING_OR_ENDING:
            if self._process.is_alive():
                self._process.kill()

    def end(self) -> int:
        """Ends it; returns its exit code, which is a signal's number below zero."""
        self.kill()
        with _STARTING_OR_ENDING:
            self._process.join()
            self._socket.close()
        return self._process.exitcode or 0

    def _reply(self, seconds: float, end: float) -> tuple[bytes, bytes]:
        try:
            tag, length = _REPLY.unpack(self._read(_REPLY.size, end))
            if length <= MAX_REPLY_BYTES:
                return tag, self._read(length, end)
        except TimeoutError as error:
            self.end()
            raise OutOfTime(seconds) from error
        except OSError:
            pass
        if self.end() == -signal.SIGPROF:
            raise OutOfTime(seconds)
        raise Crashed

    def _send(self, data: bytes, end: float) -> None:
        left = memoryview(data)
        while left:
            left = left[self._patiently(end, self._socket.send, left) :]

    def _read(self, length: int, end: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            some = self._patiently(end, self._socket.recv, min(length - len(data), _PIECE))
            if not some:
                raise ConnectionResetError
            data += some
        return bytes(data)

    def _patiently(self, end: float, call: Callable[[A], T], argument: A) -> T:
        """What a call on the socket gives, by the end, or later if a busy machine does not let the process compute."""
        slept = False
        while True:
            self._socket.settimeout(max(LOOK_SECONDS, end - time.monotonic()))
            try:
                return call(argument)
            except TimeoutError:
                sleeps = not wants_processor(self.pid)
                # Twice: it may have replied, and gone to sleep, since this call gave up.
                if (slept and sleeps) or time.monotonic() > end + STARVED_SECONDS:
                    raise
                slept = sleeps


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C at a terminal is for this process, which ends the others; started while it is blocked, they never see it."""
    resource_tracker.ensure_running()  # it unblocks the signal when it starts
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)


def _answer_for_ever(name: str, nice: int, theirs: socket.socket, begin: Callable[..., Work], args: tuple[object, ...]) -> None:
    """The process itself."""
    call_itself(name)
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    work = begin(*args)
    with open(theirs.fileno(), "rb", closefd=False) as requests, open(theirs.fileno(), "wb", closefd=False) as replies:
        walls = lock_down(theirs.fileno(), MEMORY_BYTES)
        _send(replies, _READY, " ".join(walls).encode())
        while header := requests.read(_REQUEST.size):
            seconds, length = _REQUEST.unpack(header)
            _send(replies, *_done(work, requests.read(length), seconds))


def _done(work: Work, request: bytes, seconds: float) -> tuple[bytes, bytes]:
    signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends this process, whatever a library in C is doing
    try:
        return _DONE, work(request)
    except MemoryError:
        os._exit(1)
    except Exception as error:
        return _FAILED, f"{type(error).__name__}: {error}"[:_MAX_REASON].encode("utf-8", "backslashreplace")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _send(replies: BinaryIO, tag: bytes, data: bytes) -> None:
    replies.write(_REPLY.pack(tag, len(data)))
    replies.write(data)
    replies.flush()


def _printable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")[:_MAX_REASON]
    return "".join(char if char.isprintable() else " " for char in text)
