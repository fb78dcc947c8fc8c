"""Raw bytes to a real service: never a 500, never a hang, never another document's body, and afterwards all is as before.

`FEEDSVC_TEST_LONG=1` looks for a quarter of an hour, and waits for half-sent requests to be hung up on.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.live import LONG, Answer, Service, until
from support.wire import PICTURE_NAME, PICTURE_PATH, Published, Received, ask, connect, drop, exchange, load_of, path_of, send

FEED = "/feeds/sport.rss"
PATHS = [
    *(FEED, "/feeds/%C3%A9t%C3%A9.rss", "/headlines.json", "/articles/win", "/feeds/sport/2026-05.atom", "/topics/sport", "/"),
    *("/feeds/games.rss", "/feeds/fog.rss", PICTURE_PATH, f"/media/{quote(f'été/{PICTURE_NAME}')}", "/healthz", "/none"),
]
HEAD = b"Host: feeds.example\r\n"
GET = b"GET %b HTTP/1.1\r\n" % FEED.encode() + HEAD
LAST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
INNER = b"GET /headlines.json HTTP/1.1\r\nHost: x\r\n\r\n"

thorough = settings(
    max_examples=20_000 if LONG else 40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def service(published: Published) -> Iterator[Service]:
    """The service, which after the test answers on a new connection, from the same processes, and holds no more than before."""
    service = published.service
    before = load_of(service)
    yield service
    published.check(service.get(FEED), FEED)
    until(lambda: all(now <= before.files[pid] + 40 for pid, now in load_of(service).files.items()))
    now = load_of(service)
    assert now.files.keys() == before.files.keys(), "a process has died"
    assert all(megabytes < before.megabytes[pid] + 40 for pid, megabytes in now.megabytes.items())
    assert "Traceback" not in service.log


# ---- well-formed requests, any number on a connection, each with the one answer that is its own


@dataclass(frozen=True)
class Request:
    """A request as it will be sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    chunked: bool

    def written(self, *, last: bool) -> bytes:
        headers = [("Host", "feeds.example"), *self.headers, *([("Connection", "close")] if last else [])]
        body = self.body or b""
        if self.body is not None and self.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
            body = (b"%x;x=y\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\nTrailer: x\r\n\r\n"
        elif self.body is not None:
            headers.append(("Content-Length", str(len(body))))
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1") + body


def disguised(path: str, places: set[int], prefix: str, suffix: str) -> str:
    """A path written in another way: some characters percent-encoded, in absolute form, with a query or a dead end behind it."""
    text = "".join(f"%{ord(c):02x}" if place in places and c not in "/%" else c for place, c in enumerate(path))
    # What follows a percent sign belongs to it.
    return prefix + (text if "%" not in path else path) + suffix


suffixes = st.sampled_from(["", "", "", "?", "?a=%0d%0aX:y", "#x", "/", "%00", "%ff", "//", "/..", "%2e", ";x", "%20"])
targets = st.builds(
    disguised,
    st.sampled_from(PATHS) | st.text(st.characters(max_codepoint=0x2FF), max_size=8).map(lambda text: "/feeds/" + quote(text)),
    st.sets(st.integers(0, 20), max_size=3),
    st.sampled_from(["", "", "", "http://evil.example", "https://evil.example:99", "/", "/.", "/%2e%2e"]),
    suffixes,
)
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30).map(str.strip)
tokens = st.text("abcXYZ019!#$%&'*+.^`|~-", min_size=1, max_size=12).filter(lambda name: name.lower() not in ("te", "host"))
codings = st.sampled_from(["gzip", "br", "gzip;q=0, *;q=0", "*", "x-gzip", "identity"])
others = ["If-Modified-Since", "If-Unmodified-Since", "Range", "Cookie", "X-Forwarded-Host", "Referer"]
headers = st.one_of(
    st.tuples(st.just("Accept-Encoding"), codings | visible),
    st.tuples(st.sampled_from(["If-None-Match", "If-Match"]), st.sampled_from(["*", '"x"', 'W/"x"', "", '"']) | visible),
    st.tuples(st.sampled_from(others) | tokens, visible),
)
methods = st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "FOO", "get"])
bodiless = st.builds(Request, methods, targets, st.lists(headers, max_size=3).map(tuple), st.none(), st.just(False))
bodies = st.sampled_from([b"", b"x", INNER, LAST]) | st.binary(max_size=20)
with_body = st.builds(Request, methods, targets, st.lists(headers, max_size=2).map(tuple), bodies, st.booleans())
# What follows a body may go unanswered, for a server that looks at none may hang up; one that is answered must have its own.
with_bodies = st.builds(list.__add__, st.lists(bodiless, max_size=2), st.lists(with_body, min_size=1, max_size=2))
pipelines = st.lists(bodiless, min_size=1, max_size=4) | with_bodies


