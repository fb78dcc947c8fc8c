"""What is taken back or renamed is so everywhere at once, in every order of events."""

from __future__ import annotations

import re
import shutil

import pytest

from feedsvc.builder import articles
from support.events import (
    DIGESTS,
    HOUR,
    MINUTE,
    NIGHT,
    build,
    hinted_or_scanned,
)
from support.live import NOON, Newsroom


@pytest.mark.parametrize("how", ["retracted", "draft", "deleted"])
def test_an_expired_story_that_is_taken_back_leaves_the_digest(newsroom: Newsroom, how: str) -> None:
    newsroom.write("harbour/ferry.md", title="Ferry sinks", date=NIGHT, expires=NOON + HOUR)
    newsroom.build()
    newsroom.build(after=2 * HOUR)
    assert all("Ferry sinks" in newsroom.body(path) for path in DIGESTS)
    if how == "deleted":
        (newsroom.articles / "harbour/ferry.md").unlink()
    else:
        newsroom.write("harbour/ferry.md", title="Ferry sinks", date=NIGHT, expires=NOON + HOUR, **{how: True})
    newsroom.build(after=MINUTE)
    assert "Ferry sinks" not in newsroom.everything()


@hinted_or_scanned
@pytest.mark.parametrize("lifted", [False, True], ids=["over", "lifted"])
def test_a_story_embargoed_again_is_nowhere_and_comes_back_with_its_id_and_date(
    newsroom: Newsroom, lifted: bool, hinted: bool
) -> None:
    """There is no notice of it: 410 would say that it is gone for ever, and it is to come."""
    newsroom.write("site.toml", '[site]\npartners = ["msn", "smartnews", "flipboard"]\n')
    keys = {"title": "Ferry sinks", "topics": ["Harbour"], "story": "Regatta", "date": NIGHT}
    newsroom.write("ferry.md", **keys)
    newsroom.write("other.md", date=NIGHT, topics=["Harbour"], body="See [the ferry](ferry.md).")
    newsroom.build()
    client, asked = newsroom.client(), ("/articles/ferry", "/feeds/all/2026-05.atom", "/feeds/harbour/2026-05.json")
    before = newsroom.feed("story/regatta")["items"]
    assert all("Ferry sinks" in client.get(path).text for path in asked)

    newsroom.write("ferry.md", **keys | {"date": NOON + HOUR})
    build(newsroom, "ferry.md", hinted=hinted)
    client = newsroom.client()
    answers = [client.get(path) for path in asked]
    assert [one.status_code for one in answers] == [404, 200, 200]
    found = newsroom.everything() + "".join(one.text for one in answers)
    assert "Ferry sinks" not in found and before[0]["id"] not in found and "deleted-entry" not in found

    if lifted:
        newsroom.write("ferry.md", **keys)
    newsroom.build(after=MINUTE if lifted else HOUR)
    (after,) = newsroom.feed("story/regatta")["items"]
    assert after["id"] == before[0]["id"]
    assert after["date_published"] == (before[0]["date_published"] if lifted else "2026-05-21T13:00:00Z")
    assert all("Ferry sinks" in newsroom.body(path) for path in DIGESTS)
    assert all("Ferry sinks" in newsroom.client().get(path).text for path in asked)


def test_a_retraction_in_a_build_that_leaves_files_reaches_the_digest(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.write("harbour/ferry.md", title="Ferry sinks", date=NIGHT)
    newsroom.build()
    monkeypatch.setattr(articles, "BATCH", 2)
    monkeypatch.setattr(articles, "FIRST_BATCH", 2)
    for number in range(4):
        newsroom.write(f"harbour/report-{number}.md", age=90_000)
    newsroom.write("harbour/ferry.md", title="Ferry sinks", date=NIGHT, retracted="It floats.")
    assert newsroom.build(after=MINUTE).left
    assert "Ferry sinks" not in newsroom.everything()
    while newsroom.go_on().left:
        pass
    assert "Ferry sinks" not in newsroom.everything()


@hinted_or_scanned
def test_a_folder_replaced_by_a_file_takes_its_articles_along(newsroom: Newsroom, hinted: bool) -> None:
    newsroom.write("harbour/ferry.md/inside.md", title="Inside")
    newsroom.build()
    shutil.rmtree(newsroom.articles / "harbour/ferry.md")
    newsroom.write("harbour/ferry.md", title="Ferry")
    build(newsroom, "harbour/ferry.md", hinted=hinted)
    assert newsroom.titles() == ["Ferry"]


def test_another_spelling_of_a_topic_is_everywhere_at_once(newsroom: Newsroom) -> None:
    newsroom.write("2026/first.md", date=NOON - 2 * HOUR, topics=["BBC & ITV"])
    newsroom.write("2026/second.md", date=NOON - HOUR, topics=["BBC & ITV", "Sport"])
    newsroom.build()
    client = newsroom.client()
    assert "BBC &amp; ITV" in client.get("/articles/second").text
    newsroom.write("2026/first.md", date=NOON - 2 * HOUR, topics=["Bbc & Itv"])
    newsroom.build(after=MINUTE)
    assert "Bbc & Itv" in newsroom.body("/feeds/bbc-itv.json") and "Bbc & Itv" in newsroom.body("/feeds/sport.json")
    everything = newsroom.everything() + newsroom.client().get("/articles/second").text
    assert not re.search("BBC (&|&amp;|&amp;amp;) ITV", everything)


@pytest.mark.parametrize("how", ["retracted", "draft", "deleted"])
@pytest.mark.parametrize("folder", ["2026", "bbc-itv"], ids=["the last article", "the last that names it"])
def test_a_topic_keeps_its_name_when_its_last_naming_article_goes(newsroom: Newsroom, how: str, folder: str) -> None:
    newsroom.write("2026/first.md", topics=["BBC & ITV"])
    newsroom.write(f"{folder}/second.md", title="Second")
    newsroom.build()
    assert newsroom.feed("bbc-itv")["title"] == "BBC & ITV – News"
    if how == "deleted":
        (newsroom.articles / "2026/first.md").unlink()
    else:
        newsroom.write("2026/first.md", topics=["BBC & ITV"], **{how: True})
    newsroom.build(after=MINUTE)
    newsroom.begin()
    newsroom.write("2026/third.md", title="Third")
    newsroom.build(after=MINUTE)
    assert newsroom.feed("bbc-itv")["title"] == "BBC & ITV – News"


def test_a_digests_entry_says_when_it_last_changed_and_never_an_earlier_time(newsroom: Newsroom) -> None:
    def updated() -> str:
        [entry] = newsroom.feed("digest")["items"]
        return str(entry["date_modified"])[11:16]

    for name in ("ferry", "vote", "win"):
        newsroom.write(f"2026/{name}.md", date=NIGHT)
    newsroom.build()
    found = [updated()]
    for name, keys in (
        ("ferry", {"draft": True}),
        ("vote", {"retracted": "No."}),
        ("ferry", {}),
        ("vote", {}),
        ("ferry", {"draft": True}),
        ("win", {"title": "Town wins"}),
        ("win", {"expires": NOON}),
    ):
        newsroom.write(f"2026/{name}.md", **{"date": NIGHT, **keys})
        newsroom.build(after=MINUTE)
        found.append(updated())
    newsroom.begin()
    newsroom.write("site.toml", '[site]\ntitle = "Gazette"\n')
    newsroom.build(after=MINUTE)
    assert [*found, updated()] == ["06:00", "12:01", "12:02", "12:03", "12:04", "12:05", "12:05", "12:05", "12:05"]
