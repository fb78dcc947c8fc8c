"""What the newsroom has done since the last build: which article a file is, when several could be meant."""

from __future__ import annotations

import json
import os
import shutil
from datetime import timedelta

import pytest

from support.live import Newsroom

HOUR = timedelta(hours=1)


def ids(newsroom: Newsroom) -> dict[str, str]:
    """The ids of what readers see, by slug."""
    entries = json.loads(newsroom.body("/feeds/all.json"))["items"]
    return {entry["url"].rpartition("/")[2]: entry["id"] for entry in entries}


def named(newsroom: Newsroom) -> set[str]:
    """The files with which something is wrong."""
    return {file.path for file in newsroom.store.files().values() if file.faults}


def test_articles_with_the_same_words_keep_their_ids_when_their_folder_moves(newsroom: Newsroom) -> None:
    for name in ("one", "two", "three"):
        newsroom.write(f"sport/{name}.md", title="To be written", body="Later.")
    newsroom.build()
    before = ids(newsroom)
    (newsroom.articles / "sport").rename(newsroom.articles / "town")
    newsroom.build(after=HOUR)
    assert ids(newsroom) == before and len(before) == 3
    assert not named(newsroom)


def test_a_file_that_is_hinted_at_with_its_folder_is_read_once(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    newsroom.build()
    before = ids(newsroom)
    (newsroom.articles / "sport").rename(newsroom.articles / "town")
    build = newsroom.build("sport", "sport/win.md", "town", "town/win.md", after=HOUR)
    assert build.read == 1 and ids(newsroom) == before and len(newsroom.store.records()) == 1


def test_of_a_file_moved_and_copied_at_once_one_is_the_article_and_the_other_a_new_one(newsroom: Newsroom) -> None:
    file = newsroom.write("sport/win.md")
    newsroom.build()
    [id] = ids(newsroom).values()
    shutil.copy(file, newsroom.articles / "sport/zebra.md")
    file.rename(newsroom.articles / "sport/victory.md")
    newsroom.build(after=HOUR)
    assert ids(newsroom)["victory"] == id != ids(newsroom)["zebra"]
    assert not named(newsroom)


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_removed_articles_with_the_same_words_come_back_as_who_they_were(newsroom: Newsroom, order: tuple[str, str]) -> None:
    for name in ("one", "two"):
        newsroom.write(f"sport/{name}.md", title="To be written", body="Later.")
    newsroom.build()
    before = ids(newsroom)
    for name in order:
        (newsroom.articles / f"sport/{name}.md").unlink()
        newsroom.build(after=HOUR)
    newsroom.begin()
    newsroom.write("sport/one.md", title="To be written", body="Later.")
    newsroom.build(after=HOUR)
    assert ids(newsroom) == {"one": before["one"]}
    newsroom.write("town/two.md", title="To be written", body="Later.")
    newsroom.build(after=HOUR)
    assert ids(newsroom) == before


def test_files_that_name_their_ids_may_change_places(newsroom: Newsroom) -> None:
    for name in ("one", "two", "three"):
        newsroom.write(f"sport/{name}.md", id=f"x-{name}", slug=name, title=f"Number {name}", body=f"{name}.")
    newsroom.build()
    before = ids(newsroom)
    folder = newsroom.articles / "sport"
    for old, new in (("one", "aside"), ("two", "one"), ("three", "two"), ("aside", "three")):
        os.rename(folder / f"{old}.md", folder / f"{new}.md")
    newsroom.build(after=HOUR)
    assert ids(newsroom) == before and not named(newsroom)
    assert json.loads(newsroom.body("/feeds/all.json"))["items"][0]["date_modified"] == "2026-05-21T11:00:00Z"


def test_a_new_file_in_the_place_of_one_that_took_its_id_along_is_an_article_of_its_own(newsroom: Newsroom) -> None:
    newsroom.write("sport/latest.md", id="x-1", title="Town win", body="One.")
    newsroom.build()
    (newsroom.articles / "sport/latest.md").rename(newsroom.articles / "sport/win.md")
    newsroom.write("sport/latest.md", title="Town lose", body="Two.")
    newsroom.build(after=HOUR)
    found = ids(newsroom)
    assert found["win"] == "x-1" != found["latest"] and not named(newsroom)


def test_no_two_articles_have_one_address_while_the_brake_holds_those_that_are_gone(newsroom: Newsroom) -> None:
    for number in range(10):
        newsroom.write(f"sport/match-{number}.md", body=f"Match {number}.")
    newsroom.build()
    before = ids(newsroom)
    (newsroom.articles / "sport").rename(newsroom.articles.with_name("elsewhere"))
    newsroom.write("town/match-3.md", title="Replay", body="Another match.")
    assert newsroom.build(after=HOUR).problem
    entries = json.loads(newsroom.body("/feeds/all.json"))["items"]
    assert len({entry["url"] for entry in entries}) == len(entries) == 11
    newsroom.articles.with_name("elsewhere").rename(newsroom.articles / "sport")
    assert newsroom.build(after=HOUR).problem is None
    assert named(newsroom) == {"town/match-3.md"} and ids(newsroom).items() >= before.items()


def test_a_folder_that_could_not_be_looked_at_is_forgotten_when_it_is_gone(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    bad = newsroom.articles / os.fsdecode(b"caf\xe9")
    bad.mkdir()
    newsroom.build()
    assert named(newsroom) == {r"caf\xe9"}
    bad.rmdir()
    newsroom.build(after=HOUR)
    assert named(newsroom) == set()


def test_a_renamed_article_that_is_removed_and_written_anew_is_the_same_one(newsroom: Newsroom) -> None:
    file = newsroom.write("sport/draft.md")
    newsroom.build()
    [id] = ids(newsroom).values()
    file.rename(file.with_name("win.md"))
    newsroom.build(after=HOUR)
    file.with_name("win.md").unlink()  # as an editor may save: away for a moment, and then other words
    newsroom.build(after=HOUR)
    assert ids(newsroom) == {}
    newsroom.write("sport/win.md", title="Other words")
    newsroom.build(after=HOUR)
    assert ids(newsroom) == {"win": id}
    newsroom.begin()
    newsroom.write("sport/draft.md", title="Another article")
    newsroom.build(after=HOUR)
    assert ids(newsroom)["win"] == id != ids(newsroom)["draft"]
