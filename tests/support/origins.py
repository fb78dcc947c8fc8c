"""Another site that embeds the ticker, and a service whose every answer the test decides: two origins on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from feedsvc.formats import ticker_script
from feedsvc.model.etag import etag
from support.live import SLOW, until
from support.local_server import Handler, LocalServer

NOON = datetime(2026, 5, 21, 12, tzinfo=UTC)
FEED = "/headlines/harbour.json"
# What the site in the docs allows: the service's script and data, and a stylesheet of its own.
POLICY = "default-src 'none'; style-src 'self'; script-src {service}; connect-src {service}"
STYLE = "html { color-scheme: light dark } body { margin: 0 } headline-ticker:not(:defined) { display: block; block-size: 3.5rem }"


@dataclass
class Answer:
    """What is told at a path; `wait` is set where nothing is told until the test lets it."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None
    announced: int | None = None  # a Content-Length that is not kept


class Origin:
    """A server that tells what it was given to tell, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, int]] = []
        self.waiting = False
        origin = self

        class Answering(Handler):
            protocol_version = "HTTP/1.1"  # a browser revalidates nothing older

            def do_GET(self) -> None:
                with suppress(ConnectionError):
                    origin._tell(self)

        self._server = LocalServer(Answering)
        self.url = self._server.url

    def count(self, path: str = FEED) -> int:
        """How often a path was asked for."""
        return sum(1 for asked, _ in self.asked if asked == path)

    def _tell(self, request: BaseHTTPRequestHandler) -> None:
        answer = self.answers.get(request.path, Answer(status=404))
        if answer.wait:
            self.waiting = not answer.wait.is_set()
            answer.wait.wait(SLOW)
        tag = etag(answer.body)
        status = 304 if answer.status == 200 and request.headers.get("If-None-Match") == tag else answer.status
        self.asked.append((request.path, status))
        request.send_response(status)
        for name, value in {"ETag": tag, "Access-Control-Allow-Origin": "*", **answer.headers}.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Type", answer.content_type)
            request.send_header("Content-Length", str(answer.announced or len(answer.body)))
        if answer.announced:
            request.send_header("Connection", "close")
        request.end_headers()
        if status != 304:
            request.wfile.write(answer.body)

    def close(self) -> None:
        """Ends it."""
        for answer in self.answers.values():
            if answer.wait:
                answer.wait.set()
        self._server.close()


def headline(title: str, /, minutes: float = 5, **fields: Any) -> dict[str, Any]:
    """A headline that was published some minutes before noon."""
    moment = (NOON - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    made = {"id": title, "title": title, "url": f"https://quay.example/{len(title)}", "published": moment, "updated": moment}
    return {**made, "breaking": False, "claim": None, "topics": ["harbour"], **fields}


def news(*headlines: dict[str, Any], **fields: Any) -> bytes:
    """The headlines of a service, as it would publish them."""
    head = {"version": 1, "title": "Harbour – The Quay Gazette", "topic": "harbour", "home": "https://quay.example/topics/harbour"}
    return json.dumps({**head, "updated": "2026-05-21T12:00:00Z", "refresh": 60, "headlines": headlines, **fields}).encode()


USUAL = (
    headline("Ferry to run an hour later on Fridays, after shops along the quay asked for it for years", 5, breaking=True),
    headline("Second mast found under the old lock", 42, claim="reported"),
    headline("Harbour dues frozen until spring", 130),
    headline("Gale warning for the whole of the coast from midnight, with gusts of seventy miles an hour", 300),
    headline("Lamp oil museum to stay open", 60 * 40),
    headline("Swans are back at the lock gate", 60 * 70),
)


class Site:
    """A page of another origin, under a strict policy, with one ticker or several on it."""

    def __init__(self, browser: Browser | None = None) -> None:
        self.browser = browser
        self.host, self.service = Origin(), Origin()
        script = Answer(ticker_script.script(), content_type=ticker_script.TYPE)
        self.service.answers = {ticker_script.PATH: script, ticker_script.versioned_path(): script, FEED: Answer(news(*USUAL))}
        self.host.answers["/style.css"] = Answer(STYLE.encode(), content_type="text/css")
        self._pages: list[Page] = []

    def tag(self, inner: str = '<a href="https://quay.example/">Latest headlines</a>', **attributes: object) -> str:
        """The element as a site's owner writes it; underscores stand for hyphens."""
        written = {"src": f"{self.service.url}{FEED}", **attributes}
        shown = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in written.items() if value is not None)
        return f"<headline-ticker {shown}>{inner}</headline-ticker>"

    def write(
        self,
        *tags: str,
        scripts: Sequence[str] = (ticker_script.PATH,),
        script: str | None = None,
        service: str | None = None,
        lang: str = "en-GB",
        direction: str = "ltr",
        first: str = "",
        last: str = "",
    ) -> str:
        """Writes the other site's page, and gives its address; `first` and `last` are what it loads before and after the ticker.

        `script` is how it loads the script and `service` whom its policy allows, where that is not the service of this test.
        """
        body = "".join(tags) or self.tag()
        loads = [script] if script else [f'src="{self.service.url}{path}"' for path in scripts]
        wanted = "".join(f'<script type="module" {load} crossorigin="anonymous"></script>' for load in loads)
        self.host.answers["/"] = Answer(
            f'<!DOCTYPE html><html lang="{lang}" dir="{direction}"><meta charset="utf-8"><title>Another site</title>'
            f'<link rel="stylesheet" href="/style.css">{first}{wanted}{last}'
            f'<body><main><h1>Another site</h1>{body}<p id="below">Below</p></main>'.encode(),
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": POLICY.format(service=service or self.service.url)},
        )
        return f"{self.host.url}/"

    def show(
        self,
        *tags: str,
        width: int = 768,
        scripts: Sequence[str] = (ticker_script.PATH,),
        script: str | None = None,
        service: str | None = None,
        lang: str = "en-GB",
        direction: str = "ltr",
        clock: bool = True,
        **context: Any,
    ) -> Page:
        """The page in the browser as it opens at noon, at a width; its clock stands unless the test moves it on."""
        url = self.write(*tags, scripts=scripts, script=script, service=service, lang=lang, direction=direction)
        assert self.browser
        page = self.browser.new_page(viewport={"width": width, "height": 600}, locale="en-GB", **context)
        self._pages.append(page)
        page.add_init_script(WATCH)
        if clock:
            page.clock.install(time=NOON - timedelta(minutes=1))
            page.clock.pause_at(NOON)
        page.goto(url)
        return page

    def close(self) -> None:
        """Ends its pages and servers; fails where a page's policy was broken or a script failed."""
        try:
            for page in self._pages:
                assert page.evaluate("window.broken") == []
        finally:
            for page in self._pages:
                page.context.close()
            self.host.close()
            self.service.close()


