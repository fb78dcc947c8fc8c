"""A served instance that something is done to, and what it says of itself meanwhile."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.live import SLOW, Service, called

PAUSE = 0.01  # seconds from a reader's answer to the next request: some hundred requests a second, and a processor for the service


def entries(service: Service) -> dict[str, dict[str, Any]]:
    """What the feed of everything shows, by title."""
    return {entry["title"]: entry for entry in json.loads(service.get("/feeds/all.json").body)["items"]}


def asked(service: Service, path: str) -> str:
    """One of the newsroom's own pages."""
    token = (service.folder / "var/status-token").read_text().strip()
    return service.get(path, Authorization=f"Bearer {token}").text


def problems(service: Service) -> str:
    """What a person should see to, in one text."""
    return "\n".join(json.loads(asked(service, "/status.json"))["problems"])


def main_of(service: Service) -> int:
    assert service.process
    return service.process.pid


def family(service: Service) -> list[int]:
    """The builder and the web workers."""
    return called(service, "feedsvc-builder", "feedsvc-web")


def builder(service: Service) -> int | None:
    """The builder's process; None between two of them."""
    return next(iter(called(service, "feedsvc-builder")), None)


class Readers:
    """Readers who ask again and again: some on a new connection for each request, others on kept ones.

    Where a kept one is closed while a request is on its way, they ask again on a new one, as clients do (RFC 9112, 9.3.1).
    """

    def __init__(self, service: Service, path: str = "/feeds/all.rss", kept: int = 3, new: int = 2) -> None:
        self._service = service
        self._path = path
        self._over = threading.Event()
        self.answers = 0
        self.errors: list[str] = []
        self._threads = [threading.Thread(target=self._read, args=(number < kept,), daemon=True) for number in range(kept + new)]

    def _read(self, keep: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=SLOW)
        answered = False
        while not self._over.is_set():
            try:
                connection.request("GET", self._path)
                response = connection.getresponse()
                body = response.read()
                if response.status != 200 or not body:
                    self.errors.append(f"{response.status}, {len(body)} bytes")
                self.answers += 1
                answered = keep
                if not keep:
                    connection.close()
            except (OSError, http.client.HTTPException) as error:
                if not answered:
                    self.errors.append(repr(error))
                answered = False
                connection.close()
            self._over.wait(PAUSE)
        connection.close()

    @contextmanager
    def reading(self) -> Iterator[Readers]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(SLOW)
