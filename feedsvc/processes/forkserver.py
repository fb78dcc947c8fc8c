"""`ForkServer`: a process that others are forks of.

Forks start at once, share its memory, and import nothing from the disk, where a newer release may be by then. It is Python's own
multiprocessing.forkserver. A process has only one of those; here it can have several, use one that another process started, and
have one be a fork of another, so that what both need is in memory once.

This needs undocumented parts of multiprocessing, all of them in this file and each with a test in
tests/processes/test_forkserver.py; tried on Python 3.11.7, 3.12.1 and 3.13.0.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from multiprocessing import connection, forkserver, process, util
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, TypeVar

from feedsvc.errors import UsageError

T = TypeVar("T")
_FROZEN = "feedsvc.processes.frozen"
KILLED_SECONDS = 5.0  # in which the end of one that was killed is heard of
_chosen = threading.local()  # the server from which a thread is starting a process now


class ForkServer:
    """A process that has imported some modules, and its forks; it ends when they and the process that started it have.

    It is a fork of `base` where that is given, and has what that has imported too.
    """

    def __init__(self, *modules: str, base: ForkServer | None = None) -> None:
        self._modules = modules
        self._base = base
        self._server: Any = None
        self._begun_by = 0

    @classmethod
    def at(cls, address: str) -> ForkServer:
        """The fork server that this process came from, by its address."""
        given = cls()
        given._server, given._begun_by = _Given(address), os.getpid()
        return given

    @property
    def address(self) -> str:
        """The address at which it accepts requests, from this process's user only; starts it if necessary."""
        self.begin()
        return str(self._server._forkserver_address)

    def begin(self) -> None:
        """Starts it, unless it runs."""
        if self._begun_by != os.getpid():  # or it belongs to the process that this is a plain copy of
            self._begun_by = os.getpid()
            self._server = _Branch(self._base) if self._base else forkserver.ForkServer()
            self._server.set_forkserver_preload([*self._modules, _FROZEN])
        self._server.ensure_running()

    def fork(
        self, target: Callable[..., object], args: tuple[object, ...] = (), name: str | None = None, *, daemon: bool = False
    ) -> ForkServerProcess:
        """A new process; a daemon ends with this one.

        Raises `OSError` or `EOFError` if it can't be started.
        """
        self.begin()
        # Python asks for the one server of a process, but here several threads start processes, each from its own server.
        before, _chosen.server = getattr(_chosen, "server", None), self._server
        forkserver.connect_to_new_process = _connect
        process = multiprocessing.get_context("forkserver").Process(target=target, args=args, name=name, daemon=daemon)
        try:
            process.start()
        finally:
            _chosen.server = before
        return process

    def call(self, target: Callable[..., T], args: tuple[object, ...] = ()) -> T:
        """What a call in a new process returns, or raises.

        Raises `UsageError` if the process ends without.
        """
        ours, theirs = multiprocessing.Pipe(duplex=False)
        with ours:
            with theirs:
                process = self.fork(_answer, (theirs, target, args))
            try:
                result, error = ours.recv()
            except EOFError:
                raise UsageError("a process of the service ended as it started; the log says why") from None
            finally:
                process.join()
        if error:
            raise error
        answer: T = result
        return answer

    def sound(self, seconds: float) -> bool:
        """Whether its modules can be imported, and in time: if one can't, Python's own server may not report it."""
        try:
            process = self.fork(_import, self._modules)
        except (OSError, EOFError):  # the server has ended, with the reason in the log
            return False
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
        return process.exitcode == 0

    def end(self) -> None:
        """Lets it end when all its forks have."""
        if self._server:
            # There is no other way to stop it; it waits for forks, one of which may be stuck.
            threading.Thread(target=self._server._stop, name="source", daemon=True).start()


def forget_main_module() -> None:
    """Keeps all forks from importing the main module of this process.

    They do not need it, and it may be of a newer release by then. `multiprocessing.spawn` finds it by these two attributes.
    """
    main = sys.modules["__main__"]
    main.__spec__ = None
    main.__file__ = None


def _answer(theirs: Connection, target: Callable[..., object], args: tuple[object, ...]) -> None:
    try:
        theirs.send((target(*args), None))
    except Exception as error:
        theirs.send((None, error))


def _import(*modules: str) -> None:
    for module in modules:
        import_module(module)


def _connect(fds: Sequence[int]) -> tuple[int, int]:
    server = getattr(_chosen, "server", None) or forkserver._forkserver
    answer: tuple[int, int] = server.connect_to_new_process(fds)
    return answer


class _Given(forkserver.ForkServer):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._forkserver_address = address
        self._forkserver_alive_fd = forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]

    def ensure_running(self) -> None:
        """It runs as long as one of its forks does."""


class _Branch(forkserver.ForkServer):
    """A fork server that is a fork of another."""

    _lock: threading.Lock
    _preload_modules: Sequence[str]

    def __init__(self, base: ForkServer) -> None:
        super().__init__()
        self._base = base
        self._process: ForkServerProcess | None = None
        self._alive: Connection | None = None

    def ensure_running(self) -> None:
        with self._lock:
            if self._process and self._process.is_alive():
                return
            self._begin()

    def connect_to_new_process(self, fds: Sequence[int]) -> tuple[int, int]:
        try:
            return super().connect_to_new_process(fds)
        except ConnectionRefusedError:  # it was killed, and the server that it is a fork of has not said so yet
            with self._lock:
                if self._process:
                    self._process.join(KILLED_SECONDS)
            return super().connect_to_new_process(fds)

    def _begin(self) -> None:
        address = connection.arbitrary_address("AF_UNIX")  # type: ignore[attr-defined]
        read, self._alive = multiprocessing.Pipe(duplex=False)
        with read, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            if not util.is_abstract_socket_namespace(address):
                os.chmod(address, 0o600)
            listener.listen()
            self._process = self._base.fork(_serve_forks, (listener, read, self._preload_modules))
        # It ends when this process has, which therefore must not wait for it in the end.
        process._children.discard(self._process)  # type: ignore[attr-defined]
        self._forkserver_address, self._forkserver_alive_fd = address, self._alive.fileno()

    def _stop(self) -> None:
        with self._lock:
            if self._process and self._alive:
                self._alive.close()
                self._process.join()
                self._process = None


def _serve_forks(listener: socket.socket, alive: Connection, modules: Sequence[str]) -> None:
    sys.modules.pop(_FROZEN, None)  # what is imported now is to be frozen too
    forkserver.main(listener.detach(), alive.fileno(), modules)
