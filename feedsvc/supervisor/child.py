"""`Child`: one process of the service, restarted when it dies, with a longer wait each time that it dies soon after its start."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess

from feedsvc.processes.notices import Notices

log = logging.getLogger("feedsvc.supervisor")

DRAIN_SECONDS = 10
RESTART_SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30)
STEADY_SECONDS = 60.0
ABSENT_SECONDS = 1.0  # if the next process comes later than this, no client should wait for it
LOOP_DEATHS = 3  # in a row are a crash loop


class Child:
    """Keeps a process alive; `make` starts one, and the notice at `place` names a crash loop.

    `absent` is called if the next one starts only after a while.
    """

    def __init__(
        self,
        place: str,
        make: Callable[[], ForkServerProcess],
        notices: Notices,
        absent: Callable[[], None] = lambda: None,
    ) -> None:
        self._place = place
        self._make = make
        self._absent = absent
        self._notices = notices
        self._over = threading.Event()
        self._process: ForkServerProcess | None = None
        self._lock = threading.Lock()
        self.died = 0
        self._thread = threading.Thread(target=self._keep, name=place, daemon=True)
        self._thread.start()

    def end(self, sign: int = signal.SIGTERM) -> None:
        """Lets it finish its work, and starts no other."""
        self._over.set()
        with self._lock:
            if self._process and self._process.pid and self._process.is_alive():
                os.kill(self._process.pid, sign)

    def join(self, seconds: float = DRAIN_SECONDS) -> None:
        """Waits for its end, as long as that may take."""
        with self._lock:
            process = self._process
        if process:
            process.join(max(0.0, seconds))
            if process.is_alive():
                log.error("the %s did not end in %g s and is killed", self._place, seconds)
                process.kill()
                process.join()

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        with self._lock:
            return bool(self._process and self._process.is_alive())

    def _keep(self) -> None:
        young = 0
        while not self._over.is_set():
            started = time.monotonic()
            with self._lock:
                if self._over.is_set():
                    return
                process = self._process = self._begun()
            steady = False
            if process:
                process.join(STEADY_SECONDS)
                if steady := process.is_alive():
                    if young >= LOOP_DEATHS:
                        log.info("the %s runs normally again", self._place)
                        self._notices.put(self._place, "")
                    process.join()
            if self._over.is_set():
                return
            lived = time.monotonic() - started
            young = 0 if steady else young + 1
            # From one start to the next, so that a process that lived longer than that is missing only for a moment.
            pause = max(RESTART_SECONDS[0], RESTART_SECONDS[min(young, len(RESTART_SECONDS) - 1)] - lived)
            try:
                if pause > ABSENT_SECONDS:
                    self._absent()
                self._report(young, _ending(process.exitcode) if process else "it could not start", pause)
            except Exception:  # whatever it is, the process is restarted
                log.exception("the %s ended, and what was to be said of it failed", self._place)
            self._over.wait(pause)

    def _begun(self) -> ForkServerProcess | None:
        try:
            return self._make()
        except (OSError, EOFError) as error:  # its fork server has ended, or the system has no room for it
            log.error("the %s can't be started: %r", self._place, error)
            return None

    def _report(self, young: int, ending: str, pause: float) -> None:
        self.died += 1
        self._notices.count(self._place)
        again = f"it restarts in {pause:.1f} s"
        if young < LOOP_DEATHS:
            log.error("the %s ended (%s); %s", self._place, ending, again)
            return
        said = f"the {self._place} has ended {young} times in a row soon after its start, last with {ending}; {again}"
        log.error("%s", said)
        self._notices.put(self._place, said)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        known = -code in set(signal.Signals)  # real-time signals have numbers and no names (signal(7))
        return f"signal {signal.Signals(-code).name if known else -code}"
    return f"exit code {code}"
