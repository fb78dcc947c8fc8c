"""Parts of a recording over real connections, as nginx answers for the same file."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.live import SLOW, Answer, Service, free_port, until

SOUND = b"ID3" + bytes(range(256)) * 8_000  # two megabytes: many pieces
SIZE = len(SOUND)
NGINX = """
{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/errors;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    types {{ audio/mpeg mp3; }}
    server {{ listen 127.0.0.1:{port}; root {folder}/articles; }}
}}
"""
# Both answer with the same status, length, Content-Range and bytes.
AS_NGINX = (
    *("bytes=0-0", "bytes=0-", "bytes=131071-131072", "bytes=5-200004", "bytes=-1", "bytes=-9999999999", f"bytes={SIZE - 1}-"),
    *(f"bytes={SIZE}-", "bytes=9999999999-", "bytes=-0", "bytes=0-1,9999999999-", "pages=0-1", f"bytes={SIZE - 1}-9999999999"),
    "bytes=0-,-1",  # more than there is
)
# nginx refuses what is no range, and parts the whole for several ranges; here both are answered with the whole (RFC 9110, 14.2).
OTHERWISE = {"bytes=a-b": (200, 416), "bytes=5-4": (200, 416), "bytes=0-1,5-6": (200, 206)}


@contextmanager
def nginx(folder: Path) -> Iterator[Service]:
    port = free_port()
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, port=port))
    server = Service(["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")], folder, port)
    server.start(ready=False)
    try:
        until(lambda: reachable(port))
        yield server
    finally:
        server.stop()


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def shown(answer: Answer) -> tuple[object, ...]:
    body = answer.body if answer.status < 400 else b""
    length = answer.headers["content-length"] if answer.status < 400 else ""
    return answer.status, answer.headers.get("content-range"), length, body


def test_parts_are_those_of_nginx(serve: Callable[..., Service], tmp_path: Path) -> None:
    service = serve("--interval", "3600")
    folder = tmp_path / "articles/pod"
    folder.mkdir()
    (folder / "one.mp3").write_bytes(SOUND)
    os.utime(folder / "one.mp3", (1_700_000_000, 1_700_000_000))
    (folder / "one.md").write_text("---\ntitle: One\naudio: one.mp3\n---\nWords.\n")
    service.start()
    path = until(lambda: attached(service))
    with nginx(tmp_path) as other:

        def both(method: str = "GET", **headers: str) -> tuple[Answer, Answer]:
            return service.get(path, method, **headers), other.get("/pod/one.mp3", method, **headers)

        ours, theirs = both()
        assert ours.body == theirs.body == SOUND
        for name in ("accept-ranges", "content-length", "content-type"):
            assert ours.headers[name] == theirs.headers[name]
        for written in AS_NGINX:
            ours_here, theirs_here = both(Range=written)
            assert shown(ours_here) == shown(theirs_here), written
        for written, statuses in OTHERWISE.items():
            assert tuple(answer.status for answer in both(Range=written)) == statuses, written
            assert both(Range=written)[0].body == SOUND
        for condition, status in (("{etag}", 206), ('"other"', 200), ("{date}", 206), ("Thu, 01 Jan 1970 00:00:00 GMT", 200)):
            for server, at, whole in ((service, path, ours), (other, "/pod/one.mp3", theirs)):
                known = condition.format(etag=whole.headers["etag"], date=whole.headers["last-modified"])
                answer = server.get(at, Range="bytes=7-9", If_Range=known)
                assert (answer.status, answer.body) == (status, SOUND[7:10] if status == 206 else SOUND), (condition, at)
        for headers in ({}, {"Range": "bytes=0-1"}):
            ours_here, theirs_here = both("HEAD", **headers)
            # nginx answers HEAD as it would GET; a range is for GET alone (RFC 9110, 14.2).
            assert ours_here.body == theirs_here.body == b"" and ours_here.status == 200
        not_changed = service.get(path, If_None_Match=ours.headers["etag"], Range="bytes=0-1")
        assert (not_changed.status, not_changed.body) == (304, b"")
    slow_and_many(service, path)


def attached(service: Service) -> str:
    """The path of the recording, once the feed encloses it."""
    answer = service.get("/feeds/all.json")
    url = answer.text.partition('"attachments":[{"url":"')[2].partition('"')[0]
    return url.removeprefix(service.url)


def slow_and_many(service: Service, path: str) -> None:
    """Fifty who ask for all and read nothing cost a worker no fifty recordings, and hold up nobody."""
    assert service.process
    ask = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    waiting = []
    try:
        for _ in range(50):
            one = socket.create_connection(("127.0.0.1", service.port), SLOW)
            one.sendall(ask)
            waiting.append(one)
        assert service.get(path, Range="bytes=5-6").body == SOUND[5:7]
        assert service.get("/feeds/all.rss").status == 200
        first = b""
        waiting[0].sendall(b"GET /feeds/all.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while some := waiting[0].recv(65536):
            first += some
        head, _, rest = first.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200") and rest[:SIZE] == SOUND and rest[SIZE:].startswith(b"HTTP/1.1 200 OK")
    finally:
        for one in waiting:
            one.close()
