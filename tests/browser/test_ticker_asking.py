"""When the ticker asks for headlines, what it makes of whatever comes, and its life in a page."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from feedsvc.formats import ticker_script
from support.live import until
from support.origins import FEED, USUAL, Answer, Site, answered, asked, headline, news, next_time, part, settled, shown, tick

FERRY, MAST, DUES = (one["title"] for one in USUAL[:3])


# ---- asking


def test_it_asks_again_at_the_services_pace_and_is_told_that_nothing_is_new(site: Site) -> None:
    page = site.show()
    tick(page, 0.1)
    answered(page, FERRY)
    tick(page, 59)
    assert asked(page) == 1
    assert next_time(page) <= 16
    until(lambda: [status for path, status in site.service.asked if path == FEED] == [200, 304])


@pytest.mark.parametrize(
    ("refresh", "interval", "pace"),
    [
        *((60, None, 60), (60, "300", 300), (60, "5", 60), (0, None, 60), (1, None, 15), (10**9, None, 3600), ("soon", None, 60)),
        *((None, "x", 60), (-5, None, 15), (60, "86401", 86400), (20, "-1", 20)),
    ],
)
def test_the_pace_is_kept_within_bounds(site: Site, refresh: object, interval: str | None, pace: int) -> None:
    quiet = ({**one, "breaking": False} for one in USUAL)  # when breaking news ends, it asks too
    site.service.answers[FEED].body = news(*quiet, refresh=refresh)
    page = site.show(site.tag(interval=interval))
    tick(page, 0.1)
    answered(page, FERRY)
    page.clock.fast_forward((pace - 1) * 1000)
    assert asked(page) == 1
    page.clock.fast_forward((2 + pace // 5) * 1000)
    until(lambda: asked(page) == 2)


def test_tickers_of_one_address_share_what_they_ask(site: Site) -> None:
    other = site.tag(src=f"{site.service.url}/headlines/other.json")
    page = site.show(site.tag(), site.tag(layout="list"), other)
    tick(page, 0.1)
    expect(part(page, "title", 1).first).to_have_text(FERRY)
    settled(page)
    assert (site.service.count(), site.service.count("/headlines/other.json")) == (1, 1)
    expect(part(page, "title", 0).first).to_have_text(FERRY)


def hide(page: Page, hidden: bool) -> None:
    """Hides the page as a browser does that shows another tab, or shows it again."""
    page.evaluate(
        "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); "
        "document.dispatchEvent(new Event('visibilitychange')) }",
        hidden,
    )


def test_it_asks_nothing_while_nobody_sees_it_and_at_once_when_somebody_does(site: Site) -> None:
    page = site.show()
    tick(page, 0.1)
    answered(page, FERRY)
    hide(page, True)
    tick(page, 600)
    assert (asked(page), shown(page)) == (1, [FERRY])
    hide(page, False)
    tick(page, 0.1)
    assert asked(page) == 2
    until(lambda: site.service.count() == 2)
    hide(page, True)
    hide(page, False)
    tick(page, 1)
    assert asked(page) == 2


BAD = {
    "an error": Answer(b"{}", status=500),
    "a page of error": Answer(b"<!DOCTYPE html><title>502</title>", content_type="text/html"),
    "nothing": Answer(b""),
    "half of it": Answer(news(*USUAL)[:200]),
    "less than was announced": Answer(news(*USUAL)[:500], announced=99_999),
    "a later version": Answer(news(*USUAL, version=2)),
    "no version": Answer(news(*USUAL, version=None)),
    "the version as a text": Answer(news(*USUAL, version="1")),
    "a list": Answer(b"[]"),
    "null": Answer(b"null"),
    "a number": Answer(b"1e999"),
    "depths": Answer(b"[" * 100_000),
    "headlines of null": Answer(news(version=1, headlines=None)),
    "headlines of texts": Answer(news(headlines=["a", "b"])),
    "headlines of numbers": Answer(news(headlines=[1, None])),
    "a headlines object": Answer(news(headlines={"length": 5, "0": headline("A")})),
    "a title that is none": Answer(news(headline("A"), headline("B", title={"a": 1}))),
    "a link that is none": Answer(news(headline("A", url="https://[broken"))),
    "too much": Answer(news(*USUAL) + b" " * 400_000),
    "not UTF-8": Answer(b"\xff\xfe{\x00"),
    "gone": Answer(b"gone", status=410),
    "a redirect in a circle": Answer(b"", status=302, headers={"Location": FEED}),
    "nothing that may be read": Answer(news(headline("Secret")), headers={"Access-Control-Allow-Origin": "https://x.example"}),
}


@pytest.mark.parametrize("what", BAD)
def test_whatever_comes_the_last_headlines_stay_with_their_age(site: Site, what: str) -> None:
    page = site.show(site.tag(layout="list", limit=3))
    tick(page, 0.1)
    expect(part(page, "title")).to_have_text([FERRY, MAST, DUES])
    site.service.answers[FEED] = BAD[what]
    next_time(page)
    expect(part(page, "status")).to_have_text("Updated 1 min ago")
    tick(page, 66)
    expect(part(page, "status")).to_have_text("Updated 2 min ago")
    assert shown(page) == [FERRY, MAST, DUES]
    site.service.answers[FEED] = Answer(news(headline("Mended")))
    next_time(page)
    expect(part(page, "title")).to_have_text(["Mended"])
    expect(part(page, "status")).to_have_text("")


@pytest.mark.parametrize("what", ["an error", "nothing", "too much", "a later version", "no version"])
def test_whatever_comes_first_the_fallback_is_shown(site: Site, what: str) -> None:
    site.service.answers[FEED] = BAD[what]
    page = site.show()
    tick(page, 0.1)
    expect(page.get_by_role("link", name="Latest headlines")).to_be_visible()
    site.service.answers[FEED] = Answer(news(*USUAL))
    next_time(page)
    expect(part(page, "title").first).to_have_text(FERRY)
    expect(page.get_by_role("link", name="Latest headlines")).to_be_hidden()


def test_an_older_service_says_less_and_a_newer_one_more(site: Site) -> None:
    first = ("id", "title", "url", "published", "updated", "breaking", "claim", "topics")  # what the first release told
    least = ("title", "url")
    older = [{name: one[name] for name in names} for one, names in zip(USUAL[:3], (first, least, first), strict=True)]
    site.service.answers[FEED] = Answer(news(*older, refresh=None, title=None, updated=None))
    page = site.show(site.tag(layout="list", limit=3, dismissible=""))
    tick(page, 0.1)
    answered(page, FERRY, MAST, DUES)
    times = page.locator('headline-ticker [part="time"]')
    expect(times).to_have_text(["5 min ago", "2 hr ago"])
    expect(part(page, "tag")).to_have_count(1)

    # What breaks there ends two hours after it was published, should the service not come back to say so.
    site.service.answers[FEED] = BAD["an error"]
    next_time(page)
    expect(part(page, "tag")).to_have_count(1)
    page.clock.fast_forward(2 * 3600 * 1000)
    tick(page, 6)
    expect(part(page, "tag")).to_have_count(0)

    more: dict[str, Any] = {"kind": "live", "claim": {"status": "reported"}, "breaking": {"level": 2}, "picture": {"url": "https://x.example/"}}
    newer = [{**USUAL[0], **more}, {**USUAL[1], "topics": [{"slug": "harbour"}], "author": "Ada Keel"}]
    site.service.answers[FEED] = Answer(news(*newer, next="https://x.example/2", ads=[{"title": "Buy"}], title={"en": "Harbour"}))
    next_time(page)
    expect(part(page, "title")).to_have_text([FERRY, MAST])
    settled(page)
    rows = [" ".join(row.text_content().split()) for row in page.locator("headline-ticker li").all()]
    assert [row.split(" ")[0] for row in rows] == [FERRY.split(" ")[0], "Reported:"], "what it does not know is not said"
    expect(part(page, "tag")).to_have_count(0)


def test_a_slow_answer_is_given_up(site: Site) -> None:
    page = site.show(site.tag(layout="list"))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    waiting = site.service.answers[FEED] = Answer(news(headline("Late")), wait=threading.Event())
    next_time(page)
    until(lambda: site.service.waiting)
    with page.expect_event("requestfailed"):
        tick(page, 10)
    expect(part(page, "status")).to_have_text("Updated 1 min ago")
    waiting.wait.set()


def test_while_the_service_is_away_it_asks_less_and_less_often(site: Site) -> None:
    page = site.show()
    tick(page, 0.1)
    answered(page, FERRY)
    site.service.answers[FEED] = BAD["an error"]
    waits = []
    for number in range(6):
        waits.append(next_time(page))
        until(lambda count=number + 2: site.service.count() == count)
    for wait, usual in zip(waits, (60, 120, 240, 480, 900, 900), strict=True):
        assert usual - 4 <= wait <= usual * 1.2 + 8


def test_json_that_anybody_may_have_made_never_breaks_it(site: Site) -> None:
    chance = random.Random(6)  # noqa: S311  (the same each time)
    bits: list[Any] = [None, True, 1, -1, 1e308, "", "A", [], {}, ["A"], "javascript:1", "https://x.example/", "2026-05-21"]
    page = site.show(site.tag(layout="list"))
    tick(page, 0.1)
    answered(page, *(one["title"] for one in USUAL[:5]))
    for before in range(1, 31):
        one = {name: chance.choice(bits) for name in headline("A")}
        changed = {chance.choice(["title", "refresh", "headlines", "updated"]): chance.choice(bits)}
        site.service.answers[FEED] = Answer(news(one, one, **changed))
        until(lambda before=before: page.clock.fast_forward(5_000_000) or asked(page) > before)
        settled(page)
    for link in part(page, "link").all():
        assert str(link.get_attribute("href")).startswith(("https://", site.service.url))


# ---- its life in a page


def test_attributes_may_change_later(site: Site) -> None:
    site.service.answers["/headlines/other.json"] = Answer(news(headline("Other news")))
    page = site.show()
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    element = page.locator("headline-ticker")
    element.evaluate("(one) => { one.setAttribute('layout', 'list'); one.setAttribute('limit', '2') }")
    assert shown(page) == [FERRY, MAST]
    element.evaluate("(one) => one.setAttribute('src', one.getAttribute('src').replace('harbour', 'other'))")
    tick(page, 0.1)
    expect(part(page, "title")).to_have_text(["Other news"])
    element.evaluate("(one) => one.setAttribute('src', 'ftp://x.example/')")
    expect(part(page, "wait")).to_have_text("Loading latest headlines…")


@pytest.mark.parametrize(("limit", "count"), [("1", 1), ("0", 5), ("-3", 1), ("99", 6), ("two", 5), ("", 5), ("2.9", 2), (None, 5)])
def test_the_limit_is_kept_within_bounds(site: Site, limit: str | None, count: int) -> None:
    page = site.show(site.tag(layout="list", limit=limit))
    tick(page, 0.1)
    expect(part(page, "title")).to_have_count(count)


def test_it_may_be_made_moved_and_taken_away(site: Site) -> None:
    page = site.show(site.tag(), "<div id=there></div>")
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    page.evaluate("document.querySelector('#there').append(document.querySelector('headline-ticker'))")
    tick(page, 0.1)
    assert (shown(page), site.service.count()) == ([FERRY], 1)
    page.evaluate("window.kept = document.querySelector('headline-ticker'); kept.remove()")
    tick(page, 600)
    assert asked(page) == 1
    page.evaluate("window.one = document.createElement('headline-ticker'); one.setAttribute('src', kept.getAttribute('src'))")
    page.evaluate("document.body.append(one)")
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    page.evaluate("document.body.append(kept)")
    tick(page, 0.1)
    expect(part(page, "title", 1).first).to_have_text(FERRY)
    assert site.service.count() == 2


def test_loaded_twice_it_is_one(site: Site) -> None:
    page = site.show(scripts=(ticker_script.PATH, ticker_script.versioned_path(), ticker_script.PATH))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    assert site.service.count() == 1


def test_without_an_address_it_asks_the_service_it_came_from(site: Site) -> None:
    site.service.answers["/headlines.json"] = Answer(news(headline("All the news")))
    page = site.show(site.tag(src=None))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text("All the news")


def test_without_scripts_its_fallback_stands_there(site: Site) -> None:
    page = site.show(scripts=(), clock=False)
    expect(page.get_by_role("link", name="Latest headlines")).to_be_visible()


def test_what_has_the_focus_keeps_it_when_headlines_come(site: Site) -> None:
    page = site.show(site.tag(layout="list"))
    tick(page, 0.1)
    link = page.get_by_role("link", name=DUES)
    link.focus()
    site.service.answers[FEED] = Answer(news(headline("New"), *USUAL))
    next_time(page)
    expect(part(page, "title").first).to_have_text("New")
    expect(link).to_be_focused()
