"""`serve`: web workers on granian, and one builder process beside them, from start to a clean end."""

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
from multiprocessing import resource_tracker
from typing import Any

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from feedsvc.errors import UsageError
from feedsvc.intake import Intake
from feedsvc.lease import Lease
from feedsvc.logs import set_up_logging
from feedsvc.press import Press
from feedsvc.progress import watched
from feedsvc.readers import SUFFIXES
from feedsvc.reading import ReadingRoom
from feedsvc.schedule import Schedule
from feedsvc.settings import Settings
from feedsvc.store import Store
from feedsvc.web import create_app

log = logging.getLogger("feedsvc.serve")

DRAIN_SECONDS = 10
RESTART_SECONDS = (0.5, 1, 2, 5, 10, 30)
STEADY_SECONDS = 60
# One thread was steadier than four: a request is a look-up, and threads only wait for one another.
BLOCKING_THREADS = 1


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT; `announce` is given the address as soon as what is published can be read there.

    Raises `UsageError` where the folder is missing or the address taken, and `StoreError` where the database can't be opened.
    """
    Intake(settings.articles, SUFFIXES).check()
    _check_address(settings.host, settings.port)
    Store(settings.database).close()
    _take_interrupts()
    # The server forks its workers by default, and a fork copies locks that this process's threads may hold.
    multiprocessing.set_start_method("spawn", force=True)
    over = threading.Event()
    builder = _Builder(settings, over)
    threading.Thread(target=_announce, args=(settings, announce, over), daemon=True).start()
    server = Server(
        target="feedsvc",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=BLOCKING_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
        log_level=LogLevels.warning,
        websockets=False,
    )
    try:
        server.serve(target_loader=partial(_load, settings, os.getpid()), wrap_loader=False)
    finally:
        over.set()
        builder.end()


def _take_interrupts() -> None:
    """Makes Ctrl-C end the service as SIGTERM does.

    A terminal sends it to every process of the service at once; blocked here, and so in all that are begun from here, it
    reaches this process alone, which then ends the others in order.
    """
    resource_tracker.ensure_running()  # it unblocks the signal when it begins
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    main = threading.main_thread().ident

    def wait() -> None:
        signal.sigwait({signal.SIGINT})
        signal.pthread_kill(main or 0, signal.SIGTERM)

    threading.Thread(target=wait, name="interrupts", daemon=True).start()


def new_schedule(settings: Settings, store: Store) -> Schedule:
    """The newsroom side of one service."""
    intake = Intake(settings.articles, SUFFIXES)
    press = Press(store, intake, ReadingRoom(), settings.base_url, lambda files: watched(files, "Reading articles"))
    return Schedule(press, Lease(store), settings.interval)


def _load(settings: Settings, parent: int) -> Flask:
    """A web worker's application."""
    set_up_logging()
    _end_with(parent, lambda: os._exit(1))
    return create_app(settings, Store(settings.database))


class _Builder:
    """The builder's process, started anew when it dies, more slowly each time that it dies young."""

    def __init__(self, settings: Settings, over: threading.Event) -> None:
        self._settings = settings
        self._over = over
        self._process: multiprocessing.Process | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="builder", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        young = 0
        while not self._over.is_set():
            started = time.monotonic()
            process = multiprocessing.Process(target=_build_for_ever, args=(self._settings, os.getpid()), name="builder")
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
            log.error("the builder ended with exit code %s; it is started again in %g s", process.exitcode, pause)
            self._over.wait(pause)

    def end(self) -> None:
        """Lets the pressing that is under way finish, for as long as a drain may take."""
        with self._lock:
            process = self._process
        if process and process.is_alive():
            process.terminate()
            process.join(DRAIN_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()


def _build_for_ever(settings: Settings, parent: int) -> None:
    set_up_logging()
    os.nice(19)  # a pressing never takes a core from a request
    schedule = new_schedule(settings, Store(settings.database))
    signal.signal(signal.SIGTERM, lambda *_: schedule.stop())
    _end_with(parent, schedule.stop)
    # The main thread only waits, so that a signal's handler never interrupts one that holds the schedule's lock.
    thread = threading.Thread(target=schedule.run, name="press")
    thread.start()
    while thread.is_alive():
        thread.join(0.5)


def _end_with(parent: int, end: Callable[[], Any]) -> None:
    """Ends this process when its parent is gone, however it went: nobody else would."""

    def watch() -> None:
        while os.getppid() == parent:
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
