"""Front matter in YAML, between two lines of `---`. Pure.

Lines of `key: value` and plain lists, which most front matter is, are read as they stand, and all else by YAML's parser. It
is pulled event by event and dropped at the first thing that has no place here, so neither an alias bomb nor deep nesting
is ever built: 200,000 × `[` cost 2 ms. (Composing nodes recurses in C, and 50,000 × `[` end the process.)
Deep nests in keys that are not ours are passed over, and an alias stands for texts alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.frontmatter.value import (
    MAX_DEPTH,
    MAX_KEYS,
    MAX_OPEN_BRACKETS,
    MAX_VALUES,
    TOO_DEEP,
    TOO_MANY_KEYS,
    TOO_MANY_VALUES,
    Value,
    clean,
    limit_brackets,
)
from feedsvc.articles.parsers.synonyms import is_ours

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
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
# What WordPress exports write, `slug: %d0%bf`: YAML keeps a % at a text's beginning for itself.
_PERCENT = re.compile(r"^([A-Za-z_][\w-]*:[ ]+)(%[^\n]*)", re.MULTILINE)
# What YAML takes for a remark behind a text without quotes.
_REMARK = re.compile(r"[ \t]+#.*")
# What libyaml says, in words for someone who writes articles; None where the words need the place at which it began.
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": "the value contains a colon and a space; put it in quotes",
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


def read(source: str, first: int, faults: Faults) -> Mapping[str, Value]:
    """The keys of a block of YAML whose first line is the file's line `first`."""
    front = _plain(source, first)
    return _mapping(source, first, faults) if front is None else front


def _plain(source: str, first: int) -> Mapping[str, Value] | None:
    """What `_mapping` makes of plain lines, in a quarter of the time; None where a line is not plain, or anything is wrong."""
    lines = source.split("\n")
    if len(lines) > _MAX_PLAIN_LINES or not "".join(lines).isprintable():
        return None
    pairs: dict[str, Value] = {}
    open_key, open_dash = None, None
    for line, written in enumerate(lines, first):
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


def _mapping(source: str, first: int, faults: Faults) -> Mapping[str, Value]:
    source = _PERCENT.sub(_in_quotes, source.translate(_OTHER_LINE_ENDS))
    if control := _CONTROL.search(source):
        line = first + source.count("\n", 0, control.start())
        faults.fail(line, f"the control character U+{ord(control[0]):04X} is not allowed here")
    limit_brackets(source, first, faults)
    try:
        value = _Builder(source, first, faults).document()
    except yaml.MarkedYAMLError as error:
        reason = _PLAIN_WORDS.get(error.problem or "", error.problem)
        faults.fail(first + _line_of(error), f"the front matter is not YAML: {reason}")
    except yaml.YAMLError as error:
        faults.fail(1, f"the front matter is not YAML: {' '.join(str(error).split())}")
    if value.content is None:
        return {}
    if not isinstance(value.content, Mapping):
        faults.fail(value.line, "the front matter is not lines of `key: value`")
    return value.content


def _in_quotes(line: re.Match[str]) -> str:
    text = line[2].rstrip().replace("'", "''")
    return f"{line[1]}'{text}'"


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
    return mark.line if mark else -1


