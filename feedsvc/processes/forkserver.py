"""`ForkServer`: a process that others are forks of.

They begin at once, share its memory, and import nothing from the disk, where a newer release may lie by then. It is Python's own
(multiprocessing.forkserver), of which each process has one; here are as many as are wanted, and one that another process began.

That takes parts of multiprocessing which are not documented, all of them in this file and each with a test in
tests/processes/test_forkserver.py: tried on Python 3.11.7, 3.12.1 and 3.13.0.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any


class _Chosen(threading.local):
    """The server of which a thread begins a process just now; elsewhere the one that `context` gave."""

    server: Any = None


_chosen = _Chosen()


class ForkServer:
    """Forks of a process that has imported some modules; it ends when all of them have, and who began it."""

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._server: Any = None
        self._begun_by = 0

    @classmethod
    def at(cls, address: str) -> ForkServer:
        """The one that this process is a fork of itself, whose address it was given."""
        given = cls()
        given._server, given._begun_by = _Given(address), os.getpid()
        return given

    @property
    def address(self) -> str:
        """Where it takes orders, from this process's user alone; begins it if need be."""
        self.begin()
        return str(self._server._forkserver_address)

    def begin(self) -> None:
        """Begins it, unless it runs."""
        if self._begun_by != os.getpid():  # or it is that of the process which this is a plain copy of
            self._server, self._begun_by = forkserver.ForkServer(), os.getpid()
            self._server.set_forkserver_preload(list(self._modules))
        self._server.ensure_running()

    def context(self) -> ForkServerContext:
        """What begins processes as forks of this one, in a process that has no other."""
        self.begin()
        # Threads of whoever takes it, such as a pool's own, begin processes too.
        _Chosen.server, forkserver.connect_to_new_process = self._server, _connect
        return multiprocessing.get_context("forkserver")

    def fork(
        self, target: Callable[..., object], args: tuple[object, ...] = (), name: str | None = None, *, daemon: bool = False
    ) -> ForkServerProcess:
        """A new process; a daemon ends with this one.

        Raises `OSError` or `EOFError` where it can't be begun.
        """
        self.begin()
        # Python's way asks for the one that a process has, and several threads begin processes here, each by its own.
        _chosen.server, forkserver.connect_to_new_process = self._server, _connect
        process = multiprocessing.get_context("forkserver").Process(target=target, args=args, name=name, daemon=daemon)
        try:
            process.start()
        finally:
            del _chosen.server
        return process

    def sound(self, seconds: float) -> bool:
        """Whether its modules can be imported, and in time: where one can't, Python's own way may say nothing of it."""
        try:
            process = self.fork(_import, self._modules)
        except (OSError, EOFError):  # the source has ended, with its last words in the log
            return False
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
        return process.exitcode == 0

    def end(self) -> None:
        """Lets it end when all that are forks of it have."""
        if self._server:
            # There is no other word for it; it waits, for one that may be stuck.
            threading.Thread(target=self._server._stop, name="source", daemon=True).start()


def forget_main_module() -> None:
    """Keeps all forks from importing what this process was begun with.

    They do not need it, and it may be a newer release's by then. `multiprocessing.spawn` finds it by these two attributes.
    """
    main = sys.modules["__main__"]
    main.__spec__ = None
    main.__file__ = None


def _import(*modules: str) -> None:
    for module in modules:
        import_module(module)


def _connect(fds: Sequence[int]) -> tuple[int, int]:
    answer: tuple[int, int] = _chosen.server.connect_to_new_process(fds)
    return answer


class _Given(forkserver.ForkServer):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._forkserver_address = address
        self._forkserver_alive_fd = forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]

    def ensure_running(self) -> None:
        """It runs for as long as one of its forks does."""
