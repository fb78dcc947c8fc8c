"""The ticker in Firefox and WebKit, as other tests have it in Chromium; in all three, pages that React, Vue and Svelte make."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.engines import OTHERS, Chromium, Window
from support.live import until
from support.origins import COLOURS, CONTRAST, FAST, FEED, USUAL, WATCH, Answer, Site, headline, news, opened

CALM = tuple({**one, "breaking": False} for one in USUAL)
TITLES = [one["title"] for one in USUAL]
GATE = headline("Lock gate gives way", 1, breaking=True, id="gate")
LAYOUTS = ("line", "list", "marquee")
OTHER_FEED = "/headlines/other.json"
SECTION = "document.querySelector('headline-ticker').shadowRoot.querySelector('section')"
SHOWN = """() => {
  const within = document.querySelector("headline-ticker")?.shadowRoot ?? document;
  const titles = [...within.querySelectorAll("ul:not([aria-hidden]) .title")];
  return titles.filter((one) => one.checkVisibility()).map((one) => one.textContent);
}"""


@pytest.fixture(scope="module")
def windows(request: pytest.FixtureRequest) -> Iterator[Callable[[str, bool], Window]]:
    """Gives a window of a browser that is begun when it is first asked for."""
    begun: dict[tuple[str, bool], Window] = {}
    with ExitStack() as stack:

        def find(engine: str, still: bool = False) -> Window:
            if (engine, still) not in begun:
                if engine == "chromium":
                    browser = request.getfixturevalue("browser")
                    begun[engine, still] = Chromium(browser.new_page(reduced_motion="reduce" if still else "no-preference"))
                else:
                    begun[engine, still] = stack.enter_context(OTHERS[engine](still=still))
            return begun[engine, still]

        yield find


@pytest.fixture(params=OTHERS)
def window(request: pytest.FixtureRequest, windows: Callable[[str, bool], Window]) -> Window:
    """A window of each other browser."""
    return windows(request.param, False)


@pytest.fixture
def site() -> Iterator[Site]:
    """Another site that embeds the ticker."""
    with opened() as made:
        made.service.answers[FEED].body = news(*CALM, refresh=15)
        yield made


def show(site: Site, window: Window, *tags: str, last: str = "") -> None:
    """Opens the other site's page, whose clock is fast, with a script of its own."""
    site.host.answers["/watch.js"] = Answer((WATCH + FAST).encode(), content_type="text/javascript")
    url = site.write(*tags, service=f"{site.service.url} 'self'", first='<script src="/watch.js"></script>', last=last)
    window.open(url)


def shows(window: Window, *titles: str) -> None:
    """Waits until these are the titles to be seen."""
    until(lambda: window.run(SHOWN) == list(titles))


def leave(window: Window) -> None:
    """Nothing has failed, and nothing is asked for any more."""
    # WebKit asks for every site's icon, which the policy forbids.
    assert window.run("() => window.broken.filter((one) => !one.endsWith('/favicon.ico'))") == []
    window.open("about:blank")


def on_the_whole(window: Window) -> tuple[int, str]:
    """How high the ticker is, and what its label says."""
    height = window.run(f"() => Math.round({SECTION}.getBoundingClientRect().height)")
    return height, window.run(f"() => {SECTION}.querySelector('.label').textContent")


@pytest.mark.parametrize(("layout", "wide", "narrow"), [("line", 56, 132), ("list", 198, 306), ("marquee", 56, 56)])
def test_each_layout_has_its_height_and_headlines(site: Site, window: Window, layout: str, wide: int, narrow: int) -> None:
    show(site, window, f"<div id=around>{site.tag(layout=layout, limit=3)}</div>")
    until(lambda: window.run("() => ended && ended === asked"))
    if layout != "line":
        shows(window, *TITLES[:3])
    assert on_the_whole(window) == (wide, "Latest")
    times = window.run(f"() => [...{SECTION}.querySelectorAll('ul:not([aria-hidden]) time')].map((one) => one.textContent)")
    assert len(times) == 3 and all(one.endswith(" ago") for one in times)
    window.run("() => { document.querySelector('#around').style.width = '360px' }")
    assert on_the_whole(window) == (narrow, "Latest")
    leave(window)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("state", ["paused", "still"])
