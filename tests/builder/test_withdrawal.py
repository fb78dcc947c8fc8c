"""What the newsroom takes back: it is gone at once, and nothing goes by accident. The clock stands where each test puts it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from feedsvc.storage.facts import BRAKE, BRAKE_KEY, REMOVALS
from support.live import NOON, Newsroom

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_retracted_article_is_gone_at_once(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.build()
    newsroom.write("sport/win.md", title="Town win", retracted="It was a draw.")
    newsroom.build(after=HOUR)
    assert "Town win" not in newsroom.everything()


def test_a_file_that_is_gone_is_believed_and_comes_back_as_it_was(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    newsroom.write("council/vote.md")
    newsroom.build()
    before = newsroom.feed("sport")["items"]
    (newsroom.articles / "sport/win.md").unlink()
    newsroom.build(after=HOUR)
    assert newsroom.titles() == ["Vote"] and newsroom.titles("sport") == []
    newsroom.write("sport/win.md")
    newsroom.build(after=HOUR)
    assert newsroom.feed("sport")["items"] == before


def test_most_of_the_folder_gone_is_not_believed_until_somebody_says_so(newsroom: Newsroom) -> None:
    for number in range(10):
        newsroom.write(f"sport/match-{number}.md", body=f"Match {number}.")
    newsroom.build()
    hidden = newsroom.articles.with_name("elsewhere")
    (newsroom.articles / "sport").rename(hidden)
    build = newsroom.build(after=HOUR)
    assert "accept-removals" in build.problem and len(newsroom.titles()) == 10
    hidden.rename(newsroom.articles / "sport")
    assert newsroom.build(after=HOUR).problem is None
    (newsroom.articles / "sport").rename(hidden)
    newsroom.build(after=HOUR)
    newsroom.store.set_fact(REMOVALS, newsroom.store.fact(BRAKE_KEY))
    newsroom.build(after=HOUR)
    assert newsroom.titles() == [] and newsroom.store.fact(BRAKE) == ""


def test_a_folder_that_is_deleted_file_by_file_is_not_believed_either(newsroom: Newsroom) -> None:
    for number in range(20):
        newsroom.write(f"sport/match-{number:02}.md", body=f"Match {number}.")
    newsroom.build()
    for number in range(20):
        (newsroom.articles / f"sport/match-{number:02}.md").unlink()
        newsroom.build(f"sport/match-{number:02}.md", after=SECOND)
    assert len(newsroom.titles()) >= 13


def test_a_folder_that_is_gone_leaves_all_published_and_time_goes_on(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    newsroom.write("sport/later.md", date=NOON + HOUR)
    newsroom.build()
    newsroom.articles.rename(newsroom.articles.with_name("elsewhere"))
    assert "all stays published" in newsroom.build(after=HOUR).problem
    assert newsroom.titles() == ["Later", "Win"]
    newsroom.articles.with_name("elsewhere").rename(newsroom.articles)
    assert newsroom.build(after=HOUR).problem is None


def tombstones(newsroom: Newsroom, topic: str) -> list[tuple[str, str]]:
    return re.findall(r'<at:deleted-entry ref="([^"]+)" when="([^"]+)"', newsroom.body(f"/feeds/{topic}.atom"))


@pytest.mark.parametrize("how", ["retracted", "draft", "removed"])
def test_what_is_taken_back_leaves_a_tombstone_for_30_days(newsroom: Newsroom, how: str) -> None:
    newsroom.write("sport/win.md", title="Town win", id="tag:lantern.example,2026:win")
    newsroom.write("council/vote.md")
    newsroom.build()
    assert tombstones(newsroom, "sport") == []
    if how == "removed":
        (newsroom.articles / "sport/win.md").unlink()
    else:
        newsroom.write("sport/win.md", title="Town win", id="tag:lantern.example,2026:win", **{how: True})
    newsroom.build(after=HOUR)
    left = [("tag:lantern.example,2026:win", "2026-05-21T13:00:00Z")]
    assert tombstones(newsroom, "sport") == tombstones(newsroom, "all") == left
    assert tombstones(newsroom, "council") == []
    assert newsroom.build(after=29 * DAY + 18 * HOUR).next_instant == NOON + HOUR + 30 * DAY
    assert tombstones(newsroom, "sport") == left
    newsroom.build(after=6 * HOUR)
    assert tombstones(newsroom, "sport") == []


def test_what_nobody_has_seen_leaves_no_tombstone(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON + DAY)
    newsroom.write("sport/draw.md", draft=True)
    newsroom.write("sport/lose.md")
    newsroom.build()
    for name in ("win", "draw"):
        (newsroom.articles / f"sport/{name}.md").unlink()
    newsroom.build(after=HOUR)
    assert tombstones(newsroom, "sport") == []


def test_what_comes_back_has_no_tombstone(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    newsroom.build()
    newsroom.write("sport/win.md", retracted="It was a draw.")
    newsroom.build(after=HOUR)
    newsroom.write("sport/win.md")
    newsroom.build(after=HOUR)
    assert tombstones(newsroom, "sport") == [] and newsroom.titles() == ["Win"]


def test_a_retraction_found_by_a_new_ledger_gives_the_article_its_old_date_back(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", retracted="It was a draw.", age=DAY.total_seconds())
    newsroom.write("sport/draft.md", draft=True, age=DAY.total_seconds())
    newsroom.build()
    newsroom.public_url = "https://news.example"  # everything is read again
    newsroom.begin()
    newsroom.build(after=HOUR)
    newsroom.write("sport/win.md")
    newsroom.write("sport/draft.md")
    newsroom.build(after=HOUR)
    dates = {entry["title"]: entry["date_published"] for entry in newsroom.feed()["items"]}
    assert dates == {"Win": "2026-05-20T12:00:00Z", "Draft": "2026-05-21T14:00:00Z"}


def test_a_date_to_come_that_is_taken_out_again_makes_nothing_new(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - 20 * DAY)
    newsroom.write("sport/draw.md")
    newsroom.build()
    before = {entry["id"]: entry["date_published"] for entry in newsroom.feed()["items"]}
    for name in ("win", "draw"):
        newsroom.write(f"sport/{name}.md", date=NOON + 20 * DAY)
    newsroom.build(after=HOUR)
    assert newsroom.titles() == []
    for name in ("win", "draw"):
        newsroom.write(f"sport/{name}.md")
    newsroom.build(after=HOUR)
    assert {entry["id"]: entry["date_published"] for entry in newsroom.feed()["items"]} == before


def test_what_was_broken_under_a_second_embargo_does_not_come_out_by_time_alone(newsroom: Newsroom) -> None:
    newsroom.write("sport/final.md", title="The final")
    newsroom.build()
    newsroom.write("sport/final.md", title="The final, told anew", date=NOON + DAY)
    newsroom.build(after=MINUTE)
    newsroom.write("sport/final.md", "---\ntitle: The final, told anew\ndate: 2026-06-31\n---\nIt is to come out later.\n")
    newsroom.build(after=MINUTE)
    newsroom.build(after=2 * DAY)
    assert "told anew" not in newsroom.everything()
