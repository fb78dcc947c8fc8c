"""A WebSub hub as a real server, for the tests of what it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class Hub:
    """A hub that writes down what it is told, and answers what a test wants it to."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[str], tuple[int, str] | None] = lambda feed: (204, "")
        hub = self

        class Handler(BaseHTTPRequestHandler):
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

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hub?key=1"

    @property
    def told(self) -> list[str]:
        """The feeds it was told of, in order."""
        return [parse_qs(body.decode())["hub.url"][0] for _, _, body in self.requests]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
