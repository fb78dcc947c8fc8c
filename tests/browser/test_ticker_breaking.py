"""Breaking news in the ticker: at once in every layout, and until it ends; strips for nothing else, which can be dismissed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.live import until
from support.origins import FEED, USUAL, Site, answered, asked, headline, news, next_time, part, shown, tick

FIRST = USUAL[0]
CALM = tuple({**one, "breaking": False} for one in USUAL)
SECOND = headline("Lock gate gives way", 1, breaking=True, id="gate")
LAYOUTS = ("line", "list", "marquee")


def break_news(site: Site, page: Page, *headlines: dict[str, object]) -> None:
    """Has the service tell other headlines, and the ticker ask for them."""
    site.service.answers[FEED].body = news(*headlines, refresh=15)
    next_time(page)
    until(lambda: page.evaluate("ended === asked"))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("state", ["playing", "paused", "still"])
def test_what_breaks_is_shown_at_once_also_while_another_breaks(site: Site, layout: str, state: str) -> None:
    page = site.show(site.tag(layout=layout, limit=3), reduced_motion="reduce" if state == "still" else "no-preference")
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FIRST["title"])
    if state == "paused" and layout != "list":
        page.get_by_role("button", name="Pause").click()
        page.mouse.move(0, 500)
    tick(page, 7)
    break_news(site, page, SECOND, *USUAL)
    title = page.locator('headline-ticker ul:not([aria-hidden]) [part="title"]', has_text=SECOND["title"])
    expect(title).to_be_in_viewport()
    assert shown(page)[0] == SECOND["title"]


def test_what_breaks_has_all_its_time_in_a_line(site: Site) -> None:
    page = site.show(site.tag(limit=3, interval=64))
    tick(page, 0.1)
    answered(page, FIRST["title"])
    site.service.answers[FEED].body = news(SECOND, *USUAL, refresh=15)
    # It comes shortly before the line would have moved on.
    while asked(page) == 1:
        tick(page, 0.25)
    until(lambda: shown(page) == [SECOND["title"]])
    tick(page, 5.5)
    assert shown(page) == [SECOND["title"]]
    tick(page, 0.75)
    assert shown(page) != [SECOND["title"]]


def test_an_update_of_what_breaks_is_not_new(site: Site) -> None:
    page = site.show(site.tag(limit=3))
    tick(page, 0.1)
    answered(page, FIRST["title"])
    tick(page, 6)
    other = shown(page)
    page.get_by_role("button", name="Pause").click()
    break_news(site, page, {**FIRST, "title": "Ferry stops", "updated": "2026-05-21T12:00:00Z"}, *USUAL[1:])
    assert shown(page) == other


def test_it_does_not_take_a_link_from_under_the_readers_focus(site: Site) -> None:
    page = site.show(site.tag(limit=3))
    tick(page, 0.1)
    answered(page, FIRST["title"])
    part(page, "link").first.focus()
    break_news(site, page, SECOND, *USUAL)
    assert shown(page) == [FIRST["title"]]
    page.evaluate("document.activeElement.blur()")
    tick(page, 6)
    assert shown(page) != [FIRST["title"]]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_strip_turns_to_the_breaking_style_while_something_breaks(site: Site, layout: str) -> None:
    site.service.answers[FEED].body = news(*CALM, refresh=15)
    page = site.show(site.tag(layout=layout))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FIRST["title"])
    ground = "() => getComputedStyle(document.querySelector('headline-ticker').shadowRoot.querySelector('section')).backgroundColor"
    calm = page.evaluate(ground)
    break_news(site, page, SECOND, *CALM)
    assert page.evaluate(ground) != calm
    break_news(site, page, *CALM)
    assert page.evaluate(ground) == calm


def test_it_asks_again_when_what_breaks_ends(site: Site) -> None:
    site.service.answers[FEED].body = news({**FIRST, "breaking_until": "2026-05-21T12:00:30Z"}, refresh=60)
    page = site.show()
    tick(page, 0.1)
    answered(page, FIRST["title"])
    tick(page, 28)
    assert asked(page) == 1
    tick(page, 4)
    assert asked(page) == 2


def test_news_ends_by_the_clock_where_the_service_is_away(site: Site) -> None:
    site.service.answers[FEED].body = news({**FIRST, "breaking_until": "2026-05-21T12:02:00Z"}, refresh=15)
    page = site.show(site.tag(layout="list"))
    tick(page, 0.1)
    expect(part(page, "label")).to_have_text("Breaking")
    site.service.answers[FEED].status = 500
    tick(page, 30)
    until(lambda: page.evaluate("ended === asked"))
    expect(part(page, "label")).to_have_text("Breaking")
    tick(page, 120)
    expect(part(page, "label")).to_have_text("Latest")


def test_a_strip_for_breaking_news_is_there_only_while_something_breaks(site: Site) -> None:
    site.service.answers[FEED].body = news(*CALM, refresh=15)
    page = site.show(site.tag(only="breaking"))
    tick(page, 0.1)
    until(lambda: page.evaluate("ended === asked && asked === 1"))
    height = "() => document.querySelector('headline-ticker').getBoundingClientRect().height"
    assert page.evaluate(height) == 0
    break_news(site, page, SECOND, *CALM)
    assert shown(page) == [SECOND["title"]]
    break_news(site, page, *CALM)
    assert page.evaluate(height) == 0


def test_what_a_reader_dismisses_stays_away_and_what_is_new_comes(site: Site) -> None:
    site.service.answers[FEED].body = news(SECOND, *CALM, refresh=15)
    page = site.show(site.tag(only="breaking", dismissible=""))
    tick(page, 0.1)
    answered(page, SECOND["title"])
    page.get_by_role("button", name="Dismiss").click()
    assert shown(page) == []
    break_news(site, page, {**SECOND, "title": "Lock gate gives way; nobody hurt"}, *CALM)
    assert shown(page) == [], "an update is not new"
    page.reload()
    tick(page, 0.1)
    until(lambda: page.evaluate("ended === asked && asked === 1"))
    assert shown(page) == [], "and it is remembered"
    third = headline("Second gate gives way", 0, breaking=True, id="second gate")
    break_news(site, page, third, SECOND, *CALM)
    assert shown(page) == [third["title"]]


def test_headlines_that_are_too_old_leave_by_time_alone(site: Site) -> None:
    page = site.show(site.tag(layout="list", limit=6, max_age=3600))
    tick(page, 0.1)
    answered(page, *(one["title"] for one in USUAL[:2]))
    page.clock.fast_forward(19 * 60 * 1000)
    tick(page, 6)
    assert shown(page) == [FIRST["title"]]
