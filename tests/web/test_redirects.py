"""Redirects: old addresses of feeds, the newsroom's and everybody's, and addresses with a slash too many."""

from __future__ import annotations

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
