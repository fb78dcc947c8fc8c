"""The ticker of a real service: its script, its frame, and a saved article that comes and goes on another site's page."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from feedsvc.formats import ticker_script
from feedsvc.web.published import Published
from support.gazette import NEW, RETRACTED, TIDES, found
from support.live import Newsroom, Service, save, until
from support.newsroom import HOSTILE
from support.origins import Answer, Site, asked, next_time, part, settled, shown, tick

SITE = """
[site]
title = "Gazette"
language = "en-GB"
[topics.harbour]
aliases = ["quay"]
[topics.fog]
retired = true
"""


@pytest.fixture
def built(newsroom: Newsroom) -> Newsroom:
    newsroom.write("site.toml", SITE)
    newsroom.write("harbour/mast.md", title=HOSTILE, claim="reported", breaking=True)
    newsroom.write("harbour/dues.md", story="Dues", title="Dues frozen")
    newsroom.build()
    return newsroom


def test_both_scripts_are_published_and_the_versioned_one_for_ever(built: Newsroom) -> None:
    client = built.client()
    moving, fixed = client.get(ticker_script.PATH), client.get(ticker_script.versioned_path())
    assert moving.data == fixed.data == ticker_script.script()
    assert (moving.content_type, moving.headers["Access-Control-Allow-Origin"]) == (ticker_script.TYPE, "*")
    assert moving.headers["Cache-Control"].startswith("max-age=3600, ")
    assert fixed.headers["Cache-Control"] == "max-age=31536000, immutable"
    assert ticker_script.integrity() == "sha384-" + base64.b64encode(hashlib.sha384(fixed.data).digest()).decode()


def test_a_script_of_an_earlier_release_stays(built: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ticker_script.versioned_path()
    monkeypatch.setattr(ticker_script, "script", lambda: b"// another release\n")
    monkeypatch.setattr(ticker_script, "versioned_path", lambda: "/ticker-0123456789abcdef.js")
    built.begin()
    built.write("site.toml", SITE + '\n[topics.new]\nname = "New"\n')
    built.build()
    assert built.body("/ticker.js") == built.body("/ticker-0123456789abcdef.js") == "// another release\n"
    assert built.body(old) == ticker_of(built, old)
    built.write("harbour/more.md")
    built.build()
    assert built.document(old) is not None


def ticker_of(built: Newsroom, path: str) -> str:
    document = built.document(path)
    assert document and document.status == 200
    return document.encodings["identity"].body.decode()


def test_a_frame_holds_the_headlines_and_may_stand_anywhere(built: Newsroom) -> None:
    client = built.client()
    path = "/embed/ticker?topic=harbour&layout=list&limit=1&theme=dark"
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert (answer.status_code, "frame-ancestors *" in policy, "unsafe" in policy) == (200, True, False)
    assert 'layout="list" limit="1"' in answer.text and 'content="dark"' in answer.text
    assert f'src="{ticker_script.versioned_path()}" integrity="{ticker_script.integrity()}"' in answer.text
    assert "<script>alert" not in answer.text and "Dues frozen" not in answer.text
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    built.write("harbour/mast.md", title="Mast", retracted="It was a tree.")
    built.build()
    until(lambda: "Dues frozen" in client.get("/embed/ticker?topic=harbour&limit=1").text)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200), ("topic=all", 200), ("topic=harbour", 200), ("topic=story/dues", 200), ("topic=quay&layout=list", 301),
        ("topic=fog", 410),
        ("topic=none", 404), ("topic=", 404), ("topic=../feeds/harbour", 404), ("topic=%00", 404), ("topic=%ff", 404),
        ("topic=digest", 404),
        (f"topic={'a' * 9_000}", 404), ("topic=harbour&topic=none", 200),
        ("topic=HARBOUR", 404), ("topic=harbour.json%3f", 404),
    ],
)
def test_a_topic_is_looked_up_and_never_echoed(built: Newsroom, query: str, status: int) -> None:
    answer = built.client().get(f"/embed/ticker?{query}")
    assert answer.status_code == status
    if status == 301:
        assert answer.headers["Location"] == "https://feeds.example/embed/ticker?topic=harbour&layout=list"
    if status == 404:
        assert answer.text == "There is no such topic.\n"


def test_a_renamed_topics_frame_keeps_its_settings(built: Newsroom) -> None:
    answer = built.client().get("/embed/ticker?topic=quay&layout=list&limit=3&theme=dark&junk=1")
    expected = "https://feeds.example/embed/ticker?topic=harbour&layout=list&limit=3&theme=dark"
    assert (answer.status_code, answer.headers["Location"]) == (301, expected)


def test_a_frame_is_in_memory_from_its_second_reader_on(built: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    client = built.client()
    path = "/embed/ticker?topic=harbour&layout=list"
    first, other = client.get(path), client.get("/embed/ticker?topic=harbour")
    monkeypatch.delattr(Published, "addresses")  # which asks the database
    assert (client.get(path).data, client.get("/embed/ticker?topic=harbour").data) == (first.data, other.data)
    assert first.data != other.data


def test_a_frame_is_newer_when_its_bytes_change_though_the_headlines_do_not(built: Newsroom) -> None:
    client = built.client()
    path = "/embed/ticker?topic=harbour&layout=list"
    first = client.get(path)
    built.write("site.toml", SITE.replace("en-GB", "cy"))
    built.build(after=timedelta(hours=1))
    until(lambda: client.get(path).data != first.data)
    assert parsedate_to_datetime(client.get(path).headers["Last-Modified"]) > parsedate_to_datetime(first.headers["Last-Modified"])


def test_what_is_wrong_may_be_read_by_other_sites_scripts(built: Newsroom) -> None:
    client = built.client()
    answers = [client.get("/headlines/none.json"), client.get("/embed/ticker?topic=none"), client.post("/headlines.json")]
    answers += [client.get("/headlines.json", headers={"Accept-Encoding": "identity;q=0"}), client.get("/articles/none")]
    assert [answer.status_code for answer in answers] == [404, 404, 405, 406, 404]
    assert [answer.headers.get_all("Access-Control-Allow-Origin") for answer in answers] == [["*"]] * 5


@pytest.mark.parametrize("junk", ["%22%3E%3Cscript%3E", "LIST", "1e1", "-1", "0", "21", "", "%00", "line%20"])
def test_junk_is_the_default(built: Newsroom, junk: str) -> None:
    client = built.client()
    assert client.get(f"/embed/ticker?layout={junk}&limit={junk}&theme={junk}").data == client.get("/embed/ticker").data


def test_an_article_saved_comes_into_the_ticker_and_a_retracted_one_leaves(
    serve: Callable[..., Service], tmp_path: Path, site: Site
) -> None:
    found(tmp_path, [TIDES])
    service = serve("--interval", "3600").start()
    script = f'src="{service.url}{ticker_script.versioned_path()}" integrity="{ticker_script.integrity()}"'
    page = site.show(site.tag(src=f"{service.url}/headlines.json", layout="list"), script=script, service=service.url)
    tick(page, 0.1)
    expect(part(page, "title")).to_have_text([TIDES.title])
    for saved, titles in ((NEW, [NEW.title, TIDES.title]), (RETRACTED, [NEW.title])):
        saved.save(tmp_path)
        until(lambda titles=titles: [one["title"] for one in service_headlines(service)] == titles)
        next_time(page)
        expect(part(page, "title")).to_have_text(titles)


def test_a_second_breaking_story_is_on_a_strangers_page_in_refresh_and_two_seconds(
    serve: Callable[..., Service], tmp_path: Path, site: Site
) -> None:
    first = save(tmp_path, "harbour/gate.md", "The lock gate gives way", breaking="true")
    for number in range(3):
        save(tmp_path, f"harbour/{number}.md", f"Calm news, the {number + 1}th", date=f"2026-05-2{number}T09:00:00Z")
    service = serve("--interval", "3600").start()
    script = f'src="{service.url}{ticker_script.PATH}"'
    tags = [site.tag(src=f"{service.url}/headlines.json", layout=layout) for layout in ticker_script.LAYOUTS]
    pages = {}
    for state in ("playing", "paused", "still"):
        motion = "reduce" if state == "still" else "no-preference"
        page = pages[state] = site.show(*tags, script=script, service=service.url, reduced_motion=motion)
        tick(page, 0.1)
        until(lambda page=page: all(shown(page, index) for index in range(3)))
        if state == "paused":
            for index in (0, 2):
                part(page, "pause", index).click()
            page.mouse.move(0, 599)
        settled(page)
    assert first.exists() and service_refresh(service) == 15
    save(tmp_path, "harbour/bridge.md", "The bridge is closed too", breaking="true")
    until(lambda: len(service_headlines(service)) == 5)
    for state, page in pages.items():
        before = asked(page)
        for _ in range(15 + 2):
            if asked(page) == before:
                tick(page, 1)
        settled(page)
        assert asked(page) == before + 1, "in time"
        for index, layout in enumerate(ticker_script.LAYOUTS):
            ticker = page.locator("headline-ticker").nth(index).locator("ul:not([aria-hidden])")
            expect(ticker.get_by_text("The bridge is closed too"), f"{layout}, {state}").to_be_in_viewport()


def service_refresh(service: Service) -> int:
    return int(json.loads(service.get("/headlines.json").body)["refresh"])


def service_headlines(service: Service) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads(service.get("/headlines.json").body)["headlines"]
    return listed


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts allow-popups"'])
def test_a_frame_works_on_another_site_sandboxed_too(printed: Service, site: Site, sandbox: str) -> None:
    frame = f'<!DOCTYPE html><title>Another site</title><iframe {sandbox} src="{printed.url}/embed/ticker?layout=list"></iframe>'
    site.host.answers["/"] = Answer(frame.encode(), content_type="text/html")
    page = site.browser.new_page()
    page.goto(site.host.url)
    inside = page.frame_locator("iframe")
    expect(inside.locator('headline-ticker [part="title"]').first).to_have_text(TIDES.title)
    assert inside.locator("base").get_attribute("target") == "_blank"
    page.context.close()


def test_axe_finds_nothing_wrong_in_a_frame(printed: Service, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{printed.url}/embed/ticker?layout=list")
    expect(page.locator('headline-ticker [part="title"]').first).to_have_text(TIDES.title)
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    page.context.close()


def test_a_frame_shows_the_news_without_scripts(printed: Service, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{printed.url}/embed/ticker")
    expect(page.get_by_role("link", name=TIDES.title)).to_be_visible()
    context.close()
