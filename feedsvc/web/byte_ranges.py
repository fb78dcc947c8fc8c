"""Byte ranges: which part of a document a request asks for (RFC 9110, 14). Pure: no I/O, no clock, no globals."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_RANGES = 100  # more are the sign of a broken client, or of an attack (RFC 9110, 14.2)
_RANGES = re.compile(r"bytes=[ \t]*(?P<set>[^=]*)", re.IGNORECASE)
_ONE = re.compile(r"(?P<first>\d{1,19})-(?P<last>\d{1,19})?|-(?P<suffix>\d{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to, and without, `end`."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """None of the ranges has a byte of the document (RFC 9110, 15.5.17)."""


def asked_for(written: str, size: int) -> Span | None:
    """The one span that a Range header asks for; None where the whole is the answer.

    That is so for another unit, for what is no range (RFC 9110, 14.2: it may be ignored), and for several ranges: the whole holds
    them all, and costs less than it takes to part it. Raises `Unsatisfiable`.
    """
    found = _RANGES.fullmatch(written.strip())
    if found is None:
        return None
    parts = [part for one in found["set"].split(",") if (part := one.strip(" \t"))]
    ranges = [_ONE.fullmatch(part) for part in parts[: MAX_RANGES + 1]]
    if not ranges or len(ranges) > MAX_RANGES:
        return None
    spans: list[Span] = []
    for one in ranges:
        if one is None or (one["last"] and int(one["last"]) < int(one["first"])):
            return None
        if span := _span(one, size):
            spans.append(span)
    if not spans:
        raise Unsatisfiable
    return spans[0] if len(spans) == 1 else None


def _span(one: re.Match[str], size: int) -> Span | None:
    if one["suffix"]:
        start, end = max(0, size - int(one["suffix"])), size
    else:
        start = int(one["first"])
        end = min(size, int(one["last"]) + 1) if one["last"] else size
    return Span(start, end) if start < end else None
