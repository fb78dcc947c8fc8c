"""A reload: new processes, with new settings and the code as it is now, replace those that run.

The old ones serve until the new ones do. If the new ones do not start, the old ones continue as before.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from feedsvc.errors import ReloadRefused
from feedsvc.logs import set_up_logging
from feedsvc.settings import Settings
from feedsvc.supervisor.child import DRAIN_SECONDS
from feedsvc.supervisor.process_group import ForkServers, ProcessGroup
from feedsvc.supervisor.sockets import ListeningSockets

UP_SECONDS = 30
OPEN_SECONDS = 75  # in which the builder may have to rebuild everything
LOOK_SECONDS = 0.01
END_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def successor_of(old: ProcessGroup, settings: Settings) -> ProcessGroup:
    """The processes with new settings, as soon as they serve and build; the old ones no longer build, and must be retired.

    Raises `ReloadRefused` if they do not start, and `UsageError` if the new address can't be listened on; the old ones then
    continue as before.
    """
    same = (settings.host, settings.port) == old.sockets.address
    sockets = old.sockets if same else ListeningSockets(settings.host, settings.port, used=settings.serves)
    set_up_logging(settings.log_format)
    new = old.follower(settings, ForkServers.of_now(), sockets)
    if not _begins(old, new):
        new.end()
        set_up_logging(old.settings.log_format)
        if not same:
            sockets.close()
        raise ReloadRefused("the new processes did not start; the log says why")
    return new


def retire(old: ProcessGroup, new: ProcessGroup) -> None:
    """Ends the old processes after they have answered their requests."""
    _until(lambda: not old.alive, DRAIN_SECONDS)
    old.end()
    if old.sockets is not new.sockets:
        old.sockets.close()


def _begins(old: ProcessGroup, new: ProcessGroup) -> bool:
    """Starts the new processes while the old ones serve; whether all of them run."""
    if not new.sources.sound(UP_SECONDS):
        return False
    new.begin_workers(others_serve=True)
    if not _reached(new, "up", UP_SECONDS):
        return False
    # One builder after the other, because the second would only wait for the lease.
    old.end_builder()
    new.begin_builder()
    if not _reached(new, "open", OPEN_SECONDS):
        new.end_builder()
        old.begin_builder()
        return False
    return True


def _reached(new: ProcessGroup, stage: str, seconds: float) -> bool:
    return _until(lambda: new.reached(stage) or new.failed, seconds) and not new.failed


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition becomes true in time, and before a signal to end."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end or signal.sigpending() & END_SIGNALS:
            return False
        time.sleep(LOOK_SECONDS)
    return True
