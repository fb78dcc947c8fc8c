"""A feed that somebody opens in a browser says what it is, in Chromium and in Firefox, which Debian has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from support.live import FEEDSVC, SLOW, Service, free_port, save
from support.newsroom import HOSTILE

BAND = (163, 17, 29)  # what stands at the top of a feed that found its stylesheet
FEEDS = ("/feeds/all.rss", "/feeds/sport.atom", "/feeds/all/2026-05.rss", "/feeds.opml", "/partners/msn/sport.rss")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of one article whose title is markup."""
    folder = tmp_path_factory.mktemp("feeds")
    save(folder, "sport/win.md", HOSTILE.replace("\\", "").replace('"', "'"), date="2026-05-20T09:00:00Z", standfirst="It rained.")
    (folder / "articles/site.toml").write_text('[site]\ntitle = "Gazette"\npartners = ["msn"]\n', "utf-8")
    port = free_port()
    made = Service([*FEEDSVC, "serve", "--port", str(port), "--workers", "1"], folder, port, {})
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_feed_is_shown_as_a_page_and_not_saved(browser: Browser, service: Service, path: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    answer = page.goto(f"{service.url}{path}")
    assert answer and answer.body() == service.get(path).body, "the same bytes for everybody"
    told = page.evaluate("getComputedStyle(document.documentElement, '::before').content")
    assert told.startswith(('"This is a feed', '"This is a list of feeds'))
    assert page.evaluate("document.documentElement.scrollWidth") <= width and said == []
    seen = page.evaluate("[...document.querySelectorAll('*')].filter((one) => one.getClientRects().length).length")
    assert seen >= 5, "its title and an entry's parts, or feeds"
    context.close()


def test_on_a_phone_it_is_large_enough_to_be_read(browser: Browser, service: Service) -> None:
    phone = {"width": 390, "height": 844}
    context = browser.new_context(viewport=phone, screen=phone, is_mobile=True, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{service.url}/feeds/all.rss")
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('item > description')).fontSize)")
    assert size * page.evaluate("screen.width / innerWidth") >= 15
    context.close()


def test_firefox_shows_it_too(service: Service, tmp_path: Path) -> None:
    firefox = [os.environ["FEEDSVC_TEST_FIREFOX"], "--headless", "--no-remote", "--window-size=800,600"]
    for path in ("/feeds/all.rss", "/feeds/all.atom"):
        profile = tmp_path / path.replace("/", "-")
        profile.mkdir()
        picture = profile / "seen.png"
        command = [*firefox, "--profile", str(profile), "--screenshot", str(picture), f"{service.url}{path}"]
        subprocess.run(command, env={**os.environ, "HOME": str(profile)}, check=True, timeout=SLOW, capture_output=True)
        with Image.open(picture) as seen:
            assert seen.convert("RGB").getpixel((5, 2)) == BAND, "its stylesheet is used"
            below = seen.convert("L").crop((0, 150, 800, 600)).histogram()
        assert sum(below[:80]) > 500, "and under it stands something to read"
