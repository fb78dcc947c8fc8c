"""A feed is as deep as a time: a busy day loses nobody an article between two polls, and time alone takes it out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.live import Newsroom

HOUR = timedelta(hours=1)
SITE = "[site]\nentries_per_feed = 2\n[feeds.short]\nentries = 1\nhours = 2\n[feeds.few]\nhours = 0\n"


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", SITE)
    for number in range(3):
        newsroom.write(f"old{number}.md", date=newsroom.now - (30 + number) * HOUR)
    newsroom.build()
    yield newsroom
    newsroom.close()


def listed(newsroom: Newsroom, name: str) -> list[str]:
    document = newsroom.document(f"/feeds/{name}.json")
    assert document
    return [item["title"] for item in json.loads(document.encodings["identity"].body)["items"]]


def test_a_ledger_that_begins_goes_by_the_dates(newsroom: Newsroom) -> None:
    assert listed(newsroom, "all") == ["Old0", "Old1"]


def test_all_of_a_busy_day_is_in_and_leaves_by_time_alone(newsroom: Newsroom) -> None:
    for number in range(5):
        newsroom.write(f"new{number}.md", age=0)
        newsroom.build(f"new{number}.md", after=HOUR)
    assert listed(newsroom, "all") == [f"New{number}" for number in (4, 3, 2, 1, 0)]
    assert listed(newsroom, "short") == ["New4", "New3"] and listed(newsroom, "few") == ["New4", "New3"]
    # Nothing is done to any file from here on.
    newsroom.begin()
    seen = []
    for _ in range(8):
        due = newsroom.build().next_instant
        assert due and due > newsroom.now
        newsroom.now = due
        newsroom.build()
        seen.append((len(listed(newsroom, "all")), len(listed(newsroom, "short"))))
    lengths = [length for length, _ in seen]
    assert seen[0] == (5, 1) and seen[-1] == (2, 1) and lengths == sorted(lengths, reverse=True)


def test_what_is_dated_back_is_new_to_readers_and_in_its_place(newsroom: Newsroom) -> None:
    newsroom.write("late.md", date=newsroom.now - 400 * HOUR)
    newsroom.build("late.md", after=HOUR)
    assert listed(newsroom, "all") == ["Old0", "Old1", "Late"] and listed(newsroom, "few") == ["Old0", "Old1"]
    newsroom.write("late.md", date=newsroom.now - 400 * HOUR, body="Other words.")  # an edit doesn't make it new
    newsroom.build("late.md", after=20 * HOUR)
    assert "Late" in listed(newsroom, "all")
    newsroom.build(after=4 * HOUR)
    assert listed(newsroom, "all") == ["Old0", "Old1"]


def test_an_embargo_that_ends_counts_from_then(newsroom: Newsroom) -> None:
    newsroom.write("embargoed.md", date=newsroom.now + 30 * HOUR)
    newsroom.build("embargoed.md")
    for number in range(3):
        newsroom.write(f"new{number}.md", date=newsroom.now + 31 * HOUR)
    newsroom.build(after=50 * HOUR)
    assert listed(newsroom, "all")[3:] == ["Embargoed"]
    newsroom.build(after=24 * HOUR)
    assert len(listed(newsroom, "all")) == 2
