"""Byte ranges (RFC 9110, 13.1.5 and 14): which part of a recording is the answer, and when the whole is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedsvc.errors import StoreError
from feedsvc.model.document import Document, Encoded, Kept
from feedsvc.model.file_copy import PIECE_BYTES, Part
from feedsvc.web.byte_ranges import MAX_RANGES, Span, Unsatisfiable, asked_for
from feedsvc.web.pieces import Pieces
from feedsvc.web.responses import respond

SIZE = 1000
MOMENT = datetime(2026, 5, 21, 9, tzinfo=UTC)
FILM = Document(
    path="/media/film.mp4",
    encodings={"identity": Kept("copy", SIZE, '"film"')},
    content_type="video/mp4",
    last_modified=MOMENT,
    open=True,
)


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-499", Span(0, 500)),
        ("bytes=500-", Span(500, 1000)),
        ("bytes=-1", Span(999, 1000)),
        ("bytes=-5000", Span(0, 1000)),
        ("bytes=999-5000", Span(999, 1000)),
        ("Bytes= 0-1 ", Span(0, 2)),
        ("bytes=0-1,", Span(0, 2)),
        ("bytes=0-1,2000-", Span(0, 2)),  # of two only one has a byte
        ("bytes=5-,9999999999999999999-", Span(5, 1000)),
    ],
)
def test_a_range_is_a_span(written: str, span: Span) -> None:
    assert asked_for(written, SIZE) == span


@pytest.mark.parametrize(
    "written",
    [
        *("bytes=0-1,5-6", "bytes=0-1,-1", "pages=0-1", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1-2"),
        *("bytes=1.5-2", "bytes=٠-٩", "bytes=0x1-2", "", "bytes=0 - 1", "bytes=--1", "bytes=0-" + "9" * 30, "bytes=0-1=2"),
        "bytes=" + ",".join(["0-1"] * (MAX_RANGES + 1)),
    ],
)
def test_the_whole_is_the_answer_to_several_ranges_and_to_what_is_none(written: str) -> None:
    assert asked_for(written, SIZE) is None


@pytest.mark.parametrize("written", ["bytes=1000-", "bytes=5000-6000", "bytes=-0", "bytes=2000-,3000-"])
def test_a_range_without_a_byte_can_not_be_satisfied(written: str) -> None:
    with pytest.raises(Unsatisfiable):
        asked_for(written, SIZE)


def answer(method: str = "GET", document: Document = FILM, **headers: str):
    return respond(document, method, {f"HTTP_{name}": value for name, value in headers.items()})


def test_a_part_says_which_it_is():
    found = answer(RANGE="bytes=10-19")
    headers = dict(found.headers)
    assert (found.code, found.part, found.size) == (206, Part("copy", 10, 20), 10)
    assert (headers["Content-Range"], headers["Content-Length"]) == ("bytes 10-19/1000", "10")
    assert (headers["ETag"], headers["Accept-Ranges"], headers["Content-Type"]) == ('"film"', "bytes", "video/mp4")


def test_what_has_no_byte_is_told_the_size():
    found = answer(RANGE="bytes=1000-")
    headers = dict(found.headers)
    assert (found.code, headers["Content-Range"], headers["Cache-Control"]) == (416, "bytes */1000", "no-store")
    assert found.part is None and int(headers["Content-Length"]) == len(found.body)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ('"film"', 206),
        ('W/"film"', 200),  # a weak tag compares with nothing (13.1.5)
        ('"other"', 200),
        ("Thu, 21 May 2026 09:00:00 GMT", 206),
        ("Thu, 21 May 2026 09:00:01 GMT", 200),  # a date is that of the same bytes, or of others
        ("Thu, 21 May 2026 08:59:59 GMT", 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
def test_a_part_is_only_for_who_has_the_rest_of_the_same(condition: str, code: int):
    found = answer(RANGE="bytes=10-19", IF_RANGE=condition)
    assert found.code == code and found.size == (10 if code == 206 else SIZE)


def test_an_unsatisfiable_range_of_something_else_is_the_whole():
    assert answer(RANGE="bytes=5000-", IF_RANGE='"other"').code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"IF_NONE_MATCH": '"film"'}, 304),
        ({"IF_MODIFIED_SINCE": "Thu, 21 May 2026 09:00:00 GMT"}, 304),
        ({"IF_MATCH": '"other"'}, 412),
        ({"IF_MATCH": '"film"'}, 206),
        ({"IF_UNMODIFIED_SINCE": "Wed, 20 May 2026 09:00:00 GMT"}, 412),
    ],
)
def test_other_conditions_come_first(headers: dict[str, str], code: int):
    assert answer(RANGE="bytes=0-1", **headers).code == code


def test_only_get_has_parts():
    found = answer("HEAD", RANGE="bytes=0-1")
    assert (found.code, found.body, found.part, dict(found.headers)["Content-Length"]) == (200, b"", None, "1000")
    assert answer("POST", RANGE="bytes=0-1").code == 405


def test_what_is_in_memory_has_no_parts():
    feed = Document(path="/x", encodings={"identity": Encoded(b"x" * 50, '"x"')}, content_type="text/plain", last_modified=MOMENT)
    found = answer(document=feed, RANGE="bytes=0-1")
    assert found.code == 200 and "Accept-Ranges" not in dict(found.headers)


def test_a_part_is_read_piece_by_piece():
    whole = bytes(range(256)) * 1_200
    read: list[int] = []

    def piece(name: str, number: int) -> bytes | None:
        read.append(number)
        return whole[number * PIECE_BYTES : (number + 1) * PIECE_BYTES] or None

    start, end = PIECE_BYTES - 3, 2 * PIECE_BYTES + 5
    found = list(Pieces(Part("copy", start, end), piece))
    assert b"".join(found) == whole[start:end] and read == [0, 1, 2]
    assert [len(one) for one in found] == [3, PIECE_BYTES, 5]


def test_a_part_that_is_gone_ends_with_an_error():
    with pytest.raises(StoreError):
        list(Pieces(Part("copy", 0, 5), lambda name, number: None))
