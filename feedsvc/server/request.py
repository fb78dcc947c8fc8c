"""`Request`: the head of an HTTP/1.1 request. Strict patterns read the usual ones, the parser that Node.js uses all others.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import httptools

from feedsvc.errors import RequestError

MAX_HEADERS = 200
MAX_HEAD_BYTES = 1_000_000  # an If-None-Match of 20,000 of our tags has 720 KB
MAX_OTHERS_BYTES = 64_000  # of a head, except headers that list tags
MAX_NAME = 64
KEPT_BYTES = 2048  # longer ones are parsed each time, so that they don't fill the cache
_UNKNOWN_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [!-~]")
# An authority without user information, as allowed in Host (RFC 9110, 7.2; RFC 3986, 3.2).
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~%!$&'()*+;=-]*)(?::\d{0,5})?", re.ASCII)
_TAGS = (b"if-none-match:", b"if-match:")
_USUAL_LINE = re.compile(r"(GET|HEAD) (/[A-Za-z0-9/._~%&=+,;:@!$'()*-]*)(?:\?([A-Za-z0-9/._~%&=?+,;:@!$'()*-]*))? HTTP/1\.1")
_USUAL_NAME = re.compile(rf"[A-Za-z][A-Za-z-]{{0,{MAX_NAME - 1}}}")
_UNUSUAL = {"", "HTTP_TRANSFER_ENCODING", "HTTP_UPGRADE", "CONTENT_LENGTH"}
_KEPT = "keep-alive"
_FOLDED = {"HTTP_CONTENT_TYPE": "CONTENT_TYPE", "HTTP_CONTENT_LENGTH": "CONTENT_LENGTH"}


class Ending(Enum):
    """Whether a connection stays open after an answer, and the header that says so if one is needed (RFC 9112, 9.3)."""

    KEPT = b""
    KEPT_OLD = b"Connection: keep-alive\r\n"
    LAST = b"Connection: close\r\n"

    __hash__ = object.__hash__  # for speed: each is one of its kind


class Request(NamedTuple):
    """A request's method, its path as it was sent, and its headers under their names in WSGI (PEP 3333).

    `ending` is whether its connection stays open, and the header for that.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    ending: Ending


def read_request(head: bytes) -> Request:
    """A request from its head, the empty line included, and those that may come before (RFC 9112, 2.2, 3).

    The same bytes give the same request, so repeated ones are remembered.

    Whatever follows a head that announces a body is ignored: nothing here accepts one.
    Raises `RequestError` with the status to answer.
    """
    return _known(head) if len(head) <= KEPT_BYTES else _read(head)


class UnfinishedHead:
    """How much of a request's head has arrived, checked line by line, so that a bad one is refused before its end."""

    def __init__(self) -> None:
        self._line = 0  # where the unfinished line begins
        self._searched = 0
        self._lines = 0
        self._others = 0

    def find_end(self, head: bytearray) -> int:
        """Where the head ends, its empty line included; 0 if it has not ended.

        Raises `RequestError`: 400 if lines end in bare line feeds, 431 if there are too many, or they are too long.
        """
        while (feed := head.find(b"\n", self._searched)) >= 0:
            line = bytes(head[self._line : min(feed, self._line + 16)])
            if self._line and line == b"\r":
                return feed + 1
            if self._line and not line:
                raise RequestError(400)
            self._lines += 1
            if not line.lower().startswith(_TAGS):
                self._others += feed - self._line
            self._line = self._searched = feed + 1
            self._check(0)
        self._searched = len(head)
        tags = bytes(head[self._line : self._line + 16]).lower().startswith(_TAGS)
        self._check(0 if tags else len(head) - self._line)
        if len(head) > MAX_HEAD_BYTES:
            raise RequestError(431)
        return 0

    def _check(self, unfinished: int) -> None:
        # Beside the headers there is the request's own line, and an empty one may come before.
        if self._lines > MAX_HEADERS + 2 or self._others + unfinished > MAX_OTHERS_BYTES:
            raise RequestError(431)


class _Head:
    """What the parser finds, by its callbacks."""

    def __init__(self) -> None:
        self.target = b""
        self.headers: dict[str, str] = {}
        self.lines = 0
        self.complete = False

    def on_url(self, target: bytes) -> None:
        self.target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        self.lines += 1
        key = _variable(name.decode("latin-1")) if len(name) <= MAX_NAME else ""
        if not key or self.lines > MAX_HEADERS:
            return
        text = value.decode("latin-1")
        if key in self.headers:
            text = f"{self.headers[key]}, {text}"  # RFC 9110, 5.3
        self.headers[key] = text

    def on_headers_complete(self) -> None:
        self.complete = True


