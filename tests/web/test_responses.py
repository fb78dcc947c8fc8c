"""How a document answers requests: methods, negotiation and conditions (RFC 9110), beside Werkzeug's own reading of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as WerkzeugResponse

from feedsvc.model.document import Document
from feedsvc.web.responses import CODINGS, Response, http_date, negotiate, respond
from support.asking import BODY, CHANGED, FEED, PAGE, PICTURE, TAGS, ask, environ

OLD, NOW = "Wed, 21 Oct 2015 07:28:00 GMT", http_date(CHANGED)
PLAIN_TAG = TAGS["identity"]

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


def test_head_is_get_without_the_body() -> None:
    for accept in ("", "gzip", "br"):
        _, headers, body = ask(Accept_Encoding=accept)
        assert ask(method="HEAD", Accept_Encoding=accept) == (200, headers, b"")
        assert headers["Content-Length"] == str(len(body))
    assert ask(method="HEAD", If_None_Match=PLAIN_TAG)[0] == 304


def test_a_moved_document_says_where_whatever_is_on_condition() -> None:
    moved = replace(FEED, status=301, location="https://feeds.example/feeds/quay.rss")
    for conditions in ({"If_None_Match": "*"}, {"If_Match": '"other"'}, {"If_Unmodified_Since": OLD}):
        status, headers, _ = ask(moved, **conditions)
        assert (status, headers["Location"]) == (301, "https://feeds.example/feeds/quay.rss")


def test_an_ended_document_is_never_unchanged() -> None:
    assert ask(replace(PAGE, status=410), If_None_Match=PAGE.encodings["identity"].etag)[0] == 410


def test_a_range_is_answered_with_the_whole() -> None:
    for more in ({}, {"If_Range": PLAIN_TAG}):
        status, headers, body = ask(Range="bytes=0-9", **more)
        assert (status, body) == (200, BODY)
        assert "Content-Range" not in headers


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


@pytest.mark.parametrize("refusal", [{"Accept_Encoding": "*;q=0"}, {"If_Match": '"other"'}])
@pytest.mark.parametrize("document", [FEED, PAGE])
def test_a_406_or_412_is_no_document_but_as_safe(document: Document, refusal: dict[str, str]) -> None:
    status, headers, body = ask(document, **refusal)
    assert status == (406 if "Accept_Encoding" in refusal else 412)
    assert (headers["Content-Length"], headers["Vary"]) == (str(len(body)), "Accept-Encoding")
    assert ask(document, "HEAD", **refusal) == (status, headers, b"")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] == "*"  # a script of another site may know what is wrong
    assert "ETag" not in headers


# ---- conditions (RFC 9110, 13.2.2)


@pytest.mark.parametrize("document", [FEED, PAGE, PICTURE])
@pytest.mark.parametrize("accept", ["", "gzip", "br"])
def test_a_304_repeats_the_200_without_its_representation(document: Document, accept: str) -> None:
    status, full, _ = ask(document, Accept_Encoding=accept)
    again, headers, body = ask(document, Accept_Encoding=accept, If_None_Match=full["ETag"])
    assert (status, again, body) == (200, 304, b"")
    assert full.keys() - headers.keys() == full.keys() & {"Content-Type", "Content-Length", "Content-Encoding"}
    assert headers.items() <= full.items()
    assert {"ETag", "Last-Modified", "Vary", "Cache-Control"} <= headers.keys(), "RFC 9110, 15.4.5"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (PLAIN_TAG, 304),
        (f"W/{PLAIN_TAG}", 304),
        ("*", 304),
        (" * ", 304),
        (f'"a", {PLAIN_TAG}', 304),
        (f'"a",W/{PLAIN_TAG},"b"', 304),
        (f"  {PLAIN_TAG}  ", 304),
        (TAGS["gzip"], 200),
        (PLAIN_TAG.strip('"'), 200),
        (PLAIN_TAG.upper(), 200),
        (PLAIN_TAG.replace('"', "'"), 200),
        ('"other"', 200),
        ('W/"other", "another"', 200),
        ('"a", *', 200),
        ('""', 200),
        ("", 200),
        ("   ", 200),
        ('"', 200),
        ("W/", 200),
    ],
)
def test_if_none_match(header: str, status: int) -> None:
    assert ask(If_None_Match=header)[0] == status


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (PLAIN_TAG, 200),
        ("*", 200),
        (f'"a",{PLAIN_TAG} , "b"', 200),
        (f"W/{PLAIN_TAG}, {PLAIN_TAG}", 200),
        (f"W/{PLAIN_TAG}", 412),
        (TAGS["gzip"], 412),
        ('"other"', 412),
        (PLAIN_TAG.strip('"'), 412),
        ("", 412),
    ],
)
def test_if_match(header: str, status: int) -> None:
    assert ask(If_Match=header)[0] == status


def test_the_tag_is_that_of_the_coding_that_would_be_sent() -> None:
    for sent, asked in combinations(CODINGS, 2):
        for header, elsewhere, here in (("If_None_Match", 200, 304), ("If_Match", 412, 200)):
            assert ask(Accept_Encoding=asked, **{header: TAGS[sent]})[0] == elsewhere
            assert ask(Accept_Encoding=asked, **{header: TAGS[asked]})[0] == here


@pytest.mark.parametrize(
    ("header", "when"),
    [
        ("Thu, 21 May 2026 09:00:30 GMT", 0),
        ("Thu, 21 May 2026 09:00:31 GMT", 1),
        ("Thu, 21 May 2026 09:00:29 GMT", -1),
        ("Thursday, 21-May-26 09:00:30 GMT", 0),
        ("Thu May 21 09:00:30 2026", 0),
        ("Thu, 21 May 2026 10:00:30 +0100", 0),
        (OLD, -1),
        ("Thu, 32 May 2026 09:00:30 GMT", None),
        ("Thu, 21 May 99999 09:00:30 GMT", None),
        ("Thu, 21 May 2026 09:00:30 +9999999999999999999", None),
        ("yesterday", None),
        ("0", None),
        ("", None),
        ("\x00", None),
    ],
)
def test_dates_as_conditions(header: str, when: int | None) -> None:
    assert ask(If_Modified_Since=header)[0] == (200 if when in (None, -1) else 304)
    assert ask(If_Unmodified_Since=header)[0] == (412 if when == -1 else 200)


# ---- every header, beside a model and beside Werkzeug


def opaque() -> st.SearchStrategy[str]:
    """What stands between a tag's quotes (RFC 9110, 8.8.3): commas and bytes beyond ASCII too."""
    other = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'), max_size=6)
    return st.sampled_from([tag.strip('"') for tag in TAGS.values()]) | other


