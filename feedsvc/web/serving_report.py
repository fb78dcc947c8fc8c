"""`ServingReport`: says in the database which publication this machine serves, as soon as the last of its workers does."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import closing

from feedsvc.errors import StoreError
from feedsvc.processes.notices import Notices
from feedsvc.processes.served import Served
from feedsvc.settings import Settings
from feedsvc.storage.store import Store

RETRY_SECONDS = 1.0


class ServingReport:
    """The report of one worker, whose place is `row`; whichever has a publication last writes it for all.

    Where workers share no memory, as under other servers, each reports for itself.
    """

    def __init__(self, store: Store, settings: Settings, notices: Notices | None, row: int) -> None:
        self._store = store
        self._primary = settings.database if settings.database_read else None
        self._row = row
        self._machine = f"{socket.gethostname()}:{settings.port}"
        # The notices of a main process that was started by an earlier release have no such place.
        shared: Served | None = getattr(notices, "served", None)
        self._alone = shared is None
        self._served = shared or Served(row + 1)

    def look(self, generation: int) -> None:
        """Says which publication this worker serves, again and again: one that says nothing counts as dead."""
        self._served.put(self._row, generation)
        if news := self._served.news():
            threading.Thread(target=self._write, args=(news,), name="serving", daemon=True).start()

    def _write(self, generation: int) -> None:
        machine = f"{self._machine} {os.getpid()}" if self._alone else self._machine
        try:
            if not self._primary:
                self._store.report_serving(machine, generation)
                return
            # What is read is a replica, and no worker is to keep a connection to the other database for this.
            with closing(Store(self._primary, create=False, awaited=True)) as store:
                store.report_serving(machine, generation)
        except StoreError:  # which the builder reports; who waits for us goes on without us
            time.sleep(RETRY_SECONDS)
            self._served.take_back()
