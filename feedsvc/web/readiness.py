"""`Readiness`: the answers of /healthz and /readyz, from memory, so that they come even when nothing else answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from feedsvc.errors import StoreError
from feedsvc.storage.contact import Contact, Failing
from feedsvc.web.cache import DocumentCache
from feedsvc.web.responses import Response, plain

HEALTH, READY = "/healthz", "/readyz"
LOOK_SECONDS = 0.25
SILENT_SECONDS = 1.0  # after which the database counts as silent


class Readiness:
    """The state of one process, known to the thread that polls for publications; `outages` are what does not work.

    Where it polls a copy on this machine, `database` is the contact to what it is a copy of.
    """

    def __init__(self, cache: DocumentCache, outages: Callable[[], tuple[str, ...]], database: Contact | None = None) -> None:
        self._cache = cache
        self._database = database
        self._read = outages
        self._outages: tuple[str, ...] = ()
        self._looked = 0.0

    def look(self) -> None:
        """Notes now and then what does not work."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS and self._cache.ready and not self._cache.contact.failing:
            self._looked = now
            with suppress(StoreError), self._cache.contact.asking():  # the next poll finds out
                self._outages = self._read()

    def answer(self, path: str, method: str) -> Response | None:
        """The answer at one of the two paths; None at any other, and to any other method."""
        if path not in (HEALTH, READY) or method not in ("GET", "HEAD"):
            return None
        if path == HEALTH:
            return plain("ok\n", 200, method)
        stuck, served = _stuck(self._cache.contact), "what is in memory"
        if self._database:
            stuck = stuck.replace("the database", "the copy on this machine")
            if not stuck:
                stuck, served = _stuck(self._database), "this machine's copy of what was published"
        if not self._cache.ready:
            return plain(f"waiting: {stuck}\n" if stuck else "waiting for the first build\n", 503, method)
        # The status is for load balancers, and readers are still served; the words are for a person.
        outages = (f"{stuck}, and {served} is served",) if stuck else self._outages
        return plain(f"ready, degraded: {'; '.join(outages)} (/status says more)\n" if outages else "ready\n", 200, method)


def _stuck(contact: Contact) -> str:
    if contact.silence > SILENT_SECONDS:
        return "the database does not answer"
    return _FAILING[contact.failing]


_FAILING = {
    Failing.NOTHING: "",
    Failing.READ: "the database can't be read",
    Failing.KEEP: "the copy on this machine can't be written",
}
