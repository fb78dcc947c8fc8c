"""The one table of a topic's formats; those that are feeds have archives and digests too.

Each is rendered by plain functions in a file of its own. Pure: no I/O, no clock, no globals. An entry is rendered once per
format, whatever the number of topics that carry it, and a whole document is spliced from a head and its entries:
`entry(entry, addresses)` gives the entry's bytes, and `whole(edition, entries, addresses)` the document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from feedsvc.formats import atom, headlines, jsonfeed, rss
from feedsvc.model.cache_control import FEED
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.urls import Urls, feed_path, headlines_path


def _everything(_: Entry, at: datetime) -> bool:
    return True


def _feeds_age(_: Edition) -> int:
    return FEED


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table; `path` turns a topic's slug into the document's.

    `max_age` is for how many seconds caches may keep an edition's document.
    `one_language` is whether it leaves out what is in another language than the site's.
    `most` and `least` bound the number of entries, whatever the site's number; `takes` says whether it takes an entry at a moment.
    """

    name: str
    path: Callable[[str], str]
    content_type: str
    entry: Callable[[Entry, Urls], bytes]
    whole: Callable[[Edition, Sequence[bytes], Urls], bytes]
    most: int | None = None
    least: int = 0
    one_language: bool = False
    takes: Callable[[Entry, datetime], bool] = _everything
    max_age: Callable[[Edition], int] = _feeds_age


FEEDS = (
    Format("rss", partial(feed_path, suffix="rss"), "application/rss+xml; charset=utf-8", rss.entry, rss.whole),
    Format("atom", partial(feed_path, suffix="atom"), "application/atom+xml; charset=utf-8", atom.entry, atom.whole),
    Format("json", partial(feed_path, suffix="json"), "application/feed+json; charset=utf-8", jsonfeed.entry, jsonfeed.whole),
)
FORMATS = (
    *FEEDS,
    Format(
        "headlines",
        headlines_path,
        headlines.TYPE,
        headlines.entry,
        headlines.whole,
        most=headlines.MOST,
        max_age=headlines.max_age,
    ),
)
