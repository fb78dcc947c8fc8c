"""`serve_for_ever`: a web worker's process. It imports all that it needs, and no part of the newsroom's side."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Callable, Sequence

from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.notices import Notices
from feedsvc.server.clients import Clients
from feedsvc.server.server import Server
from feedsvc.settings import Settings
from feedsvc.web.app import create_app
from feedsvc.web.follower import open_copy, open_source

READY_SECONDS = 60.0
GARBAGE = 20_000  # new objects between two garbage collections


def serve_for_ever(
    settings: Settings,
    sockets: Sequence[socket.socket],
    drain: float,
    counters: RequestCounters,
    row: int,
    notices: Notices,
    report: Callable[[str], None],
    *,
    others_serve: bool,
) -> None:
    """Serves until a signal ends it, and then finishes its requests, for so many seconds at most.

    `row` is where it counts; `report` gets "up" and "open". While others serve it opens when it has something to serve, for which
    the builder may have to rebuild everything.
    """
    copy = open_copy(settings)
    store = open_source(settings, copy)
    app = create_app(settings, store, counters=counters, notices=notices, copy=copy, row=row)
    report("up")
    # No client gets “nothing is published yet” while the other workers serve.
    app.begin()
    end = time.monotonic() + (READY_SECONDS if others_serve else 0)
    while not app.ready and time.monotonic() < end:
        time.sleep(0.01)
    # Objects that live as long as the process need no collection, and requests leave no reference cycles behind.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    clients = Clients(settings.proxies)
    Server(app, sockets, counters.of(row), clients, settings.connections_per_address).run(drain, lambda: report("open"))
