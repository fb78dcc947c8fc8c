"""`FeedPasswords`: who may read the feeds that `site.toml` protects. Their passwords are in the environment alone."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from feedsvc.model.feed import password_variable
from feedsvc.settings import FEED_PASSWORD
from feedsvc.status.token import presented
from feedsvc.web.responses import Response, plain

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger("feedsvc.web")
MOST_HEADER = 1_000


class FeedPasswords:
    """The passwords of all protected feeds, by their environment variables without the prefix."""

    def __init__(self, given: Iterable[tuple[str, str]]) -> None:
        self._given: Mapping[str, str] = dict(given)
        self._missed: set[str] = set()

    def refused(self, feed: str, environ: WSGIEnvironment) -> Response | None:
        """The answer to who may not read a feed; None for who has its password, as that of any user (RFC 7617, 2)."""
        method, variable = environ["REQUEST_METHOD"], password_variable(feed)
        password = self._given.get(variable.removeprefix(FEED_PASSWORD))
        if password is None:
            if feed not in self._missed:
                self._missed.add(feed)
                log.error("%s is not set, and so nobody can read its feed", variable)
            return plain("This feed is closed: it has no password yet.\n", 503, method)
        if hmac.compare_digest(presented(environ.get("HTTP_AUTHORIZATION", "")[:MOST_HEADER]), password.encode()):
            return None
        answer = plain("This feed needs its password: any user name, and the password.\n", 401, method)
        answer.headers.append(("WWW-Authenticate", f'Basic realm="{feed}", charset="UTF-8"'))
        return answer
