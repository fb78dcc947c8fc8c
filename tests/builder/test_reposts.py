"""An old story is never new again, and no id passes to another story, in every order of events."""

from __future__ import annotations

import pytest

from support.events import (
    DAY,
    HOUR,
    MINUTE,
    YEAR,
    build,
    faults,
    hinted_or_scanned,
    known,
    move,
    published,
    swap,
)
from support.live import Newsroom


def three(newsroom: Newsroom) -> dict[str, tuple[str, str]]:
    """Three undated stories of yesterday; what readers know of them."""
    for number in (1, 2, 3):
        newsroom.write(f"harbour/p{number}.md", title=f"Story {number}", body=f"The words of story {number}.")
        newsroom.build(after=HOUR)
    before = known(newsroom)
    newsroom.build(after=DAY)
    return before


@hinted_or_scanned
def test_names_reused_in_a_chain_take_their_ids_along(newsroom: Newsroom, hinted: bool) -> None:
    before = three(newsroom)
    move(newsroom, "harbour/p2.md", "harbour/p1.md")
    move(newsroom, "harbour/p3.md", "harbour/p2.md")
    build(newsroom, "harbour/p1.md", "harbour/p2.md", "harbour/p3.md", hinted=hinted)
    assert known(newsroom) == {title: before[title] for title in ("Story 2", "Story 3")}


@hinted_or_scanned
def test_names_reused_upwards_take_their_ids_along(newsroom: Newsroom, hinted: bool) -> None:
    before = three(newsroom)
    move(newsroom, "harbour/p2.md", "harbour/p3.md")
    move(newsroom, "harbour/p1.md", "harbour/p2.md")
    build(newsroom, "harbour/p1.md", "harbour/p2.md", "harbour/p3.md", hinted=hinted)
    assert known(newsroom) == {title: before[title] for title in ("Story 1", "Story 2")}


@hinted_or_scanned
def test_two_names_swapped_swap_no_ids(newsroom: Newsroom, hinted: bool) -> None:
    before = three(newsroom)
    swap(newsroom, "harbour/p1.md", "harbour/p2.md")
    build(newsroom, "harbour/p1.md", "harbour/p2.md", hinted=hinted)
    assert known(newsroom) == before


@hinted_or_scanned
def test_two_names_swapped_with_an_edit_leave_an_id_where_it_is_written(newsroom: Newsroom, hinted: bool) -> None:
    ferry = {"title": "Ferry", "id": "tag:ferry"}
    newsroom.write("harbour/p1.md", **ferry, body="The words of the ferry.")
    newsroom.write("harbour/p2.md", title="Bridge", body="The words of the bridge.")
    newsroom.build()
    before = known(newsroom)
    swap(newsroom, "harbour/p1.md", "harbour/p2.md")
    newsroom.write("harbour/p2.md", **ferry, body="Other words of the ferry.")
    build(newsroom, "harbour/p1.md", "harbour/p2.md", hinted=hinted)
    assert known(newsroom) == before and faults(newsroom) == []


@hinted_or_scanned
@pytest.mark.parametrize("at_once", [True, False])
def test_a_new_story_has_no_id_of_one_whose_place_another_took(newsroom: Newsroom, hinted: bool, at_once: bool) -> None:
    before = three(newsroom)
    move(newsroom, "harbour/p2.md", "harbour/p1.md")
    build(newsroom, "harbour/p1.md", "harbour/p2.md", hinted=hinted)
    move(newsroom, "harbour/p1.md", "harbour/old.md")
    if not at_once:
        build(newsroom, "harbour/p1.md", "harbour/old.md", hinted=hinted)
    newsroom.write("harbour/p1.md", title="Story 4", body="The words of story 4.")
    build(newsroom, "harbour/p1.md", "harbour/old.md", hinted=hinted)
    after = known(newsroom)
    assert after.pop("Story 4")[0] not in [id for id, _ in before.values()]
    assert after == {title: before[title] for title in ("Story 2", "Story 3")}