tags = st.just("*") | st.lists(st.tuples(st.booleans(), opaque()), min_size=1, max_size=4)
moments = st.datetimes(datetime(2001, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))
dates = moments | st.integers(-3, 3).map(lambda seconds: CHANGED + timedelta(seconds=seconds))
dates = dates.map(lambda date: date.replace(microsecond=0))
accepted = st.dictionaries(st.sampled_from(["gzip", "br", "identity", "*", "zstd"]), st.none() | st.integers(0, 1000), max_size=5)


@dataclass(frozen=True)
class Asked:
    """What a well-formed request says, before it is written as headers."""

    accept: dict[str, int | None] | None
    match: str | list[tuple[bool, str]] | None
    unmodified_since: datetime | None
    none_match: str | list[tuple[bool, str]] | None
    modified_since: datetime | None

    def coding(self) -> str | None:
        """What RFC 9110, 12.5.3, lets be sent: the heaviest, and of two as heavy the smaller one."""
        weights = {name: 1000 if weight is None else weight for name, weight in (self.accept or {}).items()}
        others = weights.get("*", 0)
        unnamed = {"br": others, "gzip": others, "identity": weights.get("*", 0.5)}
        found = {name: weights.get(name, unnamed[name]) for name in CODINGS}
        best = max(CODINGS, key=lambda name: found[name])
        return best if found[best] else None

    def status(self) -> int:
        """The verdict of RFC 9110, 13.2.2, in its own steps."""
        coding = self.coding()
        if coding is None:
            return 406
        tag, date = TAGS[coding].strip('"'), CHANGED.replace(microsecond=0)
        if self.match is not None:
            if self.match != "*" and (False, tag) not in self.match:
                return 412
        elif self.unmodified_since and date > self.unmodified_since:
            return 412
        if self.none_match is not None:
            return 304 if self.none_match == "*" or tag in (other for _, other in self.none_match) else 200
        return 304 if self.modified_since and date <= self.modified_since else 200

    def headers(self, draw: st.DrawFn) -> dict[str, str]:
        """The same as headers, in one of the ways in which they may be written."""
        comma = st.sampled_from([",", ", ", " ,\t", ",,"])
        made: dict[str, str] = {}
        if self.accept is not None:
            semicolon = st.sampled_from([";q=", " ; q=", ";Q="])
            names = {name: draw(st.sampled_from([name, name.upper(), name.replace("gzip", "x-gzip")])) for name in self.accept}
            weights = {name: f"{draw(semicolon)}{w / 1000:.3f}" if w is not None else "" for name, w in self.accept.items()}
            made["Accept_Encoding"] = draw(comma).join(names[name] + weights[name] for name in self.accept)
        for name, some in (("If_Match", self.match), ("If_None_Match", self.none_match)):
            if some is not None:
                made[name] = some if isinstance(some, str) else draw(comma).join(f'{"W/" * weak}"{tag}"' for weak, tag in some)
        for name, date in (("If_Unmodified_Since", self.unmodified_since), ("If_Modified_Since", self.modified_since)):
            if date:
                # RFC 9110, 5.6.7: today's form and the two obsolete ones
                forms = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"]
                made[name] = date.strftime(draw(st.sampled_from(forms)))
        return made


