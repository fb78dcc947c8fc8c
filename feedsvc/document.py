"""`Document`: one published path, its bytes in each encoding, ETags and headers; and `respond`, the answer to a request for it.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property, lru_cache
from http import HTTPStatus

import brotli
from zlib_ng import gzip_ng

HTML = "text/html; charset=utf-8"
SVG = "image/svg+xml"
CODINGS = ("br", "gzip", "identity")  # in our order of preference
METHODS = "GET, HEAD, OPTIONS"
FOR_EVER = 31_536_000  # a year, which caches take for ever
NOSNIFF = ("X-Content-Type-Options", "nosniff")
MAX_HEADER = 1_000_000
MAX_CODINGS = 4096  # longer ones are cut, before they fill a cache
MAX_DATE = 64

# What a page may load: its stylesheet, scripts and data from this service, pictures from anywhere, and nothing inline.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' http: https:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The same for a page that anybody may show in a frame.
FRAME_POLICY = PAGE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A document's bytes in one content coding, with their strong ETag (RFC 9110, 8.8.3)."""

    body: bytes
    etag: str

    @property
    def size(self) -> int:
        """How many bytes they are."""
        return len(self.body)


class Unpacked(Encoded):
    """A document's plain bytes, unpacked from those in gzip when they are asked for, which few readers do."""

    __slots__ = ("packed",)
    packed: bytes

    def __init__(self, packed: bytes, etag: str) -> None:
        object.__setattr__(self, "packed", packed)
        object.__setattr__(self, "etag", etag)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encoded) and (self.body, self.etag) == (other.body, other.etag)

    __hash__ = Encoded.__hash__

    @property
    def body(self) -> bytes:
        """The plain bytes."""
        return gzip.decompress(self.packed)

    @property
    def size(self) -> int:
        """How many bytes they are, as the packed ones tell (RFC 1952, 2.3.1: ISIZE)."""
        return int.from_bytes(self.packed[-4:], "little")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is published at one path.

    `status` is 200, or 301 with a `location`, or 410, or 404 for what may be published at any moment;
    `links` are the values of its Link header (RFC 8288); `open` lets every site's scripts read it (CORS); `framed` lets
    every site show it in a frame, and is not kept in the database; a `max_age` of a year is for what never changes (RFC 8246);
    `warning` is what the newsroom should know of it, as long as it has just been made.
    """

    path: str
    encodings: Mapping[str, Encoded]
    content_type: str
    last_modified: datetime
    max_age: int = 60
    status: int = 200
    location: str | None = None
    links: tuple[str, ...] = ()
    open: bool = False
    framed: bool = False
    warning: str | None = field(default=None, compare=False)
    _answers: dict[str, Answers] = field(default_factory=dict, init=False, repr=False, compare=False)

    def answers(self, coding: str) -> Answers:
        """The document's answers in this coding, made once; a 304 repeats the validators alone (RFC 9110, 15.4.5)."""
        made = self._answers.get(coding)
        if made is None:
            validators = self._validators(coding)
            status, headers = status_line(self.status), [*validators, *self._representation(coding)]
            made = self._answers[coding] = Answers(
                whole=Response(status, headers, self.encodings[coding].body),
                bodiless=Response(status, headers, b""),
                unchanged=Response(status_line(304), validators, b""),
            )
        return made

    def _validators(self, coding: str) -> list[tuple[str, str]]:
        headers = [("Vary", "Accept-Encoding"), NOSNIFF]
        if self.status == HTTPStatus.NOT_FOUND:
            headers.append(("Cache-Control", "no-store"))
        else:
            later = "immutable" if self.max_age == FOR_EVER else f"stale-while-revalidate={self.max_age}, stale-if-error=86400"
            headers += [
                ("ETag", self.encodings[coding].etag),
                ("Last-Modified", http_date(self.last_modified)),
                ("Cache-Control", f"max-age={self.max_age}, {later}"),
            ]
        if self.open:
            headers.append(("Access-Control-Allow-Origin", "*"))
        if self.links:
            headers.append(("Link", ", ".join(self.links)))
        if self.content_type == HTML:
            policy = FRAME_POLICY if self.framed else PAGE_POLICY
            headers += [("Content-Security-Policy", policy), ("Referrer-Policy", "strict-origin-when-cross-origin")]
        return headers

    def _representation(self, coding: str) -> list[tuple[str, str]]:
        headers = [("Content-Type", self.content_type), ("Content-Length", str(self.encodings[coding].size))]
        if coding != "identity":
            headers.append(("Content-Encoding", coding))
        if self.location:
            headers.append(("Location", self.location))
        return headers


