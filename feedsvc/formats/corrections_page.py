"""What was corrected and retracted, as a page. Pure: no clock, no globals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from feedsvc.formats.page_base import render_page
from feedsvc.model.article import Article
from feedsvc.model.urls import Urls

MOST = 50  # corrections and retractions on the page


class PutRight(NamedTuple):
    """What was put right in an article, and when; or why all of it was retracted, whose headline may be what was wrong."""

    article: Article
    url: str
    date: datetime
    text: str
    is_retraction: bool


def corrections(listed: Sequence[PutRight], addresses: Urls) -> bytes:
    """The page `/corrections`: the latest corrections and retractions, the newest first."""
    newest_first = sorted(listed, key=lambda one: (one.date, one.url, one.text), reverse=True)[:MOST]
    return render_page("corrections.html", addresses.site, addresses, listed=newest_first)
