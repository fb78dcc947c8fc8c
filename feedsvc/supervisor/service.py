"""`serve`: web workers, and one builder process beside them, from start over every reload to a clean end."""

from __future__ import annotations

import http.client
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import resource_tracker

from feedsvc.errors import FeedsvcError, UsageError
from feedsvc.logs import set_up_logging
from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.notices import Notices
from feedsvc.processes.pidfile import PidFile
from feedsvc.settings import Settings
from feedsvc.supervisor.child import DRAIN_SECONDS
from feedsvc.supervisor.process_group import ROWS, ForkServers, ProcessGroup
from feedsvc.supervisor.sockets import ListeningSockets

log = logging.getLogger("feedsvc.serve")

UP_SECONDS = 30
OPEN_SECONDS = 75  # in which the builder may have to build everything anew
_END = {signal.SIGINT, signal.SIGTERM}
_SIGNALS = {*_END, signal.SIGHUP}
_SENT_BY_A_PROCESS = 0  # SI_USER (sigaction(2)): a hangup that the kernel sends is a terminal that is gone


def begin() -> ForkServers:
    """Begins what the others are forks of, which takes as long to import as all that comes before they are wanted."""
    resource_tracker.ensure_running()  # it unblocks these signals when it begins
    # Blocked here, and so in all that are begun from here: a terminal sends Ctrl-C to every process of the service at once,
    # and this one alone takes it, which then ends the others in order.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    # A fork would import what this process was begun with, which it does not need, and which may be a newer release's by then.
    begun_with = sys.modules["__main__"]
    begun_with.__spec__ = None
    begun_with.__file__ = None
    return ForkServers.of_now()


def serve(load: Callable[[], Settings], sources: ForkServers, announce: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT, and takes the settings that `load` gives anew at SIGHUP.

    `sources` are what `begin` began; `announce` is given the address as soon as what is published can be read there. Raises
    `UsageError` where the folder is missing or the address taken, and `StoreError` where the database can't be opened.
    """
    service = Service(load, sources)
    over = threading.Event()
    threading.Thread(target=_announce, args=(service.settings, announce, over), daemon=True).start()
    try:
        service.run()
    finally:
        over.set()


class Service:
    """The main process of a running service."""

    def __init__(self, load: Callable[[], Settings], sources: ForkServers) -> None:
        self._load = load
        settings = load()
        set_up_logging(settings.log_format)
        sockets = ListeningSockets(settings.host, settings.port)
        _check(settings)
        self._notices = Notices(ROWS)
        self._counters = RequestCounters(ROWS)
        self._register = PidFile(settings.folder)
        self._enter(settings)
        self._group = ProcessGroup(settings, sources, sockets, self._notices, self._counters)

    @property
    def settings(self) -> Settings:
        """What is in force."""
        return self._group.settings

    def run(self) -> None:
        """Serves until it is told to end."""
        self._group.begin_builder()
        self._group.begin_workers(others_serve=False)
        while True:
            caught = signal.sigtimedwait(_SIGNALS, 1.0)
            self._register.note(self._notices.notices())
            if caught and (caught.si_signo in _END or caught.si_code != _SENT_BY_A_PROCESS):
                break
            if caught and (refused := self._reload()):
                self._register.reloaded(refused)
        self._group.end()
        self._register.leave()

    def _reload(self) -> str:
        """Takes new settings, and new code, without a request dropped; why not, where it can't be."""
        try:
            settings = self._load()
            if settings.folder.resolve() != self.settings.folder.resolve():
                raise UsageError("the database's folder can't be changed by a reload; restart")
            _check(settings)
            same = (settings.host, settings.port) == self._group.sockets.address
            sockets = self._group.sockets if same else ListeningSockets(settings.host, settings.port)
        except (FeedsvcError, OSError) as error:
            log.error("not reloaded, all stays as it was: %s", error)
            return str(error)
        set_up_logging(settings.log_format)
        old = self._group
        new = ProcessGroup(settings, ForkServers.of_now(), sockets, self._notices, self._counters, 1 - old.turn)
        if not new.sources.sound(UP_SECONDS):
            return self._undo(new)
        new.begin_workers(others_serve=True)
        if not self._until(lambda: new.reached("up") or new.failed, UP_SECONDS) or new.failed:
            return self._undo(new)
        # One builder after the other, since the second would only wait for the lease.
        old.end_builder()
        new.begin_builder()
        if not self._until(lambda: new.reached("open") or new.failed, OPEN_SECONDS) or new.failed:
            new.end_builder()
            old.begin_builder()
            return self._undo(new)
        self._group = new
        old.retire()
        log.info("reloaded", extra={"workers": settings.workers, "interval": settings.interval, "url": settings.base_url})
        self._register.reloaded("")
        self._until(lambda: not old.alive, DRAIN_SECONDS)
        old.end()
        if not same:
            old.sockets.close()
        return ""

    def _undo(self, new: ProcessGroup) -> str:
        new.end()
        set_up_logging(self.settings.log_format)
        if new.sockets is not self._group.sockets:
            new.sockets.close()
        log.error("not reloaded, all stays as it was: the new processes did not begin")
        return "the new processes did not begin, and the log says why"

    def _enter(self, settings: Settings) -> None:
        try:
            if not self._register.enter():
                log.warning("another service stands in %s: `feedsvc reload` reaches that one alone", self._register.path)
        except OSError as error:
            log.warning("%s: %s; `feedsvc reload` will not find this service", self._register.path, error.strerror)

    @staticmethod
    def _until(condition: Callable[[], bool], seconds: float) -> bool:
        """Whether a condition comes true in time, and before somebody wants the end."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or signal.sigpending() & _END:
                return False
            time.sleep(0.01)
        return True


def _check(settings: Settings) -> None:
    from feedsvc.articles.folder import (
        ArticlesFolder,  # while the process that the others come from imports as much, on another core
    )
    from feedsvc.articles.parsers import SUFFIXES
    from feedsvc.storage.recovery import open_store

    ArticlesFolder(settings.articles, SUFFIXES).check()
    open_store(settings.database).close()


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