# What breaks the policy, what fails, what moves, how often it has asked, and of how many of these it has seen the end: then it
# lets go of the request.
WATCH = """
window.broken = []; window.moved = 0; window.asked = 0; window.ended = 0;
const ask = window.fetch;
window.fetch = (...words) => {
  asked += 1;
  words[1].signal.addEventListener("abort", () => { ended += 1 });
  return ask(...words);
};
addEventListener("securitypolicyviolation", (event) => broken.push(event.violatedDirective + " " + event.blockedURI));
addEventListener("error", (event) => broken.push(String(event.message)));
addEventListener("unhandledrejection", (event) => broken.push(String(event.reason)));
const watch = new PerformanceObserver((list) => list.getEntries().forEach((entry) => { moved += entry.value }));
watch.observe({ type: "layout-shift", buffered: true });
"""


# Of the text, the times and the label of a ticker's section: how far they are from what they stand on, which may let through what
# is behind it.
CONTRAST = """(section) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const schemes = getComputedStyle(document.documentElement).colorScheme;
  const dark = schemes.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches;
  const light = (...colours) => {
    for (canvas.fillStyle of [dark ? "#121212" : "#fff", ...colours]) canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((one) => one / 255);
    const [r, g, b] = parts.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (text, ground) => {
    const grounds = [];
    for (let at = ground; at; at = at.parentElement ?? at.getRootNode().host) grounds.unshift(getComputedStyle(at).backgroundColor);
    const [lower, upper] = [light(...grounds), light(...grounds, getComputedStyle(text).color)].sort((a, b) => a - b);
    return (upper + 0.05) / (lower + 0.05);
  };
  const label = section.querySelector(".label");
  return [ratio(section.querySelector("a"), section), ratio(section.querySelector("time"), section), ratio(label, label)];
}"""
# What a site may give the custom properties.
COLOURS = (
    {},
    {"background": "#fff"},
    {"background": "#101820"},
    {"background": "#767676"},
    {"color": "white"},
    {"color": "navy"},
    {"label": "#ffe600", "breaking": "#ffe600"},
    {"breaking": "#f0f"},
    {"label": "#eee"},
    {"background": "transparent"},
    {"background": "rgb(255 255 255 / 80%)"},
    {"background": "rgb(0 0 0 / 90%)"},
)


# Makes a page's clock 120 times as fast, in a browser whose clock can't be moved on; a request has all its time.
FAST = """
const [later, often] = [window.setTimeout, window.setInterval];
window.setTimeout = (act, wait, ...more) => later(act, wait === 10000 ? wait : wait / 120, ...more);
window.setInterval = (act, wait, ...more) => often(act, wait / 120, ...more);
"""


@contextmanager
def opened(browser: Browser | None = None) -> Iterator[Site]:
    """A site that is closed in the end."""
    site = Site(browser)
    try:
        yield site
    finally:
        site.close()


def part(page: Page, name: str, index: int = 0) -> Locator:
    """A part of a ticker."""
    return page.locator("headline-ticker").nth(index).locator(f'[part~="{name}"]')


def tick(page: Page, seconds: float) -> None:
    """Moves the page's clock on, with everything that was due."""
    page.clock.run_for(int(seconds * 1000))


def shown(page: Page, index: int = 0) -> list[str]:
    """The titles that are to be seen, each once."""
    titles = page.locator("headline-ticker").nth(index).locator('ul:not([aria-hidden]) [part="title"]')
    return [title.inner_text() for title in titles.all() if title.is_visible()]


def asked(page: Page) -> int:
    """How often the page's tickers have asked for headlines."""
    return int(page.evaluate("asked"))


def settled(page: Page) -> None:
    """Waits until the page's tickers have taken in all that they have asked for: the page's clock must not move on meanwhile."""
    until(lambda: page.evaluate("ended === asked"))


def next_time(page: Page) -> float:
    """Moves the page's clock on to the moment at which a ticker asks again, and no further; how many seconds it took."""
    settled(page)
    before, seconds = asked(page), 0
    while asked(page) == before:
        assert seconds < 2_000
        tick(page, 4)
        seconds += 4
    return seconds


def answered(page: Page, *titles: str) -> None:
    """Waits until these are the titles that are to be seen, and nothing is being asked for."""
    until(lambda: shown(page) == list(titles))
    settled(page)


def painted(page: Page) -> None:
    """Waits until all that has changed is on the screen, and what shifted by it was told."""
    page.screenshot()
    page.wait_for_timeout(50)
