"""The status in a real browser: nothing runs, nothing is loaded, everybody can use it, and it fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from support.live import FEEDSVC, Service, free_port, until
from support.newsroom import HOSTILE

KEY = "the-token-of-this-test"
PLANTED = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of one good article, one bad one, and one to come, with markup wherever it can be written."""
    folder = tmp_path_factory.mktemp("status")
    sport = folder / "articles/sport"
    sport.mkdir(parents=True)
    title = HOSTILE.replace("\\", "").replace('"', "'")
    (sport / "win.md").write_text(f'---\ntitle: "{title}"\n---\nIt rained.\n')
    (sport / "soon.md").write_text(f'---\ntitle: "Soon {title}"\ndate: 2099-01-01T09:00:00Z\n---\nIt snowed.\n')
    (sport / f"{PLANTED}.md").write_text(f"---\ntitle: Bad\ndate: '{PLANTED}'\n---\nx\n")
    port = free_port()
    command = [*FEEDSVC, "serve", "--port", str(port), "--workers", "1"]
    made = Service(command, folder, port, {"FEEDSVC_STATUS_TOKEN": KEY})
    try:
        made.start()
        until(lambda: '"published"' in made.get("/status.json", Authorization=f"Bearer {KEY}").text)
        yield made
        assert KEY not in made.log and not Path(folder / "var/status-token").exists()
    finally:
        made.stop()


def opened(browser: Browser, service: Service, **context: object) -> tuple[Page, list[str]]:
    credentials = {"username": "desk", "password": KEY}
    page = browser.new_context(http_credentials=credentials, **context).new_page()  # type: ignore[arg-type]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: said.append(request.url) if request.url != f"{service.url}/status" else None)
    answer = page.goto(f"{service.url}/status")
    assert answer and answer.status == 200
    return page, said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_it_fits_and_everybody_can_use_it(browser: Browser, service: Service, width: int, scheme: str) -> None:
    page, said = opened(browser, service, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(page).response["violations"] == []
    assert page.locator("svg rect").count() >= 1 and page.locator("h2", has_text="1 problem needs attention").is_visible()
    assert page.locator("code", has_text=PLANTED).first.is_visible() and page.locator("img, script").count() == 0
    assert [one for one in said if not one.endswith("/favicon.ico")] == []
    page.context.close()


def test_it_is_light_and_needs_no_script(browser: Browser, service: Service) -> None:
    page, said = opened(browser, service, java_script_enabled=False)
    assert page.locator("h1").inner_text() == "Status"
    assert len(page.content().encode()) < 30_000 and [one for one in said if not one.endswith("/favicon.ico")] == []
    page.context.close()
