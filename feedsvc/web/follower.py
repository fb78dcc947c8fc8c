"""`Follower`: keeps a machine's copy of what is published up to date, in one of the machine's processes at a time."""

from __future__ import annotations

import logging
import threading
import time

from feedsvc.alarm import Alarm
from feedsvc.errors import StoreError
from feedsvc.settings import Settings
from feedsvc.storage.contact import PATIENCE_SECONDS, Failing
from feedsvc.storage.generation import GenerationPoll
from feedsvc.storage.local_copy import CopyFailed, LocalCopy
from feedsvc.storage.store import Store

log = logging.getLogger("feedsvc.web")

LOOK_SECONDS = 0.5  # whether the process that did it has ended
RETRY_SECONDS = 1.0
PROBLEM_SECONDS = 3.0  # between two looks whether there are problems
TAKING_SECONDS = 60.0  # that a whole edition may take
WAIT_SECONDS = 0.01  # between two looks whether the first one has ended


class Follower:
    """Follows the database of some settings in a thread, as soon as no other process of the machine does."""

    def __init__(self, copy: LocalCopy, settings: Settings) -> None:
        self._copy = copy
        self._settings = settings

    def begin(self) -> None:
        """Starts the thread, which ends with the process."""
        threading.Thread(target=self._run, name="follower", daemon=True).start()

    def wait(self) -> None:
        """Waits until somebody on this machine has looked at the database, or has no answer from it: what the copy has may be of
        long ago."""
        contact, end = self._copy.contact, time.monotonic() + PATIENCE_SECONDS
        while not (contact.looked or contact.lost or time.monotonic() > end):
            time.sleep(WAIT_SECONDS)

    def _run(self) -> None:
        while not self._copy.store.closed:
            try:
                with self._copy.keeping() as taken:
                    if taken:
                        self._follow()
            except Exception:  # whatever it is, the next try may succeed, and another process may
                log.exception("what is published can't be followed")
            time.sleep(LOOK_SECONDS)

    def _follow(self) -> None:
        copy, contact = self._copy, self._copy.contact
        alarm, look = Alarm(), 0.0
        taken: tuple[int, int] | None = None
        source = open_source(self._settings)
        direct = self._settings.database_listen
        listened = Store(direct, create=False, awaited=True) if direct else source
        pulse = GenerationPoll(listened)
        try:
            while not copy.store.closed:
                try:
                    with contact.asking():
                        known = pulse.generation(), pulse.database
                    if known != taken or time.monotonic() > look:
                        with contact.asking(TAKING_SECONDS):
                            copy.take(source)
                        taken, look = known, time.monotonic() + PROBLEM_SECONDS
                    contact.failing = Failing.NOTHING
                    if alarm.worked():
                        log.info("the copy of what is published follows again")
                except StoreError as error:
                    taken = None
                    contact.failing = Failing.KEEP if isinstance(error, CopyFailed) else Failing.READ
                    if alarm.failed(str(error)):
                        log.error("%s; this machine's copy of what was published is served", error)
                contact.looked = True
                if contact.failing:
                    time.sleep(RETRY_SECONDS)
                else:
                    pulse.wait()
        finally:
            pulse.close()
            source.close()
            listened.close()


def open_copy(settings: Settings) -> LocalCopy | None:
    """This machine's copy of what is published, where its web workers read from a server.

    Raises `StoreError` where there can be none.
    """
    return LocalCopy(settings.copy_path) if settings.copy_path else None


def open_source(settings: Settings, copy: LocalCopy | None = None) -> Store:
    """The database from which web workers read, which need not answer yet; a replica is never written.

    Beside a copy, connections are few and short, because all processes of the machine share them.

    Raises `StoreError` where it can't be opened.
    """
    replica = settings.database_read
    return Store(replica or settings.database, create=not replica, awaited=True, shared=copy.shared if copy else None)
