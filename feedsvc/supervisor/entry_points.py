"""Where the service's processes start: `serve_for_ever` in a web worker, `build_for_ever` in the builder, `check` before them.

A running main process has the names of this module, of these functions and of their parameters in memory, and starts the processes
of a newer release by them when it reloads. So they must not change, and their arguments are plain values.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

from feedsvc.logs import set_up_logging
from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.notices import Notices
from feedsvc.processes.procfs import call_itself
from feedsvc.settings import Settings
from feedsvc.supervisor.child import DRAIN_SECONDS

LOOK_SECONDS = 0.5  # between two checks that the main process exists
LOWEST_PRIORITY = 19


def given_of(settings: Settings) -> dict[str, Any]:
    """The settings as other processes get them: plain values by name."""
    return {setting.name: getattr(settings, setting.name) for setting in fields(Settings)}


def check(given: dict[str, Any], awaited: bool) -> None:
    """A process that looks whether the service can start, and raises `UsageError` or `StoreError` if not."""
    from feedsvc.supervisor import start_check

    start_check.check(given, awaited)


def serve_for_ever(
    given: dict[str, Any], sockets: list[socket.socket], counters: RequestCounters, row: int, notices: Notices, others_serve: bool
) -> None:
    """A web worker's process; `given` are the settings by name, `row` is its place in counters and notices."""
    from feedsvc.server import worker

    call_itself("feedsvc-web")
    settings = Settings(**given)
    set_up_logging(settings.log_format)
    _end_with_parent(lambda: os._exit(1))
    reached = partial(notices.reach, row)
    worker.serve_for_ever(settings, sockets, DRAIN_SECONDS - 1, counters, row, notices, reached, others_serve=others_serve)


def build_for_ever(given: dict[str, Any], notices: Notices, source: str) -> None:
    """The builder's process; `source` is the address of the fork server that it and its parsers come from."""
    from feedsvc.builder.process import BuilderProcess

    call_itself("feedsvc-builder")
    settings = Settings(**given)
    set_up_logging(settings.log_format)
    os.nice(LOWEST_PRIORITY)  # a build never takes a core from a request
    for place in ("build", "watcher"):
        notices.put(place, "")  # of the process before
    builder = BuilderProcess(settings, notices.put, ForkServer.at(source))
    signal.signal(signal.SIGTERM, lambda *_: builder.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _end_with_parent(builder.stop)
    # The main thread only waits, so that a signal handler never interrupts a thread that holds the schedule's lock.
    thread = threading.Thread(target=builder.run, name="build")
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_SECONDS)


def _end_with_parent(end: Callable[[], Any]) -> None:
    """Ends this process when the service's main process, or its fork server, is gone: nothing else would."""
    source, main = os.getppid(), multiprocessing.parent_process()

    def watch() -> None:
        while os.getppid() == source and main and main.is_alive():
            time.sleep(LOOK_SECONDS)
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()
