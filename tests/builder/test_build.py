"""One build: the life of an article as readers see it. The clock stands where each test puts it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.errors import LeaseLost, StoreError
from feedsvc.formats import partners, render
from feedsvc.storage.facts import MARK
from support.live import NOON, Newsroom

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# The smallest of pictures: one transparent pixel.
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


def test_an_article_is_in_every_feed_of_its_topics_and_in_no_other(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win", topics=["Town life"], date=NOON - DAY)
    newsroom.write("council/vote.md", title="The vote", date=NOON - HOUR)
    newsroom.build()
    assert newsroom.titles() == ["The vote", "Town win"]
    assert newsroom.titles("sport") == newsroom.titles("town-life") == ["Town win"]
    for suffix in ("rss", "atom", "json"):
        assert "Town win" in newsroom.body(f"/feeds/sport.{suffix}")
        assert "The vote" not in newsroom.body(f"/feeds/sport.{suffix}")
    assert "Town life" in newsroom.body("/topics")
    assert newsroom.document("/feeds/business.rss") is None


def test_the_same_articles_give_the_same_bytes_in_another_database(
    newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory
) -> None:
    newsroom.write("sport/win.md", date=NOON - DAY)
    newsroom.write("sport/undated.md")
    newsroom.build()
    other = Newsroom(tmp_path_factory.mktemp("other"))
    shutil.copytree(newsroom.articles, other.articles, dirs_exist_ok=True)
    other.build(after=17 * HOUR)  # by tomorrow there would be another digest
    assert newsroom.store.paths() == other.store.paths()
    for path in newsroom.store.paths():
        assert newsroom.document(path) == other.document(path)
    other.close()


def test_a_build_without_a_change_publishes_nothing(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    assert newsroom.build().generation == 1
    assert newsroom.build(after=HOUR).generation is None
    newsroom.begin()
    assert newsroom.build(after=HOUR).generation is None


def test_a_change_in_one_topic_leaves_the_validators_of_another(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - DAY)
    newsroom.write("council/vote.md", date=NOON - DAY)
    newsroom.build()
    before = newsroom.document("/feeds/council.rss")
    newsroom.write("sport/draw.md")
    newsroom.build("sport/draw.md", after=HOUR)
    assert newsroom.document("/feeds/council.rss") == before
    assert newsroom.titles("sport") == ["Draw", "Win"]


def test_the_moment_of_the_newest_event_moves_with_every_change_and_never_back(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - DAY)
    newsroom.build()
    moments = [newsroom.document("/feeds/sport.rss").last_modified]
    assert moments == [NOON - DAY]
    for change in ("one", "two", "three"):
        newsroom.write("sport/win.md", date=NOON - DAY, image={"src": f"https://pictures.example/{change}.jpg"})
        newsroom.build()
        moments.append(newsroom.document("/feeds/sport.rss").last_modified)
    assert moments == sorted(set(moments))


def test_an_edit_keeps_id_and_publication_and_moves_updated_only_for_words(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win", body="It rained.")
    newsroom.build()
    [first] = newsroom.feed()["items"]
    newsroom.write("sport/win.md", title="Town win", body="It  *rained*.")
    newsroom.build(after=HOUR)
    [markup] = newsroom.feed()["items"]
    newsroom.write("sport/win.md", title="Town win again", body="It rained.")
    newsroom.build(after=HOUR)
    [words] = newsroom.feed()["items"]
    assert first["id"] == markup["id"] == words["id"]
    assert first["date_published"] == markup["date_published"] == words["date_published"]
    assert first["date_modified"] == markup["date_modified"] < words["date_modified"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_moved_file_is_the_same_article(newsroom: Newsroom, at_once: bool) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.build()
    [before] = newsroom.feed()["items"]
    (newsroom.articles / "town").mkdir()
    (newsroom.articles / "sport/win.md").rename(newsroom.articles / "town/victory.md")
    if not at_once:
        newsroom.build("sport/win.md", after=HOUR)
        assert newsroom.feed()["items"] == []
    newsroom.build(after=HOUR)
    [after] = newsroom.feed()["items"]
    assert (after["id"], after["date_published"], after["date_modified"]) == (
        before["id"],
        before["date_published"],
        before["date_modified"],
    )
    assert after["url"].endswith("/articles/victory")
    assert newsroom.titles("sport") == []


def test_a_new_article_at_the_path_of_one_that_moved_has_an_id_of_its_own(newsroom: Newsroom) -> None:
    newsroom.write("sport/latest.md", title="Town win")
    newsroom.build()
    (newsroom.articles / "sport/latest.md").rename(newsroom.articles / "sport/win.md")
    newsroom.build()
    newsroom.write("sport/latest.md", title="Town lose", body="Other words.")
    newsroom.build()
    assert len({entry["id"] for entry in newsroom.feed()["items"]}) == 2


def test_an_embargoed_article_is_nowhere_until_its_second(newsroom: Newsroom) -> None:
    newsroom.write("secret-plans/merger.md", title="Ferries merge", date=NOON + HOUR, topics=["Mergers"])
    newsroom.write("sport/win.md")
    build = newsroom.build()
    assert build.next_instant == NOON + HOUR
    for leak in ("Ferries", "merger", "Mergers", "secret-plans", "Secret plans"):
        assert leak not in newsroom.everything()
    assert newsroom.document("/feeds/mergers.rss") is None
    newsroom.build(after=HOUR - SECOND)
    assert "Ferries" not in newsroom.everything()
    assert newsroom.build(after=SECOND).generation == 2
    assert newsroom.titles("mergers") == ["Ferries merge"]


def test_what_was_broken_under_embargo_does_not_come_out_by_time_alone(newsroom: Newsroom) -> None:
    newsroom.write("sport/final.md", title="The final", date=NOON + HOUR)
    newsroom.build()
    newsroom.write("sport/final.md", "---\ntitle: The final\ndate: 2026-06-31\n---\nIt is to come out later.\n")
    newsroom.build(after=MINUTE)
    newsroom.begin()
    newsroom.build(after=DAY)
    assert "The final" not in newsroom.everything()
    newsroom.write("sport/final.md", title="The final", date=NOON + 2 * HOUR)
    newsroom.build(after=MINUTE)
    assert newsroom.feed()["items"][0]["date_published"] == "2026-05-21T14:00:00Z"


def test_an_embargo_that_is_lifted_by_hand_is_published_now(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON + DAY)
    newsroom.build()
    newsroom.write("sport/win.md")
    newsroom.build(after=HOUR)
    assert newsroom.feed()["items"][0]["date_published"] == "2026-05-21T13:00:00Z"


def test_an_article_expires_by_time_alone(newsroom: Newsroom) -> None:
    newsroom.write("sport/match-day.md", expires=NOON + HOUR)
    assert newsroom.build().next_instant == NOON + HOUR
    assert newsroom.titles() == ["Match day"]
    newsroom.build(after=HOUR)
    assert newsroom.titles() == []
    assert newsroom.document("/feeds/sport.rss").last_modified == NOON + HOUR


def test_a_draft_is_published_when_it_is_none(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win", draft=True)
    newsroom.build()
    assert "Town win" not in newsroom.everything()
    newsroom.write("sport/win.md", title="Town win")
    newsroom.build(after=DAY)
    assert newsroom.feed()["items"][0]["date_published"] == "2026-05-22T12:00:00Z"


def test_a_bad_article_costs_itself_alone_and_keeps_its_last_good_version(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.write("council/vote.md")
    newsroom.build()
    newsroom.write("sport/win.md", "---\ntitle: Town lose\ndate: 2024-02-30\n---\nIt rained.\n")
    newsroom.write("sport/new.md", "---\ntitle: [\n---\nx\n")
    newsroom.build()
    assert sorted(newsroom.titles()) == ["Town win", "Vote"]
    faults = [fault for file in newsroom.store.files().values() for fault in file.faults]
    assert ("sport/win.md", 3) in {(fault.path, fault.line) for fault in faults}
    assert 'sport/win.md:3: date "2024-02-30" is not a date' in caplog.text
    newsroom.write("sport/win.md", title="Town draw")
    newsroom.build()
    assert sorted(newsroom.titles()) == ["Town draw", "Vote"]


def test_of_two_files_with_one_slug_the_first_has_it_and_the_other_one_of_its_own_for_good(newsroom: Newsroom) -> None:
    newsroom.write("a/win.md", title="First")
    newsroom.write("b/win.md", title="Second", body="Other words.", date="2026-05-20T09:00:00Z")
    newsroom.write("c/win.md", title="Third", body="More words.")
    newsroom.build()
    addresses = {entry["title"]: entry["url"].rpartition("/")[2] for entry in newsroom.feed()["items"]}
    assert addresses == {"First": "win", "Second": "win-2026-05-20", "Third": "win-2"}
    [fault] = newsroom.store.files()["b/win.md"].faults
    assert fault.warning and "a/win.md" in fault.reason and '"win-2026-05-20"' in fault.reason
    (newsroom.articles / "a/win.md").unlink()
    newsroom.build()
    newsroom.build()
    del addresses["First"]
    assert {entry["title"]: entry["url"].rpartition("/")[2] for entry in newsroom.feed()["items"]} == addresses


def test_a_copy_is_refused_until_the_article_is_gone_and_then_is_it(newsroom: Newsroom) -> None:
    newsroom.write("a/win.md", title="Win")
    newsroom.write("b/win.md", title="Win")
    newsroom.build()
    [before] = newsroom.feed()["items"]
    [fault] = newsroom.store.files()["b/win.md"].faults
    assert not fault.warning and "a copy of a/win.md" in fault.reason
    (newsroom.articles / "a/win.md").unlink()
    newsroom.build(after=timedelta(hours=1))
    [after] = newsroom.feed()["items"]
    assert (after["id"], after["date_published"]) == (before["id"], before["date_published"])
    assert newsroom.store.files()["b/win.md"].faults == ()


def test_a_copy_of_an_id_does_not_take_the_article_over(newsroom: Newsroom) -> None:
    newsroom.write("a/win.md", title="First", id="x-1")
    newsroom.write("b/draw.md", title="Second", id="x-1")
    newsroom.build()
    assert newsroom.titles() == ["First"]
    assert "a/win.md" in newsroom.store.files()["b/draw.md"].faults[0].reason


def test_site_toml_names_topics_moves_aliases_and_ends_retired_ones(newsroom: Newsroom) -> None:
    newsroom.write(
        "site.toml",
        '[site]\ntitle = "The Lantern"\n[topics.sport]\nname = "Sports desk"\naliases = ["games"]\n'
        '[topics.regatta]\nretired = true\n[topics.out-and-about]\nany = ["sport", "walks"]\n'
        '[topics.weather]\nkeywords = ["tide"]\n',
    )
    newsroom.write("games/win.md")
    newsroom.write("2026/tides.md")
    newsroom.write("regatta/old.md")
    newsroom.build()
    assert newsroom.titles("sport") == newsroom.titles("out-and-about") == ["Win"]
    assert newsroom.titles("weather") == ["Tides"]
    assert newsroom.feed("sport")["title"] == "Sports desk – The Lantern"
    moved = newsroom.document("/feeds/games.rss")
    assert (moved.status, moved.location) == (301, "https://feeds.example/feeds/sport.rss")
    assert newsroom.document("/headlines/games.json").location == "https://feeds.example/headlines/sport.json"
    assert newsroom.document("/feeds/regatta.rss").status == newsroom.document("/topics/regatta").status == 410
    newsroom.write("site.toml", '[site]\ntitle = "The Lantern"\n', age=1800)
    newsroom.build()
    assert newsroom.titles("games") == ["Win"] and newsroom.titles("regatta") == ["Old"]
    assert newsroom.titles("weather") == []


def test_a_fault_in_site_toml_keeps_the_last_good_one(newsroom: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "The Lantern"\n')
    newsroom.write("sport/win.md")
    newsroom.build()
    newsroom.write("site.toml", '[site]\ntitle = "The Lan', age=1800)
    newsroom.build()
    newsroom.begin()
    newsroom.build()
    assert newsroom.feed()["title"] == "The Lantern"
    assert "site.toml:2" in caplog.text


def test_a_change_in_site_toml_leaves_the_validators_of_what_it_does_not_show(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "The Lantern"\n')
    newsroom.write("sport/win.md")
    newsroom.build()
    rss, page = newsroom.document("/feeds/sport.rss"), newsroom.document("/topics/sport")
    newsroom.write("site.toml", '[site]\ntitle = "The Lantern"\ntagline = "News with the tide"\n', age=1800)
    newsroom.build(after=HOUR)
    assert newsroom.document("/feeds/sport.rss") == rss
    assert newsroom.document("/topics/sport") != page


def test_another_public_url_changes_links_and_no_id_or_date(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    newsroom.build()
    [before] = newsroom.feed()["items"]
    newsroom.public_url = "https://news.example/feeds"
    newsroom.begin()
    newsroom.build(after=HOUR)
    [after] = newsroom.feed()["items"]
    assert after["url"] == "https://news.example/feeds/articles/win"
    assert {key: after[key] for key in ("id", "date_published", "date_modified")} == {
        key: before[key] for key in ("id", "date_published", "date_modified")
    }
    assert "https://feeds.example" not in newsroom.everything()


def test_a_local_picture_is_measured_published_and_taken_back(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", image={"src": "cup.gif", "alt": "The cup"})
    newsroom.build()
    assert newsroom.document("/media/sport/cup.gif") is None and newsroom.titles() == ["Win"]
    (newsroom.articles / "sport/cup.gif").write_bytes(GIF)
    newsroom.build(after=MINUTE)
    picture = newsroom.picture("/media/sport/cup.gif")
    assert picture.content_type == "image/gif" and picture.encodings["identity"].body == GIF
    assert 'width="1" height="1"' in newsroom.body("/feeds/sport.rss")
    newsroom.write("sport/win.md", draft=True, image={"src": "cup.gif"})
    newsroom.build(after=MINUTE)
    assert newsroom.document("/media/sport/cup.gif") is None


def test_a_picture_of_an_embargoed_article_is_not_published(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON + HOUR, image={"src": "cup.gif"})
    (newsroom.articles / "sport/cup.gif").write_bytes(GIF)
    newsroom.build()
    assert newsroom.document("/media/sport/cup.gif") is None
    newsroom.build(after=HOUR)
    assert newsroom.document("/media/sport/cup.gif") is not None


def test_a_clock_that_is_set_back_withdraws_nothing(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - MINUTE)
    newsroom.write("sport/later.md", date=NOON + HOUR)
    newsroom.build()
    newsroom.build(after=-HOUR)
    newsroom.begin()
    newsroom.write("sport/draw.md")
    newsroom.build()
    assert newsroom.titles() == ["Draw", "Win"]


def test_a_clock_that_is_set_back_lets_nothing_out_early(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - MINUTE)
    newsroom.build()
    newsroom.write("sport/later.md", date=NOON - 10 * MINUTE)
    newsroom.write("sport/win.md", date=NOON - MINUTE, body="It was edited, and readers have seen it.")
    newsroom.build(after=-HOUR)
    assert newsroom.titles() == ["Win"] and "edited" in newsroom.body("/feeds/all.json")
    newsroom.build(after=49 * MINUTE)
    assert newsroom.titles() == ["Win"]
    newsroom.build(after=MINUTE)
    assert newsroom.titles() == ["Win", "Later"]


def test_a_build_without_the_lease_publishes_nothing(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    with pytest.raises(LeaseLost):
        newsroom.builder.run(newsroom.now, holder="somebody else", fence=7)
    assert newsroom.store.generation() == 0 and newsroom.store.paths() == []
    assert newsroom.build().generation == 1


def test_an_empty_folder_gives_whole_documents(newsroom: Newsroom) -> None:
    assert newsroom.build().generation == 1
    assert newsroom.titles() == [] and json.loads(newsroom.body("/headlines.json"))["headlines"] == []
    assert newsroom.document("/feeds/all.rss").last_modified == datetime(1970, 1, 1, tzinfo=UTC)


def test_no_feed_holds_more_than_the_site_says(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", "[site]\nentries_per_feed = 3\nfeed_hours = 0\n")
    for number in range(25):
        newsroom.write(f"sport/match-{number}.md", date=NOON - number * HOUR, body=f"Match {number}.")
    newsroom.build()
    assert newsroom.titles() == ["Match 0", "Match 1", "Match 2"]
    (newsroom.articles / "sport/match-1.md").unlink()
    newsroom.build()
    assert newsroom.titles() == ["Match 0", "Match 2", "Match 3"]


def test_a_story_is_followed_like_a_topic_and_stands_in_no_list_of_topics(newsroom: Newsroom) -> None:
    newsroom.write("sport/one.md", title="First leg", story="The Cup", date=NOON - DAY, body="One.")
    newsroom.write("town/two.md", title="Second leg", story="the cup", date=NOON - HOUR, body="Two.")
    newsroom.write("town/three.md", title="The final", story="The Cup", date=NOON + HOUR, body="Three.")
    newsroom.write("town/secret.md", title="A merger", story="Merger", date=NOON + HOUR, body="Four.")
    newsroom.build()
    assert newsroom.titles("story/the-cup") == ["Second leg", "First leg"]
    assert newsroom.feed("story/the-cup")["title"].startswith("The Cup – ")
    assert "First leg" in newsroom.body("/stories/the-cup") and "First leg" in newsroom.body("/headlines/story/the-cup.json")
    assert newsroom.document("/feeds/story/merger.rss") is None
    assert "The Cup" in newsroom.body("/feeds.opml") and "Merger" not in newsroom.body("/feeds.opml")
    newsroom.build(after=HOUR)
    assert newsroom.titles("story/the-cup") == ["The final", "Second leg", "First leg"]
    assert newsroom.titles("story/merger") == ["A merger"]


def test_a_file_renamed_over_another_is_itself_there(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win", body="One.")
    newsroom.write("sport/draw.md", title="Town draw", body="Two.")
    newsroom.build()
    before = {entry["title"]: entry["id"] for entry in newsroom.feed()["items"]}
    (newsroom.articles / "sport/win.md").rename(newsroom.articles / "sport/draw.md")
    newsroom.build(after=HOUR)
    assert [(entry["title"], entry["id"]) for entry in newsroom.feed()["items"]] == [("Town win", before["Town win"])]


def test_a_picture_replaced_is_served_at_its_own_hint(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", image={"src": "cup.gif"})
    (newsroom.articles / "sport/cup.gif").write_bytes(GIF)
    newsroom.build()
    other = GIF.replace(b"\xff\xff\xff", b"\xff\xff\x00", 1)
    (newsroom.articles / "sport/cup.gif").write_bytes(other)
    newsroom.build("sport/cup.gif", after=MINUTE)
    assert newsroom.picture("/media/sport/cup.gif").encodings["identity"].body == other
    (newsroom.articles / "sport/cup.gif").unlink()
    newsroom.build("sport/cup.gif", after=MINUTE)
    assert newsroom.document("/media/sport/cup.gif") is None and "<img" not in newsroom.body("/feeds/sport.rss")


def test_what_stood_behind_another_is_looked_at_when_the_other_goes(newsroom: Newsroom) -> None:
    newsroom.write("a/win.md", title="First")
    newsroom.write("b/win.md", title="Second", body="Other words.")
    newsroom.build()
    (newsroom.articles / "a/win.md").unlink()
    assert newsroom.build("a/win.md").moving == {"b/win.md"}
    assert newsroom.build("b/win.md").moving == set()
    assert newsroom.titles() == ["Second"]


def test_headers_that_change_with_a_release_reach_documents_of_the_same_bytes(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.write("win.md")
    newsroom.build()
    before = newsroom.document("/feeds/all.rss")
    assert before is not None
    rss, *others = partners.FORMATS
    monkeypatch.setattr(partners, "FORMATS", (replace(rss, max_age=lambda edition: 120), *others))
    monkeypatch.setattr(render, "version", lambda: "next")
    newsroom.build(after=HOUR)
    after = newsroom.document("/feeds/all.rss")
    assert after is not None
    assert (after.max_age, before.max_age) == (120, 60)


def test_a_build_begins_again_where_the_last_publication_is_another(newsroom: Newsroom) -> None:
    newsroom.write("harbour/tide.md")
    newsroom.build()
    newsroom.store.set_fact(MARK, "of a standby that had not heard of it")
    newsroom.write("harbour/fog.md")
    with pytest.raises(StoreError, match="has gone back"):
        newsroom.build()
    assert newsroom.titles() == ["Tide"]
    newsroom.build()
    assert sorted(newsroom.titles()) == ["Fog", "Tide"]
