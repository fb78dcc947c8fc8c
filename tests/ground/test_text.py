"""What may stand in every document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.text import _FORBIDDEN, character_data, is_language_tag, is_web_url, one_line
from support.newsroom import HOSTILE

anything = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b\x08c\x0bd\x0ce\x1ff", "abcdef"),
        ("tab\tline\nreturn\r", "tab\tline\nreturn\r"),
        ("\ufffe\uffff\ud800\udfff", ""),
        ("\x7f\x80\x84\x86\x9f\ufdd0\ufdef\U0001fffe\U0010ffff", ""),
        ("a\x85b\xa0c\ufdcf\ufdf0\ufffd\U0010fffd", "a b\xa0c\ufdcf\ufdf0\ufffd\U0010fffd"),
        (HOSTILE, HOSTILE),
    ],
)
def test_character_data(text: str, clean: str) -> None:
    assert character_data(text) == clean


@given(anything)
def test_character_data_stands_in_xml(text: str) -> None:
    element = etree.Element("a")
    element.text = character_data(text)
    assert etree.fromstring(etree.tostring(element)).text == (element.text or None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \n b\t\tc ", "a b c"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("a\u00a0\u3000b", "a b"),
        ("a\x00b", "ab"),
        ("\r\n", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


@given(anything)
def test_a_line_is_one_and_stays_one(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line == line.strip() == " ".join(character_data(text).split())


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("https://quay.example", True),
        ("http://quay.example:8080/a?b=c#d", True),
        ("HTTPS://QUAY.EXAMPLE/", True),
        ("https://[::1]:8000/", True),
        ("https://quay.example/été", True),
        ("https://quay.example/می\u200cخواهم", True),
        ("ftp://quay.example", False),
        ("javascript:alert(1)", False),
        ("//quay.example/a", False),
        ("quay.example", False),
        ("/a", False),
        ("https://", False),
        ("https:///a", False),
        ("https:quay.example", False),
        ("https://:80/", False),
        ("https://quay.example:0/", False),
        ("https://quay.example:99999/", False),
        ("https://quay.example:port/", False),
        ("https://[::1/", False),
        ("https://quay.example/a b", False),
        ("https://quay.example/\n", False),
        ("https://quay.example/\x00", False),
        ("https://quay.example/\x7f", False),
        ("https://quay.example/\x9b", False),
        ("https://quay.example/\u2028", False),
        ("https://quay.example/\uffff", False),
        ("https://quay.example/\ud800", False),
        ("", False),
    ],
)
def test_is_web_url(text: str, fits: bool) -> None:
    assert is_web_url(text) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [("en", True), ("en-GB", True), ("zh-Hant-TW", True), ("", False), ("english", False), ("en_GB", False), ("en-", False)],
)
def test_is_language_tag(text: str, fits: bool) -> None:
    assert is_language_tag(text) is fits


@given(anything | anything.map(lambda text: f"https://{text}") | anything.map(lambda text: f"https://quay.example{text}"))
def test_any_text_is_judged_and_what_passes_stands_in_xml(text: str) -> None:
    if is_web_url(text):
        assert character_data(text) == one_line(text) == text


@given(st.text(st.characters()))
def test_what_python_calls_printable_holds_nothing_forbidden(text: str) -> None:
    kept = "".join(char for char in text if char.isprintable() or char == "\n")
    assert character_data(kept) == _FORBIDDEN.sub("", kept) == kept
