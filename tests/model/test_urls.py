"""Where absolute addresses come from: the configured public URL, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import urls as at
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls
from support.newsroom import ADDRESSES, SITE


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (at.topic_path("all"), "/"),
        (at.topic_path("harbour"), "/topics/harbour"),
        (at.topic_path("été"), "/topics/%C3%A9t%C3%A9"),
        (at.feed_path("all", "rss"), "/feeds/all.rss"),
        (at.feed_path("日本", "atom"), "/feeds/%E6%97%A5%E6%9C%AC.atom"),
        (at.headlines_path("all"), "/headlines.json"),
        (at.headlines_path("harbour"), "/headlines/harbour.json"),
        (at.article_path("ferry_late"), "/articles/ferry_late"),
        (at.media_path("harbour/dusk at sea.jpg"), "/media/harbour/dusk%20at%20sea.jpg"),
        (at.media_path("a?b#c%d.png"), "/media/a%3Fb%23c%25d.png"),
    ],
)
def test_paths_are_percent_encoded(path: str, wanted: str) -> None:
    assert path == wanted


@pytest.mark.parametrize("public_url", ["https://feeds.example", "http://127.0.0.1:8000", "https://quay.example/news"])
def test_every_url_begins_with_the_public_one(public_url: str) -> None:
    addresses = Urls(public_url, SITE)
    urls = [
        addresses.url("/status"),
        addresses.topic("all"),
        addresses.topic("harbour"),
        addresses.feed("harbour", "rss"),
        addresses.article("ferry"),
        addresses.media("dusk.jpg"),
    ]
    assert [url.removeprefix(public_url) for url in urls] == [
        "/status",
        "/",
        "/topics/harbour",
        "/feeds/harbour.rss",
        "/articles/ferry",
        "/media/dusk.jpg",
    ]


def test_the_portals_own_home_and_pages_are_where_the_site_says() -> None:
    assert ADDRESSES.home() == "https://quay.example/"
    assert Urls("https://feeds.example", replace(SITE, url=None)).home() == "https://feeds.example/"
    portal = Urls("https://feeds.example", replace(SITE, article_url="https://quay.example/{slug}/?again={slug}"))
    assert portal.article("été") == "https://quay.example/%C3%A9t%C3%A9/?again=%C3%A9t%C3%A9"


@given(st.text().map(slugify).filter(bool))
def test_any_slug_makes_a_path_that_leads_back(slug: str) -> None:
    for path in (at.topic_path(slug), at.article_path(slug), at.feed_path(slug, "rss")):
        assert path.isascii()
        parts = urlsplit(f"https://quay.example{path}")
        assert parts.path == path and not parts.query and not parts.fragment
        assert slug in unquote(path) or slug == "all"
