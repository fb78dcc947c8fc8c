"""The daily digest: made at its hour, and never changed afterwards but for what is taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import daily_digest
from feedsvc.model.site import Site
from support.live import NOON, Newsroom
from support.newsroom import times

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("UTC", "Europe/London", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
SIX = datetime(2026, 5, 22, 6, tzinfo=UTC)


def days(newsroom: Newsroom, slug: str = "digest") -> dict[str, dict]:
    """A digest's entries by title, the newest first."""
    return {entry["title"]: entry for entry in json.loads(newsroom.body(f"/feeds/{slug}.json"))["items"]}


def told(newsroom: Newsroom, day: int, slug: str = "digest", whose: str = "News") -> str:
    return days(newsroom, slug)[f"{whose}: {day} May 2026"]["content_html"]


# ---- the hour


@given(times(), st.sampled_from(ZONES), st.integers(0, 23))
def test_every_moment_lies_between_two_hours(now: datetime, zone: str, hour: int) -> None:
    site = Site(timezone=zone, digest_hour=hour)
    last, following = daily_digest.last_hour(now, site), daily_digest.next_hour(now, site)
    assert last <= now < following
    assert HOUR * 20 < following - last < HOUR * 52  # a day may be lost where the date line moved
    assert daily_digest.last_hour(last, site) == last and daily_digest.last_hour(following, site) == following
    assert last <= daily_digest.hour_of(daily_digest.day_of(now, site), site)
    assert daily_digest.day_of(last, site) <= daily_digest.day_of(now, site)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-03-29T05:00Z", "2026-03-29T05:00Z"),
        ("2026-03-29T04:59Z", "2026-03-28T06:00Z"),
        ("2026-10-25T06:00Z", "2026-10-25T06:00Z"),
    ],
)
def test_the_hour_is_on_the_newsrooms_clocks_also_when_they_change(now: str, last: str) -> None:
    site = Site(timezone="Europe/London", digest_hour=6)
    assert daily_digest.last_hour(datetime.fromisoformat(now), site) == datetime.fromisoformat(last)


# ---- in a newsroom


