"""`status_routes`: routes for the newsroom, behind a token: the status as a page and as JSON, and metrics for Prometheus.

A token and not an address, because behind a proxy on the same machine every client comes from loopback.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from flask import Blueprint, Response, current_app, request

from feedsvc.errors import TokenError
from feedsvc.model.document import HTML
from feedsvc.processes.counters import RequestCounters
from feedsvc.processes.notices import Notices
from feedsvc.status import page as status_page
from feedsvc.status.collect import read_status
from feedsvc.status.status import Status
from feedsvc.status.token import StatusToken
from feedsvc.storage.store import Store
from feedsvc.web.private import LOGIN, PLAIN, private
from feedsvc.web.responses import METHODS

PATHS = ("/status", "/status.json", "/metrics")
MOST_HEADER = 1_000


def status_routes(
    store: Store,
    token: StatusToken,
    clock: Callable[[], datetime],
    ready: Callable[[], bool],
    counters: RequestCounters | None,
    notices: Notices | None,
) -> Blueprint:
    """The newsroom's own routes; `counters` has the answers of all web workers, and `notices` the problems of its processes."""
    routes = Blueprint("status", __name__)
    methods = METHODS.split(", ")

    def known() -> Status:
        return read_status(store, clock(), notices.notices() if notices else None)

    @routes.before_request
    def ask() -> Response | None:
        try:
            admitted = token.admits(request.headers.get("Authorization", "")[:MOST_HEADER])
        except TokenError as error:
            current_app.logger.error("%s", error)
            return _answer("the status is closed: its token can't be read, and the log says why\n", PLAIN, 503)
        if admitted:
            return None
        refused = _answer("the status is for the newsroom: any user name, and the token as the password\n", PLAIN, 401)
        refused.headers["WWW-Authenticate"] = LOGIN
        return refused

    @routes.route("/status", methods=methods, provide_automatic_options=False)
    def page() -> Response:
        return _answer(status_page.page(known()), HTML)

    @routes.route("/status.json", methods=methods, provide_automatic_options=False)
    def as_json() -> Response:
        return _answer(msgspec.json.encode(known()), "application/json; charset=utf-8")

    @routes.route("/metrics", methods=methods, provide_automatic_options=False)
    def metrics() -> Response:
        from feedsvc.status.metrics import CONTENT_TYPE, Figures, exposition  # 50 ms, spent only where scraped

        figures = Figures(known, ready(), counters.totals() if counters else None, notices.restarts() if notices else None)
        return _answer(exposition(figures), CONTENT_TYPE)

    return routes


def _answer(body: str | bytes, content_type: str, status: int = 200) -> Response:
    return Response(body, status, private(status_page.POLICY), content_type=content_type)
