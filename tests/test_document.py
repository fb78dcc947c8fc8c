"""What a document says of itself, and how it answers requests (RFC 9110)."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import brotli
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import parse_accept_header, parse_date, parse_etags

from feedsvc.document import (
    CODINGS,
    HTML,
    Document,
    Response,
    digest,
    encode,
    etag,
    http_date,
    negotiate,
    parse_http_date,
    respond,
    status_line,
)

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
    response = respond(document, method, {f"HTTP_{name.upper()}": value for name, value in headers.items()})
    return int(response.status.split()[0]), named(response), response.body


def named(response: Response) -> dict[str, str]:
    names = [name for name, _ in response.headers]
    assert len(names) == len(set(names)), "a header is written twice"
    return dict(response.headers)


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


@pytest.mark.parametrize("status", [200, 204, 301, 304, 405, 406, 410])
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
        "Vary": "Accept-Encoding",
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


def test_headers_are_made_once_for_each_coding() -> None:
    assert FEED.headers("br") is FEED.headers("br")
    assert FEED.headers("br") != FEED.headers("gzip")


@pytest.mark.parametrize("document", [FEED, PAGE, PICTURE])
@pytest.mark.parametrize("accept", ["", "gzip", "br"])
def test_a_304_repeats_the_200_without_its_representation(document: Document, accept: str) -> None:
    status, full, _ = ask(document, Accept_Encoding=accept)
    again, headers, body = ask(document, Accept_Encoding=accept, If_None_Match=full["ETag"])
    assert (status, again, body) == (200, 304, b"")
    assert full.keys() - headers.keys() == full.keys() & {"Content-Type", "Content-Length", "Content-Encoding"}
    assert headers.items() <= full.items()
    assert {"ETag", "Last-Modified", "Vary", "Cache-Control"} <= headers.keys(), "RFC 9110, 15.4.5"


def test_head_is_get_without_the_body() -> None:
    for accept in ("", "gzip", "br"):
        _, headers, body = ask(Accept_Encoding=accept)
        assert ask(method="HEAD", Accept_Encoding=accept) == (200, headers, b"")
        assert headers["Content-Length"] == str(len(body))
    assert ask(method="HEAD", If_None_Match=TAGS["identity"])[0] == 304


def test_a_moved_document_says_where_and_is_never_unchanged() -> None:
    moved = replace(FEED, status=301, location="https://feeds.example/feeds/quay.rss")
    status, headers, _ = ask(moved, If_None_Match="*")
    assert (status, headers["Location"]) == (301, "https://feeds.example/feeds/quay.rss")


def test_an_ended_document_is_never_unchanged() -> None:
    assert ask(replace(PAGE, status=410), If_None_Match=PAGE.encodings["identity"].etag)[0] == 410


# ---- methods


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "FOO", "get", ""])
def test_other_methods_are_told_which_are_allowed(method: str) -> None:
    status, headers, body = ask(method=method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Length"] == str(len(body))
    assert "ETag" not in headers


def test_options_answers_a_preflight() -> None:
    status, headers, body = ask(method="OPTIONS", Origin="https://other.example")
    assert (status, body, headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    assert "Content-Length" not in headers, "RFC 9110, 8.6"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in headers["Access-Control-Allow-Headers"]


def test_a_page_answers_options_without_inviting_other_sites() -> None:
    status, headers, _ = ask(PAGE, "OPTIONS")
    assert status == 204
    assert not [name for name in headers if name.startswith("Access-Control")]


# ---- negotiation (RFC 9110, 12.5.3)


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip,deflate", "gzip"),
        ("deflate", "identity"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("gzip;q=1, br;q=0.9", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.000", "identity"),
        ("gzip; q=0.5 , br ;q=0.4", "gzip"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=0.4", "identity"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("identity;q=0, *;q=0", None),
        ("gzip, *;q=0", "gzip"),
        ("identity, *;q=0", "identity"),
        ("gzip;q=abc", "gzip"),
        ("gzip;q=", "gzip"),
        ("gzip;q=nan", "gzip"),
        ("gzip;q=-1", "gzip"),
        ("gzip;q=7", "gzip"),
        ("gzip;level=9", "gzip"),
        (",,;;,=,", "identity"),
        ("\x00\xff", "identity"),
    ],
)
def test_negotiation(accept: str, coding: str | None) -> None:
    status, headers, _ = ask(Accept_Encoding=accept)
    assert negotiate(accept, CODINGS) == coding
    assert (status, headers.get("Content-Encoding", "identity")) == (200 if coding else 406, coding or "identity")


def test_without_the_header_bytes_are_plain() -> None:
    assert "Content-Encoding" not in ask()[1]


def test_what_is_not_stored_is_not_sent() -> None:
    assert ask(PICTURE, Accept_Encoding="br, gzip")[::2] == (200, b"\x89PNG")
    assert ask(PICTURE, Accept_Encoding="gzip, identity;q=0")[0] == 406


@pytest.mark.parametrize("document", [FEED, PAGE])
def test_a_406_is_no_document_but_as_safe(document: Document) -> None:
    status, headers, body = ask(document, Accept_Encoding="*;q=0")
    assert (status, headers["Content-Length"], headers["Vary"]) == (406, str(len(body)), "Accept-Encoding")
    assert ask(document, "HEAD", Accept_Encoding="*;q=0") == (406, headers, b"")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ("Access-Control-Allow-Origin" in headers) == document.open
    assert "ETag" not in headers


@given(
    st.lists(
        st.tuples(st.sampled_from(["gzip", "br", "identity", "*"]), st.sampled_from(["", ";q=1", ";q=0.5", ";q=0.25", ";q=0"])),
        max_size=4,
        unique_by=lambda part: part[0],
    )
)
def test_no_coding_is_sent_that_werkzeug_finds_refused(parts: list[tuple[str, str]]) -> None:
    header = ", ".join(name + weight for name, weight in parts)
    theirs = parse_accept_header(header)
    named = {name for name, _ in parts}
    chosen = negotiate(header, CODINGS)
    if chosen is None:
        assert all(theirs.quality(coding) == 0 for coding in ("gzip", "br"))
        assert named & {"*", "identity"}, "plain bytes are refused only by a word (RFC 9110, 12.5.3)"
    elif chosen != "identity" or named & {"*", "identity"}:
        assert theirs.quality(chosen) == max(theirs.quality(coding) for coding in ("gzip", "br", chosen))
        assert theirs.quality(chosen) > 0


# ---- conditions (RFC 9110, 13.2.2)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (TAGS["identity"], 304),
        (f"W/{TAGS['identity']}", 304),
        ("*", 304),
        (" * ", 304),
        (f'"a", {TAGS["identity"]}', 304),
        (f'"a",W/{TAGS["identity"]},"b"', 304),
        (f'  {TAGS["identity"]}  ', 304),
        (TAGS["gzip"], 200),
        (TAGS["identity"].strip('"'), 200),
        (TAGS["identity"].upper(), 200),
        (TAGS["identity"].replace('"', "'"), 200),
        ('"other"', 200),
        ('W/"other", "another"', 200),
        ('""', 200),
        ("", 200),
        ("   ", 200),
        ('"', 200),
        ("W/", 200),
    ],
)
def test_if_none_match(header: str, status: int) -> None:
    assert ask(If_None_Match=header)[0] == status


@pytest.mark.parametrize("number", [20_000])
def test_a_long_list_of_tags_is_one_comparison(number: int) -> None:
    tags = [f'"{place:032x}"' for place in range(number)]
    assert ask(If_None_Match=", ".join(tags))[0] == 200
    assert ask(If_None_Match=", ".join([*tags, TAGS["identity"]]))[0] == 304


def test_a_header_beyond_reason_is_not_looked_at() -> None:
    assert ask(If_None_Match=f"{TAGS['identity']}, " + '"a", ' * 200_000)[0] == 200
    assert ask(Accept_Encoding="gzip" + "," * 1_000_000)[::2] == (200, BODY)


def test_the_tag_is_that_of_the_coding_that_would_be_sent() -> None:
    for sent, asked in combinations(CODINGS, 2):
        assert ask(Accept_Encoding=asked, If_None_Match=TAGS[sent])[0] == 200
        assert ask(Accept_Encoding=asked, If_None_Match=TAGS[asked])[0] == 304


tag_characters = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"')
tags = st.text(tag_characters, max_size=6).map(lambda text: f'"{text}"')
tag_lists = st.lists(st.tuples(st.sampled_from(["", "W/"]), tags | st.sampled_from(sorted(TAGS.values()))), max_size=5)


@given(tag_lists, st.sampled_from([", ", ",", " , "]))
def test_if_none_match_is_read_as_werkzeug_reads_it(parts: list[tuple[str, str]], comma: str) -> None:
    header = comma.join(weak + tag for weak, tag in parts)
    theirs = parse_etags(header).contains_weak(TAGS["identity"].strip('"'))
    assert (ask(If_None_Match=header)[0] == 304) == theirs


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Thu, 21 May 2026 09:00:30 GMT", 304),
        ("Thu, 21 May 2026 09:00:31 GMT", 304),
        ("Thu, 21 May 2026 09:00:29 GMT", 200),
        ("Thursday, 21-May-26 09:00:30 GMT", 304),
        ("Thu May 21 09:00:30 2026", 304),
        ("Thu, 21 May 2026 10:00:30 +0100", 304),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 200),
        ("Thu, 32 May 2026 09:00:30 GMT", 200),
        ("Thu, 21 May 99999 09:00:30 GMT", 200),
        ("Thu, 21 May 2026 09:00:30 +9999999999999999999", 200),
        ("yesterday", 200),
        ("0", 200),
        ("", 200),
        ("\x00", 200),
    ],
)
def test_if_modified_since(header: str, status: int) -> None:
    assert ask(If_Modified_Since=header)[0] == status


@pytest.mark.parametrize(
    ("none_match", "since", "status"),
    [
        ('"other"', http_date(CHANGED), 200),
        ("", http_date(CHANGED), 200),
        (TAGS["identity"], "Wed, 21 Oct 2015 07:28:00 GMT", 304),
    ],
)
def test_if_none_match_beats_if_modified_since(none_match: str, since: str, status: int) -> None:
    assert ask(If_None_Match=none_match, If_Modified_Since=since)[0] == status


def test_a_range_is_answered_with_the_whole() -> None:
    status, headers, body = ask(Range="bytes=0-9")
    assert (status, body) == (200, BODY)
    assert "Content-Range" not in headers


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_http_dates_come_back_as_written(moment: datetime) -> None:
    written = http_date(moment)
    assert parse_http_date(written) == moment.replace(microsecond=0) == parse_date(written)
    assert ask(replace(FEED, last_modified=moment), If_Modified_Since=written)[0] == 304


def test_an_http_date_is_in_utc() -> None:
    zone = (CHANGED + timedelta(hours=1)).astimezone(tz=None)
    assert http_date(zone) == "Thu, 21 May 2026 10:00:30 GMT"


header_parts = ["gzip", "br", "identity", "nan", "1e9", "21 May 2026", TAGS["identity"], *'*;q=01.,"W/ é\x00']
header_texts = st.text(max_size=80) | st.lists(st.sampled_from(header_parts), max_size=20).map("".join)


@given(header_texts, header_texts, header_texts, st.sampled_from(["GET", "HEAD"]))
@example("", '"', "Mon, 01 Jan 0001 00:00:00 +2359", "GET")
def test_whatever_is_asked_the_answer_is_one_of_three(accept: str, none_match: str, since: str, method: str) -> None:
    status, headers, body = ask(method=method, Accept_Encoding=accept, If_None_Match=none_match, If_Modified_Since=since)
    assert status in (200, 304, 406)
    assert bool(body) == (status != 304 and method == "GET")
    assert status != 200 or "Content-Length" in headers
    alone = ask(If_Modified_Since=since)[0]
    assert alone in (200, 304)