requests = st.builds(Asked, st.none() | accepted, st.none() | tags, st.none() | dates, st.none() | tags, st.none() | dates)


@given(requests, st.sampled_from(["GET", "HEAD"]), st.data())
def test_every_well_formed_request_is_answered_by_the_book(asked: Asked, method: str, data: st.DataObject) -> None:
    status, headers, body = ask(method=method, **asked.headers(data.draw))
    assert status == asked.status()
    if status == 200:
        coding = headers.get("Content-Encoding", "identity")
        assert coding == asked.coding() and headers["ETag"] == TAGS[coding]
        assert body == (FEED.encodings[coding].body if method == "GET" else b"")


def by_werkzeug(headers: dict[str, str]) -> int:
    """The status that Werkzeug gives a response with the same validators."""
    response = WerkzeugResponse(BODY, headers={"ETag": PLAIN_TAG, "Last-Modified": NOW})
    return response.make_conditional({"REQUEST_METHOD": "GET", **environ(headers)}).status_code


with_match = st.builds(Asked, st.none(), tags.filter(lambda some: some != "*"), st.none(), st.none(), st.none())
without_match = st.builds(Asked, st.none(), st.none(), st.none(), st.none() | tags, st.none() | dates)


@given(with_match | without_match, st.data())
def test_conditions_are_read_as_werkzeug_reads_them(asked: Asked, data: st.DataObject) -> None:
    headers = asked.headers(data.draw)
    assert ask(**headers)[0] == by_werkzeug(headers)


@pytest.mark.parametrize(
    ("headers", "ours", "theirs"),
    [
        # A true If-Match leaves the others to be asked (13.2.2, step 3).
        ({"If_Match": PLAIN_TAG, "If_None_Match": PLAIN_TAG}, 304, 200),
        ({"If_Match": PLAIN_TAG, "If_Modified_Since": NOW}, 304, 200),
        ({"If_Unmodified_Since": OLD}, 412, 200),
        # There is a current version (13.1.1).
        ({"If_Match": "*"}, 200, 412),
        # An If-None-Match, however bad, silences If-Modified-Since (13.1.3), and an If-Match asks for something (13.1.1).
        ({"If_None_Match": "", "If_Modified_Since": NOW}, 200, 304),
        ({"If_Match": ""}, 412, 200),
        # Tags stand in quotes (8.8.3); space around a field's value is no part of it (5.5).
        ({"If_None_Match": PLAIN_TAG.strip('"')}, 200, 304),
        ({"If_None_Match": " * "}, 304, 200),
    ],
)
def test_conditions_that_werkzeug_reads_in_another_way(headers: dict[str, str], ours: int, theirs: int) -> None:
    assert (ask(**headers)[0], by_werkzeug(headers)) == (ours, theirs)


@given(accepted.filter(lambda accept: "identity" in accept or "*" in accept))
def test_codings_are_weighed_as_werkzeug_weighs_them(accept: dict[str, int | None]) -> None:
    header = ", ".join(name if weight is None else f"{name};q={weight / 1000}" for name, weight in accept.items())
    theirs, ours = parse_accept_header(header), negotiate(header, CODINGS)
    heaviest = max(theirs.quality(coding) for coding in CODINGS)
    assert theirs.quality(ours) == heaviest > 0 if ours else heaviest == 0


