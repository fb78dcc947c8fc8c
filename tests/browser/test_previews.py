"""Previews in a real browser: fit for everybody, copied with one click, and new by themselves when the file is saved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, expect

from support.browser import Tab, copied
from support.live import FEEDSVC, Service, free_port, save, until
from support.makers import PNG
from support.newsroom import HOSTILE

KEY = "the-token-of-this-test"
LOGIN = {"username": "desk", "password": KEY}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of a draft with a picture, and of a file with a fault, full of hostile text."""
    folder = tmp_path_factory.mktemp("previews")
    title = HOSTILE.replace("\\", "").replace('"', "'")
    save(folder, "sport/win.md", "Town win")
    save(folder, "sport/plan.md", f"A plan {title}", draft="true", standfirst=title, image="plan.png", breaking="true")
    (folder / "articles/sport/plan.png").write_bytes(PNG)
    (folder / "articles/sport/bad.md").write_text(f"---\ntitle: Bad\ndate: never\n---\n{HOSTILE}\n")
    port = free_port()
    command = [*FEEDSVC, "serve", "--port", str(port), "--workers", "1"]
    made = Service(command, folder, port, {"FEEDSVC_STATUS_TOKEN": KEY})
    try:
        made.start()
        until(lambda: made.get("/preview/plan", Authorization=f"Bearer {KEY}").status == 200)
        yield made
        assert KEY not in made.log and "A plan" not in made.log
    finally:
        made.stop()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (360, "dark"), (1280, "light")])
def test_they_fit_and_everybody_can_use_them(browser: Browser, service: Service, width: int, scheme: str) -> None:
    tab = Tab(browser, service.url, http_credentials=LOGIN, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for path in ("/preview/", "/preview/plan", "/preview/bad"):
        page = tab.open(path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert (tab.unfit(), tab.faults()) == ([], []), path
        assert page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth)"), path
    tab.context.close()


def test_a_link_is_copied_and_what_it_shows_is_new_when_the_file_is_saved(browser: Browser, service: Service) -> None:
    desk = Tab(browser, service.url, http_credentials=LOGIN, permissions=["clipboard-read", "clipboard-write"])
    page = desk.open("/preview/plan")
    page.get_by_role("button", name="Copy a link").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    link = copied(page)
    lawyer = Tab(browser, service.url)
    asked: list[Request] = []
    lawyer.page.on("requestfinished", lambda request: asked.append(request))
    shown = lawyer.open(link.removeprefix(service.url))
    expect(shown.get_by_text("which works until")).to_be_visible()
    expect(shown.get_by_role("link", name="All previews")).to_have_count(0)
    save(service.folder, "sport/plan.md", "Another plan altogether", draft="true")
    for one in (shown, page):
        expect(one.get_by_role("heading", level=1)).to_have_text("Another plan altogether")
    save(service.folder, "sport/plan.md", "Another plan altogether")
    # Both: Chromium may never say that it has closed a tab which was on its way to another page.
    for one in (shown, page):
        one.wait_for_url(f"{service.url}/articles/plan", wait_until="networkidle")
    # Asked here: within a handler, what was sent is waited for while nothing that says so is read.
    told = [one.header_value("referer") or "" for one in asked]
    assert [one for one in told if one] and not [one for one in told if "preview" in one]
    assert lawyer.wrong == desk.wrong == []
    for tab in (desk, lawyer):
        tab.context.close()
