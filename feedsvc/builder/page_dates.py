"""The dates of article pages, which are made only when somebody asks for them.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime

from feedsvc.model.edition import AHEAD, after
from feedsvc.model.record import Record


def redated(
    records: Mapping[str, Record],
    dates: Mapping[str, datetime],
    shown_at: Mapping[str, Record],
    served: Set[str],
    moment: datetime,
) -> Iterator[Record]:
    """The records whose pages readers may have had with the date in `dates`, by id, and that change at this moment.

    `served` are the ids of what was live, and `shown_at` has the articles that were shown last at the records' slugs: the page of
    another article, or of one that returns, is newer than what was there, even if the article is older. A page may have been served
    without being stored, and twice in one second: only a later date tells a client that asks by date that it is another page
    (RFC 9110, 8.8.2).
    """
    for id, date in dates.items():
        record = records[id]
        stood = shown_at.get(record.slug) if record.live(moment) else None
        # The page takes the place of another article's, or of a notice.
        takes_over = stood is not None and (stood.id != id or id not in served)
        if stood and takes_over:
            expired = [stood.over] if stood.over and stood.over <= moment else []
            dated = (date, stood.page_date or stood.updated, stood.since, *expired)
            # What lies ahead is the end of an embargo, with which nothing was served.
            date = max((one for one in dated if one <= moment + AHEAD), default=date)
        if id in served or record.page_date or takes_over:
            date = after(date, record.updated, moment)
            yield replace(record, page_date=date, page_since=date if takes_over else record.page_since)
