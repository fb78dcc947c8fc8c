"""What is wrong with a text that is no TOML, in words for who wrote it. Pure."""

from __future__ import annotations

import re

_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_PLAIN_WORDS = {
    "Cannot overwrite a value": "a key appears twice",
    "Invalid date or datetime": "a date is not one",
    "Invalid value": 'a value is not a text in quotes ("…"), a number, a date, true or false',
    "Unterminated string": "a quote is opened and not closed",
    "Unclosed array": "a [ is opened and not closed",
    "Unclosed inline table": "a { is opened and not closed",
    "Illegal character '\\n'": "a quote is opened and not closed on its line",
    "Expected '=' after a key in a key/value pair": "a line is not `key = value`",
}
MOST_QUOTED = 100
# A text without quotes, or with those that word processors make.
_BARE = re.compile(r"""[ \t]*([\w.-]+)[ \t]*=[ \t]*([^\s"'\[{\d+-][^"\\\n]*?)[ \t]*""")


def explained(error: Exception, source: str) -> tuple[int, str]:
    """The line of an error of tomllib's, from 1 on, and what to do about it."""
    message = str(error)
    where = _WHERE.search(message)
    lines = source.split("\n")
    line = int(where[1]) if where and where[1] else 1 + source.rstrip("\n").count("\n")
    reason = _WHERE.sub("", message)
    bare = _BARE.fullmatch(lines[line - 1]) if reason == "Invalid value" and line <= len(lines) else None
    if bare and len(bare[0]) <= MOST_QUOTED:
        return line, f'{bare[1]} is a text without quotes; write {bare[1]} = "{bare[2].strip("“”„‟«»‘’")}"'
    return line, _PLAIN_WORDS.get(reason, reason)
