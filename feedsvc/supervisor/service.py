"""`serve`: web workers and one builder process, from the start over every reload to a clean end."""

from __future__ import annotations

import http.client
import logging
import signal
import threading
from collections.abc import Callable
from multiprocessing import resource_tracker

from feedsvc.errors import FeedsvcError, UsageError
from feedsvc.logs import set_up_logging
from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.forkserver import ForkServer, forget_main_module
from feedsvc.processes.notices import Notices
from feedsvc.processes.pidfile import PidFile
from feedsvc.settings import Settings
from feedsvc.supervisor import entry_points
from feedsvc.supervisor.process_group import ROWS, ForkServers, ProcessGroup
from feedsvc.supervisor.reload import END_SIGNALS, retire, successor_of
from feedsvc.supervisor.sockets import ListeningSockets

log = logging.getLogger("feedsvc.supervisor")

_SIGNALS = {*END_SIGNALS, signal.SIGHUP}
_SENT_BY_A_PROCESS = 0  # SI_USER (sigaction(2)): the kernel sends a hangup when the terminal is gone


def begin() -> ForkServers:
    """Starts the fork servers, which import their modules while the command does its first work."""
    resource_tracker.ensure_running()  # it unblocks these signals when it starts
    # Blocked here, and so in all processes started from here: a terminal sends Ctrl-C to every process of the service at once,
    # and only this one handles it, and ends the others in order.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    forget_main_module()
    return ForkServers.of_now()


def serve(load: Callable[[], Settings], sources: ForkServers, announce: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT, and reloads the settings that `load` gives at SIGHUP.

    `sources` are what `begin` started; `announce` gets the address as soon as what is published can be read there. Raises
    `UsageError` if the folder is missing or the address taken, and `StoreError` if the database can't be opened, unless it is
    a server that can't be reached, which is waited for.
    """
    service = Service(load, sources)
    over = threading.Event()
    if service.settings.serves:
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
        sockets = ListeningSockets(settings.host, settings.port, used=settings.serves)
        _check(settings, sources.worker, awaited=True)
        self._notices = Notices(ROWS)
        self._counters = RequestCounters(ROWS)
        self._pidfile = PidFile(settings.folder)
        self._enter()
        self._group = ProcessGroup(settings, sources, sockets, self._notices, self._counters)

    @property
    def settings(self) -> Settings:
        """The current settings."""
        return self._group.settings

    def run(self) -> None:
        """Serves until a signal ends it."""
        self._group.begin_builder()
        self._group.begin_workers(others_serve=False)
        while True:
            caught = signal.sigtimedwait(_SIGNALS, 1.0)
            self._pidfile.note(self._notices.notices())
            if caught and (caught.si_signo in END_SIGNALS or caught.si_code != _SENT_BY_A_PROCESS):
                break
            if caught:
                self._reload()
        self._group.end()
        self._pidfile.leave()

    def _reload(self) -> None:
        """Reloads settings and code without dropping a request; returns why it was refused, if it was."""
        try:
            settings = self._load()
            if settings.folder.resolve() != self.settings.folder.resolve():
                raise UsageError("the database's folder can't be changed by a reload; restart")
            if settings.role != self.settings.role:
                raise UsageError("the role can't be changed by a reload; restart")
            # Not awaited: what the old workers have in memory is more than what the new ones would wait for.
            _check(settings, self._group.sources.worker, awaited=False)
            new = successor_of(self._group, settings)
        except (FeedsvcError, OSError) as error:
            log.error("not reloaded, nothing has changed: %s", error)
            self._pidfile.reloaded(str(error))
            return
        old, self._group = self._group, new
        old.drain()
        log.info("reloaded", extra={"workers": settings.workers, "interval": settings.interval, "url": settings.base_url})
        self._pidfile.reloaded("")
        retire(old, new)

    def _enter(self) -> None:
        try:
            if not self._pidfile.enter():
                log.warning("another service is already using %s: `feedsvc reload` reaches only that one", self._pidfile.path)
        except OSError as error:
            log.warning("%s: %s; `feedsvc reload` will not find this service", self._pidfile.path, error.strerror)


def _check(settings: Settings, source: ForkServer, *, awaited: bool) -> None:
    source.call(entry_points.check, (entry_points.given_of(settings), awaited))


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
