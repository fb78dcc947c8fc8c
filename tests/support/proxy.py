"""A proxy that records what a reader was answered."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.live import SLOW


@contextmanager
def recording_proxy(port: int) -> Iterator[tuple[int, list[int]]]:
    """Passes GET requests on to a port of this machine, and records the status of each answer."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLOW)
            connection.request("GET", self.path, headers={key: value for key, value in self.headers.items() if key != "Host"})
            response = connection.getresponse()
            statuses.append(response.status)
            body = response.read()
            self.send_response(response.status)
            for key, value in response.getheaders():
                if key.lower() not in ("server", "date"):
                    self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_port, statuses
        finally:
            server.shutdown()
            thread.join(SLOW)
