"""Sample documents, and the answers to requests for them."""

from __future__ import annotations

from datetime import UTC, datetime

from feedsvc.formats.compression import encode
from feedsvc.model.document import HTML, Document
from feedsvc.web.responses import Response, respond

CHANGED = datetime(2026, 5, 21, 9, 0, 30, 250_000, tzinfo=UTC)
BODY = b"<rss>" + b"The ferry runs late. " * 200 + b"</rss>"
RSS = "application/rss+xml; charset=utf-8"
FEED = Document(
    path="/feeds/harbour.rss",
    encodings=encode(BODY, RSS),
    content_type=RSS,
    last_modified=CHANGED,
    links=('<https://feeds.example/feeds/harbour.rss>; rel="self"', '<https://hub.example/>; rel="hub"'),
    open=True,
)
PAGE = Document(path="/topics/harbour", encodings=encode(b"<p>Harbour", HTML), content_type=HTML, last_modified=CHANGED)
PICTURE = Document(path="/media/a.png", encodings=encode(b"\x89PNG", "image/png"), content_type="image/png", last_modified=CHANGED)
TAGS = {coding: encoded.etag for coding, encoded in FEED.encodings.items()}


def ask(document: Document = FEED, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A response's status, headers and body; a header is named as in `If_None_Match`."""
    response = respond(document, method, environ(headers))
    return int(response.status.split()[0]), named(response), response.body


def environ(headers: dict[str, str]) -> dict[str, str]:
    """Headers as WSGI names them (PEP 3333)."""
    return {f"HTTP_{name.upper()}": value for name, value in headers.items()}


def named(response: Response) -> dict[str, str]:
    """A response's headers by name, of which none is written twice."""
    names = [name for name, _ in response.headers]
    assert len(names) == len(set(names)), "a header is written twice"
    return dict(response.headers)
