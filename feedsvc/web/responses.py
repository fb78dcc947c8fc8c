"""Answers to requests for documents: conditional requests, content codings, headers (RFC 9110).

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property, lru_cache
from http import HTTPStatus

from feedsvc.model.cache_control import FOR_EVER
from feedsvc.model.document import HTML, PDF, Document, Encoded, Kept
from feedsvc.model.file_copy import Part
from feedsvc.web.byte_ranges import Unsatisfiable, asked_for

CODINGS = ("br", "gzip", "identity")  # in our order of preference
METHODS = "GET, HEAD, OPTIONS"
ANYWHERE = ("Access-Control-Allow-Origin", "*")
NOSNIFF = ("X-Content-Type-Options", "nosniff")
_VARIES = (("Vary", "Accept-Encoding"), NOSNIFF)
# What a browser would save to a file, and shows under the other name, by the document's own stylesheet.
FEED_TYPES = frozenset(f"{kind}; charset=utf-8" for kind in ("application/rss+xml", "application/atom+xml", "text/x-opml"))
SHOWN_TYPE = "application/xml; charset=utf-8"
MAX_HEADER = 1_000_000
MAX_CODINGS = 4096  # longer ones are cut, so that they don't fill a cache
MAX_DATE = 64
RETRY_SECONDS = 5
PLAIN = "text/plain; charset=utf-8"

# What a page may load: stylesheet, scripts and data from here, pictures, sound and film from any site by https, nothing inline.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https:; "
    "media-src 'self' https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The same for a page that any site may show in a frame.
FRAME_POLICY = PAGE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
# A feed in a browser's window loads its stylesheet alone.
FEED_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Response:
    """An answer: `status` as a status line, headers in order, and the body as one chunk, or the part of a copy that it is."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    part: Part | None = None

    @property
    def size(self) -> int:
        """The number of bytes of the body."""
        return self.part.size if self.part else len(self.body)

    @cached_property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status[:3])

    @cached_property
    def head(self) -> bytes:
        """Status line and headers as they are sent, except those that depend on the moment and the connection (RFC 9112, 2.1)."""
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in self.headers), ""]
        return "\r\n".join(lines).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Answers:
    """A document's answers in one content coding: to GET, to HEAD, and to a reader who has it already.

    `shown` are those to a browser that opens it in a window, where they differ.
    """

    whole: Response
    bodiless: Response
    unchanged: Response
    shown: Answers | None = None


def answers(document: Document, coding: str) -> Answers:
    """The document's answers in this coding, made once; a 304 repeats only the validators (RFC 9110, 15.4.5)."""
    made: Answers | None = document.prepared.get(coding)
    if made is None:
        described = _representation(document, coding)
        made = _answers(document, coding, described)
        if document.content_type in FEED_TYPES:
            # The bytes are the same, so the strong ETag is too (RFC 9110, 8.8.1).
            seen = [("Content-Type", SHOWN_TYPE), *described[1:], ("Content-Security-Policy", FEED_POLICY)]
            made = replace(made, shown=_answers(document, coding, seen))
        document.prepared[coding] = made
    return made


def _answers(document: Document, coding: str, described: list[tuple[str, str]]) -> Answers:
    validators = _validators(document, coding)
    status, headers = status_line(document.status), [*validators, *described]
    return Answers(
        whole=Response(status, headers, document.encodings[coding].body, _whole_of(document)),
        bodiless=Response(status, headers, b""),
        unchanged=Response(status_line(304), validators, b""),
    )


def _whole_of(document: Document) -> Part | None:
    return Part(kept.copy, 0, kept.size) if (kept := document.kept) else None


