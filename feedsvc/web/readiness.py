"""`Readiness`: the answers of /healthz and /readyz, from memory, so that they come even when nothing else answers."""

from __future__ import annotations

import time
from collections.abc import Callable

from feedsvc.web.cache import DocumentCache
from feedsvc.web.responses import Response, plain

HEALTH, READY = "/healthz", "/readyz"
LOOK_SECONDS = 0.25
SILENT_SECONDS = 3.0  # after which the database counts as silent


class Readiness:
    """The state of one process, known to the thread that polls the database; `outages` are what does not work."""

    def __init__(self, cache: DocumentCache, outages: Callable[[], tuple[str, ...]]) -> None:
        self._cache = cache
        self._read = outages
        self._outages: tuple[str, ...] = ()
        self._looked = 0.0
        self._heard = time.monotonic()

    def look(self) -> None:
        """Notes an answer or an error of the database, and now and then what does not work."""
        now = self._heard = time.monotonic()
        if now - self._looked >= LOOK_SECONDS and self._cache.ready and not self._cache.failing:
            self._outages = self._read()
            self._looked = now

    def answer(self, path: str, method: str) -> Response | None:
        """The answer at one of the two paths; None at any other, and to any other method."""
        if path not in (HEALTH, READY) or method not in ("GET", "HEAD"):
            return None
        if path == HEALTH:
            return plain("ok\n", 200, method)
        if not self._cache.ready:
            return plain("waiting for the first build\n", 503, method)
        # The status is for load balancers, and readers are still served; the words are for a person.
        outages = self._outages
        if self._cache.failing:
            outages = ("the database can't be read, and what is in memory is served",)
        elif time.monotonic() - self._heard > SILENT_SECONDS:
            outages = ("the database does not answer, and what is in memory is served",)
        return plain(f"ready, degraded: {'; '.join(outages)} (/status says more)\n" if outages else "ready\n", 200, method)
