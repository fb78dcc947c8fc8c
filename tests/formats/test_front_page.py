"""The front page: what leads has its picture, each article says its topic, its author and when, and the page is light."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from feedsvc.formats import front_page, page_base, ticker_script
from feedsvc.formats.compression import encode
from feedsvc.model.article import Image, Variant
from feedsvc.model.edition import Entry
from feedsvc.model.front import BLOCK, Front
from feedsvc.model.site import Site, Topic
from feedsvc.model.urls import Urls
from support.htmlpage import Page
from support.newsroom import ADDRESSES, COUNCIL, HARBOUR, NINE, PLAIN, make_entry

BUDGET = 40_000  # bytes of all that the page loads, pictures apart
PICTURE = Image(
    src="https://feeds.quay.example/media/harbour/dusk-0123456789ab-1200.webp",
    width=1200,
    height=675,
    variants=tuple(
        Variant(f"https://feeds.quay.example/media/harbour/dusk-0123456789ab-{width}.webp", "image/webp", width, width // 2, 9)
        for width in (320, 640, 960, 1280, 1920)
    ),
)


def told(title: str, **changes: object) -> Entry:
    article = replace(PLAIN, title=title, standfirst="What it says.", authors=("Ada Keel",), image=PICTURE)
    return make_entry(replace(article, **changes), topics=(HARBOUR,), breaking=False, related=())  # type: ignore[arg-type]


def home(front: Front[Entry], site: Site | None = None) -> Page:
    return Page(front_page.home(front, (), Urls(ADDRESSES.public_url, site) if site else ADDRESSES))


def test_the_lead_is_loaded_at_once_and_all_below_when_it_is_seen() -> None:
    page = home(Front((told("One"), told("Two")), ((COUNCIL, (told("Three"), told("Four"))),)))
    assert [picture.get("loading") for picture in page.all("img", width="1200")] == [None, "lazy", "lazy"]
    assert all("320w" in source["srcset"] and source["sizes"] for source in page.all("source"))
    assert [card["class"] for card in page.all("article")] == ["card lead", "card second", "card first", "card line"]


def test_each_says_its_topic_its_author_and_when() -> None:
    page = home(Front((told("One"),), ((COUNCIL, (told("Two"),)),)))
    said = "What it says. Ada Keel 21 May 2026, 10:00"
    assert f"Harbour One {said} Council Two {said}" in page.text
    assert page.all("time", datetime="2026-05-21T09:00:00Z")[0]["class"] == "ago"


def test_a_lead_without_a_picture_leads_all_the_same() -> None:
    page = home(Front((told("One", image=None),)))
    assert not page.all("img", alt="", loading="lazy")
    assert page.all("article") == [{"class": "card lead"}]


def test_a_title_of_three_hundred_letters_is_set_smaller() -> None:
    assert home(Front((told("Ferry " * 50),))).all("article") == [{"class": "card lead long"}]


@pytest.mark.parametrize("breaking", [True, False])
def test_the_band_at_the_top_is_there_while_something_breaks(breaking: bool) -> None:
    page = home(Front((told("One"), replace(told("Two"), breaking=breaking, breaking_until=NINE + timedelta(hours=2)))))
    assert ("strip" in page.ids) is breaking
    assert bool(page.all("div", **{"class": "band idle"})) is not breaking
    assert page.all("headline-ticker")[0]["only"] == "breaking"


def test_of_many_topics_the_first_are_in_the_navigation_and_all_are_a_click_away() -> None:
    topics = tuple(Topic(slug=f"topic-{number}", name=f"Topic {number} {'long ' * 40}") for number in range(500))
    page = home(Front((told("One"),)), Site(topics=topics))
    assert len([link for link in page.all("a") if link["href"].startswith("/topics/topic-")]) == page_base.SECTIONS
    assert page.all("a", href="/topics")


def test_forty_articles_in_eight_topics_weigh_forty_kilobytes_with_all_that_they_load() -> None:
    # Words that differ, as they do in life: what repeats weighs nothing.
    entries = [told(f"{number * 7919 % 97} boats, {number * 104729 % 89} tides", slug=f"boats-{number}") for number in range(40)]
    blocks = tuple(
        (Topic(slug=f"topic-{number}", name=f"Topic {number}"), tuple(entries[4 + number * BLOCK :][:BLOCK])) for number in range(8)
    )
    made = front_page.home(Front(tuple(entries[:4]), blocks, tuple(entries[36:])), (), ADDRESSES)
    loaded = ((made, "text/html"), (page_base.stylesheet(), "text/css"), (page_base.script(), "text/javascript"))
    sent = [len(encode(data, kind)["gzip"].body) for data, kind in (*loaded, (ticker_script.script(), "text/javascript"))]
    assert sum(sent) <= BUDGET, sent
    assert len(made) <= BUDGET
