"""Raw bytes to a served instance, on many connections at once, and the answers that came back, taken apart and checked."""

from __future__ import annotations

import http.client
import io
import re
import socket
import struct
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from feedsvc.articles.picture_variants import VERSION
from feedsvc.model.document import Document
from feedsvc.model.etag import etag
from feedsvc.model.hashing import digest
from feedsvc.model.urls import variant_path
from feedsvc.storage.facts import PUBLIC_URL
from feedsvc.storage.store import Store
from feedsvc.web.responses import CODINGS
from support import gazette
from support.live import SLOW, Answer, Service, offspring, until
from support.pictures import encoded, image

REFUSED_BY_THE_SERVER = {400, 408, 414, 431, 501, 505}  # before our own code sees the request


# An alias, a retired topic, a topic and a picture whose names are percent-encoded, partners, a hub that nobody answers at.
SITE = """hub = "http://127.0.0.1:9/"
partners = ["msn", "flipboard"]
[topics.sport]
aliases = ["games"]
[topics.fog]
retired = true
"""
PICTURE = encoded("PNG", image(800, 600))
PICTURE_NAME = "my boat (1) 100% é.png"
_FILE = f"été/{PICTURE_NAME}"
PICTURE_PATH = variant_path(_FILE, digest(f"{VERSION}.{digest(PICTURE)}", _FILE), 800, "png")
ARTICLES = {
    "sport/win.md": "title: Town win\nstory: Cup\ndate: 2026-05-20T09:30:00Z",
    "sport/gone.md": "title: Town draw\nretracted: Town lost.\ndate: 2026-05-20T09:30:00Z",
    "été/sun.md": f'title: Sun\nimage: "{PICTURE_NAME}"\ndate: 2026-05-19T09:30:00Z',
}


def found(folder: Path) -> None:
    """A newsroom with a document of every kind."""
    gazette.found(folder, site=SITE)
    for path, front in ARTICLES.items():
        file = folder / "articles" / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"---\n{front}\n---\nIt rained, and then it did not.\n", "utf-8")
    (folder / "articles/été" / PICTURE_NAME).write_bytes(PICTURE)


@dataclass(frozen=True)
class Received:
    """All that came back on a connection until it was ended."""

    data: bytes

    def answers(self, methods: Sequence[str] = (), *, whole: bool = True) -> list[Answer]:
        """The answers in it to requests with these methods, or else to GET; fails where one is not `whole`."""
        source, found = _Source(self.data), list[Answer]()
        while source.tell() < len(self.data):
            response = http.client.HTTPResponse(source, method=methods[len(found)] if len(found) < len(methods) else "GET")
            try:
                response.begin()
                body = response.read()
            except http.client.HTTPException:
                assert not whole, f"half an answer: {self.data!r}"
                break
            found.append(Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body))
        return found


class _Source(io.BytesIO):
    """Bytes in the place of a socket, as http.client wants it, which closes what it has read to its end."""

    def makefile(self, _mode: str) -> _Source:
        return self

    def close(self) -> None:
        pass


def connect(service: Service) -> socket.socket:
    """A connection on which nothing waits for longer than it may."""
    return socket.create_connection(("127.0.0.1", service.port), timeout=SLOW)


def send(connection: socket.socket, message: bytes) -> None:
    """Sends a message as far as it is wanted: it may be refused before all of it has come."""
    with suppress(ConnectionError):
        connection.sendall(message)


def exchange(service: Service, *messages: bytes) -> list[Received]:
    """What comes back on connections of which each sent one message, all open at once.

    A connection that the service keeps open is ended from here when it has answered what was sent on another one afterwards.
    """
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(service)) for _ in messages]
        for connection, message in zip(connections, messages, strict=True):
            send(connection, message)
        assert service.get("/healthz").status == 200
        return [Received(_rest(connection)) for connection in connections]


def ask(service: Service, message: bytes, methods: Sequence[str]) -> Received:
    """What comes back for a message of requests with these methods: all their answers, and what may come after them."""
    with connect(service) as connection:
        send(connection, message)
        received, got = b"", b"more"
        while got and len(Received(received).answers(methods, whole=False)) < len(methods):
            got = connection.recv(65_536)
            received += got
        return Received(received + _rest(connection))