@pytest.mark.parametrize("engine", OTHERS)
def test_what_breaks_is_shown_at_once(
    site: Site, windows: Callable[[str, bool], Window], engine: str, state: str, layout: str
) -> None:
    window = windows(engine, state == "still")
    show(site, window, site.tag(layout=layout, limit=3))
    until(lambda: window.run(SHOWN))
    if state == "still":
        assert window.run("() => matchMedia('(prefers-reduced-motion: reduce)').matches")
    elif layout != "list":
        window.click(f"() => {SECTION}.querySelector('.pause')")
        assert window.run(f"() => {SECTION}.matches('.paused')")
    before = window.run(SHOWN)
    asked = window.run("() => ended")
    until(lambda: window.run("() => ended") > asked + 1)
    assert window.run(SHOWN) == before, "nothing moves on by itself"
    moving = "({ playState, effect }) => playState === 'running' && effect.getComputedTiming().duration > 0"
    assert not window.run(f"() => {SECTION}.getAnimations({{ subtree: true }}).some({moving})")
    site.service.answers[FEED].body = news(GATE, *CALM, refresh=15)
    until(lambda: window.run(SHOWN)[:1] == [GATE["title"]])
    seen = f"() => [{SECTION}, {SECTION}.querySelector('li:not([hidden]) a')].map((one) => one.getBoundingClientRect().left)"
    left, gate = window.run(seen)
    assert left <= gate < left + 200, "in a marquee too it is at the beginning"
    leave(window)


def test_nothing_of_the_pages_own_style_comes_in_and_its_colours_can_be_read(site: Site, window: Window) -> None:
    names = ["fontSize", "fontStyle", "fontWeight", "lineHeight", "textAlign", "textTransform", "letterSpacing", "wordSpacing"]
    names += ["textIndent", "whiteSpace", "cursor", "height", "direction", "display", "listStyleType", "margin", "padding"]
    parts = ["", "li", "a", ".label", "time", "button"]
    read = f"""(names, parts) => parts.map((part) => {{
      const style = getComputedStyle(part ? {SECTION}.querySelector(part) : {SECTION});
      return names.map((name) => style[name]);
    }})"""
    seen = []
    loud = (
        "html { font-size: 62.5% } body { margin: 0; font: italic 700 40px/3 serif; text-align: center; text-transform: uppercase; "
        "letter-spacing: .5em; word-spacing: 1em; text-indent: 3em; white-space: pre; color: #fefefe; cursor: wait } "
        "* { padding: 9px; list-style: square } a, section, button, li, time { color: red !important; display: inline }"
    )
    for css in ("body { margin: 0 }", loud):
        site.host.answers["/style.css"] = Answer(css.encode(), content_type="text/css")
        show(site, window, site.tag(layout="list"))
        shows(window, *TITLES[:5])
        seen.append(window.run(read, names, parts))
        if css == loud:
            paint = """(colours) => {
              const { style } = document.querySelector("headline-ticker");
              style.cssText = "";
              Object.entries(colours).forEach(([name, colour]) => style.setProperty("--ticker-" + name, colour));
            }"""
            for colours in COLOURS:
                window.run(paint, colours)
                ratios = window.run(f"() => ({CONTRAST})({SECTION})")
                assert min(ratios) >= 4.5, (colours, ratios)
        leave(window)
    assert seen[0] == seen[1]


def test_the_sites_own_words_stand_while_the_service_is_away(site: Site, window: Window) -> None:
    site.service.answers[FEED].status = 500
    show(site, window)
    until(lambda: window.run("() => ended > 1"))
    assert window.run("() => document.querySelector('headline-ticker > a').checkVisibility()")
    assert not window.run(f"() => {SECTION}.querySelector('.wait').checkVisibility()")
    site.service.answers[FEED].status = 200
    window.run("() => { dispatchEvent(new Event('online')) }")
    until(lambda: window.run(SHOWN))
    leave(window)


# ---- in pages that others have made


FIRST: dict[str, Any] = {"layout": "list", "limit": 2, "interval": 15, "labelLatest": "Neu", "maxAge": 10**9, "dismissible": True}


