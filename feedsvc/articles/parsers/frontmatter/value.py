"""`Value`: what a key of the front matter holds, whatever its dialect, and the limits that hold in all of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from feedsvc.articles.parsers.faults import Faults
from feedsvc.kinds import Kind
from feedsvc.text import character_data

MAX_FRONT_MATTER = 200_000
MAX_DEPTH = 4
MAX_OPEN_BRACKETS = 100  # libraries look ahead over brackets, or call themselves for each
MAX_VALUES = 20_000
MAX_KEYS = 100
TOO_DEEP = f"the front matter is nested more than {MAX_DEPTH} deep"
TOO_MANY_KEYS = f"there are more than {MAX_KEYS} keys"
TOO_MANY_VALUES = f"the front matter holds more than {MAX_VALUES:,} values"
_BRACKET = re.compile(r"[\[\]{}]")
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_REFUSED = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Value:
    """A value and the file's line on which it starts; a scalar is the text as typed, None where nothing (or null) was.

    `remark` is what YAML takes for a remark behind a text without quotes, from its space on.
    """

    line: int
    content: str | tuple[Value, ...] | Mapping[str, Value] | None
    remark: str = ""


def clean(text: str, line: int, faults: Faults) -> str:
    """A text without what no feed may hold; U+0000 and half a surrogate pair are refused."""
    if bad := _REFUSED.search(text):
        faults.refuse(line, f"the character U+{ord(bad[0]):04X} is not allowed")
    cleaned = character_data(text)
    if len(cleaned) < len(text) and not bad:
        faults.warn(Kind.CHARACTERS, line, "characters that no feed may hold were removed")
    return cleaned


def with_pairs(source: str) -> str:
    """Escaped surrogate pairs, as JSON's writers make them (RFC 8259, 7), as the escape of one character."""
    return _PAIR.sub(_one_escape, source) if "\\ud" in source or "\\uD" in source else source


def _one_escape(pair: re.Match[str]) -> str:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def limit_brackets(source: str, first: int, faults: Faults) -> None:
    """Refuses brackets in brackets before a library sees them; those in texts count too, so the limit is far above our depth.

    `first` is the line of the file on which `source` starts.
    """
    if source.count("[") + source.count("{") <= MAX_OPEN_BRACKETS:
        return
    opened, outermost = 0, 0
    for bracket in _BRACKET.finditer(source):
        if bracket[0] in "]}":
            opened = max(opened - 1, 0)
            continue
        outermost = outermost if opened else bracket.start()
        opened += 1
        if opened > MAX_OPEN_BRACKETS:
            faults.fail(first + source.count("\n", 0, outermost), TOO_DEEP)


class Plain:
    """Makes values of what a library has read: texts, lists and tables; numbers, dates and truths become texts."""

    def __init__(self, faults: Faults, line_of: Callable[[tuple[str, ...]], int]) -> None:
        self._faults = faults
        self._line_of = line_of
        self._values = 0

    def value(self, found: Any, path: tuple[str, ...]) -> Value:
        """The value at a path of keys."""
        line = self._line_of(path)
        self._values += 1
        if self._values > MAX_VALUES:
            self._faults.fail(line, TOO_MANY_VALUES)
        if found is None or isinstance(found, str):
            return Value(line, found if found is None else clean(found, line, self._faults))
        if isinstance(found, bool):
            return Value(line, str(found).lower())
        if isinstance(found, date | time):
            return Value(line, found.isoformat())
        if not isinstance(found, list | dict):
            return Value(line, str(found))
        if len(path) > MAX_DEPTH:
            self._faults.fail(line, TOO_DEEP)
        if isinstance(found, list):
            return Value(line, tuple(self.value(inner, (*path, str(at))) for at, inner in enumerate(found)))
        return Value(line, {clean(key, line, self._faults): self.value(inner, (*path, key)) for key, inner in found.items()})
