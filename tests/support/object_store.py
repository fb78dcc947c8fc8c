"""A small S3 server for one bucket: as much of its API as rclone needs to keep a bucket the same as a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.utils import formatdate
from hashlib import md5
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from support.local_server import Handler, LocalServer

BUCKET = "feeds"
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@contextmanager
def object_store() -> Iterator[str]:
    """The URL of a server whose only bucket is empty."""
    objects: dict[str, tuple[bytes, dict[str, str]]] = {}
    lock = threading.Lock()

    class Answering(Handler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept = {name: value for name, value in self.headers.items() if name.lower().startswith(("x-amz-meta-", "content-type"))}
            with lock:
                objects[self._key()] = body, kept
            self._tell(200, ETag=_tag(body))

        def do_GET(self) -> None:
            if not self._key():
                self._tell(200, self._listed(), **{"Content-Type": "application/xml"})
                return
            with lock:
                found = objects.get(self._key())
            if found is None:
                self._tell(404, b"<Error><Code>NoSuchKey</Code></Error>")
            else:
                self._tell(200, found[0], **{"ETag": _tag(found[0]), "Last-Modified": formatdate(usegmt=True), **found[1]})

        do_HEAD = do_GET

        def do_DELETE(self) -> None:
            with lock:
                objects.pop(self._key(), None)
            self._tell(204)

        def _key(self) -> str:
            return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}").removeprefix("/")

        def _listed(self) -> bytes:
            """All keys under a prefix, or, with a delimiter, those and the folders that are right there."""
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
            with lock:
                known = {key: body for key, (body, _) in objects.items() if key.startswith(prefix)}
            rest = {key: key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "") for key in known}
            folders = sorted({f"{prefix}{name}{delimiter}" for name, found, _ in rest.values() if found})
            moment = "2026-05-21T12:00:00.000Z"
            contents = "".join(
                f"<Contents><Key>{escape(key)}</Key><LastModified>{moment}</LastModified><ETag>{_tag(body)}</ETag>"
                f"<Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
                for key, body in sorted(known.items())
                if not rest[key][1]
            )
            common = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders)
            head = f"<Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>false</IsTruncated>"
            return f'<ListBucketResult xmlns="{NAMESPACE}">{head}{contents}{common}</ListBucketResult>'.encode()

        def _tell(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    with closing(LocalServer(Answering)) as server:
        yield server.url


def _tag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'
