"""A WebSub hub as a real server, and deliveries that wait for nothing, for the tests of what others are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest

from feedsvc.deliveries import courier, deliveries, sender
from feedsvc.deliveries.deliveries import Deliveries, Means
from feedsvc.storage.store import Store
from support.live import SLOW
from support.local_server import Handler, LocalServer


class Hub:
    """A hub that writes down what it is told, and answers what a test wants it to."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[str], tuple[int, str] | None] = lambda feed: (204, "")
        hub = self

        class Answering(Handler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hub.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                answer = hub.answer(parse_qs(body.decode())["hub.url"][0])
                if answer is None:
                    self.connection.recv(1)  # says nothing for as long as anybody listens
                    return
                self.send_response(answer[0])
                self.send_header("Location", answer[1])
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = LocalServer(Answering, port)
        self.url = f"{self._server.url}/hub?key=1"

    @property
    def told(self) -> list[str]:
        """The feeds it was told of, in order."""
        return [parse_qs(body.decode())["hub.url"][0] for _, _, body in self.requests]

    def close(self) -> None:
        self._server.close()


def deliver_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long in a test, but for an answer, which takes as long as it takes."""
    limits = {
        deliveries: {"START_SECONDS": 0.0, "LEAVE_SECONDS": SLOW, "RETRY_SECONDS": 0.02},
        courier: {"MOST_SECONDS_APART": 0.05, "LEAVE_SECONDS": SLOW},
        sender: {"STEP_SECONDS": SLOW, "ANSWER_SECONDS": SLOW},
    }
    for module, named in limits.items():
        for name, seconds in named.items():
            monkeypatch.setattr(module, name, seconds)


@contextmanager
def delivering(store: Store, means: Means | None = None) -> Iterator[Deliveries]:
    """Deliveries that run; all of their threads have ended afterwards."""
    made = Deliveries(store, means)
    made.start()
    try:
        yield made
    finally:
        made.stop()