def _rest(connection: socket.socket) -> bytes:
    """What is still to come, and the end, on a connection on which nothing more will be sent."""
    received = b""
    with suppress(ConnectionError):
        with suppress(OSError):  # it may be ended already
            connection.shutdown(socket.SHUT_WR)
        while got := connection.recv(65_536):
            received += got
    return received


def drop(service: Service, message: bytes, *, politely: bool) -> None:
    """Opens a connection, sends something and is gone."""
    with connect(service) as connection:
        if not politely:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        send(connection, message)


def path_of(target: str | bytes) -> str:
    """The path that a request's target names, percent-encoded as documents' paths are (RFC 9112, 3.2)."""
    text = target.encode("latin-1") if isinstance(target, str) else target
    path = re.sub(rb"^[a-z][a-z0-9+.-]*://[^/?#]*", b"", text)
    path = re.split(rb"[?#]", path, maxsplit=1)[0]
    return quote(unquote_to_bytes(path or b"/"))


class Published:
    """What a service has published, as its database holds it, and whether an answer is right by it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.store = Store(f"sqlite:///{service.folder}/var/feedsvc.db", create=False)
        self._not_found = {coding: service.get("/nothing/is/here", Accept_Encoding=coding).body for coding in CODINGS}
        self.public_url = self.store.fact(PUBLIC_URL)
        self._known: dict[str, Document | None] = {}

    def document(self, path: str) -> Document | None:
        """What is published at a path; a page that is made when asked for is there as soon as it was."""
        if self._known.get(path) is None:
            self._known[path] = self.store.document(path)
        return self._known[path]

    def check(self, answer: Answer, path: str | None, *, head: bool = False) -> None:
        """Fails for an answer that a request for this path, or for any, must never get."""
        assert answer.status in {200, 204, 301, 302, 304, 404, 405, 406, 410, 412} | REFUSED_BY_THE_SERVER, answer
        if answer.status in REFUSED_BY_THE_SERVER:
            assert (len(answer.body) < 80, answer.headers["connection"]) == (True, "close")
            return
        assert answer.headers["x-content-type-options"] == "nosniff"
        if answer.status == 200 and answer.body and "etag" in answer.headers:
            assert answer.headers["etag"] == etag(answer.body)
        if answer.status in (405, 406, 412):
            assert len(answer.body) < 80
        elif answer.status == 404:
            assert answer.body == (b"" if head else self._not_found[answer.headers.get("content-encoding", "identity")])
        elif answer.status == 301 and path and path.endswith("/") and self.document(path) is None:
            assert answer.headers["location"].startswith(f"{self.public_url}/") and not answer.headers["location"].endswith("/")
        elif path not in (None, "/healthz", "/readyz") and answer.status != 204:
            # What is made when asked for is kept a moment later.
            self._check_document(answer, until(lambda: self.document(path)), head)

    def _check_document(self, answer: Answer, document: Document | None, head: bool) -> None:
        assert document is not None, f"nothing is published there: {answer}"
        encoded = document.encodings[answer.headers.get("content-encoding", "identity")]
        if answer.status == 304:
            assert answer.headers["etag"] in {one.etag for one in document.encodings.values()}
            assert answer.body == b""
        else:
            assert answer.status == document.status
            assert answer.headers["etag"] == encoded.etag
            assert answer.body == (b"" if head else encoded.body)

    def check_any(self, received: Received, message: bytes) -> None:
        """Checks what came back for bytes of any kind; the first request among them may still name its path."""
        line = re.match(rb"(?:\r?\n)*GET (\S+) HTTP/1\.[01]\r?\n", message)
        for number, answer in enumerate(received.answers(whole=False)):
            self.check(answer, path_of(line[1]) if line and number == 0 else None)


@dataclass(frozen=True)
class Load:
    """What the processes of a service hold: the memory in MB and the open files of each, by its id."""

    megabytes: dict[int, float]
    files: dict[int, int]


def load_of(service: Service) -> Load:
    """What a service holds now."""
    assert service.process
    pids = [service.process.pid]
    for pid in pids:  # all that come from it, however far down
        pids += offspring(pid)
    resident = {pid: re.search(r"VmRSS:\s*(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in pids}
    return Load(
        {pid: int(found[1]) / 1000 for pid, found in resident.items() if found},
        {pid: len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids},
    )
