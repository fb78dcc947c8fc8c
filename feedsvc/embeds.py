"""The ticker in a frame: made of the published headlines when asked for, and remembered while they are the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from feedsvc import addresses as at
from feedsvc import render, ticker
from feedsvc.addresses import Addresses
from feedsvc.delivery import Shelf
from feedsvc.document import Document
from feedsvc.edition import EPOCH
from feedsvc.formats import headlines
from feedsvc.stored import Stored

LIMIT = 5
_LIMITS = {str(number): number for number in range(1, headlines.MOST + 1)}


class Embeds:
    """The frames of all topics and stories."""

    def __init__(self, shelf: Shelf, stored: Stored) -> None:
        self._shelf = shelf
        self._stored = stored

    def find(self, query: Mapping[str, str]) -> Document | None:
        """The page for a query's `topic`, `layout`, `limit` and `theme`, of which only what is known counts; where the topic has
        another name, or has ended, an answer that says so."""
        slug, layout, theme = query.get("topic", "all"), query.get("layout"), query.get("theme")
        layout = layout if layout in ticker.LAYOUTS else ticker.LAYOUTS[0]
        addresses = self._stored.addresses()
        topic = addresses.site.topic(slug)
        if topic and topic.retired:
            return render.ended(ticker.EMBED_PATH, topic, addresses.site, addresses)(EPOCH)
        if topic and topic.slug != slug:
            return render.moved(ticker.EMBED_PATH, addresses.url(ticker.embed_path(topic.slug, layout)))(EPOCH)
        published = self._shelf.find(at.headlines_path(slug))
        if published is None or published.status != 200:
            return None
        return _made(
            published.path,
            published.encodings["identity"].body,
            published.last_modified,
            layout,
            _LIMITS.get(query.get("limit", ""), LIMIT),
            theme if theme in ticker.THEMES else None,
            addresses,
        )


@lru_cache(maxsize=128)
def _made(
    path: str, listed: bytes, updated: datetime, layout: str, limit: int, theme: str | None, addresses: Addresses
) -> Document:
    return render.packed(render.frame(path, listed, updated, layout, limit, theme, addresses))
