"""A real browser, Debian's Chromium, for tests of what people see; FEEDSVC_TEST_BROWSER is its path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from support.live import SLOW

# What goes wrong on a page without anybody seeing it: what its policy refused, and how far things moved that nobody had touched.
_WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => refused.push(`${event.violatedDirective} ${event.blockedURI}`));
window.moved = 0;
new PerformanceObserver((list) => {
  // What moves inside the ticker, whose node is hidden from us, is for the ticker's own tests.
  for (const shift of list.getEntries()) if (!shift.hadRecentInput && shift.sources.some(({ node }) => node)) moved += shift.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser, begun once for a file of tests."""
    expect.set_options(timeout=SLOW * 1000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=os.environ["FEEDSVC_TEST_BROWSER"], args=["--no-sandbox"])
        yield launched
        launched.close()


def copied(page: Page) -> str:
    """What is in the clipboard; a script that never ends would be waited for without a limit."""
    found = page.evaluate(
        f"Promise.race([navigator.clipboard.readText(), new Promise((_, no) => setTimeout(no, {SLOW * 1000}, 'not read'))])"
    )
    return str(found)


class Tab:
    """A page in a browser of its own settings, with all that went wrong on it."""

    def __init__(self, browser: Browser, base: str, **context: Any) -> None:
        self.context = browser.new_context(base_url=base, **context)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.add_init_script(_WATCH)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error {error}"))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("console", lambda message: self._hear(message.type, message.text, message.location["url"]))

    def _hear(self, kind: str, text: str, url: str) -> None:
        # That a notice is a 404 or a 410 is told of as an error too.
        if kind == "error" and not (url == self.page.url and text.startswith("Failed to load resource")):
            self.wrong.append(f"{kind} {text}")

    def open(self, path: str) -> Page:
        """The page at a path, its scripts run and its headlines come."""
        self.page.goto(path, wait_until="networkidle")
        return self.page

    def faults(self) -> list[str]:
        """What has gone wrong so far."""
        return [*self.wrong, *self.page.evaluate("window.refused")]

    def unfit(self) -> list[str]:
        """What axe-core finds that someone could not see, reach or be told."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
