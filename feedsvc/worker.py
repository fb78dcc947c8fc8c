"""`serve_for_ever`: a web worker's process. It imports all that one needs, and no part of the newsroom's side."""

from __future__ import annotations

import gc

from feedsvc.delivery import Delivery
from feedsvc.kiosk import Kiosk
from feedsvc.settings import Settings
from feedsvc.store import Store
from feedsvc.traffic import Traffic
from feedsvc.web import create_app

LOOK_SECONDS = 10.0
GARBAGE = 20_000  # new objects between two looks for circles among them


def serve_for_ever(settings: Settings, drain: float, traffic: Traffic, number: int) -> None:
    """Serves until SIGTERM, and then finishes what is under way, for so many seconds at most; `number` is which worker it is."""
    app = create_app(settings, Store(settings.database), traffic=traffic)
    assert isinstance(app.wsgi_app, Delivery)  # noqa: S101 - for the type checker
    # Nobody is told that nothing is published yet, while the other workers serve it.
    app.wsgi_app.looked.wait(LOOK_SECONDS)
    # What lives as long as the process is not looked through again, and what requests leave behind is in no circles.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    Kiosk(app.wsgi_app, settings.host, settings.port, traffic.of(number)).run(drain)