@pytest.mark.parametrize("host", ["react", "vue", "svelte"])
@pytest.mark.parametrize(
    ("engine", "written", "when"),
    [
        *(("chromium", written, when) for written in ("attributes", "properties") for when in ("before", "after")),
        *((engine, "properties", "before") for engine in OTHERS),
    ],
)
def test_a_framework_sets_changes_moves_and_removes_it(
    site: Site, windows: Callable[[str, bool], Window], host: str, engine: str, written: str, when: str
) -> None:
    window = windows(engine, False)
    made = Path(os.environ["FEEDSVC_TEST_HOSTS"], f"{host}.js").read_bytes()

    def state(values: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {written: {"src": f"{site.service.url}{FEED}", **values}, **more}

    site.host.answers["/first.js"] = Answer(f"window.first = {json.dumps(state(FIRST))}".encode(), content_type="text/javascript")
    site.host.answers["/host.js"] = Answer(made, content_type="text/javascript")
    site.service.answers[OTHER_FEED] = Answer(news(*CALM, refresh=15))
    app = '<script src="/first.js"></script><script type="module" src="/host.js"></script>'
    show(site, window, '<div id="app"></div>', last=app) if when == "after" else show_first(site, window, app)

    # What it was first given, by whichever of its names.
    shows(window, *TITLES[:2])
    read = "(names) => names.map((name) => document.querySelector('headline-ticker')[name])"
    assert window.run(read, list(FIRST)) == list(FIRST.values())
    dismiss = f"() => {SECTION}.querySelector('.dismiss').checkVisibility()"
    assert window.run(dismiss) and on_the_whole(window)[1] == "Neu"

    # It is changed, and what is no longer given is as if it had never been.
    window.run("() => { window.kept = document.querySelector('headline-ticker') }")
    window.run("(state) => { show(state) }", state({**FIRST, "limit": 3, "labelLatest": "Jetzt", "dismissible": False}))
    shows(window, *TITLES[:3])
    assert on_the_whole(window)[1] == "Jetzt" and not window.run(dismiss)
    window.run("(state) => { show(state) }", state({"layout": "list", **dict.fromkeys(("limit", "labelLatest", "maxAge", "only"))}))
    shows(window, *TITLES[:5])
    assert on_the_whole(window)[1] == "Latest"

    # It is moved, and is the same.
    window.run("(state) => { show(state) }", state({"layout": "list"}, order=["below", "ticker", "above"]))
    until(lambda: window.run("() => document.querySelector('main p:has(~ headline-ticker)')?.textContent.toLowerCase()") == "below")
    assert window.run("() => kept === document.querySelector('headline-ticker')")
    site.service.answers[FEED].body = news(GATE, *CALM, refresh=15)
    shows(window, GATE["title"], *TITLES[:4])

    # It is removed, and asks for nothing any more; then there is another.
    window.run("(state) => { show(state) }", state({"layout": "list"}, there=False))
    until(lambda: window.run("() => !document.querySelector('headline-ticker')"))
    add = "(src) => { document.body.append(Object.assign(document.createElement('headline-ticker'), { src })) }"
    window.run(add, f"{site.service.url}{OTHER_FEED}")
    until(lambda: site.service.count(OTHER_FEED) > 1)
    before = site.service.count()
    until(lambda: site.service.count(OTHER_FEED) > 3)
    assert site.service.count() == before
    window.run("() => { document.querySelector('headline-ticker').remove() }")
    window.run("(state) => { show(state) }", state({"layout": "list"}))
    shows(window, GATE["title"], *TITLES[:4])
    leave(window)


def show_first(site: Site, window: Window, app: str) -> None:
    """Opens a page that has made its elements before the ticker's script comes."""
    site.host.answers["/watch.js"] = Answer((WATCH + FAST).encode(), content_type="text/javascript")
    first = f'<script src="/watch.js"></script>{app}'
    window.open(site.write('<div id="app"></div>', service=f"{site.service.url} 'self'", first=first, scripts=()))
    until(lambda: window.run("() => document.querySelector('headline-ticker')?.isConnected"))
    load = "(src) => { document.head.append(Object.assign(document.createElement('script'), { type: 'module', src })) }"
    window.run(load, f"{site.service.url}/ticker.js")
