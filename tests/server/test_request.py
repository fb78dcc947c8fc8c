"""What the head of a request says (RFC 9112)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.errors import RequestError
from feedsvc.server import request
from feedsvc.server.request import MAX_HEADERS, MAX_OTHERS_BYTES, Ending, UnfinishedHead, read_request

NO_HOSTS = (b"a b/<>", b"a@b", b"[::1", b"a/b", b"a:b", b"\xe9", b"a,b")
GET = b"GET /feeds/all.rss HTTP/1.1\r\nHost: feeds.example\r\n"


def test_a_request_is_its_method_its_target_and_its_headers_in_wsgis_words() -> None:
    read = read_request(b'HEAD /a%20b?c=d&e HTTP/1.1\r\nHost: x\r\nIf-None-Match: W/"a"\r\nContent-Type: text/plain\r\n\r\n')
    assert (read.method, read.path, read.query, read.ending) == ("HEAD", "/a%20b", "c=d&e", Ending.KEPT)
    assert read.headers == {"HTTP_HOST": "x", "HTTP_IF_NONE_MATCH": 'W/"a"', "CONTENT_TYPE": "text/plain"}


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("*", "*", ""),
        ("//x", "//x", ""),
        ("/a?", "/a", ""),
        ("/a?b?c", "/a", "b?c"),
        ("/a#b?c", "/a", ""),
        ("/a?u=http://x/y", "/a", "u=http://x/y"),
        ("http://evil.example/a?b", "/a", "b"),
        ("http://evil.example", "/", ""),
        ("/../x", "/../x", ""),
        ("/%2e%2e/x%00", "/%2e%2e/x%00", ""),
    ],
)
def test_a_target(target: str, path: str, query: str) -> None:
    method = "OPTIONS" if target == "*" else "GET"
    read = read_request(f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (read.path, read.query) == (path, query)


@pytest.mark.parametrize(
    ("head", "ending"),
    [
        (GET, Ending.KEPT),
        (GET + b"Connection: keep-alive\r\n", Ending.KEPT),
        (GET + b"Connection: close\r\n", Ending.LAST),
        (GET + b"Content-Length: 0\r\n", Ending.KEPT),
        (GET + b"Content-Length: 5\r\n", Ending.LAST),
        (GET + b"Transfer-Encoding: chunked\r\n", Ending.LAST),
        (GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n", Ending.LAST),
        (b"GET / HTTP/1.0\r\n", Ending.LAST),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n", Ending.KEPT_OLD),
    ],
)
def test_what_becomes_of_the_connection(head: bytes, ending: Ending) -> None:
    assert read_request(head + b"\r\n").ending is ending


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"\r\n", 400),
        (b"FOO / HTTP/1.1\r\nHost: x\r\n", 405),
        (b"get / HTTP/1.1\r\nHost: x\r\n", 405),
        (b"\x16\x03\x01 / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: x\r\n", 505),
        (b"GET / RTSP/1.0\r\nHost: x\r\n", 505),
        (b"\r\nGET / RTSP/1.0\r\nHost: x\r\n", 505),
        (b"GET * HTTP/1.1\r\nHost: x\r\n", 400),
        (b"HEAD * HTTP/1.0\r\n", 400),
        *((b"GET / HTTP/1.1\r\nHost: %b\r\n" % host, 400) for host in NO_HOSTS),
        (b"GET http://a@b/ HTTP/1.1\r\nHost: x\r\n", 400),
        (b"GET / HTTP/1.1\nHost: x\r\n", 400),
        (GET + b"X : a\r\n", 400),
        (GET + b"X: a\x00\r\n", 400),
        (GET + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400),
        (GET + b"Content-Length: 3\r\nContent-Length: 4\r\n", 400),
        (GET + b"X: a\r\n" * MAX_HEADERS, 431),
    ],
    ids=repr,
)
def test_what_is_no_request_is_refused(head: bytes, status: int) -> None:
    with pytest.raises(RequestError) as refused:
        read_request(head + b"\r\n")
    assert refused.value.status == status


@pytest.mark.parametrize("host", ["", "x", "feeds.example:8000", "127.0.0.1", "[::1]:80", "xn--hfen-5qa.example", "a_b.example:"])
def test_a_host_is_a_name_or_an_address_and_perhaps_a_port(host: str) -> None:
    assert read_request(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).headers["HTTP_HOST"] == host


# ---- a head that has not come to its end


def came(*pieces: bytes) -> int:
    """Where a head ends, that is looked at after each piece; 0 where it has not come to its end."""
    unfinished, head = UnfinishedHead(), bytearray()
    for piece in pieces:
        head += piece
        if end := unfinished.find_end(head):
            return end
    return 0


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_the_end_is_found_however_it_comes_in_pieces(size: int) -> None:
    for head in (GET + b"\r\n", b"\r\n" + GET + b"\r\n", GET + b"X: y\r\n" * (MAX_HEADERS - 1) + b"\r\n"):
        whole = head + b"GET / HTTP/1.1\r\n"
        assert came(*(whole[start : start + size] for start in range(0, len(whole), size))) == len(head)
        assert came(head[:-1]) == 0


TAGS = b'"0123456789abcdef0123456789abcdef", ' * 20_000


@pytest.mark.parametrize("name", [b"If-None-Match", b"if-match"])
def test_a_list_of_tags_may_be_long(name: bytes) -> None:
    head = GET + name + b": " + TAGS + b"\r\n\r\n"
    assert came(*(head[start : start + 60_000] for start in range(0, len(head), 60_000))) == len(head)


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([GET, *[b"X: y\r\n" * 10] * 21], 431),
        ([GET + b"X: " + b"y" * MAX_OTHERS_BYTES], 431),
        ([GET, *[b"X: " + b"y" * 1_000 + b"\r\n"] * 70], 431),
        ([b"GET /" + b"x" * MAX_OTHERS_BYTES], 431),
        ([GET + b"If-None-Match: " + TAGS, TAGS], 431),
        ([b"GET / HTTP/1.1\nHost: x\n\n"], 400),
    ],
    ids=["many", "one long", "many long", "a long target", "too many tags", "bare line feeds"],
)
def test_what_will_be_refused_is_not_waited_for(pieces: list[bytes], status: int) -> None:
    with pytest.raises(RequestError) as refused:
        came(*pieces)
    assert refused.value.status == status


def test_headers_of_one_name_are_one_list() -> None:
    read = read_request(GET + b'If-None-Match: "a"\r\nIf-None-Match: "b"\r\n\r\n')
    assert read.headers["HTTP_IF_NONE_MATCH"] == '"a", "b"'


def test_no_header_passes_for_another() -> None:
    read = read_request(GET + b"If_None_Match: *\r\n" + b"X" * 100 + b": y\r\n\r\n")
    assert read.headers == {"HTTP_HOST": "feeds.example"}


@given(st.binary(max_size=60) | st.text("GET /HTP1.\r\n:%x", max_size=60).map(str.encode))
def test_any_bytes_are_a_request_or_refused(some: bytes) -> None:
    for head in (some, GET + some + b"\r\n\r\n", b"GET /" + some + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
        with suppress(RequestError):
            read = read_request(head)
            assert read.method and read.path and read == read_request(head)


# Parts of heads, right, unusual and wrong, so that many heads are read by both ways and many by one.
_methods = st.sampled_from(["GET", "HEAD", "POST", "get", "GE T"])
_targets = st.sampled_from(
    ["/", "/feeds/all.rss", "/a%20b?c=d&e", "/a?b?c", "/?", "//x", "*", "http://x/a", "/a#b", "/a b", "/\u00e9", "/<"]
)
_versions = st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "http/1.1", "RTSP/1.0"])
_names = st.sampled_from(
    ["Host", "host", "Accept", "If-None-Match", "Connection", "X-B3", "A_b", "", " Host", "Content-Length", "Upgrade"]
)
_values = st.sampled_from(
    [
        "x",
        "feeds.example:80",
        '"a"',
        'W/"b", "c"',
        "keep-alive",
        "Close",
        "0",
        "5",
        "",
        " x",
        "x ",
        "\u00e9",
        "a\tb",
        "a: b",
        "\x7f",
    ]
)
_separators = st.sampled_from([": ", ": ", ": ", ":", " : ", ":  ", ""])
_ends = st.sampled_from(["\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n "])


_fields = st.lists(st.tuples(_names, _separators, _values, _ends), max_size=6)


@given(_methods, _targets, _versions, _fields, st.sampled_from(["\r\n", "\n", "", "\r\n\r\n"]))
@example("GET", "/a", "HTTP/1.1", [("Host", ": ", "x", "\r\n"), ("Accept", "", "", "\r\n")], "\r\n")
@example("GET", "/a?b", "HTTP/1.1", [("Host", ": ", "x", "\r\n"), ("Accept", ": ", "a: b", "\r\n")], "\r\n")
def test_what_strict_patterns_read_the_parser_reads_too(
    method: str, target: str, version: str, fields: list[tuple[str, str, str, str]], end: str
) -> None:
    head = f"{method} {target} {version}\r\n{''.join(map(''.join, fields))}{end}".encode("latin-1")
    usual = request._usual(head)
    assert usual is None or usual == request._parsed(head)


@pytest.mark.parametrize(
    "fields", [b"", b"Accept: */*\r\nConnection: keep-alive\r\n", b'If-None-Match: W/"a", "b"\r\nVia: 1.1 ::1\r\n']
)
def test_the_heads_of_readers_and_proxies_are_usual(fields: bytes) -> None:
    head = GET + b"User-Agent: Reader/1.0 (+https://reader.example/)\r\n" + fields + b"\r\n"
    assert request._usual(head) == request._parsed(head)
