"""What the kernel tells of is followed at once; archives and dates hold in every order of events."""

from __future__ import annotations

import json
import os
import re

import pytest

from feedsvc.articles import folder
from feedsvc.builder import articles
from feedsvc.model import archive
from support.events import (
    DAY,
    GIF,
    HOUR,
    MINUTE,
    NIGHT,
    SECOND,
    build,
    build_as_scheduled,
    faults,
    followed_back,
    hinted_or_scanned,
)
from support.live import NOON, Newsroom

# ---- what must follow at once


def test_the_fault_of_a_name_that_is_not_utf8_stays_until_it_is_mended(newsroom: Newsroom) -> None:
    newsroom.write("harbour/ferry.md", title="Ferry")
    with open(os.fsencode(newsroom.articles) + b"/harbour/caf\xe9.md", "wb") as file:
        file.write(b"---\ntitle: Coffee\n---\nIt is hot.\n")
    newsroom.build()
    newsroom.build(after=MINUTE)
    [before] = faults(newsroom)
    assert "not UTF-8" in before
    newsroom.write("harbour/ferry.md", title="Ferry", body="Other words.")
    builds = build_as_scheduled(newsroom, "harbour/ferry.md")
    assert faults(newsroom) == [before] and [build.generation is not None for build in builds].count(True) == 1
    assert newsroom.build(after=MINUTE).generation is None


SITE = '[site]\ntitle = "News"\n'


@pytest.mark.parametrize(
    ("site", "path", "follows"),
    [
        (f'{SITE}[topics.sailing]\nname = "Sailing"\nkeywords = ["tide"]\n', "/feeds/sailing.json", "Ferry"),
        (f'{SITE}timezone = "Asia/Tokyo"\n', "/feeds/all.json", "2026-05-20T15:00:00Z"),
        (f'{SITE}article_url = "https://quay.example/{{slug}}/index.html"\n', "/feeds/all.json", "https://quay.example/ferry/more.html"),
    ],
    ids=["keywords", "timezone", "article_url"],
)
def test_a_change_of_the_site_is_followed_at_once(newsroom: Newsroom, site: str, path: str, follows: str) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.write("2026/ferry.md", title="Ferry", date="2026-05-21", body="The tide: [more](more.html).")
    newsroom.build()
    assert newsroom.document(path) is None or follows not in newsroom.body(path)
    newsroom.write("site.toml", site)
    build_as_scheduled(newsroom, "site.toml")
    assert follows in newsroom.body(path)


