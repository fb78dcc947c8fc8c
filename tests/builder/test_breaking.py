"""Breaking news: it comes first, says when it ends, and ends by the clock alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from support.live import NOON, Newsroom

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def headlines(newsroom: Newsroom) -> list[dict[str, Any]]:
    return json.loads(newsroom.body("/headlines.json"))["headlines"]  # type: ignore[no-any-return]


def test_breaking_news_come_first_until_they_are_none(newsroom: Newsroom) -> None:
    newsroom.write("sport/flood.md", date=NOON - DAY, breaking=NOON + HOUR)
    newsroom.write("sport/win.md", date=NOON - HOUR)
    newsroom.build()
    assert [(one["title"], one["breaking"]) for one in headlines(newsroom)] == [("Flood", True), ("Win", False)]
    newsroom.build(after=HOUR)
    assert [(one["title"], one["breaking"]) for one in headlines(newsroom)] == [("Win", False), ("Flood", False)]


def test_breaking_news_end_by_the_clock_alone(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\nbreaking_minutes = 30\n')
    newsroom.write("sport/win.md", date=NOON - HOUR)
    newsroom.build()
    newsroom.write("sport/flood.md", breaking=True)
    build = newsroom.build(after=MINUTE)
    document = newsroom.document("/headlines.json")
    assert (headlines(newsroom)[0]["breaking_until"], document.max_age) == ("2026-05-21T12:31:00Z", 10)
    assert build.next_instant == NOON + 31 * MINUTE
    newsroom.build(after=30 * MINUTE)
    later = newsroom.document("/headlines.json")
    assert (headlines(newsroom)[0]["breaking"], later.max_age) == (False, 30)
    assert later.etag != document.etag and later.last_modified == NOON + 31 * MINUTE


def test_a_change_of_how_long_news_breaks_reaches_what_breaks(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    newsroom.build()
    newsroom.write("sport/flood.md", breaking=True)
    newsroom.build(after=MINUTE)
    newsroom.write("site.toml", "[site]\nbreaking_minutes = 30\n")
    newsroom.build(after=MINUTE)
    assert headlines(newsroom)[0]["breaking_until"] == "2026-05-21T12:31:00Z"


def test_no_date_of_a_feed_lies_ahead_for_an_update_that_does(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - HOUR, updated=NOON + 300 * DAY)
    newsroom.build()
    feed = newsroom.document("/feeds/sport.atom")
    assert feed.last_modified <= NOON
    assert b"2027" not in feed.encodings["identity"].body
