"""`serve`: web workers, and one builder process beside them, from start to a clean end.

What only one kind of process needs is imported where it begins.
"""

from __future__ import annotations

import errno
import http.client
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerProcess
from typing import TYPE_CHECKING, Any

from feedsvc.errors import UsageError
from feedsvc.logs import set_up_logging
from feedsvc.traffic import Traffic

if TYPE_CHECKING:
    from feedsvc.schedule import Schedule
    from feedsvc.settings import Settings
    from feedsvc.store import Store

log = logging.getLogger("feedsvc.serve")

DRAIN_SECONDS = 10
RESTART_SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30)
STEADY_SECONDS = 60
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def begin() -> None:
    """Begins the process that the others are forks of, which takes as long to import as all that comes before they are wanted."""
    resource_tracker.ensure_running()  # it unblocks these signals when it begins
    # Blocked here, and so in all that are begun from here: a terminal sends Ctrl-C to every process of the service at once,
    # and this one alone takes it, which then ends the others in order.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    # The others are forks of a process that has nothing but a worker's modules: they begin at once and share their memory, while
    # a fork of this one would copy locks that its threads may hold.
    multiprocessing.set_forkserver_preload(["feedsvc.worker"])
    forkserver.ensure_running()


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT; `announce` is given the address as soon as what is published can be read there.

    To be called after `begin`. Raises `UsageError` where the folder is missing or the address taken, and `StoreError` where the
    database can't be opened.
    """
    _check(settings)
    over = threading.Event()
    traffic = Traffic(settings.workers)
    processes = [_Process("builder", _build_for_ever, settings, over)]
    for number in range(settings.workers):
        work = partial(_serve_for_ever, traffic=traffic, number=number)
        processes.append(_Process("web worker", work, settings, over))
    threading.Thread(target=_announce, args=(settings, announce, over), daemon=True).start()
    signal.sigwait(_SIGNALS)
    over.set()
    for process in processes:
        process.end()
    for process in processes:
        process.join()


def _check(settings: Settings) -> None:
    from feedsvc.intake import Intake  # while the process that the others come from imports as much, on another core
    from feedsvc.readers import SUFFIXES
    from feedsvc.store import Store

    Intake(settings.articles, SUFFIXES).check()
    _check_address(settings.host, settings.port)
    Store(settings.database).close()


def new_schedule(settings: Settings, store: Store) -> Schedule:
    """The newsroom side of one service."""
    from feedsvc.intake import Intake
    from feedsvc.lease import Lease
    from feedsvc.press import Press
    from feedsvc.progress import watched
    from feedsvc.readers import SUFFIXES
    from feedsvc.reading import ReadingRoom
    from feedsvc.schedule import Schedule

    intake = Intake(settings.articles, SUFFIXES)
    press = Press(store, intake, ReadingRoom(), settings.base_url, lambda files: watched(files, "Reading articles"))
    return Schedule(press, Lease(store, settings.interval), settings.interval)


class _Process:
    """A process of the service, started anew when it dies, more slowly each time that it dies young."""

    def __init__(self, name: str, work: Callable[[Settings], None], settings: Settings, over: threading.Event) -> None:
        self._name = name
        self._work = work
        self._settings = settings
        self._over = over
        self._process: ForkServerProcess | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=name, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        young = 0
        context = multiprocessing.get_context("forkserver")
        while not self._over.is_set():
            started = time.monotonic()
            process = context.Process(target=self._work, args=(self._settings,), name=self._name)
            with self._lock:
                if self._over.is_set():
                    return
                process.start()
                self._process = process
            process.join()
            if self._over.is_set():
                return
            young = 0 if time.monotonic() - started > STEADY_SECONDS else young + 1
            pause = RESTART_SECONDS[min(young, len(RESTART_SECONDS) - 1)]
            log.error("the %s ended with exit code %s; it is started again in %g s", self._name, process.exitcode, pause)
            self._over.wait(pause)

    def end(self) -> None:
        """Lets it finish what is under way."""
        with self._lock:
            if self._process and self._process.is_alive():
                self._process.terminate()

    def join(self) -> None:
        """Waits for its end, for as long as a drain may take."""
        if self._process:
            self._process.join(DRAIN_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()


def _serve_for_ever(settings: Settings, traffic: Traffic, number: int) -> None:
    from feedsvc.worker import serve_for_ever

    set_up_logging()
    _end_with_parent(lambda: os._exit(1))
    serve_for_ever(settings, DRAIN_SECONDS - 1, traffic, number)


def _build_for_ever(settings: Settings) -> None:
    from feedsvc.store import Store

    set_up_logging()
    os.nice(19)  # a pressing never takes a core from a request
    schedule = new_schedule(settings, Store(settings.database))
    signal.signal(signal.SIGTERM, lambda *_: schedule.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _end_with_parent(schedule.stop)
    # The main thread only waits, so that a signal's handler never interrupts one that holds the schedule's lock.
    thread = threading.Thread(target=schedule.run, name="press")
    thread.start()
    while thread.is_alive():
        thread.join(0.5)


def _end_with_parent(end: Callable[[], Any]) -> None:
    """Ends this process when the service's main process is gone, or the one that this is a fork of: nobody else would."""
    source, main = os.getppid(), multiprocessing.parent_process()

    def watch() -> None:
        while os.getppid() == source and main and main.is_alive():
            time.sleep(0.5)
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _check_address(host: str, port: int) -> None:
    """Raises `UsageError` where the address can't be listened on; the server itself would share it with another in silence."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        taken = error.errno == errno.EADDRINUSE
        raise UsageError(f"address {host}:{port} {'is in use' if taken else f'can not be listened on: {why}'}") from error


def _announce(settings: Settings, announce: Callable[[str], None], over: threading.Event) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    while not over.is_set():
        connection = http.client.HTTPConnection(host, settings.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                announce(settings.listen_url)
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        over.wait(0.02)
