"""What a document says of itself: its bytes in each coding, their ETags, its headers and dates (RFC 9110)."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_date

from feedsvc.formats.compression import encode
from feedsvc.model.document import Encoded, Unpacked
from feedsvc.model.etag import etag
from feedsvc.model.hashing import digest
from feedsvc.web.responses import Response, answers, http_date, parse_http_date, status_line
from support.asking import BODY, CHANGED, FEED, PAGE, RSS, TAGS, ask

# ---- bytes, digests, tags


def test_each_coding_holds_the_same_bytes_under_a_tag_of_its_own() -> None:
    assert FEED.encodings["identity"].body == BODY
    assert gzip.decompress(FEED.encodings["gzip"].body) == BODY
    assert brotli.decompress(FEED.encodings["br"].body) == BODY
    assert len(set(TAGS.values())) == 3
    assert all(encoded.etag == etag(encoded.body) for encoded in FEED.encodings.values())


def test_the_same_bytes_are_encoded_alike_at_any_time() -> None:
    assert encode(BODY, RSS) == encode(BODY, RSS)
    assert FEED.encodings["gzip"].body[4:8] == bytes(4), "gzip's mtime (RFC 1952, 2.3.1)"


@pytest.mark.parametrize("body", [b"", b"\0", bytes(range(256))])
def test_any_bytes_can_be_encoded(body: bytes) -> None:
    encodings = encode(body, RSS)
    assert gzip.decompress(encodings["gzip"].body) == brotli.decompress(encodings["br"].body) == body


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_pictures_are_not_compressed_again(kind: str) -> None:
    assert list(encode(b"picture", kind)) == ["identity"]


def test_a_digest_knows_where_its_parts_end() -> None:
    made = [digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", ""), digest("", "abc"), digest()]
    assert len(set(made)) == len(made)
    assert digest("é") == digest("é".encode())
    assert len(digest("\ud800")) == 32


@pytest.mark.parametrize("status", [200, 204, 301, 304, 405, 406, 410, 412])
def test_a_status_line_has_a_number_and_a_phrase(status: int) -> None:
    number, _, phrase = status_line(status).partition(" ")
    assert int(number) == status and phrase


# ---- headers


def test_a_feeds_headers() -> None:
    status, headers, body = ask(Accept_Encoding="gzip")
    assert (status, body) == (200, FEED.encodings["gzip"].body)
    assert headers == {
        "ETag": TAGS["gzip"],
        "Last-Modified": "Thu, 21 May 2026 09:00:30 GMT",
        "Cache-Control": "max-age=60, stale-while-revalidate=60, stale-if-error=86400",
        "Vary": "Accept-Encoding, Sec-Fetch-Dest",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Link": '<https://feeds.example/feeds/harbour.rss>; rel="self", <https://hub.example/>; rel="hub"',
        "Content-Type": "application/rss+xml; charset=utf-8",
        "Content-Length": str(len(body)),
        "Content-Encoding": "gzip",
    }


def test_plain_bytes_name_no_coding() -> None:
    assert "Content-Encoding" not in ask()[1]


def test_a_page_carries_its_policy_and_is_not_open_to_other_sites_scripts() -> None:
    headers = ask(PAGE)[1]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers and "Link" not in headers
    assert "Content-Security-Policy" not in ask(FEED)[1]


def test_answers_are_made_once_for_each_coding() -> None:
    assert answers(FEED, "br") is answers(FEED, "br")
    assert answers(FEED, "br") != answers(FEED, "gzip")


def test_an_answers_head_is_its_status_and_headers_as_they_are_sent() -> None:
    response = Response("200 OK", [("ETag", '"x"'), ("Location", "/é")], b"x")
    assert response.head == b'HTTP/1.1 200 OK\r\nETag: "x"\r\nLocation: /\xe9\r\n'


# ---- dates


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_http_dates_come_back_as_written(moment: datetime) -> None:
    written = http_date(moment)
    assert parse_http_date(written) == moment.replace(microsecond=0) == parse_date(written)


def test_an_http_date_is_in_utc() -> None:
    zone = (CHANGED + timedelta(hours=1)).astimezone(tz=None)
    assert http_date(zone) == "Thu, 21 May 2026 10:00:30 GMT"


@given(st.binary(max_size=3_000))
def test_plain_bytes_are_unpacked_from_gzip_when_asked_for(body: bytes):
    made = encode(body, "text/plain")
    unpacked = Unpacked(made["gzip"].body, made["identity"].etag)
    assert unpacked.size == len(body) and unpacked.body == body
    assert unpacked == made["identity"] and made["identity"] == unpacked and hash(unpacked) == hash(made["identity"])
    assert unpacked != Encoded(body + b".", unpacked.etag) and unpacked != Encoded(body, '"other"')