@pytest.mark.parametrize(
    ("accept", "ours", "theirs"),
    [
        ("gzip, *", "br", "gzip"),  # of two as heavy the smaller
        ("deflate", "identity", None),  # plain bytes are acceptable until a word refuses them
        ("gzip;q=0", "identity", None),
        ("x-gzip", "gzip", None),  # RFC 9110, 8.4.1.3
        ("gzip;q=abc", "gzip", None),  # what is no weight is none: who names gzip can read it
        ("gzip;q=7", "gzip", None),
        ("gzip;q=.5", "gzip", None),
        ("gzip;level=9", "gzip", None),
    ],
)
def test_codings_that_werkzeug_weighs_in_another_way(accept: str, ours: str, theirs: str | None) -> None:
    assert (negotiate(accept, CODINGS), parse_accept_header(accept).best_match(CODINGS)) == (ours, theirs)


# ---- whatever is asked

DOCUMENTS = [FEED, PAGE, PICTURE, replace(FEED, status=301, location="https://feeds.example/x"), replace(PAGE, status=410)]
NAMES = ["ACCEPT_ENCODING", "IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE", "RANGE", "IF_RANGE", "HOST"]
PARTS = ["gzip", "br", "identity", "nan", "1e9", "21 May 2026", OLD, NOW, *TAGS.values(), *'*;q=01.,"W/ é\x00\r\n']
# A header as WSGI gives it holds bytes as Latin-1 (PEP 3333).
values = st.text(st.characters(max_codepoint=0xFF), max_size=80) | st.lists(st.sampled_from(PARTS), max_size=20).map("".join)
environs = st.dictionaries(st.sampled_from([f"HTTP_{name}" for name in NAMES]), values)
methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST"]) | st.text(max_size=8)


def possible(document: Document) -> list[Response]:
    """Every answer that a document has: none of them repeats a word of the request."""
    plain = [{}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_ACCEPT_ENCODING": "br"}]
    conditions = [{}, {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_IF_MATCH": ""}, {"HTTP_ACCEPT_ENCODING": "*;q=0"}]
    made = [respond(document, method, a | b) for method, a, b in product(["GET", "HEAD"], plain, conditions)]
    return [*made, respond(document, "OPTIONS", {}), respond(document, "", {})]


Answers: TypeAlias = tuple[Document, list[Response]]
POSSIBLE: list[Answers] = [(document, possible(document)) for document in DOCUMENTS]


@given(st.sampled_from(POSSIBLE), methods, environs)
@example(POSSIBLE[0], "GET", {"HTTP_IF_NONE_MATCH": '"', "HTTP_IF_MODIFIED_SINCE": "Mon, 01 Jan 0001 00:00:00 +2359"})
def test_whatever_is_asked_the_answer_is_one_of_a_few(of: Answers, method: str, asked: dict[str, str]) -> None:
    document, answers = of
    assert respond(document, method, asked) in answers


@pytest.mark.parametrize("name", [name for name in NAMES if name != "HOST"])
@pytest.mark.parametrize(
    "header",
    [
        ", ".join(f'"{place:032x}"' for place in range(20_000)),
        f"{PLAIN_TAG[:-1]}, " * 20_000,
        *(part * (900_000 // len(part)) for part in (",", '"', '"a",', "W/", " ", ";q=", "\xff", "gzip,", "a;q=0.1,")),
    ],
    ids=lambda header: f"{header[:8]!r}-{len(header)}",
)
def test_no_header_takes_long(name: str, header: str) -> None:
    def seconds() -> float:
        began = time.thread_time()
        respond(FEED, "GET", {f"HTTP_{name}": header})
        return time.thread_time() - began

    assert min(seconds() for _ in range(3)) < 0.05


def test_a_long_list_of_tags_is_looked_through() -> None:
    listed = ", ".join(f'"{place:032x}"' for place in range(20_000))
    assert ask(If_None_Match=listed)[0] == 200
    assert ask(If_None_Match=f"{listed}, {PLAIN_TAG}")[0] == 304


def test_a_header_beyond_reason_is_not_looked_at() -> None:
    assert ask(If_None_Match=f"{PLAIN_TAG}, " + '"a", ' * 200_000)[0] == 200
    assert ask(Accept_Encoding="gzip" + "," * 1_000_000)[::2] == (200, BODY)