@thorough
@given(lines=st.lists(pipelines, min_size=1, max_size=8))
def test_each_request_gets_its_own_answer(service: Service, published: Published, lines: list[list[Request]]) -> None:
    messages = [b"".join(one.written(last=one is line[-1]) for one in line) for line in lines]
    for line, received in zip(lines, exchange(service, *messages), strict=True):
        answers = received.answers([one.method for one in line])
        assert len(answers) == len(line) or answers[-1].headers.get("connection") == "close"
        for request, answer in zip(line, answers, strict=False):
            check(published, request, answer)


def check(published: Published, request: Request, answer: Answer) -> None:
    path = path_of(request.target)
    published.check(answer, path, head=request.method == "HEAD")
    document = published.document(path)
    if document is None and path.endswith("/"):  # where a slash too many leads to is found on request, and is not kept
        moved = {"GET": (301, 404, 406), "HEAD": (301, 404, 406), "OPTIONS": (204, 404, 406)}
        assert answer.status in moved.get(request.method, (405,))
        return
    if document is None and answer.status in (204, 412) and path not in ("/healthz", "/readyz"):
        document = until(lambda: published.document(path))  # what is made when asked for is kept a moment later
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        assert answer.status == 405
    elif document is None and path not in ("/healthz", "/readyz"):
        assert answer.status in (404, 406)
    elif request.method == "OPTIONS":
        assert answer.status == 204
    elif document is not None:
        assert answer.status in {200: (200, 304, 406, 412), 301: (301, 406), 302: (302, 406), 410: (410, 406)}[document.status]


# ---- bytes that are no requests, or nearly

SEEDS = [
    GET + b"\r\n",
    GET + b"Accept-Encoding: gzip, br;q=0.5\r\nIf-None-Match: \"x\", W/\"y\"\r\n\r\n",
    GET + b"Content-Length: 5\r\n\r\nhello" + INNER,
    b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n" + INNER,
    b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET http://x/articles/win?y#z HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    LAST,
]
SCRAPS = [
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%", b"/", b"..", b"%00", b"\xff", b"\xc0\xaf", b"HTTP/1.1", b"HTTP/9.9"),
    *(b"Content-Length: 9", b"Content-Length: -1", b"Transfer-Encoding: chunked", b"Host: x", b"Connection: close"),
    *(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"\x16\x03\x01", b"GET ", b"A" * 300),
    *(b"\r\n\r\n", b"Upgrade: h2c"),
]
edits = st.tuples(st.integers(0, 400), st.integers(0, 30), st.sampled_from(SCRAPS) | st.binary(max_size=4))


