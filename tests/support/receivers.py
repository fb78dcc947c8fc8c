"""A server that gets webhooks and purges, as a real one, which writes down what it gets and answers what a test wants it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook

from support.local_server import Handler, LocalServer

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """What a webhook says, after its signature has been verified as its receivers do."""
        found: dict[str, Any] = Webhook(SECRET).verify(self.body, self.headers)
        return found

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]


class Receiver:
    """Answers 204, or what `answer` says for a request: a status and headers, or None for no answer at all."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Received], tuple[int, dict[str, str]] | None] = lambda request: (204, {})
        receiver = self

        class Answering(Handler):
            def _take(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # its sender was killed: it is no request
                request = Received(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                receiver.received.append(request)
                answer = receiver.answer(request)
                if answer is None:
                    self.connection.recv(1)  # says nothing for as long as anybody listens
                    return
                self.send_response(answer[0])
                for name, value in {"Content-Length": "0", **answer[1]}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_POST = do_PURGE = _take

        self._server = LocalServer(Answering, port)
        self.url = f"{self._server.url}/hook"

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What it was told, in order."""
        return [request.message for request in self.received]

    @property
    def told(self) -> list[tuple[str, list[str]]]:
        """The events that it was told of, each with the titles of its articles."""
        return [(said["type"], [one["title"] for one in said["data"]["articles"]]) for said in self.messages]

    def close(self) -> None:
        self._server.close()
