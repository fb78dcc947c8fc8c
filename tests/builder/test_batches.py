"""The first reading of a big archive: in several builds, the newest first, and in the end as if it had been one."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from feedsvc.builder import articles
from support.live import NOON, Newsroom

DAY = timedelta(days=1)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "BATCH", 3)
    monkeypatch.setattr(articles, "FIRST_BATCH", 3)


def fill(newsroom: Newsroom, number: int = 8) -> None:
    for index in range(number):
        keys = {"date": NOON - 20 * index * DAY} if index % 2 else {}
        keys["story"] = "Cup" if index > 4 else ""
        newsroom.write(f"sport/a{index}.md", title=f"No {index}", age=20 * index * 86_400.0, **keys)


def finish(newsroom: Newsroom) -> int:
    """Builds until nothing is left; how many builds that took."""
    count = 1
    while newsroom.go_on().left:
        count += 1
    return count


def test_the_newest_are_published_first(newsroom: Newsroom, small_batches: None) -> None:
    fill(newsroom)
    build = newsroom.build()
    assert (build.read, build.left) == (3, 5)
    assert newsroom.titles() == ["No 0", "No 1", "No 2"]
    assert newsroom.document("/feeds/digest.rss") is None  # it would never be complete
    assert finish(newsroom) == 2
    assert newsroom.titles("sport") == [f"No {index}" for index in range(8)]
    assert newsroom.titles("story/cup") == ["No 5", "No 6", "No 7"] and "/stories/cup" in newsroom.body("/feeds.opml")
    assert newsroom.document("/feeds/digest.rss") is not None


@pytest.mark.parametrize("restarts", [False, True])
def test_it_ends_as_if_all_had_been_read_at_once(
    newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, restarts: bool
) -> None:
    fill(newsroom)
    newsroom.build()
    other = Newsroom(tmp_path_factory.mktemp("other"))
    fill(other)
    monkeypatch.setattr(articles, "BATCH", 3)
    monkeypatch.setattr(articles, "FIRST_BATCH", 3)
    while other.build(after=timedelta(seconds=1)).left:
        if restarts:
            other.begin()
    assert other.store.paths() == newsroom.store.paths()
    assert other.feed() == newsroom.feed()
    for path in ("/feeds/all.json", "/feeds/sport.json", "/feeds/digest.json", "/feeds.opml", "/sitemap-news.xml"):
        assert other.body(path) == newsroom.body(path)
    assert {one.id: one.published for one in other.store.records()} == {one.id: one.published for one in newsroom.store.records()}
    other.close()


def test_what_is_saved_meanwhile_is_published_at_once_and_dated_when_seen(newsroom: Newsroom, small_batches: None) -> None:
    fill(newsroom)
    newsroom.build()
    newsroom.write("sport/news.md", title="News", age=0)
    newsroom.build("sport/news.md", after=timedelta(seconds=5))
    assert "News" in newsroom.titles()
    while newsroom.go_on().left:
        pass
    assert len(newsroom.titles()) == 9


def test_a_file_that_changes_before_its_turn_is_read_as_it_is_then(newsroom: Newsroom, small_batches: None) -> None:
    fill(newsroom)
    newsroom.build()
    newsroom.write("sport/a7.md", title="Changed")
    (newsroom.articles / "sport/a6.md").unlink()
    while newsroom.go_on().left:
        pass
    newsroom.build(after=timedelta(seconds=5))
    titles = newsroom.titles()
    assert "Changed" in titles and "No 6" not in titles and "No 7" not in titles


def test_a_move_of_many_is_taken_in_at_once(newsroom: Newsroom, small_batches: None) -> None:
    fill(newsroom)
    newsroom.build()
    while newsroom.go_on().left:
        pass
    before = {record.id for record in newsroom.store.records()}
    (newsroom.articles / "sport").rename(newsroom.articles / "games")
    assert newsroom.build(after=DAY).left == 0
    assert {record.id for record in newsroom.store.records()} == before
    assert len(newsroom.titles("games")) == 8


def test_a_new_story_under_an_old_name_is_read_with_the_old_one_under_its_new_name(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "BATCH", 3)
    for number in range(5):
        newsroom.write(f"sport/a{number}.md", title=f"No {number}", body=f"Words of {number}.")
    newsroom.build()
    finish(newsroom)
    before = {record.title: record.id for record in newsroom.store.records()}
    for number in range(4):
        newsroom.write(f"sport/a{number}.md", title=f"No {number}", body=f"Other words of {number}.")
    (newsroom.articles / "sport/a4.md").rename(newsroom.articles / "sport/a-old.md")
    newsroom.write("sport/a4.md", title="New", body="Words of today.")
    newsroom.build(after=DAY)
    finish(newsroom)
    after = {record.title: record.id for record in newsroom.store.records()}
    assert after.pop("New") not in before.values() and after == before


def test_a_scan_reads_again_what_may_hide_a_change(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "FILES_AGAIN", 3)
    fill(newsroom)
    newsroom.build()
    hidden = newsroom.articles / "sport/a3.md"
    status = hidden.stat()
    hidden.write_text(hidden.read_text().replace("No 3", "No x"))
    os.utime(hidden, ns=(status.st_atime_ns, status.st_mtime_ns))
    reads = [newsroom.build(after=timedelta(minutes=1)).read for _ in range(4 * articles.SCANS_APART)]
    assert "No x" in newsroom.titles()
    assert sum(reads) == 3 + 3 + 2 + 3 and reads.count(0) == 4 * (articles.SCANS_APART - 1)


def test_after_a_copy_the_newest_are_found_by_what_is_written(newsroom: Newsroom, small_batches: None) -> None:
    for index in range(8):
        newsroom.write(f"sport/a{index}.md", title=f"No {index}", age=60, date=NOON - ((index * 3) % 8) * DAY)
    newsroom.build()
    assert newsroom.titles() == ["No 0", "No 3", "No 6"]
