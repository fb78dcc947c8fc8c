"""`Schedule`: when builds run. A watcher's hint starts one at once; APScheduler starts one at every interval, and at the next
embargo, expiry or the like; the lease decides whether this process builds at all. Each build is one `Builder.run`, after which
the deliveries check whether another machine must be told.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

from feedsvc.alarm import HOLD_SECONDS, Alarm
from feedsvc.articles.folder import LOOKS_APART_NS
from feedsvc.articles.watcher import Watcher
from feedsvc.builder.build import Builder, BuildResult
from feedsvc.builder.journal import Journal
from feedsvc.builder.state import uncollected
from feedsvc.deliveries.deliveries import Deliveries, Means
from feedsvc.errors import DamagedStore, LeaseLost, OutdatedArticles, SchemaError, StoreError
from feedsvc.storage.facts import GAVE_WAY, PROBLEM, WAITS, WATCHER
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store

log = logging.getLogger("feedsvc.schedule")

LEASE_WAIT_SECONDS = 0.5
SHORTEST_WAIT_SECONDS = 0.05
REVISION_SECONDS = 3.0  # between two looks at the revision while another builds; a build looks again
MOST_GAVE_WAY = 20
GIVE_WAY_SECONDS = 5.0  # in which any other that waits takes the lease
RETRY_SECONDS = 1.0
WATCH_AGAIN_SECONDS = 5.0
LOOK_AGAIN_SECONDS = LOOKS_APART_NS / 1e9 + 0.005
_SERVED = "{}; what was published before is served"
MANY_HINTS = 1_000  # past this, one scan of the whole folder is cheaper than so many looks


def _utc_now() -> datetime:
    return datetime.now(UTC)


class _GaveWay(Exception):
    """The lease is for another machine, whose folder may be better."""


class Schedule:
    """Runs a builder until it is stopped, alone among all processes that share its database."""

    def __init__(
        self,
        builder: Builder,
        lease: Lease,
        interval: float,
        clock: Callable[[], datetime] = _utc_now,
        report: Callable[[str, str], object] = lambda place, text: None,
        examine: Callable[[Store], object] = lambda store: None,
        monotonic: Callable[[], float] = time.monotonic,
        means: Means | None = None,
    ) -> None:
        self._builder = builder
        self._means = means
        self._lease = lease
        self._interval = interval
        self._clock = clock
        self._report = report  # problems, visible even if the database can't be written
        self._examine = examine
        self._wake = threading.Condition()
        self._hints: set[str] = set()
        self._causes: set[str] = set()
        self._scan = False
        self._due = False
        self._stopping = threading.Event()
        self._monotonic = monotonic
        self._failure = Alarm(monotonic)  # a build failed, or the lease could not be asked for
        self._written: str | None = None
        self._settled = False
        self._gave_way: tuple[str, ...] = ()
        self._stands_back_until = 0.0
        self._asks_at = 0.0
        self._begin()
        self._journal = Journal(builder.store)
        builder.maker.on_ready = lambda files: self._ask(hints=files)

    def stop(self) -> None:
        """Ends `run` after the build that is under way."""
        self._stopping.set()
        self._ask()

    def run(self) -> None:
        """Waits for the lease and then builds, until `stop`.

        Raises `DamagedStore` where the database's file is broken or gone.
        """
        waiting, checked = False, -REVISION_SECONDS
        while not self._stopping.is_set():
            if self._monotonic() < self._stands_back_until:
                self._stopping.wait(LEASE_WAIT_SECONDS)
                continue
            try:
                if time.monotonic() >= checked + REVISION_SECONDS:
                    self._builder.check_revision()
                    checked = time.monotonic()
                held = self._lease.acquire(time.monotonic())
            except DamagedStore:
                raise
            except (StoreError, OutdatedArticles) as error:
                checked = -REVISION_SECONDS
                self._look_on(_SERVED.format(error))
                self._stopping.wait(RETRY_SECONDS)
                continue
            if held:
                waiting, checked = False, -REVISION_SECONDS
                self._hold()
            else:
                if not waiting:
                    log.info("another process builds; waiting")
                waiting = True
                self._look_on(None)
                self._ask_for_lease()
                # The moment at which a dead holder's lease is free is not slept through.
                due = max(self._lease.due(time.monotonic()), SHORTEST_WAIT_SECONDS)
                self._stopping.wait(min(LEASE_WAIT_SECONDS, due))

    def _hold(self) -> None:
        """Builds for as long as we have the lease."""
        self._begin()
        with suppress(StoreError):  # another builder's problem may be solved now
            self._gave_way = self._builder.store.fact(GAVE_WAY)
            self._written = self._builder.store.fact(PROBLEM) or None
            if self._written and self._failure.problem is None:
                self._finding.failed(self._written)  # not logged again
        scheduler = BackgroundScheduler(timezone=UTC)
        always = {"coalesce": True, "misfire_grace_time": None}
        scheduler.add_job(self._ask, "interval", ("interval", True), seconds=self._interval, **always)
        scheduler.add_job(self._look_for_others, "interval", seconds=GIVE_WAY_SECONDS, **always)
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(ended,), name="watcher", daemon=True)
        deliveries = Deliveries(self._builder.store, self._means)
        scheduler.start()
        watcher.start()
        deliveries.start()
        try:
            while not self._stopping.is_set():
                self._build_once(*self._next(), scheduler)
                deliveries.wake()
        except (LeaseLost, SchemaError, OutdatedArticles) as error:
            log.warning("%s", error)
        except _GaveWay:
            log.warning("the lease is for another machine that waits, if one does")
            self._stands_back_until = self._monotonic() + GIVE_WAY_SECONDS
        finally:
            ended.set()
            scheduler.shutdown(wait=False)
            watcher.join()
            deliveries.stop()
            self._builder.close()
            self._journal.write()
            try:
                self._lease.release()
            except StoreError as error:
                log.warning("%s", error)
            self._begin()
            self._report("watcher", "")

    def _begin(self) -> None:
        """Forgets what was found under the last lease; the next holder finds it too, or nothing."""
        self._finding = Alarm(self._monotonic)  # a build succeeded, and found something that needs attention
        self._watching = Alarm(self._monotonic)
        self._found: str | None = None

    def _ask(self, cause: str = "", scan: bool = False, hints: Iterable[str] = ()) -> None:
        with self._wake:
            self._scan |= scan
            self._hints.update(hints)
            self._causes.add(cause)
            self._due = True
            self._wake.notify()

    def _next(self) -> tuple[set[str] | None, str]:
        """Waits for a reason to build; the files and folders to look at, None for a scan of the whole folder, and the reason.

        The limit is on the monotonic clock, so that the folder is scanned even while the scheduler waits for a clock that
        was set back.
        """
        with self._wake:
            asked = self._wake.wait_for(lambda: self._due, timeout=2 * self._interval)
            scan = self._scan or not asked or len(self._hints) > MANY_HINTS
            hints, self._hints, self._scan, self._due = self._hints, set(), False, False
            causes, self._causes = self._causes, set()
        changed = [f"{len(hints)} files changed" if len(hints) > 1 else f"{min(hints)} changed"] if hints else []
        return None if scan else hints, ", ".join([*sorted(causes - {""}), *changed]) or "interval"

    def _build_once(self, hints: set[str] | None, cause: str, scheduler: BackgroundScheduler) -> None:
        if self._stopping.is_set():
            return
        now, started, spent = self._clock(), time.monotonic(), time.process_time()
        try:
            self._examine(self._builder.store)
            with nullcontext() if self._settled else uncollected():
                build = self._builder.run(now, holder=self._lease.holder, fence=self._lease.fence, hints=hints)
                if not build.left and not self._settled:
                    gc.freeze()  # the garbage collector need never look through the ledger, which stays as long as we build
                    self._settled = True
        except (LeaseLost, DamagedStore, SchemaError, OutdatedArticles):
            raise
        except StoreError as error:
            problem = _SERVED.format(error)
            self._failed(problem)
            self._journal.note(now, cause, time.monotonic() - started, problem=problem)
            # A lost network costs nothing to try; a full disk costs a whole build, which is not to be all that is done.
            self._look_in(max(RETRY_SECONDS, time.process_time() - spent), "retry", scheduler)
            return
        except Exception as error:
            # A bug: the next scan may succeed, and what is published stays in any case.
            problem = _SERVED.format(f"a build failed because of a fault in feedsvc: {error!r}")
            if self._failed(problem):
                log.error("the build failed", exc_info=error)
            self._journal.note(now, cause, time.monotonic() - started, problem=problem)
            return
        seconds = time.monotonic() - started
        self._succeeded(build.problem, scanned=hints is None)
        self._plan(build, scheduler)
        self._journal.note(now, cause, seconds, build)
        if self._lease.among_machines and self._gives_way(build.problem is None, scanned=hints is None):
            raise _GaveWay

    def _ask_for_lease(self) -> None:
        """Asks for the lease, now and then, where its holder's folder is known to be no good and ours is not."""
        if self._monotonic() < self._asks_at:
            return
        self._asks_at = self._monotonic() + GIVE_WAY_SECONDS
        store, own = self._builder.store, self._lease.token
        with suppress(StoreError):  # the next look at the lease says so
            given = store.fact(GAVE_WAY)
            if given and own not in given and own not in (waits := store.fact(WAITS)):
                store.set_fact(WAITS, (*waits[-MOST_GAVE_WAY:], own))

    def _look_for_others(self) -> None:
        """Has the folder looked through, where it was no good and another machine asks for the lease."""
        if self._lease.token in self._gave_way and self._asked_for():
            self._ask("another machine waits", scan=True)

    def _asked_for(self) -> bool:
        try:
            waits = self._builder.store.fact(WAITS)
        except StoreError:
            return False
        return any(token not in self._gave_way for token in waits)

    def _gives_way(self, good: bool, scanned: bool) -> bool:
        """Whether another machine should build, because the folder here can't be read, or the brake holds.

        Each gives way once until a build is good, and again when one asks that has not: where all folders are the same, one goes on
        with what it has.
        """
        given = self._gave_way
        if good:
            given = () if scanned else given
        elif self._lease.token not in given:
            given = (*given[-MOST_GAVE_WAY:], self._lease.token)
        asked = not good and given == self._gave_way and self._asked_for()
        if given == self._gave_way and not asked:
            return False
        try:
            self._builder.store.set_fact(GAVE_WAY, given)
            if asked or not given:
                self._builder.store.set_fact(WAITS, ())  # who asks may be dead by now: it is believed once
        except StoreError:  # the next build tries again
            return False
        self._gave_way = given
        return not good

    def _plan(self, build: BuildResult, scheduler: BackgroundScheduler) -> None:
        if build.left:
            self._ask("files left to read")
        if build.moving:
            timer = threading.Timer(LOOK_AGAIN_SECONDS, self._ask, kwargs={"hints": build.moving})
            timer.daemon = True
            timer.start()
        always = {"replace_existing": True, "misfire_grace_time": None}
        if build.next_instant:
            when = build.next_instant
            scheduler.add_job(self._ask, "date", ("scheduled change",), run_date=when, id="instant", **always)
        if self._found is None and (self._failure.problem or self._finding.problem):
            self._look_in(HOLD_SECONDS, "check after a failure", scheduler)

    def _look_in(self, seconds: float, cause: str, scheduler: BackgroundScheduler) -> None:
        when = datetime.fromtimestamp(time.time() + seconds, UTC)
        always = {"replace_existing": True, "misfire_grace_time": None}
        scheduler.add_job(self._ask, "date", (cause, True), run_date=when, id=cause, **always)

    # ---- problems, logged once when they begin and once when they end

    def _look_on(self, problem: str | None) -> None:
        """While we don't have the lease. What keeps us from it is our own affair: the database has the problem of who builds."""
        if problem is None:
            if self._failure.worked():
                log.info("all is well again")
        elif self._failure.failed(problem):
            log.error("%s", problem)
        self._report("build", self._failure.problem or "")

    def _failed(self, problem: str) -> bool:
        """After a failed build; returns whether the problem is new."""
        news = self._failure.failed(problem)
        if news:
            log.error("%s", problem)
        self._show(problem)
        return news

    def _succeeded(self, finding: str | None, scanned: bool) -> None:
        """After a successful build. A failure is shown until it is over, a finding until a scan no longer has it."""
        if self._failure.problem:
            try:  # most builds write nothing, so one alone does not show that the database can be written
                self._builder.store.set_fact(PROBLEM, finding or self._failure.problem)
            except StoreError as error:
                self._failed(_SERVED.format(error))
                return
        if finding or scanned:
            self._found = finding
        over = self._failure.worked()
        if self._found is None:
            over |= self._finding.worked()
        elif self._finding.failed(self._found):
            log.error("%s", self._found)
        self._show(self._found or self._failure.problem)
        if over and not (self._failure.problem or self._finding.problem):
            log.info("all is well again")

    def _show(self, problem: str | None) -> None:
        self._report("build", problem or "")
        if problem != self._written:
            with suppress(StoreError):  # a database that can't be written is the problem itself; the next build tries again
                self._builder.store.set_fact(PROBLEM, problem or "")
                self._written = problem

    # ---- the watcher

    def _watch(self, ended: threading.Event) -> None:
        """Turns changes in the articles folder into hints; whatever goes wrong here, the scan finds what was missed."""
        folder, cause = self._builder.folder.path, "start"
        with suppress(StoreError):  # an earlier builder may have reported it
            if problem := self._builder.store.fact(WATCHER):
                self._watching.failed(problem)
        while not ended.is_set():
            try:
                with Watcher(folder) as watcher:
                    self._ask(cause, scan=True)  # only after watching has started, so that no change is missed in between
                    while not (watcher.lost or watcher.over or ended.is_set()):
                        if hints := watcher.hear():
                            self._ask(hints=hints)
                        if self._watching.worked():
                            log.info("watching %s again", folder)
                            self._note_watcher("")
                if watcher.lost:
                    log.warning("more changed in %s at once than the system reports; scanning the whole folder", folder)
            except Exception as error:  # whatever a watcher raises, the answer is the same: start again
                self._ask(cause, scan=True)
                said = f"can't watch {folder} ({error}); changes are found only by the scan every {self._interval:g} s"
                if self._watching.failed(said):
                    log.warning("%s", said)
                    self._note_watcher(said)
                ended.wait(WATCH_AGAIN_SECONDS)
            cause = "watching again"

    def _note_watcher(self, said: str) -> None:
        self._report("watcher", said)
        with suppress(StoreError):
            self._builder.store.set_fact(WATCHER, said)
