"""The ticker in a frame: made from the published headlines when asked for, and kept while they are the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from feedsvc.formats import headlines, render, ticker_script
from feedsvc.model import urls as at
from feedsvc.model.document import Document
from feedsvc.model.edition import EPOCH
from feedsvc.model.urls import Urls
from feedsvc.web.cache import DocumentCache

LIMIT = 5
_LIMITS = {str(number): number for number in range(1, headlines.MOST + 1)}


class TickerFrames:
    """The frames of all topics and stories."""

    def __init__(self, cache: DocumentCache, public_url: str) -> None:
        self._cache = cache
        self._public_url = public_url

    def find(self, query: Mapping[str, str]) -> Document | None:
        """The page for a query's `topic`, `layout`, `limit` and `theme`, of which unknown values are ignored; a redirect if the
        topic has another name, a notice if it has ended."""
        slug, layout, theme = query.get("topic", "all"), query.get("layout"), query.get("theme")
        layout = layout if layout in ticker_script.LAYOUTS else ticker_script.LAYOUTS[0]
        theme = theme if theme in ticker_script.THEMES else None
        limit = _LIMITS.get(query.get("limit", ""), LIMIT)
        addresses = Urls(self._public_url, self._cache.site())
        topic = addresses.site.topic(slug)
        if topic and topic.retired:
            return render.ended(ticker_script.EMBED_PATH, topic, addresses.site, addresses)(EPOCH)
        if topic and topic.slug != slug:
            asked = {"limit": limit} if "limit" in query else {}
            path = ticker_script.embed_path(topic.slug, layout, **asked, **({"theme": theme} if theme else {}))
            return render.moved(ticker_script.EMBED_PATH, addresses.url(path))(EPOCH)
        published = self._cache.find(at.headlines_path(slug))
        if published is None or published.status != 200 or published.protected:
            return None
        return _made(
            published.path,
            published.encodings["identity"].body,
            max(published.last_modified, *self._changed()),
            layout,
            limit,
            theme,
            addresses,
        )

    def _changed(self) -> list[datetime]:
        """When what a frame shows besides headlines last changed: the script that it loads, and what the site says of itself."""
        besides = (self._cache.find(path) for path in (ticker_script.PATH, at.FOLLOW_PATH))
        return [document.last_modified for document in besides if document]


@lru_cache(maxsize=128)
def _made(path: str, listed: bytes, updated: datetime, layout: str, limit: int, theme: str | None, addresses: Urls) -> Document:
    return render.packed(render.frame(path, listed, updated, layout, limit, theme, addresses))
