"""The log: one line an event whatever stands in it, as text or as JSON, and what repeats is counted."""

from __future__ import annotations

import json
import logging
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.logs import OFTEN, WINDOW_SECONDS, JsonFormat, RepeatLimit, TextFormat

FORGED = 'sport/a.md\n2026-11-22T06:00:00.000Z INFO feedsvc.build built\r\x1b[2J\u202e\u2028"'


def record(message: str, *given: object, level: int = logging.ERROR, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("feedsvc.test", level, __file__, 1, message, given, None)
    vars(made).update(fields)
    return made


def test_a_line_has_time_level_logger_message_and_fields() -> None:
    line = TextFormat().format(record("built", level=logging.INFO, generation=3, path="a b", empty="", quoted='x"\\'))
    expected = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z'
    assert re.fullmatch(expected + r' INFO feedsvc\.test built generation=3 path="a b" empty="" quoted="x\\"\\\\"', line)


def test_a_line_of_json_has_the_same() -> None:
    line = json.loads(JsonFormat().format(record("built %d", 7, generation=3, path="a b")))
    assert line.pop("time").endswith("Z")
    assert line == {"level": "ERROR", "logger": "feedsvc.test", "message": "built 7", "generation": 3, "path": "a b"}


@pytest.mark.parametrize("form", [TextFormat(), JsonFormat()])
@given(text=st.text() | st.just(FORGED) | st.just("\ud800"))
def test_no_text_makes_a_second_line_or_moves_the_cursor(form: logging.Formatter, text: str) -> None:
    for line in (form.format(record("%s is wrong", text)), form.format(record("wrong", path=text))):
        assert len(line.splitlines()) == 1
        line.encode("utf-8")
        assert isinstance(form, JsonFormat) or line.isprintable()


@pytest.mark.parametrize("form", [TextFormat(), JsonFormat()])
def test_an_exception_is_a_field_of_the_same_line(form: logging.Formatter) -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        made = record("failed", exc_info=sys.exc_info())
    line = form.format(made)
    assert len(line.splitlines()) == 1 and "Traceback" in line and "ValueError" in line


def test_what_repeats_is_held_and_counted() -> None:
    now, told = [0.0], list[logging.LogRecord]()
    patience = RepeatLimit(told.append, clock=lambda: now[0])
    passed = [patience.filter(record("%s can't be read", number)) for number in range(20)]
    assert passed == [True] * OFTEN + [False] * (20 - OFTEN)
    assert patience.filter(record("another line")) and patience.filter(record("%s can't be read", level=logging.INFO))
    patience.report(record("%s can't be read", 5))
    assert [one.getMessage() for one in told] == ["… and 15 more like this: 5 can't be read"]
    assert patience.filter(told[0])
    assert patience.filter(record("%s can't be read", 21))


def test_a_record_that_is_to_be_seen_each_time_is_never_held() -> None:
    patience = RepeatLimit(lambda _: None)
    assert all(patience.filter(record("%s can't be read", number, each=True)) for number in range(3 * OFTEN))
    assert "each" not in TextFormat().format(record("seen", each=True))


def test_a_minute_later_it_is_told_again() -> None:
    now = [0.0]
    patience = RepeatLimit(lambda _: None, clock=lambda: now[0])
    for moment in (0.0, WINDOW_SECONDS + 1):
        now[0] = moment
        assert [patience.filter(record("again")) for _ in range(OFTEN)] == [True] * OFTEN
