"""The pages in a real browser: fit for everybody, light, still, narrow enough, and deaf to markup in what was written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from feedsvc.model.slugs import slugify
from support.browser import Tab, copied
from support.docs import ROOT
from support.live import FEEDSVC, Service, free_port
from support.origins import CONTRAST

PAGES = {
    "home": "/",
    "topic": "/topics/harbour",
    "story": "/stories/penny-bridge",
    "article": "/articles/penny-bridge-may-reopen-early",
    "in Polish": "/articles/polska-szkola-sobotnia",
    "follow": "/follow",
    "embed": "/embed",
    "topics": "/topics",
    "month": "/topics/harbour/2026-10",
    "author": "/authors/aisha-merrow",
    "corrections": "/corrections",
    "gone": "/articles/doorbell-seal",
    "not found": "/articles/never",
}
BUDGET = 30_000  # bytes as they come, without pictures
every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())

Open = Callable[..., Tab]


def serve(folder: Path) -> Iterator[Service]:
    port = free_port()
    service = Service([*FEEDSVC, "serve", "--port", str(port), "--workers", "1", "--interval", "3600"], folder, port)
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The sample newsroom, served."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(ROOT / "articles", folder / "articles")
    yield from serve(folder)


@pytest.fixture
def tab(browser: Browser, sample: Service) -> Iterator[Open]:
    """Opens tabs on the sample newsroom, and closes them."""
    opened: list[Tab] = []

    def new(**context: Any) -> Tab:
        opened.append(Tab(browser, sample.url, **context))
        return opened[-1]

    yield new
    for one in opened:
        one.context.close()


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(path: str, scheme: str, tab: Open) -> None:
    opened = tab(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    opened.open(path)
    assert opened.unfit() == []
    assert opened.faults() == []


@every_page
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_wider_than_the_screen_and_nothing_moves(path: str, width: int, tab: Open) -> None:
    opened = tab(viewport={"width": width, "height": 700})
    waiting: list[Route] = []
    opened.page.route(re.compile("/headlines"), lambda route: waiting.append(route))
    opened.page.goto(path)
    opened.page.wait_for_function("customElements.get('headline-ticker') && document.querySelector('[role=status]')")
    for route in waiting:
        route.continue_()
    opened.page.wait_for_load_state("networkidle")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(moved))))") == 0


@every_page
def test_a_page_is_light(path: str, tab: Open) -> None:
    opened = tab()
    sizes: dict[str, int] = {}

    def weigh(finished: Any) -> None:
        if finished.resource_type != "image":
            sizes[finished.url] = finished.sizes()["responseBodySize"]

    opened.page.on("requestfinished", weigh)
    opened.open(path)
    assert sum(sizes.values()) <= BUDGET, sizes
    assert len(sizes) <= 6, sizes  # the page, its stylesheet, two scripts, its headlines; at home those of the preview too


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/topics/sport"])
def test_the_strip_can_be_read_whether_something_breaks_or_not(path: str, scheme: str, tab: Open) -> None:
    page = tab(color_scheme=scheme).open(path)
    section = page.locator("headline-ticker section")
    expect(section.locator("a").first).to_be_visible()
    assert min(section.evaluate(CONTRAST)) >= 4.5


def test_all_is_said_without_scripts(tab: Open) -> None:
    page = tab(java_script_enabled=False).open("/")
    expect(page.locator(".strip li")).to_have_count(2)
    expect(page.locator(".strip")).to_contain_text("Penny Bridge could swing again")
    page.goto("/embed")
    expect(page.locator("[data-line=element] code")).to_contain_text("<headline-ticker src=")
    expect(page.locator("fieldset.choices")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)


def test_an_address_is_copied(tab: Open, sample: Service) -> None:
    opened = tab(permissions=["clipboard-read", "clipboard-write"])
    page = opened.open("/topics/harbour")
    page.get_by_text("Follow this topic").click()
    button = page.get_by_role("button", name="Copy RSS, Harbour")
    button.click()
    expect(button).to_have_text("Copied")
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert copied(page) == f"{sample.url}/feeds/harbour.rss"


def test_where_nothing_can_be_copied_the_address_is_selected(tab: Open, sample: Service) -> None:
    opened = tab()
    opened.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page = opened.open("/follow")
    page.get_by_role("button", name="Copy OPML, every topic").click()
    assert page.evaluate("getSelection().toString()") == f"{sample.url}/feeds.opml"
    assert opened.faults() == []


def test_the_lines_follow_the_choices_and_so_does_the_preview(tab: Open, sample: Service) -> None:
    opened = tab()
    page = opened.open("/embed")
    page.get_by_role("combobox", name="Topic").select_option("Town council")
    page.get_by_role("combobox", name="Layout").select_option("A list")
    page.get_by_role("spinbutton", name="Headlines").fill("3")
    page.get_by_role("combobox", name="Colours").select_option("Dark")
    pasted = page.locator("[data-line=element] code")
    expect(pasted).to_contain_text(f'src="{sample.url}/headlines/council.json" layout="list" limit="3"')
    expect(pasted).to_contain_text(f'<a href="{sample.url}/topics/council">')
    expect(pasted).to_contain_text(re.compile(rf'src="{sample.url}/ticker-[0-9a-f]{{16}}\.js" integrity="sha384-'))
    expect(page.locator("[data-line=style] code")).to_have_text("headline-ticker { color-scheme: dark }")
    asked = "topic=council&amp;layout=list&amp;limit=3&amp;theme=dark"
    expect(page.locator("[data-line=frame] code")).to_contain_text(f"{sample.url}/embed/ticker?{asked}")
    expect(page.locator("[data-line=noscript] code")).to_contain_text(asked)
    expect(page.locator(".preview headline-ticker")).to_contain_text("Library Scraps Fines")
    assert opened.faults() == []


@pytest.mark.parametrize(("asked", "shown"), [("harbour", "harbour"), ("never", "all"), ("%22%3E%3Cscript%3E", "all")])
def test_a_topic_that_is_asked_for_is_chosen(asked: str, shown: str, tab: Open) -> None:
    page = tab().open(f"/embed?topic={asked}")
    expect(page.get_by_role("combobox", name="Topic")).to_have_value(shown)


@pytest.mark.parametrize(("typed", "kept"), [("0", 1), ("999", 20), ("", 5)])
def test_no_number_of_headlines_is_out_of_bounds(typed: str, kept: int, tab: Open) -> None:
    page = tab().open("/embed")
    page.get_by_role("spinbutton", name="Headlines").fill(typed)
    page.get_by_role("spinbutton", name="Headlines").blur()
    page.get_by_role("combobox", name="Layout").select_option("A list")
    expect(page.locator("[data-line=element] code")).to_contain_text(f'limit="{kept}"')


def test_the_keyboard_comes_past_the_ticker_to_the_news(tab: Open) -> None:
    page = tab().open("/articles/penny-bridge-vote")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    assert page.locator(".skip").bounding_box()["width"] > 100  # type: ignore[index]
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_on_paper_there_is_the_article_and_nothing_to_press(tab: Open) -> None:
    page = tab().open("/articles/penny-bridge-vote")
    page.emulate_media(media="print")
    for gone in (".band", ".subscribe", "footer nav", ".masthead .links"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.locator("article.story")).to_be_visible()


# ---- what was written to do harm

EVIL = """"><img src=x onerror="alert(1)"><script>alert(2)</script><svg/onload=alert(3)>{{7*7}}</title></textarea></script>'"""
EVIL_URL = "https://x.example/?a='%22%3E<script>alert(4)</script>"
PICTURE = ROOT / "tests/data/newsroom/today/harbour/quay.png"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente" * 6


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A newsroom with markup in every field, in a language written from right to left, with words as long as they come."""
    folder = tmp_path_factory.mktemp("hostile")
    text = f"{EVIL} {LONG}"
    site = dict.fromkeys(("title", "tagline", "description", "copyright"), text)
    site |= {"language": "ar", "contact": f"{EVIL} a@x.example"}
    written = "".join(f"{key} = {json.dumps(value)}\n" for key, value in site.items())
    written += f"links = {{{json.dumps(EVIL)} = {json.dumps(EVIL_URL)}}}\n"
    topic = f"[topics.evil]\nname = {json.dumps(text)}\ndescription = {json.dumps(text)}\n"
    (folder / "articles/evil").mkdir(parents=True)
    (folder / "articles/site.toml").write_text(f"[site]\n{written}{topic}", "utf-8")
    plain = dict.fromkeys(("title", "standfirst", "author", "why_it_matters", "what_it_means"), text)
    keys = {**plain, "key_points": [text], "story": "evil story", "claim": "reported", "breaking": True}
    keys |= {"image": {"src": "https://x.example/a.png", "alt": EVIL, "credit": EVIL}}
    keys |= {"corrections": [{"date": "2026-05-20T09:00:00Z", "text": text}], "date": "2026-05-19T09:00:00Z"}
    for slug, more in (("evil", {}), ("other", {}), ("gone", {"retracted": text})):
        front = "".join(f"{key}: {json.dumps(value)}\n" for key, value in (keys | more).items())
        (folder / f"articles/evil/{slug}.md").write_text(f"---\n{front}---\n{EVIL}\n\n[a](javascript:alert(5)) {LONG}\n", "utf-8")
    yield from serve(folder)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/topics/evil", "/stories/evil-story", "/articles/evil", "/articles/gone", "/articles/never"),
        *("/follow", "/embed", "/topics", "/corrections", "/topics/evil/2026-05"),
        f"/authors/{slugify(f'{EVIL} {LONG}')}",
    ],
)
def test_no_markup_in_what_was_written_comes_to_life(path: str, browser: Browser, hostile: Service) -> None:
    opened = Tab(browser, hostile.url, viewport={"width": 320, "height": 700}, permissions=["clipboard-write"])
    with closing(opened.context):
        opened.page.route("**/*", _with_pictures)
        page = opened.open(path)
        for button in page.get_by_role("button", name="Copy").all()[:3]:
            button.click()
        assert opened.faults() == []
        assert page.locator("script:not([src], [type='application/ld+json']), img[src=x], svg, [onload], [onerror]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert EVIL in " ".join(page.locator("body").inner_text().split())
        # A picture that the article's own markup leaves without words is its writer's.
        assert [fault for fault in opened.unfit() if not fault.startswith("image-alt")] == []


def _with_pictures(route: Route) -> None:
    """Answers for every picture, here and elsewhere."""
    if route.request.resource_type == "image":
        route.fulfill(path=PICTURE)
    else:
        route.continue_()