def _validators(document: Document, coding: str) -> list[tuple[str, str]]:
    varies = "Accept-Encoding, Sec-Fetch-Dest" if document.content_type in FEED_TYPES else "Accept-Encoding"
    headers = [("Vary", varies), NOSNIFF]
    if document.status == HTTPStatus.NOT_FOUND:
        headers.append(("Cache-Control", "no-store"))
    else:
        age = document.max_age
        later = "immutable" if age == FOR_EVER else f"stale-while-revalidate={age}, stale-if-error=86400"
        later = "private" if document.protected else later
        headers += [
            ("ETag", document.encodings[coding].etag),
            ("Last-Modified", http_date(document.last_modified)),
            ("Cache-Control", f"max-age={age}, {later}"),
        ]
    if document.open:
        headers.append(ANYWHERE)
    if document.keys:  # a 304 names them too: a cache may take them from the newest answer
        headers += [("Surrogate-Key", " ".join(document.keys)), ("Cache-Tag", ",".join(document.keys))]
    if document.kept:
        headers += [("Accept-Ranges", "bytes"), ("Access-Control-Expose-Headers", "Accept-Ranges, Content-Range, ETag")]
    if document.links:
        headers.append(("Link", ", ".join(document.links)))
    if document.content_type == HTML:
        policy = FRAME_POLICY if document.framed else PAGE_POLICY
        headers += [("Content-Security-Policy", policy), ("Referrer-Policy", "strict-origin-when-cross-origin")]
    if document.content_type == PDF:
        headers.append(("Content-Disposition", "attachment"))  # to be saved: a PDF may hold scripts, and this is no place for them
    return headers


def _representation(document: Document, coding: str) -> list[tuple[str, str]]:
    headers = [("Content-Type", document.content_type), ("Content-Length", str(document.encodings[coding].size))]
    if coding != "identity":
        headers.append(("Content-Encoding", coding))
    if document.location:
        headers.append(("Location", document.location))
    return headers


def respond(document: Document, method: str, environ: Mapping[str, object]) -> Response:
    """The answer to a request for a document (RFC 9110); of `environ` only the request's HTTP_ headers are read."""
    absent = document.status == HTTPStatus.NOT_FOUND
    if method not in ("GET", "HEAD") and not (absent and method == "OPTIONS"):
        return _other_method(document, method)
    coding = negotiate(_header(environ, "HTTP_ACCEPT_ENCODING", "identity")[:MAX_CODINGS], tuple(document.encodings))
    if coding is None:
        return refusal(406, method, _VARIES)
    prepared, encoded = answers(document, coding), document.encodings[coding]
    if document.status == HTTPStatus.OK:
        if _unwanted(document, encoded, environ):
            return refusal(412, method, _VARIES)
        if _unchanged(document, encoded, environ):
            return prepared.unchanged
        if document.kept and method == "GET" and "HTTP_RANGE" in environ and _as_before(document, environ):
            return _part(document, document.kept, prepared, _header(environ, "HTTP_RANGE"))
    if prepared.shown is not None and environ.get("HTTP_SEC_FETCH_DEST") == "document":
        prepared = prepared.shown  # a browser's window, as no script and no reader can say of itself (Fetch Metadata, 2.1)
    return prepared.bodiless if method == "HEAD" else prepared.whole


def _as_before(document: Document, environ: Mapping[str, object]) -> bool:
    """Whether a part fits what its sender has of the rest (RFC 9110, 13.1.5): a weak tag or another date never does."""
    condition = _header(environ, "HTTP_IF_RANGE").strip()
    if "HTTP_IF_RANGE" not in environ or condition == document.etag:
        return True
    date = None if '"' in condition else parse_http_date(condition[:MAX_DATE])
    return date is not None and date == document.last_modified.replace(microsecond=0)


def _part(document: Document, kept: Kept, prepared: Answers, written: str) -> Response:
    """The answer to a request for a part of a document (RFC 9110, 14.2 and 15.3.7)."""
    try:
        span = asked_for(written, kept.size)
    except Unsatisfiable:
        return refusal(416, "GET", (*_VARIES, ("Content-Range", f"bytes */{kept.size}"), ("Cache-Control", "no-store")))
    if span is None:
        return prepared.whole
    part = Part(kept.copy, span.start, span.end)
    described = [("Content-Type", document.content_type), ("Content-Length", str(part.size))]
    place = ("Content-Range", f"bytes {span.start}-{span.end - 1}/{kept.size}")
    return Response(status_line(206), [*_validators(document, "identity"), *described, place], b"", part)


