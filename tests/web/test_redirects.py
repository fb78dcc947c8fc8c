"""Redirects: old addresses of feeds, the newsroom's and everybody's, and addresses with a slash too many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.live import NOON, Newsroom, until

SITE = """[site]
title = "The Quay"
[redirects]
"/news/feed/" = "/feeds/all.rss"
"/category/sport/feed" = "/feeds/sport.rss/"
"/alt" = "/feeds/games.atom"
"/été" = "/topics/sport"
"/elsewhere" = "https://quay.example/new"
"/later" = "/feeds/chess.rss"
"/old-win" = "/articles/win"
"/headlines.json" = "/feeds/all.json"
"/circle" = "https://feeds.example/circle/"
[topics.sport]
aliases = ["games"]
"""


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    newsroom.write("site.toml", SITE.replace("https://feeds.example", newsroom.public_url))
    newsroom.write("sport/win.md", date=NOON)
    newsroom.build()
    return newsroom


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/news/feed/", "/feeds/all.rss"),
        ("/news/feed", "/feeds/all.rss"),
        ("/news/feed/?utm_source=x&a=/evil", "/feeds/all.rss"),
        ("/category/sport/feed/", "/feeds/sport.rss"),
        ("/alt", "/feeds/sport.atom"),
        ("/%C3%A9t%C3%A9", "/topics/sport"),
        ("/elsewhere", "https://quay.example/new"),
        ("/later", "/feeds/chess.rss"),
        ("/old-win", "/articles/win"),
        ("/feed", "/feeds/all.rss"),
        ("/feed/", "/feeds/all.rss"),
        ("/rss", "/feeds/all.rss"),
        ("/rss.xml", "/feeds/all.rss"),
        ("/feed.xml", "/feeds/all.rss"),
        ("/index.xml", "/feeds/all.rss"),
        ("/atom.xml", "/feeds/all.atom"),
        ("/feed.json", "/feeds/all.json"),
        ("/feeds/sport.rss/", "/feeds/sport.rss"),
        ("/feeds/games.rss/", "/feeds/sport.rss"),
        ("/topics/sport///", "/topics/sport"),
        ("/articles/win/", "/articles/win"),
        ("/feeds.opml/", "/feeds.opml"),
    ],
)
def test_it_leads_to_the_end_at_once(room: Newsroom, path: str, location: str) -> None:
    client = room.client()
    for answer in (client.get(path), client.get(path), client.head(path)):
        wanted = location if location.startswith("https:") else room.public_url + location
        assert (answer.status_code, answer.headers["Location"]) == (301, wanted)


@pytest.mark.parametrize("key", ["aliases", "redirect_from"])
def test_an_articles_aliases_lead_to_it(newsroom: Newsroom, key: str) -> None:
    newsroom.write("site.toml", SITE)
    aliases = ["/2019/05/bell/", "gong", "https://old.example/été.html", "/feeds/all.rss", "no path?"]
    newsroom.write("sport/bell.md", **{key: aliases})
    newsroom.build()
    client = newsroom.client()
    for path in ("/2019/05/bell/", "/2019/05/bell", "/2019/05/bell/?utm_source=x", "/sport/gong", "/%C3%A9t%C3%A9.html"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.headers["Location"]) == (301, f"{newsroom.public_url}/articles/bell")
    assert client.get("/feeds/all.rss").status_code == 200, "what is published comes first"
    ((fault, _),) = newsroom.store.faults()
    assert fault.reason.startswith(f'{key} "no path?" is left out')


def test_an_alias_shows_nothing_of_an_article_that_nobody_has_seen(newsroom: Newsroom) -> None:
    newsroom.write("win.md", aliases=["/old"], date=NOON + timedelta(hours=1))
    newsroom.write("draw.md", aliases=["/draft"], draft=True)
    newsroom.build()
    client = newsroom.client()
    assert [client.get(path).status_code for path in ("/old", "/draft")] == [404, 404]
    newsroom.build(after=timedelta(hours=2))
    until(lambda: client.get("/old").status_code == 301)


def test_an_alias_follows_its_article_to_another_slug(newsroom: Newsroom) -> None:
    newsroom.write("win.md", aliases=["/old"], slug="first")
    newsroom.build()
    newsroom.write("win.md", aliases=["/old"], slug="second")
    newsroom.build(after=timedelta(hours=1))
    answer = newsroom.client().get("/old")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{newsroom.public_url}/articles/second")


@pytest.mark.parametrize("path", ["/nothing", "/nothing/", "/articles/nothing/", "/circle", "/news", "/feeds/", "/feed.xml.gz"])
def test_what_is_nowhere_is_not_found(room: Newsroom, path: str) -> None:
    assert room.client().get(path, headers={"Host": "evil.example"}).status_code == 404


def test_what_is_published_comes_before_a_redirect(room: Newsroom) -> None:
    assert room.client().get("/headlines.json").status_code == 200


def test_a_redirect_goes_with_the_site(room: Newsroom) -> None:
    client = room.client()
    assert client.get("/alt").status_code == 301
    room.write("site.toml", '[site]\ntitle = "The Quay"\n')
    room.build()
    until(lambda: client.get("/alt").status_code == 404)
