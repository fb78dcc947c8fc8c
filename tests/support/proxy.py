"""A proxy that records what a reader was answered."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager

from support.live import SLOW
from support.local_server import Handler, LocalServer


@contextmanager
def recording_proxy(port: int) -> Iterator[tuple[int, list[int]]]:
    """Passes GET requests on to a port of this machine, and records the status of each answer."""
    statuses: list[int] = []

    class Answering(Handler):
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

    with closing(LocalServer(Answering)) as server:
        yield server.port, statuses
