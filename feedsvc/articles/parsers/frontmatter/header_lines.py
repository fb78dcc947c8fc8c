"""Front matter without marks around it: `Key: value` lines at a file's top, as Pelican and MultiMarkdown take them. Pure.

They end at the first empty line. Hexo's end at a line of `---` and are YAML. Lines count as front matter only where one of them is
a title, so that a text that begins with a word and a colon stays a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.frontmatter import yaml_block
from feedsvc.articles.parsers.frontmatter.value import MAX_FRONT_MATTER, MAX_KEYS, TOO_MANY_KEYS, Value, clean, with_pairs
from feedsvc.articles.parsers.synonyms import is_ours

_LINE = re.compile(r"([A-Za-z][\w-]{0,40})[ \t]*:(?:[ \t]+([^\n]*)|[ \t]*(?=\n|\Z))")
_END = re.compile(r"^[ \t]*(?:\n|\Z)|^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
_TITLE = re.compile(r"^title[ \t]*:", re.MULTILINE | re.IGNORECASE)
# Those of which Pelican takes several, with semicolons or else commas between them.
_LISTS = frozenset({"tags", "keywords", "categories", "authors"})


def read(text: str, faults: Faults) -> tuple[Mapping[str, Value], int] | None:
    """The keys of the lines at a file's top, and where its text goes on; None where they are none."""
    opening = _LINE.match(text)
    if not opening or not is_ours(opening[1]):
        return None
    closing = _END.search(text)
    source = text[: closing.start()] if closing else text
    if not _TITLE.search(source):
        return None
    if len(source) > MAX_FRONT_MATTER:
        faults.fail(1, f"the front matter has {len(source):,} characters; at most {MAX_FRONT_MATTER:,} are allowed")
    end = closing.end() if closing else len(text)
    if closing and closing[0].strip():
        return yaml_block.read(with_pairs(source), 1, faults), end
    front = _pairs(source, faults)
    return None if front is None else (front, end)


def _pairs(source: str, faults: Faults) -> Mapping[str, Value] | None:
    lines: dict[str, tuple[int, list[str]]] = {}
    written: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        if found := _LINE.fullmatch(line):
            key, written = found[1], [found[2] or ""]
            if key in lines and is_ours(key):
                faults.refuse(number, f"the key {quoted(key)} appears twice")
            lines[key] = (number, written)
            if len(lines) > MAX_KEYS:
                faults.fail(number, TOO_MANY_KEYS)
        elif line[:1] in (" ", "\t"):
            written.append(line.strip())
        elif line:
            return None
    texts = {key: (number, clean("\n".join(written).strip(), number, faults)) for key, (number, written) in lines.items()}
    return {key: _value(key.lower(), number, text) for key, (number, text) in texts.items()}


def _value(key: str, line: int, text: str) -> Value:
    if not text:
        return Value(line, None)
    if key not in _LISTS:
        return Value(line, text)
    parts = text.split(";" if ";" in text else ",")
    return Value(line, tuple(Value(line, part.strip()) for part in parts if part.strip()))