def _other_method(document: Document, method: str) -> Response:
    headers = [("Allow", METHODS), NOSNIFF]
    if method != "OPTIONS":
        return refusal(405, method, headers)
    if document.open:
        headers += [
            ANYWHERE,
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, Cache-Control"),
            ("Access-Control-Max-Age", "86400"),
        ]
    return Response(status_line(204), headers, b"")  # without a Content-Length (RFC 9110, 8.6)


def refusal(status: int, method: str, headers: Iterable[tuple[str, str]] = (NOSNIFF,)) -> Response:
    """An answer with only its status."""
    body = f"{status_line(status)}\n".encode()
    described = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    # A ticker on another site must be able to read what is wrong.
    return Response(status_line(status), [*headers, ANYWHERE, *described], b"" if method == "HEAD" else body)


def busy(method: str) -> Response:
    """The answer when there is no room or no time for another (RFC 9110, 15.6.4)."""
    return refusal(503, method, (NOSNIFF, ("Cache-Control", "no-store"), ("Retry-After", str(RETRY_SECONDS))))


def plain(text: str, status: int, method: str) -> Response:
    """A line of text that no cache keeps."""
    body = text.encode()
    kept = ("Cache-Control", "no-store" if status >= 400 else "no-cache")
    described = [("Content-Type", PLAIN), ("Content-Length", str(len(body)))]
    return Response(status_line(status), [NOSNIFF, kept, *described], b"" if method == "HEAD" else body)


def _unwanted(document: Document, encoded: Encoded, environ: Mapping[str, object]) -> bool:
    """Whether the conditions of a request say that its sender wants another version than this (RFC 9110, 13.2.2)."""
    if "HTTP_IF_MATCH" in environ:
        match = _header(environ, "HTTP_IF_MATCH")
        # Weak tags match nothing here (RFC 9110, 13.1.1).
        return match.strip() != "*" and match.count(encoded.etag) == match.count(f"W/{encoded.etag}")
    date = _date(environ, "HTTP_IF_UNMODIFIED_SINCE")
    return date is not None and date < document.last_modified.replace(microsecond=0)


def _unchanged(document: Document, encoded: Encoded, environ: Mapping[str, object]) -> bool:
    """Whether the conditions of a request say that its sender has this already (RFC 9110, 13.2.2)."""
    if "HTTP_IF_NONE_MATCH" in environ:
        none_match = _header(environ, "HTTP_IF_NONE_MATCH")
        # A tag contains no quotes, so searching a list for the quoted tag finds it, weak or not.
        return encoded.etag in none_match or none_match.strip() == "*"
    date = _date(environ, "HTTP_IF_MODIFIED_SINCE")
    return date is not None and document.last_modified.replace(microsecond=0) <= date


def _date(environ: Mapping[str, object], name: str) -> datetime | None:
    return parse_http_date(_header(environ, name)[:MAX_DATE]) if name in environ else None


def _header(environ: Mapping[str, object], name: str, default: str = "") -> str:
    value = environ.get(name, default)
    return value if isinstance(value, str) and len(value) <= MAX_HEADER else default


@lru_cache(maxsize=1024)
def negotiate(accept: str, available: tuple[str, ...]) -> str | None:
    """The content coding to send for an Accept-Encoding header, or None if none is acceptable (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            weights["gzip" if name == "x-gzip" else name] = _weight(parameters)
    others = weights.get("*")
    best, best_weight = None, 0.0
    for coding in CODINGS:
        unnamed = others if others is not None else 0.0
        if coding == "identity":
            # Always acceptable unless excluded, but any coding that was asked for comes before it.
            unnamed = others if others is not None else 0.001
        weight = weights.get(coding, unnamed)
        if coding in available and weight > best_weight:
            best, best_weight = coding, weight
    return best


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 1.0
            return weight if 0 <= weight <= 1 else 1.0
    return 1.0


@lru_cache(maxsize=1024)
def parse_http_date(text: str) -> datetime | None:
    """The moment of an HTTP date, or None for an invalid one (RFC 9110, 5.6.7)."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def http_date(moment: datetime) -> str:
    """A moment as an HTTP date (RFC 9110, 5.6.7)."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


@lru_cache(maxsize=64)
def status_line(status: int) -> str:
    """A status with its reason phrase, as WSGI requires."""
    return f"{status} {HTTPStatus(status).phrase}"
