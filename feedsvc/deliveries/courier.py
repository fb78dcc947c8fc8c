"""`Courier`: tells one target, in a thread of its own, so that one that is dead or slow delays no other."""

from __future__ import annotations

import logging
import threading
import time
from http import HTTPStatus

from tenacity import RetryCallState, Retrying, sleep_using_event, stop_when_event_set, wait_exponential_jitter

from feedsvc.alarm import Alarm
from feedsvc.deliveries.request import Kind, Request, Unreachable
from feedsvc.deliveries.sender import Sender
from feedsvc.errors import StoreError
from feedsvc.storage.store import Store
from feedsvc.text import one_line

log = logging.getLogger("feedsvc.deliveries")

MOST_SECONDS_APART = 60.0
MOST_RETRY_AFTER_SECONDS = 3_600.0
PATIENCE_SECONDS = 10.0
LEAVE_SECONDS = 1.0
_TRY_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class _Ended(Exception):
    """The target wants no more."""


class Courier:
    """Tells a target of publications up to the one that it is woken with, and tries again until it has.

    How far it is lies in the database: what was sent when a process died is sent again, and nothing is left out.
    """

    def __init__(self, store: Store, kind: Kind, sender: Sender) -> None:
        self._store = store
        self._kind = kind
        self._sender = sender
        self._up_to = 0
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=kind.name, daemon=True)
        self._failing = Alarm()
        self._refusals: set[int] = set()

    def start(self) -> None:
        """Begins to wait for `wake`."""
        self._thread.start()

    def wake(self, up_to: int) -> None:
        """Says that the target may hear of all publications up to one."""
        self._up_to = up_to
        self._woken.set()

    def stop(self) -> None:
        """Begins to end it, even in the middle of a request; the next one continues from there."""
        self._stopping.set()
        self._woken.set()
        self._sender.cut()

    def join(self, seconds: float = LEAVE_SECONDS) -> None:
        """Waits for its end, but not for ever."""
        self._thread.join(seconds)

    def _run(self) -> None:
        apart = wait_exponential_jitter(max=MOST_SECONDS_APART)

        def wait(attempt: RetryCallState) -> float:
            error = attempt.outcome.exception() if attempt.outcome else None
            asked = error.seconds if isinstance(error, Unreachable) else 0.0
            return max(apart(attempt), min(asked, MOST_RETRY_AFTER_SECONDS))

        patiently = Retrying(
            wait=wait,
            sleep=sleep_using_event(self._stopping),
            stop=stop_when_event_set(self._stopping),
            before_sleep=self._failed,
            retry_error_callback=lambda _: None,
        )
        while not self._stopping.is_set():
            self._woken.wait()
            self._woken.clear()
            patiently(self._tell)

    def _failed(self, attempt: RetryCallState) -> None:
        """Logs once that a target fails; it is tried again in any case."""
        error = attempt.outcome.exception() if attempt.outcome else None
        expected = isinstance(error, (Unreachable, StoreError))
        problem = str(error) if expected else f"{self._kind.shown} can't be told because of a fault in feedsvc: {error!r}"
        if self._failing.failed(problem):
            log.error("%s; it hears of changes when it works again", problem, exc_info=None if expected else error)
        if not isinstance(error, StoreError):
            self._note(problem)

    def _note(self, problem: str, *, ended: bool = False) -> None:
        try:
            known = self._store.targets().get(self._kind.name)
            if known and (known.problem != problem or ended):
                self._store.note_problem(known, problem, ended=ended)
        except StoreError:
            pass  # the next try finds out, and the builder reports it

    def _tell(self) -> None:
        target = self._store.targets().get(self._kind.name)
        if target is None or target.ended:
            return
        up_to = min(self._up_to, target.newest)  # a standby that was promoted may lack the last publications
        if up_to > target.generation:
            end = time.monotonic() + PATIENCE_SECONDS
            try:
                for request in self._kind.requests(target, up_to):
                    # A long list must not delay today's news: it continues after that.
                    if self._stopping.is_set() or (self._woken.is_set() and time.monotonic() > end):
                        return
                    self._send(request)
            except _Ended as error:
                log.warning("%s", error)
                self._note(str(error), ended=True)
                return
        if target.problem:
            self._note("")
        if self._failing.worked():
            log.info("%s hears of changes again", self._kind.shown)

    def _send(self, request: Request) -> None:
        """Sends one request; raises `Unreachable` where another try may help."""
        shown = self._kind.shown
        try:
            answer = self._sender.send(request)
        except Unreachable as error:
            raise Unreachable(f"{shown} can't be reached: {error}", error.seconds) from error
        status = answer.status
        if 300 <= status < 400:
            # It may lead anywhere, into the newsroom's own network too.
            where = one_line(answer.location)[:200]
            raise Unreachable(f"{shown} redirects to {where!r}, which is not followed: name another address")
        if 200 <= status < 300:
            return
        if not self._kind.lenient and status == HTTPStatus.GONE:
            raise _Ended(f"{shown} wants no more: it answered 410; it is told nothing until it has another address in site.toml")
        if not (self._kind.lenient and 400 <= status < 500) or status in _TRY_AGAIN:
            raise Unreachable(f"{shown} can't be told: it answered {status}", answer.retry_after)
        if status not in self._refusals:
            self._refusals.add(status)
            log.warning("%s refuses the notification for %s: it answered %d; others are not logged", shown, request.about, status)
