"""`Hub`: WebSub's publisher. It notifies the portal's hub of the feeds that changed (https://www.w3.org/TR/websub/, 6).

A feed that is notified twice costs the hub a request that is answered with 304; one that is missed is late.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from feedsvc.deliveries.request import Request
from feedsvc.model.target import HUB
from feedsvc.storage.facts import MARKS
from feedsvc.storage.outbox import Target
from feedsvc.storage.store import Store

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Hub:
    """The hub is notified of each feed that has changed since it knew everything, the newest first.

    Many builds while it is away are one notification of each feed.
    """

    name = HUB
    lenient = True  # what it does not take is no feed of its own
    guarded = False  # every feed names it, for readers to subscribe there

    def __init__(self, store: Store, url: str, public_url: str) -> None:
        self._store = store
        self._url = url
        self._public_url = public_url
        self._notified: dict[str, int] = {}
        self._mark = ""
        self.shown = f"hub {url}"

    def requests(self, target: Target, up_to: int) -> Iterator[Request]:
        """A notification of each feed.

        One feed a request is what every hub takes. Of several they want `hub.url` repeated (PubSubHubbub 0.3, 7.1), or in one with
        commas, or `hub.url[]`, and some hear only the last.
        """
        if self._mark not in self._store.fact(MARKS):
            self._notified.clear()  # the database has gone back after a failover: its numbers mean others
        self._mark = target.mark
        for path, generation, links in self._store.links_since(target.generation):
            # What names no hub can't be subscribed to: pages, headlines, archives (WebSub, 4). What is newer comes next time.
            named = any(link.endswith('; rel="hub"') for link in links)
            if not named or generation > up_to or self._notified.get(path, 0) >= generation:
                continue
            feed = self._public_url + path
            yield Request(self._url, urlencode({"hub.mode": "publish", "hub.url": feed}).encode(), _FORM, about=feed)
            self._notified[path] = up_to
        self._notified.clear()
        self._store.reached(target, up_to)
