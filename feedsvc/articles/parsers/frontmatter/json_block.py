"""Front matter in JSON: an object `{ … }` at a file's very top, as Hugo takes it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.frontmatter.value import (
    MAX_FRONT_MATTER,
    MAX_KEYS,
    MAX_OPEN_BRACKETS,
    TOO_DEEP,
    TOO_MANY_KEYS,
    Plain,
    Value,
)
from feedsvc.articles.parsers.synonyms import is_ours, ours_of

# An object that begins with a key: `{{ … }}` and `{% … %}` are templates, and `{a}` is a text.
_OPENING = re.compile(r'\{\s*"')
_TOKEN = re.compile(r'"((?:[^"\\\n]|\\.)*+)"(\s*:)?|[\[\]{}]|"')
_END_OF_LINE = re.compile(r"[ \t]*(?:\n|\Z)")


def read(text: str, start: int, faults: Faults) -> tuple[Mapping[str, Value], int] | None:
    """The keys of the object that begins at an offset of a file's text, and where the text goes on; None where none begins."""
    if not _OPENING.match(text, start):
        return None
    end, lines = _measure(text, start, faults)
    try:
        found = json.loads(text[start:end], parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        line = text.count("\n", 0, start) + (error.lineno if isinstance(error, json.JSONDecodeError) else 1)
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        faults.fail(line, f"the front matter is not JSON: {reason[:1].lower()}{reason[1:]}")
    first = 1 + text.count("\n", 0, start)

    def line_of(path: tuple[str, ...]) -> int:
        return lines.get(path[0], first)

    if len(found.pairs) > MAX_KEYS:
        faults.fail(first, TOO_MANY_KEYS)
    plain = Plain(faults, line_of)
    front: dict[str, Value] = {}
    for key, value in found.pairs:
        if key in front and is_ours(key):
            faults.refuse(line_of((key,)), f"the key {quoted(key)} appears twice")
        front[key] = plain.value(ours_of(key, _known(value)), (key,))
    rest = _END_OF_LINE.match(text, end)
    return front, rest.end() if rest else end


class _Pairs:
    """An object's keys and values as they are written, for a dict would drop a key that appears twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _known(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {key: _known(inner) for key, inner in value.pairs}
    return [_known(inner) for inner in value] if isinstance(value, list) else value


def _measure(text: str, start: int, faults: Faults) -> tuple[int, Mapping[str, int]]:
    """Where the object that begins at an offset ends, and the lines of its keys; its size and depth are checked on the way."""
    lines: dict[str, int] = {}
    line, counted = 1 + text.count("\n", 0, start), start
    first, opened = line, 0
    for token in _TOKEN.finditer(text, start):
        if token.start() - start > MAX_FRONT_MATTER:
            faults.fail(first, f"the front matter has more than {MAX_FRONT_MATTER:,} characters")
        if token[0] in "{[":
            opened += 1
            if opened > MAX_OPEN_BRACKETS:
                faults.fail(line + text.count("\n", counted, token.start()), TOO_DEEP)
        elif token[0] in "}]":
            opened -= 1
            if not opened:
                return token.end(), lines
        elif token[0] == '"':
            line += text.count("\n", counted, token.start())
            faults.fail(line, "the front matter is not JSON: a quote is opened and not closed")
        elif token[2] is not None and opened == 1:
            line += text.count("\n", counted, token.start())
            counted = token.start()
            lines[token[1]] = line
    faults.fail(first, "the front matter is not closed: a { is opened and not closed")
