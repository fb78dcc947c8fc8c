"""`Announcer`: WebSub's publisher. It notifies the portal's hub of the feeds that changed (https://www.w3.org/TR/websub/, 6).

It has a thread of its own beside the builder, and knows the database alone: the fact `announced` is the generation up to which the
hub knows everything. A feed that is notified twice costs the hub a request that is answered with 304; one that is missed is late.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from tenacity import RetryCallState, Retrying, sleep_using_event, stop_when_event_set, wait_exponential_jitter

from feedsvc.alarm import Alarm
from feedsvc.errors import StoreError
from feedsvc.storage.facts import ANNOUNCED, GENERATION, PUBLIC_URL, SITE
from feedsvc.storage.store import Store
from feedsvc.text import one_line

log = logging.getLogger("feedsvc.websub")

# A hub fetches at once, and must not get the old bytes. Web workers look for a new generation a hundred times in this time; when
# the service starts, they must start first.
SETTLE_SECONDS = 1.0
START_SECONDS = 5.0
STEP_SECONDS = 10.0
ANSWER_SECONDS = 20.0
MOST_SECONDS_APART = 60.0
PATIENCE_SECONDS = 10.0
LEAVE_SECONDS = 1.0

_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "feedsvc", "Connection": "close"}
_TRY_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class _Unreachable(Exception):
    """The hub can't be notified now; the rest is tried later."""


class Announcer:
    """Notifies the hub of what was published since the last time, whenever it is woken; without a hub it does nothing.

    Many builds while the hub is away are one announcement of each feed, the newest first.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="websub", daemon=True)
        self._connection: HTTPConnection | None = None
        self._notified: dict[str, int] = {}
        self._hub = ""
        self._failing = Alarm()  # by hub
        self._refusals: set[tuple[str, int]] = set()

    def start(self) -> None:
        """Begins to wait for `wake`."""
        self._thread.start()

    def wake(self) -> None:
        """Says that something may have been published."""
        self._woken.set()

    def stop(self) -> None:
        """Ends it, even in the middle of notifications; the next one continues from there."""
        self._stopping.set()
        self._woken.set()
        _cut(self._connection)
        self._thread.join(LEAVE_SECONDS)

    def _run(self) -> None:
        patiently = Retrying(
            wait=wait_exponential_jitter(max=MOST_SECONDS_APART),
            sleep=sleep_using_event(self._stopping),
            stop=stop_when_event_set(self._stopping),
            before_sleep=self._failed,
            retry_error_callback=lambda _: None,
        )
        self._stopping.wait(START_SECONDS)
        while not self._stopping.is_set():
            self._woken.wait()
            self._woken.clear()
            patiently(self._announce)

    def _failed(self, attempt: RetryCallState) -> None:
        """Logs once that a hub fails; it is tried again in any case."""
        error = attempt.outcome.exception() if attempt.outcome else None
        if self._failing.failed(self._hub):
            expected = isinstance(error, (_Unreachable, StoreError))
            problem = str(error) if expected else f"announcing failed because of a fault in feedsvc: {error!r}"
            log.error("%s; changes are announced when it works again", problem, exc_info=None if expected else error)

    def _announce(self) -> None:
        facts = self._store.facts()
        hub = self._hub = SITE.read(facts).hub or ""
        newest, announced = GENERATION.read(facts), ANNOUNCED.read(facts)
        if hub and newest > announced:
            self._stopping.wait(SETTLE_SECONDS)
            if not self._notify_since(announced, newest, hub, PUBLIC_URL.read(facts)):
                return
            self._store.set_fact(ANNOUNCED, newest)
            self._notified.clear()
        if self._failing.worked():
            log.info("changes are announced again")

    def _notify_since(self, announced: int, newest: int, hub: str, public_url: str) -> bool:
        """Notifies of the feeds published since a generation; whether of all. What is newer than `newest` comes next time."""
        end = time.monotonic() + PATIENCE_SECONDS
        for path, generation, links in self._store.links_since(announced):
            # What names no hub can't be subscribed to: pages, headlines, archives (WebSub, 4).
            if self._notified.get(path, 0) >= generation or not any(link.endswith('; rel="hub"') for link in links):
                continue
            # A long list must not delay today's news: it continues after that.
            if self._stopping.is_set() or (self._woken.is_set() and time.monotonic() > end):
                return False
            self._notify(hub, public_url + path)
            self._notified[path] = newest
        return not self._stopping.is_set()

    def _notify(self, hub: str, feed: str) -> None:
        """Notifies of one feed; raises `_Unreachable` where another try may help.

        One is what every hub takes. Of several they want `hub.url` repeated (PubSubHubbub 0.3, 7.1), or in one with commas, or
        `hub.url[]`, and some hear only the last.
        """
        status, location = self._ask(hub, urlencode({"hub.mode": "publish", "hub.url": feed}))
        if 300 <= status < 400:
            # Its answer may lead anywhere, into the newsroom's own network too.
            raise _Unreachable(f"hub {hub} redirects to {one_line(location)[:200]!r}, which is not followed: name another hub")
        if not 200 <= status < 500 or status in _TRY_AGAIN:
            raise _Unreachable(f"hub {hub} can't be notified: it answered {status}")
        if status >= 400 and (hub, status) not in self._refusals:
            self._refusals.add((hub, status))
            log.warning("hub %s refuses the notification for %s: it answered %d; others are not logged", hub, feed, status)

    def _ask(self, hub: str, body: str) -> tuple[int, str]:
        parts = urlsplit(hub)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection = _CONNECTIONS[parts.scheme](parts.hostname or "", parts.port, timeout=STEP_SECONDS)
        late = threading.Event()

        def give_up() -> None:
            late.set()
            _cut(connection)

        # The time limit of a socket is one for each step, and an answer may come in as many steps as it has bytes.
        limit = threading.Timer(ANSWER_SECONDS, give_up)
        limit.daemon = True
        try:
            connection.connect()
            limit.start()
            connection.request("POST", target, body, _HEADERS)
            with connection.getresponse() as response:
                return response.status, response.headers.get("Location", "")
        except (OSError, HTTPException, ValueError) as error:
            reason = "it did not answer in time" if late.is_set() else _reason(error)
            raise _Unreachable(f"hub {hub} can't be reached: {reason}") from error
        finally:
            limit.cancel()
            connection.close()


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, HTTPException) and not isinstance(error, OSError):
        return "it does not speak HTTP"
    return one_line(getattr(error, "strerror", None) or str(error))[:200]


def _cut(connection: HTTPConnection | None) -> None:
    """Closes a connection that a thread waits for, below TLS, which can't be closed from another thread."""
    if connection and connection.sock:
        with suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