def test_the_days_before_are_there_from_the_start(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "The Quay"\ntimezone = "Europe/London"\ndigest_hour = 7\n')
    newsroom.write("sport/win.md", title="Town win", standfirst="At last.", date=NOON - 8 * HOUR)
    newsroom.write("town/vote.md", title="The vote", standfirst="A close < one.", date=NOON - DAY, claim="reported")
    newsroom.write("town/now.md", title="Just now", date=NOON - HOUR)
    newsroom.build()
    assert list(days(newsroom)) == ["The Quay: 21 May 2026"]
    entry = days(newsroom)["The Quay: 21 May 2026"]
    assert entry["content_html"] == (
        '<h2><a href="https://feeds.example/articles/win">Town win</a></h2><p>At last.</p>'
        '<h2><strong>Reported:</strong> <a href="https://feeds.example/articles/vote">The vote</a></h2>'
        "<p>A close &lt; one.</p>"
        '<p><a href="https://feeds.example/">All from The Quay</a></p>'
    )
    assert (entry["summary"], entry["date_published"]) == ("Town win; The vote", "2026-05-21T06:00:00Z")
    assert list(days(newsroom, "digest/sport")) == ["Sport – The Quay: 21 May 2026"]
    assert "The vote" not in told(newsroom, 21, "digest/sport", "Sport – The Quay")
    for suffix in ("rss", "atom"):
        assert all("Town win" in newsroom.body(f"/feeds/{slug}.{suffix}") for slug in ("digest", "digest/sport"))


def test_it_is_made_at_its_hour_and_not_before(newsroom: Newsroom) -> None:
    newsroom.write("town/a.md", title="Alpha", date=NOON - HOUR)
    build = newsroom.build()
    assert build.next_instant == SIX and not days(newsroom)
    newsroom.build(after=18 * HOUR - timedelta(seconds=1))
    assert not days(newsroom)
    newsroom.build(after=timedelta(seconds=1))
    assert list(days(newsroom)) == ["News: 22 May 2026"] and "Alpha" in told(newsroom, 22)


def test_a_made_day_stays_as_it_is_whatever_is_edited(newsroom: Newsroom) -> None:
    keys = {"date": NOON - HOUR, "expires": NOON + 2 * DAY}
    newsroom.write("town/a.md", title="Alpha", standfirst="First words.", **keys)
    newsroom.write("town/b.md", title="Beta", date=NOON - HOUR)
    newsroom.build()
    newsroom.build(after=DAY)
    feeds = [newsroom.document(f"/feeds/digest.{suffix}") for suffix in ("rss", "atom", "json")]
    newsroom.write("town/a.md", title="Alpha two", standfirst="Other words.", slug="elsewhere", **keys)
    newsroom.build(after=HOUR)
    newsroom.begin()
    newsroom.build(after=10 * HOUR)
    assert [newsroom.document(f"/feeds/digest.{suffix}") for suffix in ("rss", "atom", "json")] == feeds
    newsroom.build(after=2 * DAY)  # it has expired, and was right on its day
    assert [newsroom.document(f"/feeds/digest.{suffix}") for suffix in ("rss", "atom", "json")] == feeds


@pytest.mark.parametrize("how", ["retracted", "removed", "draft", "embargoed"])
def test_what_is_taken_back_leaves_its_day(newsroom: Newsroom, how: str) -> None:
    for name in ("a", "b"):
        newsroom.write(f"town/{name}.md", title=f"Title {name}", date=NOON - HOUR)
    newsroom.build()
    newsroom.build(after=DAY)
    before = days(newsroom)["News: 22 May 2026"]
    if how == "removed":
        (newsroom.articles / "town/b.md").unlink()
    else:
        keys = {"retracted": {"retracted": "Wrong."}, "draft": {"draft": True}, "embargoed": {}}[how]
        newsroom.write("town/b.md", title="Title b", date=NOON + (9 * DAY if how == "embargoed" else -HOUR), **keys)
    newsroom.build(after=HOUR)
    after = days(newsroom)["News: 22 May 2026"]
    assert "Title b" not in json.dumps(after) and "Title a" in after["content_html"]
    assert (after["id"], after["date_published"]) == (before["id"], before["date_published"])
    (newsroom.articles / "town/a.md").unlink()
    newsroom.build(after=HOUR)
    assert not days(newsroom) and not days(newsroom, "digest/town")


def test_what_comes_out_late_is_told_in_the_next_and_never_twice(newsroom: Newsroom) -> None:
    newsroom.write("town/a.md", title="Alpha", date=NOON - HOUR)
    newsroom.build()
    newsroom.build(after=DAY)
    newsroom.write("town/late.md", title="Late", date=NOON - 2 * DAY)
    newsroom.write("town/archive.md", title="Archive", date=NOON - 60 * DAY)
    newsroom.build(after=HOUR)
    newsroom.build(after=DAY)
    newsroom.build(after=DAY)
    assert list(days(newsroom)) == ["News: 23 May 2026", "News: 22 May 2026"]
    assert "Late" in told(newsroom, 23) and "Alpha" not in told(newsroom, 23)
    assert "Archive" not in json.dumps(days(newsroom))


def test_a_service_that_slept_tells_what_it_missed_once(newsroom: Newsroom) -> None:
    newsroom.write("town/a.md", title="Alpha", date=NOON - HOUR)
    newsroom.build()
    newsroom.write("town/b.md", title="Beta", date=NOON + 30 * HOUR)
    newsroom.begin()
    newsroom.build(after=3 * DAY)
    assert list(days(newsroom)) == ["News: 24 May 2026"]
    assert "Alpha" in told(newsroom, 24) and "Beta" in told(newsroom, 24)


def test_another_hour_makes_no_second_entry_for_a_day(newsroom: Newsroom) -> None:
    newsroom.write("town/a.md", title="Alpha", date=NOON - HOUR)
    newsroom.build()
    newsroom.build(after=DAY)
    newsroom.write("town/b.md", title="Beta", date=NOON + DAY)
    newsroom.write("site.toml", "[site]\ndigest_hour = 18\n")
    newsroom.build(after=8 * HOUR)
    assert "Beta" not in json.dumps(days(newsroom))
    newsroom.build(after=DAY)
    assert "Beta" in told(newsroom, 23) and list(days(newsroom)) == ["News: 23 May 2026", "News: 22 May 2026"]


def test_a_long_day_names_fifty_and_leads_to_the_others(newsroom: Newsroom) -> None:
    for number in range(60):
        newsroom.write(f"town/a{number}.md", title=f"No {number}.", date=NOON - HOUR - number * timedelta(seconds=1))
    newsroom.build()
    newsroom.build(after=DAY)
    assert told(newsroom, 22).count("<h2>") == daily_digest.LINES and ">10 more from News</a>" in told(newsroom, 22)
    assert days(newsroom)["News: 22 May 2026"]["summary"] == "No 0.; No 1.; No 2.; and 57 more"
    newsroom.build(after=DAY)
    assert list(days(newsroom)) == ["News: 22 May 2026"]


def test_the_feed_shows_a_fortnight(newsroom: Newsroom) -> None:
    for number in range(20):
        newsroom.write(f"town/a{number}.md", title=f"No {number}.", date=NOON - number * DAY)
    newsroom.build()
    assert len(days(newsroom)) == daily_digest.DAYS == len(newsroom.store.digests()["all"])
    newsroom.build(after=DAY)
    assert len(days(newsroom)) == daily_digest.DAYS == len(newsroom.store.digests()["all"])
    assert next(iter(days(newsroom))) == "News: 22 May 2026"


def test_a_topic_of_today_has_a_digest_that_is_yet_empty(newsroom: Newsroom) -> None:
    newsroom.write("town/a.md", date=NOON - DAY)
    newsroom.build()
    newsroom.write("port/b.md", title="Ship in", date=NOON)
    newsroom.build(after=HOUR)
    assert days(newsroom, "digest/port") == {}
    newsroom.build(after=DAY)
    assert len(days(newsroom, "digest/port")) == 1


def test_the_zone_is_the_portals(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntimezone = "Asia/Tokyo"\n')
    newsroom.write("town/a.md", date=NOON - HOUR)
    assert newsroom.build().next_instant == datetime(2026, 5, 22, 6, tzinfo=ZoneInfo("Asia/Tokyo"))