class _Builder:
    """Makes values of the events of one YAML document."""

    def __init__(self, source: str, first: int, faults: Faults) -> None:
        self._source = source
        self._events = _events(source)
        self._first = first
        self._faults = faults
        self._values = 0
        self._lines: list[str] = []
        self._anchors: dict[str, Value | None] = {}  # what an alias may stand for
        self._unused: dict[str, int] = {}

    def document(self) -> Value:
        value = Value(1, None)
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._faults.fail(self._line(event), "there is something after the end of the front matter's data")
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, 0, ours=True)
        for anchor, line in self._unused.items():
            self._faults.fail(line, f"the anchor &{anchor} is used nowhere; put a text that starts with & in quotes")
        return value

    def _value(self, event: Any, depth: int, ours: bool) -> Value:
        """The value that an event begins; of what is not `ours` only as much as can be read without resolving anything."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, ours)
        value = self._node(event, depth, ours)
        if event.anchor is not None:
            inner = value.content if isinstance(value.content, tuple) else (value,)
            is_plain = not any(isinstance(one.content, tuple | Mapping) for one in inner)
            self._anchors[event.anchor] = value if is_plain and not isinstance(value.content, Mapping) else None
            if ours:
                self._unused[event.anchor] = value.line
        return value

    def _alias(self, event: Any, ours: bool) -> Value:
        """The text, or the list of texts, for which an alias stands: nothing deeper, so nothing grows by it."""
        line, meant = self._line(event), self._anchors.get(event.anchor)
        self._unused.pop(event.anchor, None)
        if not ours and (meant is None or isinstance(meant.content, tuple)):
            self._count(1, line)
            return Value(line, {})
        if meant is None:
            reason = "stands for no text or list of texts before it; put a text that starts with * in quotes"
            self._faults.fail(line, f"the alias *{event.anchor} {reason}")
        self._count(len(meant.content) if isinstance(meant.content, tuple) else 1, line)
        return Value(line, meant.content, meant.remark)

    def _count(self, values: int, line: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            self._faults.fail(line, TOO_MANY_VALUES)

    def _node(self, event: Any, depth: int, ours: bool) -> Value:
        line = self._line(event)
        self._count(1, line)
        if ours and event.tag is not None:
            self._faults.fail(line, f"the tag {quoted(event.tag)} is not allowed here; put a text that starts with ! in quotes")
        if isinstance(event, yaml.ScalarEvent):
            return Value(line, self._scalar(event, line), self._remark(event))
        if depth >= (MAX_DEPTH if ours else MAX_OPEN_BRACKETS):
            self._faults.fail(line, TOO_DEEP)
        if isinstance(event, yaml.SequenceStartEvent):
            return Value(line, tuple(self._value(inner, depth + 1, ours) for inner in self._until(yaml.SequenceEndEvent)))
        return Value(line, self._pairs(depth, ours))

    def _pairs(self, depth: int, ours: bool) -> Mapping[str, Value]:
        pairs: dict[str, Value] = {}
        for event in self._until(yaml.MappingEndEvent):
            line = self._line(event)
            key = self._value(event, depth + 1, ours).content
            if depth == 0 and key == "<<":
                self._faults.fail(line, "a merge key (<<) is not allowed here, for it may hold keys such as draft; write them out")
            known = ours and (depth > 0 or (isinstance(key, str) and is_ours(key)))
            value = self._value(next(self._events), depth + 1, known)
            if not isinstance(key, str):
                if ours:
                    self._faults.fail(line, "a key must be one word before a colon")
                continue
            if key in pairs and known:
                self._faults.refuse(line, f"the key {quoted(key)} appears twice")
            # A value may start a line later: the key's line is what people look for.
            pairs[key] = Value(line, value.content, value.remark)
            if len(pairs) > MAX_KEYS and ours:
                self._faults.fail(line, TOO_MANY_KEYS)
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
        cleaned = clean(text, line, self._faults)
        # YAML folds lines and leaves one line end for an empty line, but in a literal text (|) lines stay as they are.
        return cleaned if event.style == "|" else cleaned.replace("\n", "\n\n")

    def _remark(self, event: Any) -> str:
        """What follows a text without quotes on its line and is a remark to YAML (1.2, 6.6)."""
        if event.style or not event.value or "#" not in self._source:
            return ""
        self._lines = self._lines or self._source.split("\n")
        end = event.end_mark
        found = _REMARK.match(self._lines[end.line], end.column) if end.line < len(self._lines) else None
        return found[0].rstrip() if found else ""

    def _line(self, event: Any) -> int:
        line: int = event.start_mark.line
        return self._first + line
