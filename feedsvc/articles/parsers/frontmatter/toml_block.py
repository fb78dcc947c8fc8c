"""Front matter in TOML, between two lines of `+++`, as Hugo and Zola write it. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.frontmatter.value import MAX_DEPTH, MAX_KEYS, TOO_DEEP, TOO_MANY_KEYS, Plain, Value, limit_brackets
from feedsvc.articles.parsers.synonyms import ours_of
from feedsvc.articles.toml_faults import explained

_PART = r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)[ \t]*"""
# tomllib takes time with the square of a dotted key's parts.
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*(?:{_PART}\.[ \t]*){{20}}", re.MULTILINE)
_HEADER = re.compile(r"[ \t]*\[+([^\]\n]+)\]")
_KEY = re.compile(rf"[ \t]*({_PART}(?:\.[ \t]*{_PART})*)=")
_LONG_NUMBER = re.compile(r"[0-9_]{400}")


def read(source: str, first: int, faults: Faults) -> Mapping[str, Value]:
    """The keys of a block of TOML whose first line is the file's line `first`."""
    limit_brackets(source, first, faults)
    for limit, reason in ((_LONG_KEY, TOO_DEEP), (_LONG_NUMBER, "a number has too many digits")):
        if found := limit.search(source):
            faults.fail(first + source.count("\n", 0, found.end()), reason)
    try:
        document = tomllib.loads(source, parse_float=str)
    except (ValueError, RecursionError) as error:
        line, reason = explained(error, source)
        faults.fail(first + line - 1, f"the front matter is not TOML: {reason}")
    lines = _lines(source, first)
    if len(document) > MAX_KEYS:
        faults.fail(first, TOO_MANY_KEYS)

    def line_of(path: tuple[str, ...]) -> int:
        return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), first)

    plain = Plain(faults, line_of)
    return {key: plain.value(ours_of(key, value), (key,)) for key, value in document.items()}


def _lines(source: str, first: int) -> Mapping[tuple[str, ...], int]:
    """The lines of keys by their paths: tomllib keeps no positions, so they are looked for as people write them."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(source.split("\n"), first):
        if header := _HEADER.match(line):
            table = _path(header[1])
            path = table
        elif key := _KEY.match(line):
            path = (*table, *_path(key[1]))
        else:
            continue
        for end in range(1, min(len(path), MAX_DEPTH) + 1):
            lines.setdefault(path[:end], number)
    return lines


def _path(written: str) -> tuple[str, ...]:
    return tuple(part.strip(" \t\"'") for part in written.split(".")[: MAX_DEPTH + 1])
