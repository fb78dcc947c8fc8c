"""`Readiness`: what /healthz and /readyz answer, from memory alone, so that they do when nothing else does."""

from __future__ import annotations

import time
from collections.abc import Callable

from feedsvc.web.cache import DocumentCache
from feedsvc.web.responses import Response, plain

HEALTH, READY = "/healthz", "/readyz"
LOOK_SECONDS = 0.25
SILENT_SECONDS = 3.0  # after which whoever asks the database has no answer


class Readiness:
    """How one process is, as the thread knows that asks the database again and again; `outages` are what does not work."""

    def __init__(self, cache: DocumentCache, outages: Callable[[], tuple[str, ...]]) -> None:
        self._cache = cache
        self._read = outages
        self._outages: tuple[str, ...] = ()
        self._looked = 0.0
        self._heard = time.monotonic()

    def look(self) -> None:
        """Notes that the database has answered, or refused to; now and then, what does not work."""
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
        # The number is for whoever shares readers out, who are served as ever; the words are for a person.
        outages = self._outages
        if self._cache.failing:
            outages = ("the database can't be read, and what is in memory is served",)
        elif time.monotonic() - self._heard > SILENT_SECONDS:
            outages = ("the database does not answer, and what is in memory is served",)
        return plain(f"ready, degraded: {'; '.join(outages)} (/status says more)\n" if outages else "ready\n", 200, method)