@hinted_or_scanned
def test_a_story_that_comes_back_after_others_had_its_place_is_itself_again(newsroom: Newsroom, hinted: bool) -> None:
    before = three(newsroom)
    first = (newsroom.articles / "harbour/p1.md").read_text()
    move(newsroom, "harbour/p2.md", "harbour/p1.md")
    build(newsroom, "harbour/p1.md", "harbour/p2.md", hinted=hinted)
    move(newsroom, "harbour/p1.md", "harbour/p2.md")
    build(newsroom, "harbour/p1.md", "harbour/p2.md", hinted=hinted)
    (newsroom.articles / "harbour/p1.md").write_text(first)
    build(newsroom, "harbour/p1.md", hinted=hinted)
    assert known(newsroom) == before


@hinted_or_scanned
@pytest.mark.parametrize("elsewhere", ["harbour/a-lead.md", "harbour/lead-old.md", "town/lead-old.md"])
def test_a_new_story_under_the_name_of_one_that_moved_is_news_and_the_old_is_not(
    newsroom: Newsroom, hinted: bool, elsewhere: str
) -> None:
    newsroom.write("harbour/lead.md", title="Old lead", body="What was news.")
    newsroom.build()
    before = known(newsroom)["Old lead"]
    newsroom.build(after=DAY)
    move(newsroom, "harbour/lead.md", elsewhere)
    newsroom.write("harbour/lead.md", title="New lead", body="What is news.")
    build(newsroom, "harbour/lead.md", elsewhere, hinted=hinted)
    assert known(newsroom)["Old lead"] == before
    assert known(newsroom)["New lead"][0] != before[0]
    assert newsroom.titles()[0] == "New lead" and published(newsroom, "New lead") == newsroom.now


@hinted_or_scanned
def test_an_id_given_to_a_story_of_last_year_dates_nothing_today(newsroom: Newsroom, hinted: bool) -> None:
    newsroom.write("harbour/ferry.md", title="Ferry")
    newsroom.build()
    [before] = newsroom.feed()["items"]
    newsroom.build(after=YEAR)
    newsroom.write("harbour/ferry.md", title="Ferry", id="tag:quay.example,2026:ferry")
    build(newsroom, "harbour/ferry.md", hinted=hinted)
    [entry] = newsroom.feed()["items"]
    assert entry["id"] == "tag:quay.example,2026:ferry"
    assert (entry["date_published"], entry["date_modified"]) == (before["date_published"], before["date_modified"])


def test_a_restored_backup_reposts_nothing(newsroom: Newsroom) -> None:
    newsroom.write("harbour/ferry.md", title="Ferry")
    newsroom.build()
    backup = newsroom.back_up()
    newsroom.now += HOUR
    newsroom.write("harbour/storm.md", title="Storm", body="It blew.", age=0)
    newsroom.build()
    before = known(newsroom)
    newsroom.now += DAY
    newsroom.restore(backup)
    newsroom.build()
    assert known(newsroom) == before
    newsroom.now += HOUR
    newsroom.write("harbour/new.md", title="New", body="It is new.")
    newsroom.build()
    assert published(newsroom, "New") == newsroom.now


def test_a_copy_whose_origin_is_then_deleted_is_no_news(newsroom: Newsroom) -> None:
    """As rsync and other file systems move: the old words, undated, are under two names for a while."""
    newsroom.write("harbour/ferry.md", title="Ferry")
    newsroom.build()
    before = published(newsroom, "Ferry")
    newsroom.build(after=YEAR)
    newsroom.write("harbour/night-ferry.md", title="Ferry")
    newsroom.build(after=MINUTE)
    (newsroom.articles / "harbour/ferry.md").unlink()
    newsroom.build(after=MINUTE)
    assert published(newsroom, "Ferry") == before


def test_the_words_of_a_notice_of_half_a_year_ago_are_news_again(newsroom: Newsroom) -> None:
    newsroom.write("harbour/closed-in-may.md", title="Closed on Monday")
    newsroom.build()
    [before] = newsroom.feed()["items"]
    (newsroom.articles / "harbour/closed-in-may.md").unlink()
    newsroom.build(after=DAY)
    newsroom.build(after=YEAR / 2)
    newsroom.write("town/closed-in-november.md", title="Closed on Monday")
    newsroom.build(after=MINUTE)
    [after] = newsroom.feed()["items"]
    assert after["id"] != before["id"] and published(newsroom, "Closed on Monday") == newsroom.now
