"""Other browsers than Chromium, each driven as its own makers drive it: Debian's Firefox ESR and WebKitGTK, and all three alike."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import create_connection
from typing import Any, Protocol

from playwright.sync_api import Page

from support.live import SLOW, free_port, until

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that a reference to an element has (WebDriver, 12.1)
# A browser gives up before we do, so that it says of what. Its own 30 seconds for a script are too few on a busy machine.
TIMEOUTS = {"script": int(SLOW * 1000), "pageLoad": int(SLOW * 1000)}


class Window(Protocol):
    """A browser's window, with one page at a time in it."""

    def open(self, url: str) -> None:
        """Opens a page, and waits until it has loaded."""

    def run(self, function: str, *values: Any) -> Any:
        """What a function in JavaScript says of the page."""

    def click(self, function: str) -> None:
        """Clicks on the element that a function finds, as a person does."""


class Chromium:
    """A page of Playwright's, which the other tests of pages use."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def open(self, url: str) -> None:
        self._page.goto(url)

    def run(self, function: str, *values: Any) -> Any:
        return self._page.evaluate(f"(values) => ({function})(...values)", list(values))

    def click(self, function: str) -> None:
        element = self._page.evaluate_handle(function).as_element()
        assert element
        element.click()


class _WebDriver:
    """A window whose browser takes WebDriver's commands; `send` sends one and gives what it answers."""

    def __init__(self, send: Callable[[str, dict[str, Any]], Any]) -> None:
        self._send = send

    def open(self, url: str) -> None:
        self._send("Navigate", {"url": url})

    def run(self, function: str, *values: Any) -> Any:
        return self._send("ExecuteScript", {"script": f"return ({function})(...arguments)", "args": list(values)})

    def click(self, function: str) -> None:
        self._send("ElementClick", {"id": self.run(function)[_ELEMENT]})


def _began(process: subprocess.Popen[bytes], stack: ExitStack) -> subprocess.Popen[bytes]:
    def end() -> None:
        process.terminate()
        process.wait(SLOW)

    stack.callback(end)
    return process


@contextmanager
def firefox(still: bool) -> Iterator[Window]:
    """Firefox, by the protocol under its WebDriver (Marionette); `still` is a reader who prefers reduced motion."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        preferences = {"marionette.port": 0, "ui.prefersReducedMotion": int(still), "browser.shell.checkDefaultBrowser": False}
        written = (f'user_pref("{name}", {json.dumps(value)});\n' for name, value in preferences.items())
        (home / "user.js").write_text("".join(written), "utf-8")
        command = [os.environ["FEEDSVC_TEST_FIREFOX"], "--headless", "--marionette", "--no-remote", "--profile", str(home)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        _began(subprocess.Popen(command, env={**os.environ, "HOME": str(home)}, **quiet), stack)
        told = home / "MarionetteActivePort"
        port = until(lambda: told.exists() and int(told.read_text("utf-8") or 0))
        connection = stack.enter_context(create_connection(("127.0.0.1", port), 2 * SLOW))
        stream = stack.enter_context(connection.makefile("rb"))
        number = 0

        def receive() -> Any:
            length = b""
            while (digit := stream.read(1)) not in (b":", b""):
                length += digit
            return json.loads(stream.read(int(length)))

        def send(name: str, values: dict[str, Any]) -> Any:
            nonlocal number
            number += 1
            body = json.dumps([0, number, f"WebDriver:{name}", values]).encode()
            connection.sendall(b"%d:%b" % (len(body), body))
            _, _, error, result = receive()
            assert error is None, error
            return result.get("value") if isinstance(result, dict) else result

        receive()  # its greeting
        send("NewSession", {"timeouts": TIMEOUTS})
        yield _WebDriver(send)


@contextmanager
def webkit(still: bool) -> Iterator[Window]:
    """WebKitGTK's own small browser, by its WebDriver, on a screen that nobody sees."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        (home / "gtk-3.0").mkdir()
        (home / "gtk-3.0/settings.ini").write_text(f"[Settings]\ngtk-enable-animations={int(not still)}\n", "utf-8")
        told, tells = os.pipe()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        screen = ["Xvfb", "-displayfd", str(tells), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
        _began(subprocess.Popen(screen, pass_fds=[tells], **quiet), stack)
        os.close(tells)
        with open(told, encoding="utf-8") as display:
            shown = f":{display.readline().strip()}"
        there = {"DISPLAY": shown, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        port = free_port()
        driver = [os.environ["FEEDSVC_TEST_WEBKIT"], f"--port={port}", "--host=127.0.0.1"]
        _began(subprocess.Popen(driver, env={**os.environ, **there}, **quiet), stack)

        def call(method: str, path: str, values: dict[str, Any] | None = None) -> Any:
            body = None if values is None else json.dumps(values).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, method=method)
            try:
                with urllib.request.urlopen(request, timeout=2 * SLOW) as answer:  # noqa: S310
                    return json.load(answer)["value"]
            except urllib.error.HTTPError as error:
                raise AssertionError(error.read().decode()) from None

        def listens() -> bool:
            try:
                return bool(call("GET", "/status"))
            except OSError:
                return False

        until(listens)
        (browser,) = Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")
        wanted = {"webkitgtk:browserOptions": {"binary": str(browser), "args": ["--automation"]}, "timeouts": TIMEOUTS}
        session = f"/session/{call('POST', '/session', {'capabilities': {'alwaysMatch': wanted}})['sessionId']}"
        stack.callback(call, "DELETE", session)

        def send(name: str, values: dict[str, Any]) -> Any:
            paths = {"Navigate": "/url", "ExecuteScript": "/execute/sync", "ElementClick": f"/element/{values.get('id')}/click"}
            return call("POST", session + paths[name], values)

        yield _WebDriver(send)


OTHERS = {"firefox": firefox, "webkit": webkit}