@dataclass(frozen=True)
class Response:
    """An answer: `status` as a status line, headers in order, and the body as one chunk."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @cached_property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status[:3])

    @cached_property
    def head(self) -> bytes:
        """Status line and headers as they are sent, but for what depends on the moment and the connection (RFC 9112, 2.1)."""
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in self.headers), ""]
        return "\r\n".join(lines).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a document answers in one content coding: to GET, to HEAD, and to a reader who has it already."""

    whole: Response
    bodiless: Response
    unchanged: Response


def encode(body: bytes, content_type: str, *, dense: bool = False) -> dict[str, Encoded]:
    """A body in every coding worth storing, as `dense` as can be where it is packed once and sent for years.

    What is compressed already, as pictures are, stays as it is.
    """
    encodings = {"identity": Encoded(body, etag(body))}
    if not content_type.startswith("image/") or content_type == SVG:
        # Compression is most of an update. Levels of 9 take ten times as long, for 3 % fewer bytes.
        gzip_level, br_level = (9, 11) if dense else (3, 3)
        zipped, brotlied = gzip_ng.compress(body, gzip_level, mtime=0), brotli.compress(body, quality=br_level)
        for coding, packed in (("gzip", zipped), ("br", brotlied)):
            encodings[coding] = Encoded(packed, etag(packed))
    return encodings


def integrity(body: bytes) -> str:
    """The digest of some bytes as a browser checks it (Subresource Integrity, 3.1)."""
    return f"sha384-{b64encode(hashlib.sha384(body).digest()).decode()}"


def etag(body: bytes) -> str:
    """The strong ETag of some bytes."""
    return f'"{digest(body)}"'


def digest(*parts: bytes | str) -> str:
    """The digest of some parts; where one part ends and the next begins counts."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big"))
        made.update(data)
    return made.hexdigest()


def respond(document: Document, method: str, environ: Mapping[str, object]) -> Response:
    """The answer to a request for a document (RFC 9110); of `environ` only the request's HTTP_ headers are read."""
    absent = document.status == HTTPStatus.NOT_FOUND
    if method not in ("GET", "HEAD") and not (absent and method == "OPTIONS"):
        return _other_method(document, method)
    coding = negotiate(_header(environ, "HTTP_ACCEPT_ENCODING", "identity")[:MAX_CODINGS], tuple(document.encodings))
    if coding is None:
        return refusal(406, method, [("Vary", "Accept-Encoding"), *_always(document)])
    answers, encoded = document.answers(coding), document.encodings[coding]
    if document.status == HTTPStatus.OK:
        if _unwanted(document, encoded, environ):
            return refusal(412, method, [("Vary", "Accept-Encoding"), *_always(document)])
        if _unchanged(document, encoded, environ):
            return answers.unchanged
    return answers.bodiless if method == "HEAD" else answers.whole


def _other_method(document: Document, method: str) -> Response:
    headers = [("Allow", METHODS), *_always(document)]
    if method != "OPTIONS":
        return refusal(405, method, headers)
    if document.open:
        headers += [
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, Cache-Control"),
            ("Access-Control-Max-Age", "86400"),
        ]
    return Response(status_line(204), headers, b"")  # without a Content-Length (RFC 9110, 8.6)


def refusal(status: int, method: str, headers: Iterable[tuple[str, str]] = (NOSNIFF,)) -> Response:
    """An answer that is its status and no more."""
    body = f"{status_line(status)}\n".encode()
    described = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    return Response(status_line(status), [*headers, *described], b"" if method == "HEAD" else body)


def _always(document: Document) -> list[tuple[str, str]]:
    headers = [NOSNIFF]
    return [*headers, ("Access-Control-Allow-Origin", "*")] if document.open else headers


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
        # A tag holds no quotes, so the quoted tag is found in a list, weak or not, by looking for it.
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
    """The content coding to send for an Accept-Encoding header, or None where none will do (RFC 9110, 12.5.3)."""
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
    """The moment that an HTTP date names, or None where it names none (RFC 9110, 5.6.7)."""
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
    """A status with its reason phrase, as WSGI wants it."""
    return f"{status} {HTTPStatus(status).phrase}"
