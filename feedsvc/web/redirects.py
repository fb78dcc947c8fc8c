"""Where something is now that is not where it is looked for: old addresses of feeds and articles, and a slash too many.

They lead to their end at once: nobody is sent on twice, and none is made from what a request says but its path.
"""

from __future__ import annotations

from collections.abc import Callable

from feedsvc.formats import render
from feedsvc.model.document import Document
from feedsvc.model.urls import MOVED, Urls, article_path
from feedsvc.storage.facts import BUILT
from feedsvc.web.published import Published

Find = Callable[[str], Document | None]


class Redirects:
    """The redirects of a site; `find` gives what is at a path, made on request or published."""

    def __init__(self, published: Published, find: Find) -> None:
        self._published = published
        self._find = find

    def find(self, path: str) -> Document | None:
        """The redirect for a path, percent-encoded, at which there is nothing; None where it leads nowhere."""
        addresses = self._published.addresses()
        bare = path.rstrip("/")
        location = self._configured(bare, addresses) or self._alias(bare, addresses)
        if location is None and bare in MOVED:
            location = self._end_of(MOVED[bare], addresses)
        if location is None and bare and bare != path and not path.startswith("//"):
            location = self._end_of(bare, addresses)
        if location is None:
            return None
        built = self._published.store.fact(BUILT) or self._published.clock()
        return render.packed(render.moved(path, location)(built.replace(microsecond=0)))

    def _configured(self, path: str, addresses: Urls) -> str | None:
        redirects = dict(addresses.site.redirects)
        new = redirects.get(path)
        if new is None:
            return None
        place = new.removeprefix(addresses.public_url) if new.startswith(f"{addresses.public_url}/") else new
        if not place.startswith("/"):
            return new
        bare = place.rstrip("/") or "/"
        if bare in redirects or bare in MOVED:
            return None  # it would lead on, or in a circle
        return self._end_of(bare, addresses) or addresses.url(place)

    def _alias(self, path: str, addresses: Urls) -> str | None:
        """Where the article is that was at a path before."""
        record = self._published.store.find_by_alias(path) if path else None
        return self._end_of(article_path(record.slug), addresses) if record else None

    def _end_of(self, path: str, addresses: Urls) -> str | None:
        """The URL of what is at a path, or to which that leads."""
        document = self._find(path)
        return None if document is None else document.location or addresses.url(path)
