"""What every XML document of ours keeps to: XML 1.0, namespaces, and what the W3C's feed validator says of bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rules.rule import Rule

_BAD = re.compile("[\x7f-\x9f\ufdd0-\ufdef]")


def _declaration(_: Any, document: bytes) -> Iterator[object]:
    if not re.match(rb"""<\?xml version=['"]1\.0['"] encoding=['"]UTF-8['"]\?>""", document):
        yield document[:60]


def _doctype(_: Any, document: bytes) -> Iterator[object]:
    yield from re.findall(rb"<!(?:DOCTYPE|ENTITY)[^>]*>", document)


def _characters(root: Any, document: bytes) -> Iterator[object]:
    for element in root.iter("*"):
        texts = (element.text or "", element.tail or "", *element.attrib.values())
        yield from (element for text in texts if _BAD.search(text))


RULES = (
    Rule("XML 2.8: it is declared as UTF-8", _declaration, 'encoding="UTF-8"', 'encoding="utf-8" standalone="yes"'),
    Rule("W3C: it has no document type", _doctype, "?>", "?><!DOCTYPE any>"),
    Rule(
        "House: its one instruction is before the root and names our stylesheet",
        "(/processing-instruction() | //processing-instruction())[parent::* or preceding-sibling::processing-instruction() or"
        " name() != 'xml-stylesheet' or not(starts-with(., 'type=\"text/css\" href=\"/feed.css?'))]",
        "?>",
        "?><?xml-stylesheet type='text/xsl' href='x'?>",
    ),
    Rule("House: it has no comments", "/comment() | //comment()", "?>", "?><!-- made by hand -->"),
    Rule("XML 2.2: its characters are good ones", _characters, "Gazette", "Gaz\x92ette"),
)
