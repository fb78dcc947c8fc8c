"""`PageWriter`: writes what was made on request into the database, so that no reader waits for that."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

from feedsvc.alarm import Alarm
from feedsvc.errors import StoreError
from feedsvc.model.document import Document, weight

log = logging.getLogger("feedsvc.web")

MAX_WAITING_BYTES = 16_000_000


class PageWriter:
    """Has documents written by `keep`. What waits has a limit; what exceeds it is made again at the next request."""

    def __init__(self, keep: Callable[[Document, int], object]) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, tuple[Document, int]] = OrderedDict()
        self._bytes = 0
        self._writing = False
        self._alarm = Alarm()

    def put(self, document: Document, generation: int) -> None:
        """Writes a document that was made from a generation, unless a newer one was published by then."""
        with self._lock:
            if document.path in self._waiting or self._bytes + weight(document) > MAX_WAITING_BYTES:
                return
            self._waiting[document.path] = document, generation
            self._bytes += weight(document)
            if not self._writing:
                self._writing = True
                threading.Thread(target=self._write_all, name="pages", daemon=True).start()

    def _write_all(self) -> None:
        while (found := self._next()) is not None:
            document, generation = found
            try:
                self._keep(document, generation)
                if self._alarm.worked():
                    log.info("pages can be kept again")
            except StoreError as error:
                if self._alarm.failed(str(error)):
                    log.error("pages can't be kept, and are made again for whoever asks: %s", error)
            finally:
                with self._lock:
                    self._waiting.pop(document.path, None)
                    self._bytes -= weight(document)

    def _next(self) -> tuple[Document, int] | None:
        with self._lock:
            self._writing = bool(self._waiting)
            return next(iter(self._waiting.values()), None)
