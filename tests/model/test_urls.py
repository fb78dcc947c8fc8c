"""Where absolute addresses come from: the configured public URL, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import urls as at
from feedsvc.model.site import Topic
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


DATED = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("https://quay.example/{year}/{month}/{slug}/", "https://quay.example/2026/06/ferry/"),
        ("https://quay.example/{year}/{month}/{day}/{slug}.html", "https://quay.example/2026/06/01/ferry.html"),
        ("https://quay.example/{topic}/{slug}", "https://quay.example/harbour/ferry"),
        ("https://quay.example/{path}/", "https://quay.example/harbour/2026/ferry%20late/"),
        ("https://quay.example/?p={slug}&y={year}", "https://quay.example/?p=ferry&y=2026"),
    ],
)
def test_an_address_may_hold_the_day_in_the_portals_zone_the_topic_and_the_path(pattern: str, url: str) -> None:
    site = replace(
        SITE, article_url=pattern, timezone="Europe/London", topics=(Topic(slug="harbour", name="H", aliases=("docks",)),)
    )
    urls = Urls("https://feeds.example", site)
    assert urls.article("ferry", DATED, "docks", "harbour/2026/ferry late.md") == url


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("ferry/index.md", "https://quay.example/ferry"),
        ("index.md", "https://quay.example/index"),
        ("a.b.md", "https://quay.example/a.b"),
    ],
)
def test_a_folder_with_one_article_gives_it_its_name(path: str, url: str) -> None:
    assert Urls("", replace(SITE, article_url="https://quay.example/{path}")).article("x", None, "", path) == url


def test_what_is_not_known_leaves_no_gap() -> None:
    urls = Urls("", replace(SITE, article_url="https://quay.example/{topic}/{year}/{slug}/"))
    assert urls.article("ferry") == "https://quay.example/ferry/"


@given(st.text().map(slugify).filter(bool))
def test_any_slug_makes_a_path_that_leads_back(slug: str) -> None:
    for path in (at.topic_path(slug), at.article_path(slug), at.feed_path(slug, "rss")):
        assert path.isascii()
        parts = urlsplit(f"https://quay.example{path}")
        assert parts.path == path and not parts.query and not parts.fragment
        assert slug in unquote(path) or slug == "all"
