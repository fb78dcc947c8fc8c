"""`BuilderProcess`: the newsroom's side of one service, which starts again with a new database if the old one is damaged."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from feedsvc.alarm import Alarm
from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parser_pool import PARSERS, ParserPool
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.articles.revision import revision_of
from feedsvc.builder.build import Builder
from feedsvc.builder.schedule import Schedule
from feedsvc.deliveries.deliveries import Means
from feedsvc.errors import DamagedStore, StoreError
from feedsvc.processes.forkserver import ForkServer
from feedsvc.progress import watched
from feedsvc.settings import Settings
from feedsvc.storage import damage
from feedsvc.storage.engine import database_path
from feedsvc.storage.lease import Lease
from feedsvc.storage.recovery import examine, open_store
from feedsvc.storage.store import Store

log = logging.getLogger("feedsvc.builder")

RETRY_SECONDS = 1.0


class BuilderProcess:
    """Builds for one service until it is stopped.

    `report` gets each problem by its place in the notices; articles are parsed in forks of `source`.
    """

    def __init__(
        self,
        settings: Settings,
        report: Callable[[str, str], object] = lambda place, text: None,
        source: ForkServer = PARSERS,
    ) -> None:
        self._settings = settings
        self._report = report
        self._source = source
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._schedule: Schedule | None = None

    def stop(self) -> None:
        """Ends `run` after the build that is under way."""
        self._stopping.set()
        with self._lock:
            if self._schedule:
                self._schedule.stop()

    def run(self) -> None:
        """Builds until `stop`."""
        opening = Alarm()
        while not self._stopping.is_set():
            try:
                store = open_store(self._settings.database)
            except StoreError as error:
                if opening.failed(str(error)):
                    log.error("%s", error)
                self._report("build", str(error))
                self._stopping.wait(RETRY_SECONDS)
                continue
            try:
                self._build(store)
            except DamagedStore as error:
                log.error("%s", error)
                self._report("build", str(error))
                # Opening it finds out whether it is damaged; a missing one is created.
                if path := database_path(self._settings.database):
                    damage.suspect(path)
            finally:
                store.close()

    def _build(self, store: Store) -> None:
        settings = self._settings
        folder = ArticlesFolder(settings.articles, SUFFIXES)
        pool = ParserPool(source=self._source)
        lease = Lease(store, settings.interval)

        def revision() -> str:
            return settings.revision or revision_of(folder, commits=lease.among_machines)

        builder = Builder(store, folder, pool, settings.base_url, lambda files: watched(files, "Reading articles"), revision)
        means = Means.of(settings)
        schedule = Schedule(builder, lease, settings.interval, report=self._report, examine=examine, means=means)
        with self._lock:
            self._schedule = schedule
            if self._stopping.is_set():
                return
        schedule.run()
