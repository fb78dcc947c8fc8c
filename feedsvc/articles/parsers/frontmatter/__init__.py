"""Front matter: the keys at a file's top, in whichever dialect they are written, as plain texts with lines. Pure.

`split` finds the dialect by the first line and hands the block to its module: `yaml_block` (between `---`), `toml_block` (`+++`),
`json_block` (`{`) or `header_lines` (Pelican, MultiMarkdown). All of them give the same: each key with its `Value`. Every limit is
checked before a library sees the block, and each refusal is in our own words with the file's line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.frontmatter import header_lines, json_block, toml_block, yaml_block
from feedsvc.articles.parsers.frontmatter.value import MAX_DEPTH, MAX_FRONT_MATTER, MAX_KEYS, MAX_VALUES, Value, with_pairs

__all__ = ["MAX_DEPTH", "MAX_FRONT_MATTER", "MAX_KEYS", "MAX_VALUES", "Value", "split"]

_OPENING = re.compile(r"(---(?:yaml|toml|json)?|\+\+\+)[ \t]*(?:\n|\Z)")
# YAML has a mark of its own for a document's end (1.2, 9.1.2), as Pandoc writes it; keys below it are not passed over.
_END_OF_YAML = r"\.\.\.(?![ \t]*\n[A-Za-z_][\w-]*:[ \t\n])"
_CLOSING = {
    mark: re.compile(rf"^{line}[ \t]*(?:\n|\Z)", re.MULTILINE)
    for mark, line in (
        ("---", "---"),
        ("+++", r"\+\+\+"),
        ("---yaml", rf"(?:\.\.\.[ \t]*\n---|---|{_END_OF_YAML})"),
    )
}
# What word processors make of three hyphens: a dash, which in front of a key is no text.
_DASHES = r"[-\u2010-\u2015\u2212]*[\u2010-\u2015\u2212][-\u2010-\u2015\u2212]*"
_DASHED_OPENING = re.compile(rf"({_DASHES})[ \t]*\n[A-Za-z_][\w-]*[ \t]*:")
_DASHED_CLOSING = re.compile(rf"^({_DASHES})[ \t]*$", re.MULTILINE)
_READERS = {"---": yaml_block.read, "---yaml": yaml_block.read, "---toml": toml_block.read, "+++": toml_block.read}


def split(text: str, faults: Faults) -> tuple[Mapping[str, Value], str, int]:
    """A file's front matter, the text after it, and the line on which that text starts."""
    opening = _OPENING.match(text)
    if not opening:
        if dashed := _DASHED_OPENING.match(text):
            faults.fail(1, f"the front matter opens with {quoted(dashed[1])}; write ---, three hyphens")
        found = json_block.read(text, 0, faults) or header_lines.read(text, faults)
        if not found:
            return {}, text, 1
        front, end = found
    elif opening[1] == "---json":
        found = json_block.read(text, opening.end(), faults)
        closing = _CLOSING["---"].match(text, found[1]) if found else None
        if not found or not closing:
            faults.fail(1, "the front matter is not a JSON object { … } and a line of --- after it")
        front, end = found[0], closing.end()
    else:
        mark = opening[1][:3]
        is_yaml = _READERS[opening[1]] is yaml_block.read
        closing = _CLOSING["---yaml" if is_yaml else mark].search(text, opening.end())
        if not closing:
            if is_yaml and (dashed := _DASHED_CLOSING.search(text, opening.end())):
                line = 1 + text.count("\n", 0, dashed.start())
                faults.fail(line, f"the front matter is closed with {quoted(dashed[1])}; write ---, three hyphens")
            faults.fail(1, f"the front matter is not closed: no second line of {mark} follows")
        source = text[opening.end() : closing.start()]
        if len(source) > MAX_FRONT_MATTER:
            faults.fail(1, f"the front matter has {len(source):,} characters; at most {MAX_FRONT_MATTER:,} are allowed")
        front, end = _READERS[opening[1]](with_pairs(source), 2, faults), closing.end()
    return front, text[end:], 1 + text.count("\n", 0, end)


def dialect(text: str) -> str:
    """In what the front matter at a file's top is written, in words for its writer."""
    if opening := _OPENING.match(text):
        return {"+++": "TOML", "---toml": "TOML", "---json": "JSON"}.get(opening[1], "YAML")
    return "JSON" if text.startswith("{") else "lines of Key: value"