def _read(head: bytes) -> Request:
    return _usual(head) or _parsed(head)


def _usual(head: bytes) -> Request | None:
    """A request from a head in which nothing needs a thought, else None: the parser decides about all others."""
    text = head.decode("latin-1")
    first, *lines = text.split("\r\n")
    found = _USUAL_LINE.fullmatch(first)
    visible = text.isascii() and "".join(lines).isprintable()
    if not found or not visible or lines[-2:] != ["", ""] or ":  " in text or " \r\n" in text:
        return None
    headers = {}
    for line in lines[:-2]:
        name, colon, value = line.partition(": ")
        headers[_usual_variable(name) if colon else ""] = value
    if not len(headers) == len(lines) - 2 <= MAX_HEADERS or not _UNUSUAL.isdisjoint(headers):
        return None
    if not _is_authority(headers.get("HTTP_HOST", ",")) or headers.get("HTTP_CONNECTION", _KEPT).lower() != _KEPT:
        return None
    return Request(found[1], found[2], found[3] or "", headers, Ending.KEPT)


@lru_cache(maxsize=256)
def _usual_variable(name: str) -> str:
    return _variable(name) if _USUAL_NAME.fullmatch(name) else ""


def _parsed(head: bytes) -> Request:
    found = _Head()
    parser = httptools.HttpRequestParser(found)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass  # to other protocols: ignored, the request is valid (RFC 9110, 7.8)
    except httptools.HttpParserInvalidMethodError as error:
        raise RequestError(405 if _UNKNOWN_METHOD.match(head) else 400) from error
    except httptools.HttpParserError as error:
        raise RequestError(400) from error
    if found.lines > MAX_HEADERS:
        raise RequestError(431)
    if not found.complete:  # nothing but empty lines, too
        raise RequestError(400)
    headers, version = found.headers, parser.get_http_version()
    # The parser takes RTSP, too.
    if version not in ("1.0", "1.1") or not head.lstrip(b"\r\n").partition(b"\r\n")[0].rpartition(b" ")[2].startswith(b"HTTP/"):
        raise RequestError(505)
    # No Host, several, or an invalid one (RFC 9112, 3.2).
    if not _is_authority(headers.get("HTTP_HOST", "," if version == "1.1" else "")):
        raise RequestError(400)
    body = "HTTP_TRANSFER_ENCODING" in headers or headers.get("CONTENT_LENGTH", "0").strip("0") != ""
    method = parser.get_method().decode("latin-1")
    path, query = _split(found.target)
    if path == "*" and method != "OPTIONS":
        raise RequestError(400)  # RFC 9112, 3.2.4
    ending = Ending.KEPT_OLD if version == "1.0" else Ending.KEPT
    # The parser no longer has this by now.
    said = headers.get("HTTP_CONNECTION")
    words = {word.strip().lower() for word in said.split(",")} if said else ()
    if body or "HTTP_UPGRADE" in headers or "close" in words or (version == "1.0" and "keep-alive" not in words):
        ending = Ending.LAST
    return Request(
        method=method,
        path=path,
        query=query,
        headers=headers,
        ending=ending,
    )


_known = lru_cache(maxsize=1024)(_read)


def _split(target: bytes) -> tuple[str, str]:
    """Path and query of a target in origin or absolute form, or of the asterisk (RFC 9112, 3.2)."""
    if not target.startswith(b"/") and b"://" in target:
        authority, _, rest = target.partition(b"://")[2].partition(b"/")
        if not _is_authority(authority.partition(b"?")[0].partition(b"#")[0].decode("latin-1")):
            raise RequestError(400)
        target = b"/" + rest
    path, _, query = target.decode("latin-1").partition("#")[0].partition("?")
    return path, query


@lru_cache(maxsize=64)
def _is_authority(text: str) -> bool:
    return _AUTHORITY.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _variable(name: str) -> str:
    if "_" in name:
        return ""  # WSGI can't tell it from HTTP_…, and it would pass for another (RFC 3875, 4.1.18)
    variable = "HTTP_" + name.upper().replace("-", "_")
    return _FOLDED.get(variable, variable)