@pytest.mark.parametrize("kernel", ["tells of writers", "does not"])
def test_a_picture_that_was_being_written_follows_at_once(
    newsroom: Newsroom, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kernel == "does not":  # as on a network's file system
        monkeypatch.setattr(folder, "_lease", lambda descriptor: None)
    newsroom.write("harbour/dusk.md", title="Dusk", image={"src": "dusk.gif", "alt": "Dusk"})
    path = newsroom.articles / "harbour/dusk.gif"
    with path.open("wb") as file:
        file.write(GIF[:20])
        file.flush()
        newsroom.build()
        newsroom.build("harbour/dusk.md", "harbour/dusk.gif", after=SECOND)
        file.write(GIF[20:])
    build_as_scheduled(newsroom, "harbour/dusk.gif")
    picture = newsroom.picture("/media/harbour/dusk.gif")
    assert picture is not None and picture.encodings["identity"].body == GIF
    assert faults(newsroom) == [] and 'width="1"' in newsroom.body("/feeds/all.rss")


# ---- archives and dates


@hinted_or_scanned
@pytest.mark.parametrize("dated_back", [(2, 5), (5, 8), (0, 1), (1, 2), (3, 4), (2, 8), (0, 4)], ids=str)
def test_articles_dated_back_stand_in_one_archive_each(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, dated_back: tuple[int, ...], hinted: bool
) -> None:
    monkeypatch.setattr(archive, "PART_ENTRIES", 3)
    newsroom.write("harbour/march.md", date=NOON - 61 * DAY, body="In March.")  # the part is there, and stays one
    for number in range(9):
        newsroom.write(f"harbour/report-{number}.md", date=NOON - DAY + number * HOUR, body=f"Report {number}.")
    newsroom.build()
    for number in dated_back:
        newsroom.write(f"harbour/report-{number}.md", date=NOON - 60 * DAY + number * HOUR, body=f"Report {number}.")
    build(newsroom, *(f"harbour/report-{number}.md" for number in dated_back), hinted=hinted)
    ids = sorted(entry["id"] for entry in newsroom.feed()["items"])
    client = newsroom.client()
    for feed in ("/feeds/all.atom", "/feeds/harbour.atom"):
        assert sorted(followed_back(client, feed)) == ids
    assert len(json.loads(client.get("/feeds/harbour/2026-05.json").text)["items"]) == 3


def test_an_archive_of_short_articles_with_many_long_topics_loses_none(newsroom: Newsroom) -> None:
    topics = [f"Number {number} of the topics that say at some length what this may be about, & more" for number in range(50)]
    for number in range(400):
        newsroom.write(f"harbour/report-{number}.md", date=NOON - DAY + number * MINUTE, topics=topics, body=f"Report {number}.")
    newsroom.build()
    client = newsroom.client()
    for feed in ("/feeds/all.atom", "/feeds/harbour.atom"):
        found = followed_back(client, feed)
        assert len(found) == len(set(found)) == 400
    for slug, month, number in newsroom.store.archive_names():
        if slug == "all":
            name = month if number == 1 else f"{month}-{number}"
            assert len(client.get(f"/feeds/all/{name}.rss").data) <= 2_000_000


RETIRED = '[topics.sport]\nname = "Sport"\nretired = true\n'


@pytest.mark.parametrize("back", ["", '[topics.sport]\nname = "Sport"\n'], ids=["unnamed", "named"])
def test_a_topic_that_returns_is_newer_than_its_end(newsroom: Newsroom, back: str) -> None:
    newsroom.write("site.toml", SITE + back)
    newsroom.write("sport/win.md", title="Town win", date=NIGHT)
    newsroom.build()
    paths = [path for path in newsroom.store.paths() if re.search(r"/sport[./]?|/sport$", path) and "/sport/" not in path]
    newsroom.write("site.toml", SITE + RETIRED)
    newsroom.build(after=DAY)
    ended = {path: newsroom.document(path) for path in paths}
    newsroom.write("site.toml", SITE + back)
    newsroom.build(after=DAY)
    for path, end in ended.items():
        now = newsroom.document(path)
        assert now.status == 200, path
        assert now.last_modified > end.last_modified if end else True, path
    assert "/feeds/digest/sport.atom" in paths and "Town win" in newsroom.body("/feeds/digest/sport.atom")


@pytest.mark.parametrize("batch", [4_000, 2], ids=["whole", "leaving files"])
def test_a_topic_that_returns_has_its_digest_at_once(newsroom: Newsroom, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.write("sport/win.md", title="Town win", date=NIGHT)
    newsroom.write("town/vote.md", title="Vote", date=NIGHT, body="They vote.")
    newsroom.build()
    newsroom.write("site.toml", SITE + RETIRED)
    newsroom.build(after=HOUR)
    assert newsroom.document("/feeds/digest/sport.json").status == 410
    monkeypatch.setattr(articles, "BATCH", batch)
    newsroom.write("site.toml", SITE)
    for number in range(4):
        newsroom.write(f"town/report-{number}.md", body=f"Report {number}.")
    assert bool(newsroom.build(after=HOUR).left) == (batch == 2)
    while newsroom.go_on().left:
        pass
    assert "Town win" in newsroom.body("/feeds/digest/sport.json")


def test_a_topic_that_appears_before_a_restart_has_its_digest_after_it(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom.write("town/vote.md", title="Vote", date=NIGHT, body="They vote.")
    newsroom.build()
    monkeypatch.setattr(articles, "BATCH", 2)
    newsroom.write("sport/win.md", title="Town win", date=NIGHT)
    for number in range(4):
        newsroom.write(f"town/report-{number}.md", body=f"Report {number}.", age=90_000)
    assert newsroom.build(after=HOUR).left
    assert "Town win" in newsroom.body("/feeds/sport.json")
    newsroom.begin()
    newsroom.build()
    while newsroom.go_on().left:
        pass
    assert "Town win" in newsroom.body("/feeds/digest/sport.json")
