"""The ticker on pages as they are: other people's styles, frameworks and components, and colours of their own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.live import until
from support.origins import COLOURS, CONTRAST, FEED, USUAL, Answer, Site, answered, asked, news, part, shown, tick

FERRY = USUAL[0]["title"]
SECTION = "document.querySelector('headline-ticker').shadowRoot.querySelector('section')"


def style(site: Site, css: str) -> None:
    """Gives the other site a stylesheet."""
    site.host.answers["/style.css"] = Answer(css.encode(), content_type="text/css")


def test_nothing_of_the_pages_own_style_comes_in(site: Site) -> None:
    plain = site.show(site.tag(layout="list"))
    tick(plain, 0.1)
    expect(part(plain, "title").first).to_have_text(FERRY)
    style(
        site,
        "html { font-size: 62.5% } body { margin: 0; font: italic 700 40px/3 serif; text-align: center; text-transform: uppercase; "
        "letter-spacing: .5em; word-spacing: 1em; text-indent: 3em; white-space: pre; color: #fefefe; cursor: wait }",
    )
    loud = site.show(site.tag(layout="list"))
    tick(loud, 0.1)
    expect(part(loud, "title").first).to_have_text(FERRY)
    names = ["fontSize", "fontStyle", "fontWeight", "lineHeight", "textAlign", "textTransform", "letterSpacing", "wordSpacing"]
    names += ["textIndent", "whiteSpace", "color", "cursor", "height"]
    seen = f"(names) => names.map((name) => getComputedStyle({SECTION}.querySelector('li'))[name])"
    assert loud.evaluate(seen, names) == plain.evaluate(seen, names)
    assert loud.evaluate(f"getComputedStyle({SECTION}).fontSize") == "16px"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("breaks", [True, False])
def test_no_pair_of_colours_is_unreadable(site: Site, scheme: str, breaks: bool) -> None:
    site.service.answers[FEED].body = news(*({**one, "breaking": breaks and one is USUAL[0]} for one in USUAL))
    page = site.show(color_scheme=scheme)
    tick(page, 0.1)
    expect(part(page, "title").first).to_have_text(FERRY)
    given = """(colours) => {
      const { style } = document.querySelector("headline-ticker");
      style.cssText = "";
      Object.entries(colours).forEach(([name, colour]) => style.setProperty("--ticker-" + name, colour));
    }"""
    for colours in COLOURS:
        page.evaluate(given, colours)
        ratios = page.evaluate(f"({CONTRAST})({SECTION})")
        assert min(ratios) >= 4.5, (colours, ratios)


ATTRIBUTES = {
    "src": "/a.json", "limit": 7, "interval": 300, "layout": "list", "label": "News", "maxAge": 60, "dismissible": True,
    "only": "breaking", "labelBreaking": "Eilmeldung", "labelLatest": "Neu",
}


def test_every_attribute_is_a_property_too_and_nothing_else_is(site: Site) -> None:
    page = site.show(site.tag())
    tick(page, 0.1)
    answered(page, FERRY)
    given = page.evaluate(
        """(values) => {
          const one = document.createElement("headline-ticker");
          for (const [name, value] of Object.entries(values)) one[name] = value;
          const read = Object.fromEntries(Object.keys(values).map((name) => [name, one[name]]));
          const own = Object.getOwnPropertyNames(Object.getPrototypeOf(one)).filter((name) => !(name in HTMLElement.prototype));
          for (const name of Object.keys(values)) one[name] = name === "dismissible" ? false : null;
          const hyphened = one.constructor.observedAttributes.filter((name, at, all) => name.includes("-") || !all.some(
            (other) => other.includes("-") && other.replaceAll("-", "") === name));
          return [read, own, one.attributes.length, hyphened];
        }""",
        ATTRIBUTES,
    )
    read, own, left, observed = given
    assert (read, left) == (ATTRIBUTES, 0)
    camel = ["".join(word.capitalize() if at else word for at, word in enumerate(name.split("-"))) for name in observed]
    callbacks = {"connectedCallback", "disconnectedCallback", "attributeChangedCallback"}
    assert set(own) == {*camel, *callbacks}


def test_properties_that_a_framework_sets_before_the_script_has_come_count(site: Site) -> None:
    page = site.show("<div id=here></div>", scripts=())
    page.evaluate(
        """([src, script]) => {
          const one = document.createElement("headline-ticker");
          one.src = src; one.layout = "list"; one.limit = 2;
          document.querySelector("#here").append(one);
          const loaded = document.createElement("script");
          Object.assign(loaded, { type: "module", src: script, crossOrigin: "anonymous" });
          document.head.append(loaded);
        }""",
        [f"{site.service.url}{FEED}", f"{site.service.url}/ticker.js"],
    )
    until(lambda: page.evaluate("!!customElements.get('headline-ticker')"))
    tick(page, 0.1)
    until(lambda: len(shown(page)) == 2)


def test_the_language_is_that_of_the_page_around_a_component(site: Site) -> None:
    page = site.show("<div id=here></div>", lang="de")
    page.evaluate(
        """(tag) => {
          const inner = document.createElement("div");
          document.querySelector("#here").attachShadow({ mode: "open" }).append(inner);
          inner.attachShadow({ mode: "open" }).innerHTML = tag;
        }""",
        site.tag(),
    )
    tick(page, 0.1)
    expect(page.locator('headline-ticker [part="time"]').first).to_have_text("vor 5 Min.")


def back(page: Page) -> None:
    """The network is there again."""
    page.evaluate("dispatchEvent(new Event('online'))")


def test_back_on_the_network_it_tries_soon_after_a_long_wait(site: Site) -> None:
    site.service.answers[FEED].status = 500
    page = site.show()
    for _ in range(8):
        tick(page, 0.1)
        until(lambda: page.evaluate("ended === asked"))
        page.clock.fast_forward(1_200_000)
    until(lambda: page.evaluate("ended === asked"))
    before = asked(page)
    tick(page, 120)
    assert asked(page) == before, "it waits for long by now"
    site.service.answers[FEED].status = 200
    back(page)
    tick(page, 3)
    assert asked(page) == before + 1
    answered(page, FERRY)
