"""The ticker on a page of another origin, under a strict policy, in a real browser: what it shows."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from feedsvc.formats import ticker_script
from feedsvc.formats.compression import encode
from support.live import until
from support.origins import FEED, USUAL, Answer, Site, answered, headline, news, next_time, painted, part, shown, tick

FERRY, MAST, DUES = (one["title"] for one in USUAL[:3])
LAYOUTS = ("line", "list", "marquee")
FOCUSED = "document.activeElement.shadowRoot.activeElement"
MOVING = "document.querySelector('headline-ticker').shadowRoot.getAnimations().some((one) => one.playState === 'running')"


# ---- what it shows


def test_it_says_that_it_is_loading_until_there_is_data(site: Site) -> None:
    site.service.answers[FEED].wait = threading.Event()
    page = site.show()
    tick(page, 0.1)
    expect(part(page, "wait")).to_have_text("Loading latest headlines…")
    expect(part(page, "controls")).to_be_hidden()
    site.service.answers[FEED].wait.set()
    expect(part(page, "title").first).to_have_text(FERRY)
    expect(part(page, "wait")).to_be_hidden()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_titles_labels_claims_and_times(site: Site, layout: str) -> None:
    page = site.show(site.tag(layout=layout, limit=3))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    assert shown(page) == ([FERRY] if layout == "line" else [FERRY, MAST, DUES])
    rows = page.locator('headline-ticker ul:not([aria-hidden]) li')
    said = [" ".join(row.text_content().split()) for row in rows.all()]
    breaking = "" if layout == "line" else "Breaking "
    assert said == [f"{breaking}{FERRY}5 min ago", f"Reported: {MAST}42 min ago", f"{DUES}2 hr ago"]
    expect(part(page, "label")).to_have_text("Breaking" if layout == "line" else "Latest")
    assert rows.first.locator("time").get_attribute("datetime") == "2026-05-21T11:55:00.000Z"
    links = [(link.get_attribute("href"), link.get_attribute("rel")) for link in rows.locator("a").all()]
    assert links == [(one["url"], "noopener") for one in USUAL[:3]]


@pytest.mark.parametrize(
    ("headlines", "label"),
    [
        ([headline("A", breaking=True), headline("B", breaking=True)], "Breaking"),
        ([headline("A", breaking=True), headline("B")], "Latest"),
        ([headline("A"), headline("B")], "Latest"),
        ([], "Latest"),
    ],
)
def test_the_label_is_true_of_what_stands_beside_it(site: Site, headlines: list[dict[str, Any]], label: str) -> None:
    site.service.answers[FEED].body = news(*headlines)
    page = site.show(site.tag(layout="list"))
    tick(page, 0.1)
    answered(page, *(one["title"] for one in headlines))
    expect(part(page, "label")).to_have_text(label)
    assert part(page, "tag").count() == (0 if label == "Breaking" else sum(one["breaking"] for one in headlines))
    if not headlines:
        expect(part(page, "wait")).to_have_text("No headlines just now.")


def test_the_article_that_is_read_is_not_shown_and_nothing_of_a_strip_that_has_no_other(site: Site) -> None:
    canonical = f'<link rel="canonical" href="{USUAL[0]["url"]}">'
    page = site.show(canonical, site.tag(layout="list", limit=2))
    tick(page, 0.1)
    answered(page, MAST, DUES)
    assert shown(page) == [MAST, DUES]
    site.service.answers[FEED].body = news(USUAL[0])
    page = site.show(canonical, site.tag(layout="list"))
    tick(page, 0.1)
    expect(page.locator("headline-ticker .ticker")).to_be_hidden()


def test_times_grow_older_in_the_language_of_the_page(site: Site) -> None:
    page = site.show(lang="de")
    tick(page, 0.1)
    expect(part(page, "time").first).to_have_text("vor 5 Min.")
    tick(page, 60)
    expect(part(page, "time").first).to_have_text("vor 6 Min.")


@pytest.mark.parametrize(("lang", "said"), [("en_GB", "5 min ago"), ("", "5 min ago"), ("no language at all", "5 min ago")])
def test_a_language_that_is_none_costs_no_times(site: Site, lang: str, said: str) -> None:
    page = site.show(lang=lang)
    tick(page, 0.1)
    expect(part(page, "time").first).to_have_text(re.compile(r"5 min\.? ago"))


def test_a_time_to_come_is_now(site: Site) -> None:
    site.service.answers[FEED].body = news(headline("A", -9), headline("B", published="yesterday"))
    page = site.show(site.tag(layout="list"))
    tick(page, 0.1)
    expect(part(page, "time")).to_have_text(["now"])


def test_every_word_can_be_the_sites_own(site: Site) -> None:
    words = {"label_breaking": "Eilmeldung", "label_pause": "Anhalten", "label_previous": "Zurück"}
    page = site.show(site.tag(label="Nachrichten", **words))
    tick(page, 0.1)
    expect(part(page, "label")).to_have_text("Eilmeldung")
    expect(page.get_by_role("region", name="Nachrichten")).to_be_visible()
    page.get_by_role("button", name="Anhalten").click()
    page.get_by_role("button", name="Zurück").click()
    page.locator("headline-ticker").evaluate("(one) => one.setAttribute('label-latest', 'Neu')")
    expect(part(page, "label")).to_have_text("Neu")


def test_a_hostile_title_is_text_and_a_link_is_of_the_web(site: Site) -> None:
    bad = '<img src=x onerror="broken.push(1)"> & "quotes" \u202e {age} $& ${1}'
    links = ["javascript:broken.push(1)", "data:text/html,<script>1</script>", "file:///etc/passwd", "vbscript:x", "blob:https://x.example/1"]
    listed = [headline(bad, claim="reported"), *(headline(f"Link {link}", url=link) for link in links)]
    site.service.answers[FEED].body = news(*listed, title=bad, topic=bad, home=links[0], updated=bad, refresh=bad)
    page = site.show(site.tag(layout="list", limit=20))
    tick(page, 0.1)
    expect(part(page, "title")).to_have_text([bad])
    assert page.locator("headline-ticker img").count() == 0
    assert page.locator("headline-ticker").evaluate("(one) => one.shadowRoot.innerHTML.includes('javascript:')") is False


# ---- layouts


def test_a_line_moves_on_unless_it_is_paused_looked_at_or_used(site: Site) -> None:
    page = site.show(site.tag(limit=3), scripts=(ticker_script.PATH,))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    seen = []
    for _ in range(4):
        seen += shown(page)
        tick(page, 6)
    assert seen == [FERRY, MAST, DUES, FERRY]
    expect(part(page, "label")).to_have_text("Latest")
    page.get_by_role("button", name="Next headline").click()
    tick(page, 30)  # the button has the focus
    assert shown(page) == [DUES]
    page.get_by_role("button", name="Next headline").click()
    page.evaluate("document.activeElement.blur()")
    part(page, "link").first.hover()
    tick(page, 30)
    assert shown(page) == [FERRY]
    page.get_by_role("button", name="Pause").click()
    page.mouse.move(0, 0)
    tick(page, 30)
    assert shown(page) == [FERRY]
    page.get_by_role("button", name="Play").click()
    page.mouse.move(0, 0)
    tick(page, 6)
    assert shown(page) == [MAST]


def test_a_pause_is_kept_while_the_page_is_open_and_over_a_reload(site: Site) -> None:
    page = site.show()
    tick(page, 0.1)
    page.get_by_role("button", name="Pause").click()
    page.reload()
    tick(page, 0.1)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_line_is_worked_by_keyboard_and_tells_only_who_works_it(site: Site) -> None:
    page = site.show(site.tag(limit=3))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    live = "() => document.querySelector('headline-ticker').shadowRoot.querySelector('ul').ariaLive"
    assert page.evaluate(live) == "off"
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(f"(({{ title, textContent }}) => title || textContent)({FOCUSED})"))
    assert stops == [FERRY, "Previous headline", "Pause", "Next headline"]
    page.keyboard.press("Enter")
    assert (shown(page), page.evaluate(live)) == ([MAST], "polite")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_focused()
    page.keyboard.press("Space")
    tick(page, 6)
    assert (shown(page), page.evaluate(live)) == ([DUES], "off")


def moves(page: Page) -> bool:
    """Whether anything on the page is being moved by an animation."""
    return bool(page.evaluate(MOVING))


def test_a_marquee_moves_until_somebody_looks_works_or_pauses(site: Site) -> None:
    page = site.show(site.tag(layout="marquee"))
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    until(lambda: moves(page))
    part(page, "view").hover()
    until(lambda: not moves(page))
    page.mouse.move(0, 0)
    until(lambda: moves(page))
    for _ in range(3):
        page.keyboard.press("Tab")
    until(lambda: not moves(page))
    expect(page.get_by_role("link", name=DUES)).to_be_in_viewport(ratio=0.9)
    page.evaluate("document.activeElement.blur()")
    until(lambda: moves(page))
    page.get_by_role("button", name="Pause").click()
    page.mouse.move(0, 0)
    until(lambda: not moves(page))
    echo = page.locator("headline-ticker ul[aria-hidden] a")
    assert {link.get_attribute("tabindex") for link in echo.all()} == {"-1"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_moves_by_itself_where_motion_is_not_wanted(site: Site, layout: str) -> None:
    page = site.show(site.tag(layout=layout), reduced_motion="reduce")
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    before = shown(page)
    tick(page, 30)
    assert (shown(page), moves(page)) == (before, False)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    if layout == "line":
        page.get_by_role("button", name="Next headline").click()
        assert shown(page) == [MAST]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_shifts_when_headlines_come_or_change(site: Site, layout: str, width: int) -> None:
    site.service.answers[FEED].wait = threading.Event()
    page = site.show(site.tag(layout=layout), width=width)
    tick(page, 0.1)
    expect(part(page, "wait")).to_be_visible()
    painted(page)
    page.evaluate("moved = 0")
    below = page.locator("#below").bounding_box()
    site.service.answers[FEED].wait.set()
    expect(part(page, "title").first).to_have_text(FERRY)
    site.service.answers[FEED] = Answer(news(headline("Short"), headline("Long " * 80)))
    next_time(page)
    expect(part(page, "title").first).to_have_text("Short")
    painted(page)
    assert page.locator("#below").bounding_box() == below
    assert page.evaluate("moved") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_right_to_left_it_is_the_other_way_round(site: Site) -> None:
    site.service.answers[FEED].body = news(headline("مرحبا بالعالم 2026", breaking=True), headline("Second mast found"))
    page = site.show(site.tag(), site.tag(layout="marquee"), direction="rtl", lang="ar")
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text("مرحبا بالعالم 2026")
    label, controls = part(page, "label").first.bounding_box(), part(page, "controls").first.bounding_box()
    assert label and controls and label["x"] > controls["x"]
    assert {title.get_attribute("dir") for title in part(page, "title").all()} == {"auto"}
    track = part(page, "track", 1)
    begun = track.bounding_box()
    assert begun
    until(lambda: (track.bounding_box() or begun)["x"] > begun["x"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(site: Site, scheme: str) -> None:
    page = site.show(*(site.tag(layout=layout, label=layout) for layout in LAYOUTS), color_scheme=scheme)
    tick(page, 0.1)
    expect(part(page, "title", 2).first).to_have_text(FERRY)
    page.clock.resume()
    found = Axe().run(page, context="headline-ticker").response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


# ---- the script itself


def test_it_is_small_and_carries_no_comments() -> None:
    script = ticker_script.script()
    assert len(encode(script, ticker_script.TYPE, dense=True)["gzip"].body) <= 6.5 * 1024
    assert not re.search(rb"^\s*//|^\s", script, re.MULTILINE)


def test_its_addresses_follow_its_bytes() -> None:
    assert ticker_script.is_versioned(ticker_script.versioned_path())
    others = ("/ticker.js", "/ticker-1.js", "/ticker-0123456789abcdef.js.map", "/ticker-0123456789ABCDEF.js")
    assert not any(map(ticker_script.is_versioned, others))
    assert re.fullmatch(r"sha384-[A-Za-z0-9+/]{64}", ticker_script.integrity())
    assert ticker_script.embed_path("story/été", "list") == "/embed/ticker?topic=story%2F%C3%A9t%C3%A9&layout=list"
