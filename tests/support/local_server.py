"""A server of the tests' own on a port of this machine, whose handler is what a test wants."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.live import SLOW


class Handler(BaseHTTPRequestHandler):
    """Answers without a word to anybody else."""

    def log_message(self, *_: object) -> None:
        pass


class LocalServer:
    """Serves in a thread from its beginning until it is closed."""

    def __init__(self, handler: type[Handler], port: int = 0) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(SLOW)
        self._server.server_close()