def edited(seed: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, scrap in changes:
        place %= len(seed) + 1
        seed = seed[:place] + scrap + seed[place + length :]
    return seed


nearly = st.builds(edited, st.sampled_from(SEEDS), st.lists(edits, min_size=1, max_size=3))


@thorough
@given(messages=st.lists(nearly | st.binary(max_size=200), min_size=1, max_size=25))
def test_bytes_that_are_nearly_requests_do_no_harm(service: Service, published: Published, messages: list[bytes]) -> None:
    for message, received in zip(messages, exchange(service, *messages), strict=True):
        published.check_any(received, message)


# ---- classics


@pytest.mark.parametrize(
    ("message", "statuses"),
    [
        # Two lengths, or a length and chunks: whatever is meant to be smuggled behind them is never answered (RFC 9112, 6.3).
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER, {400, 405}),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nZ\r\nQ" + INNER, {400, 405}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 4\r\n\r\nabcd" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\nabc" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc" + INNER, {400}),
        (b"GET / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER, {200, 400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\n Content-Length: 3\r\n\r\nabc" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX\r\n\r\n" + INNER, {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n" + INNER, {400}),
        (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n" + INNER, {400}),
        (b"GET / HTTP/1.1 x\r\nHost: x\r\n\r\n" + INNER, {400}),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n" + INNER, {400, 505}),
        (b"GET /\r\n\r\n", {400, 505}),
        (b"GET\r\n\r\n", {400}),
        (b"\0\1\2\r\n\r\n", {400}),
        (b"\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03" + b"\0" * 160 + b"\r\n\r\n", {400}),
        (b"GET feeds/sport.rss HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 2_000_000 + b"\r\n\r\n", {431}),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 100_000 + b"\r\n", {431}),
        (b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {414, 431}),
    ],
    ids=lambda value: repr(value[:90]) if isinstance(value, bytes) else "",
)
def test_what_is_wrong_is_refused_for_good(service: Service, published: Published, message: bytes, statuses: set[int]) -> None:
    received = exchange(service, message)[0]
    answers = received.answers()
    published.check_any(received, message)
    # Of what is longer than it looks at, a service need not even read the end before it hangs up.
    assert [answer.status in statuses for answer in answers] == [True] or (len(message) > 1_000_000 and answers == [])


@pytest.mark.parametrize(
    ("message", "methods", "statuses"),
    [
        (b"\r\n" + GET + b"\r\n", ["GET"], [200]),
        (GET + b"\r\n" + INNER + GET + b"\r\n", ["GET"] * 3, [200, 200, 200]),
        ((GET + b"\r\n") * 100, ["GET"] * 100, [200] * 100),
        (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + INNER, ["HEAD", "GET"], [200, 200]),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" + INNER, ["OPTIONS", "GET"], [204, 200]),
        (b"GET http://evil.example/headlines.json HTTP/1.1\r\nHost: x\r\n\r\n", ["GET"], [200]),
        (b"GET http://evil.example HTTP/1.1\r\nHost: x\r\n\r\n", ["GET"], [200]),
        (b"GET / HTTP/1.0\r\n\r\n", ["GET"], [200]),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + LAST, ["GET", "GET"], [200, 200]),
        (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", ["CONNECT"], [405]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\nabc", ["POST"], [405]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", ["POST"], [405]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", ["POST"], [405]),
    ],
    ids=lambda value: repr(value[:90]) if isinstance(value, bytes) else "",
)
def test_what_is_odd_and_right_is_answered(
    service: Service, published: Published, message: bytes, methods: list[str], statuses: list[int]
) -> None:
    received = ask(service, message, methods)
    assert [answer.status for answer in received.answers(methods)] == statuses
    published.check_any(received, message)


# ---- connections


def test_a_request_may_come_byte_by_byte(service: Service, published: Published) -> None:
    with connect(service) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        message = GET + b"Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        for place in range(len(message)):
            assert not select.select([connection], [], [], 0)[0], "an answer before the request was whole"
            connection.send(message[place : place + 1])
            if place % 20 == 0:
                assert service.get("/healthz").status == 200
        received = b""
        while got := connection.recv(65_536):
            received += got
    published.check(Received(received).answers()[0], FEED)


def test_half_sent_requests_keep_nobody_waiting(service: Service, published: Published) -> None:
    halves = [GET[:place] for place in range(0, len(GET), 3)]
    halves += [GET + b"X: " + b"a" * 50_000, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc"]
    with ExitStack() as stack:
        for number in range(200):
            send(stack.enter_context(connect(service)), halves[number % len(halves)])
        for _ in range(30):
            published.check(service.get(FEED), FEED)
        # A half that is made whole after all is answered.
        late = stack.enter_context(connect(service))
        send(late, GET)
        published.check(service.get(FEED), FEED)
        send(late, b"Connection: close\r\n\r\n")
        published.check(Received(late.recv(65_536)).answers()[0], FEED)


def test_readers_who_take_nothing_keep_nobody_waiting(service: Service, published: Published) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(connect(service))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(0.05)
            with suppress(TimeoutError):
                send(connection, (GET + b"\r\n") * 2_000)
        for _ in range(30):
            published.check(service.get(FEED), FEED)


def test_a_thousand_connections_opened_and_dropped_leave_nothing_behind(service: Service, published: Published) -> None:
    messages = [b"", GET[:20], GET + b"\r\n", (GET + b"\r\n") * 20, b"GET /articles/win HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 100]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: drop(service, messages[number % 6], politely=number % 4 < 2), range(1_000)))
    published.check(service.get("/articles/win"), "/articles/win")


def test_many_readers_at_once_get_whole_answers(service: Service, published: Published) -> None:
    def read(number: int) -> None:
        path = PATHS[number % len(PATHS)]
        for coding in ("identity", "gzip", "br"):
            published.check(service.get(path, Accept_Encoding=coding), path)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(read, range(200)))


def test_a_half_sent_request_is_hung_up_on(service: Service) -> None:
    with connect(service) as connection:
        connection.settimeout(60 if LONG else 0.2)
        send(connection, GET)
        with suppress(TimeoutError):
            assert {answer.status for answer in Received(connection.recv(65_536)).answers()} <= {408}
            assert LONG, "so soon?"
