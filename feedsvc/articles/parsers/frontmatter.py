"""Front matter: the YAML between two `---` lines at a file's top, as plain text with lines. Pure.

Lines of `key: value` and plain lists, which most front matter is, are read as they stand, and all else by YAML's parser. It
is pulled event by event and dropped at the first thing that has no place here, so neither an alias bomb nor deep nesting
is ever built: 200,000 × `[` cost 2 ms. (Composing nodes recurses in C, and 50,000 × `[` end the process.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.text import character_data

MAX_FRONT_MATTER = 200_000
MAX_DEPTH = 4
MAX_OPEN_BRACKETS = 100  # YAML looks ahead over brackets before it gives an event, with a limit of its own in some versions
MAX_VALUES = 20_000
MAX_KEYS = 100
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_BRACKET = re.compile(r"[\[\]{}]")
_DELIMITER = re.compile(r"---[ \t]*(?:\n|\Z)")
_CLOSING = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)
# A line that means the same to YAML wherever it stands: `key:` or `- `, and a text in which nothing needs resolving. A plain one
# holds neither ": " nor " #" (YAML 1.2, 7.3.3) and starts with a letter or digit, so with no sign that YAML keeps for itself.
_PLAIN_LINE = re.compile(
    r"""(?:([A-Za-z_][A-Za-z0-9_-]{0,40}):|([ ]*)-)(?:[ ]+(?:(\w(?:[^:#]++|:(?=[^ ])|(?<![ ])\#)*+)|"([^"\\]*)"|'([^']*)'))?[ ]*""",
    re.VERBOSE,
)
_MAX_PLAIN_LINES = 1_000
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# YAML 1.1 takes these for line ends, which would make lines that no editor shows.
_OTHER_LINE_ENDS = str.maketrans("\x85\u2028\u2029", "   ")
_CONTROL = re.compile("[\x7f-\x84\x86-\x9f]")
_REFUSED = re.compile("[\x00\ud800-\udfff]")
_TOO_DEEP = f"the front matter is nested more than {MAX_DEPTH} deep"
# What libyaml says, in words for someone who writes articles; None where the words need the place at which it began.
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": 'the value contains a colon and a space; put it in quotes',
    "found character that cannot start any token": "a value starts with a character that YAML reserves, or a line is "
    "indented with a tab; put the value in quotes, indent with spaces",
    "did not find expected key": "a line is not `key: value`; if its value starts with a quote or bracket, put all of it in quotes",
    "could not find expected ':'": "a line is not `key: value`",
    "found unexpected end of stream": "a quote is opened and not closed",
    "did not find expected ',' or ']'": "a [ is opened and not closed",
    "did not find expected ',' or '}'": "a { is opened and not closed",
    "did not find expected '-' indicator": "a line of a list does not start with `- `",
    "found invalid Unicode character escape code": "an escape (\\u…) is not a character",
    "found unknown escape character": "YAML does not know an escape (\\…); use single quotes for a text with backslashes",
    "block sequence entries are not allowed in this context": "a list may not start on the line of its key",
    "did not find expected <document start>": "there is something after the end of the front matter's data",
    "did not find expected alphabetic or numeric character": "a value starts with * or &; put it in quotes",
    "found undefined tag handle": "a tag (!…) is not allowed here",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value and the file's line on which it starts; a scalar is the text as typed, None where nothing (or null) was."""

    line: int
    content: str | tuple[Value, ...] | Mapping[str, Value] | None


def split(text: str, faults: Faults) -> tuple[Mapping[str, Value], str, int]:
    """A file's front matter, the text after it, and the line on which that text starts."""
    opening = _DELIMITER.match(text)
    if not opening:
        return {}, text, 1
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        faults.fail(1, "the front matter is not closed: no second line of --- follows")
    source = text[opening.end() : closing.start()]
    if len(source) > MAX_FRONT_MATTER:
        faults.fail(1, f"the front matter has {len(source):,} characters; at most {MAX_FRONT_MATTER:,} are allowed")
    front = _plain(source)
    return _mapping(source, faults) if front is None else front, text[closing.end() :], 1 + text.count("\n", 0, closing.end())


def _plain(source: str) -> Mapping[str, Value] | None:
    """What `_mapping` makes of plain lines, in a quarter of the time; None where a line is not plain, or anything is wrong."""
    lines = source.split("\n")
    if len(lines) > _MAX_PLAIN_LINES or not "".join(lines).isprintable():
        return None
    pairs: dict[str, Value] = {}
    open_key, open_dash = None, None
    for line, written in enumerate(lines, 2):
        if not written:
            continue
        if not (found := _PLAIN_LINE.fullmatch(written)):
            return None
        key, dash, typed, double, single = found.groups()
        quoted_text = single if double is None else double
        value = Value(line, quoted_text if typed is None else None if typed.rstrip(" ") in _NULLS else typed.rstrip(" "))
        if key is not None:
            if key in pairs or key in _NULLS:
                return None
            pairs[key] = value
            # A list may follow where nothing is typed.
            open_key, open_dash = (key, None) if typed is quoted_text is None else (None, None)
        elif open_key is None or open_dash not in (None, dash):
            return None
        else:
            opened = pairs[open_key]
            entries = opened.content if isinstance(opened.content, tuple) else ()
            pairs[open_key], open_dash = Value(opened.line, (*entries, value)), dash
    return pairs if len(pairs) <= MAX_KEYS else None


def _mapping(source: str, faults: Faults) -> Mapping[str, Value]:
    source = source.translate(_OTHER_LINE_ENDS)
    if control := _CONTROL.search(source):
        line = 2 + source.count("\n", 0, control.start())
        faults.fail(line, f"the control character U+{ord(control[0]):04X} is not allowed here")
    _limit_brackets(source, faults)
    try:
        value = _Builder(_events(source), faults).document()
    except yaml.MarkedYAMLError as error:
        faults.fail(_line_of(error), f"the front matter is not YAML: {_PLAIN_WORDS.get(error.problem or '', error.problem)}")
    except yaml.YAMLError as error:
        faults.fail(1, f"the front matter is not YAML: {' '.join(str(error).split())}")
    if value.content is None:
        return {}
    if not isinstance(value.content, Mapping):
        faults.fail(value.line, "the front matter is not lines of `key: value`")
    return value.content


def _limit_brackets(source: str, faults: Faults) -> None:
    """Refuses brackets in brackets before YAML sees them; those in texts count too, for which the limit is far above our depth."""
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
            faults.fail(2 + source.count("\n", 0, outermost), _TOO_DEEP)


def _events(source: str) -> Iterator[Any]:
    """What `yaml.parse` gives, with one call an event instead of two."""
    loader = _LOADER(source)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()


def _line_of(error: yaml.MarkedYAMLError) -> int:
    # What is opened and not closed is named where it opens: libyaml finds out only at the end.
    opened = (error.problem or "").startswith(("found unexpected end", "did not find expected ','"))
    mark = (opened and error.context_mark) or error.problem_mark or error.context_mark
    return mark.line + 2 if mark else 1


class _Builder:
    """Makes values of the events of one YAML document."""

    def __init__(self, events: Iterator[Any], faults: Faults) -> None:
        self._events = events
        self._faults = faults
        self._values = 0

    def document(self) -> Value:
        value = Value(1, None)
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._faults.fail(_line(event), "there is something after the end of the front matter's data")
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, 0)
        return value

    def _value(self, event: Any, depth: int) -> Value:
        line = _line(event)
        self._values += 1
        if self._values > MAX_VALUES:
            self._faults.fail(line, f"the front matter holds more than {MAX_VALUES:,} values")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._faults.fail(line, f"an anchor or alias named {quoted(event.anchor)} is not allowed here; put a text in quotes")
        if event.tag is not None:
            self._faults.fail(line, f"the tag {quoted(event.tag)} is not allowed here; put a text that starts with ! in quotes")
        if isinstance(event, yaml.ScalarEvent):
            return Value(line, self._scalar(event, line))
        if depth >= MAX_DEPTH:
            self._faults.fail(line, _TOO_DEEP)
        if isinstance(event, yaml.SequenceStartEvent):
            return Value(line, tuple(self._value(inner, depth + 1) for inner in self._until(yaml.SequenceEndEvent)))
        return Value(line, self._pairs(depth))

    def _pairs(self, depth: int) -> Mapping[str, Value]:
        pairs: dict[str, Value] = {}
        for event in self._until(yaml.MappingEndEvent):
            line = _line(event)
            key = self._value(event, depth + 1).content
            value = self._value(next(self._events), depth + 1)
            if not isinstance(key, str):
                self._faults.fail(line, "a key must be one word before a colon")
            if key in pairs:
                self._faults.refuse(line, f"the key {quoted(key)} appears twice")
            # A value may start a line later: the key's line is what people look for.
            pairs[key] = Value(line, value.content)
            if len(pairs) > MAX_KEYS:
                self._faults.fail(line, f"there are more than {MAX_KEYS} keys")
        return pairs

    def _until(self, end: type[Any]) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _scalar(self, event: Any, line: int) -> str | None:
        text: str = event.value
        if event.implicit[0] and text in _NULLS:
            return None
        if bad := _REFUSED.search(text):
            self._faults.refuse(line, f"the character U+{ord(bad[0]):04X} is not allowed")
        clean = character_data(text)
        if len(clean) < len(text) and not bad:
            self._faults.warn(line, "characters that no feed may hold were removed")
        # YAML folds lines and leaves one line end for an empty line, but in a literal text (|) lines stay as they are.
        return clean if event.style == "|" else clean.replace("\n", "\n\n")


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 2  # counted from 0, after the --- line
