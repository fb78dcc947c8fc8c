"""How readers follow, as the pages tell them: readers on the Web, the digest, running stories, timelines, the ticker's lines."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha384
from urllib.parse import unquote

import pytest

from feedsvc.formats import follow_pages, front_page, page_base, pages, ticker_script
from feedsvc.model.edition import Entry
from feedsvc.model.front import Front
from feedsvc.model.site import Topic
from feedsvc.model.urls import Urls
from support.htmlpage import Page
from support.newsroom import ADDRESSES, COUNCIL, FULL, HARBOUR, HOSTILE, NINE, PLAIN, SITE, TEN, make_edition, make_entry

FERRY = Topic(slug="story/ferry", name="Ferry")
LOCK = Topic(slug="story/lock", name="Lock")


def home(*entries: Entry, stories: tuple[Topic, ...] = ()) -> Page:
    return Page(front_page.home(Front(entries), stories, ADDRESSES))


def following(addresses: Urls = ADDRESSES) -> Page:
    return Page(follow_pages.follow((HARBOUR, COUNCIL), addresses))


def embedding(addresses: Urls = ADDRESSES) -> Page:
    return Page(follow_pages.embedding((HARBOUR, COUNCIL), addresses))


def lines(page: Page) -> list[str]:
    """What stands to be pasted, as it would be."""
    return ["".join(data for path, data in page.seen if path[-2:] == ("pre", "code"))]


@pytest.mark.parametrize(("name", "start"), page_base.READERS)
def test_a_feed_is_opened_in_a_reader_by_its_whole_address(name: str, start: str) -> None:
    for page, slug in ((following(), "all"), (Page(pages.topic(make_edition(), ADDRESSES)), "harbour")):
        (found,) = (link for link in page.all("a", rel="nofollow noreferrer") if link["href"].startswith(start))
        assert unquote(found["href"].removeprefix(start)) == f"https://feeds.quay.example/feeds/{slug}.rss"
        assert name in page.text
        assert page.all("a", href=f"feed:https://feeds.quay.example/feeds/{slug}.rss")


def test_readers_are_named_in_the_order_of_the_alphabet() -> None:
    listed = [page_base.READERS, *(apps for _, apps in follow_pages.APPS)]
    for names in ([name.casefold() for name, _ in apps] for apps in listed):
        assert names == sorted(names)


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (Page(pages.topic(make_edition(), ADDRESSES)), "digest/harbour"),
        (following(), "digest"),
    ],
    ids=["topic", "follow"],
)
def test_a_page_leads_to_its_digest(page: Page, feed: str) -> None:
    assert page.all("a", href=f"https://feeds.quay.example/feeds/{feed}.rss")


def test_every_page_leads_to_how_to_follow() -> None:
    made = (pages.not_found(SITE, ADDRESSES), pages.article(make_entry(), SITE, ADDRESSES), pages.topic(make_edition(), ADDRESSES))
    for page in (home(), *map(Page, made)):
        assert page.all("a", href="/follow")


def test_the_page_on_following_knows_the_digests_hour_and_the_hub() -> None:
    site = replace(SITE, digest_hour=7, hub="https://hub.example/")
    page = following(Urls("https://feeds.quay.example", site))
    assert "Each day at 07:00 (the time in Europe/London)" in page.text
    assert "WebSub" in page.text
    assert "WebSub" not in following().text


def test_the_home_page_has_the_stories_of_its_articles_the_one_that_ran_last_first() -> None:
    entries = [
        make_entry(replace(PLAIN, story="Lock", title="Lock shut"), published=TEN),
        make_entry(replace(PLAIN, story="Ferry", title="Ferry late"), published=NINE),
        make_entry(replace(PLAIN, story="Lock", title="Lock open"), published=NINE - timedelta(days=1)),
        make_entry(replace(PLAIN, story="Embargoed and gone", title="No page for this")),
    ]
    page = home(*entries, stories=(FERRY, LOCK))
    start = page.elements.index(("h2", {"id": "running"}))
    links = [attributes["href"] for tag, attributes in page.elements[start:] if tag == "a"]
    assert links[:2] == ["/stories/lock", "/stories/ferry"]
    assert "Lock Latest: 21 May 2026, 11:00 Ferry Latest: 21 May 2026, 10:00" in page.text
    assert "running" not in home(make_entry(PLAIN), stories=(FERRY,)).ids


def test_a_story_is_a_timeline_with_what_was_changed_and_put_right() -> None:
    before = NINE - timedelta(days=2)
    early = make_entry(replace(PLAIN, title="Ferry stops"), published=before, updated=before, breaking=False)
    page = Page(pages.topic(make_edition(make_entry(), early, topic=FERRY), ADDRESSES))
    for text in (
        "2 articles, the newest first",
        f"21 May 2026, 10:00 Breaking Reported: {FULL.title} {FULL.standfirst} Updated 21 May 2026, 11:00",
        "Corrected 22 May 2026, 00:30: The boat is the Heron, not the Hern. 19 May 2026, 10:00 Ferry stops",
    ):
        assert text in page.text
    assert page.all("li", id="first")
    assert page.text.count("Updated") == 1
    assert "1 article, the newest first" in Page(pages.topic(make_edition(early, topic=FERRY), ADDRESSES)).text


def test_an_article_leads_to_its_whole_story() -> None:
    page = Page(pages.article(make_entry(replace(FULL, story="Night Ferry")), SITE, ADDRESSES))
    assert page.all("a", href="/stories/night-ferry")


def test_a_topic_leads_to_the_lines_that_show_it_elsewhere() -> None:
    assert Page(pages.topic(make_edition(), ADDRESSES)).all("a", href="/embed?topic=harbour")
    assert {"value": "harbour"} in embedding().all("option")


def test_the_lines_to_paste_name_this_service_and_the_script_that_it_has() -> None:
    (pasted,) = lines(embedding())
    integrity = f"sha384-{b64encode(sha384(ticker_script.script()).digest()).decode()}"
    source = f"https://feeds.quay.example{ticker_script.versioned_path()}"
    assert pasted.startswith(f'<script type="module" src="{source}" integrity="{integrity}" crossorigin="anonymous"></script>\n')
    assert (
        '<headline-ticker src="https://feeds.quay.example/headlines.json">'
        '<a href="https://feeds.quay.example/">Latest headlines</a></headline-ticker>' in pasted
    )


def test_a_hostile_name_stays_a_name_in_the_lines_to_paste() -> None:
    hostile = Urls("https://feeds.quay.example", replace(SITE, title=f'"><script>alert(1)</script>{HOSTILE}'))
    (pasted,) = lines(embedding(hostile))
    frame = Page(pasted[pasted.index("<iframe") :].encode())
    assert [tag for tag, _ in frame.elements] == ["iframe", "noscript", "iframe"]
    assert [found["title"] for found in frame.all("iframe")] == [f"Latest headlines from {hostile.site.title}"] * 2


@pytest.mark.parametrize("make", [page_base.script, ticker_script.script], ids=["pages", "ticker"])
def test_no_script_makes_markup_of_text(make: object) -> None:
    assert callable(make)
    written = make().decode()
    for way in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", ".outerHTML ="):
        assert way not in written
