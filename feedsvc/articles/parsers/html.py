"""Articles in HTML: whole pages and fragments. Pure.

The parts are found by the tags that `markup` reads, not in a parsed tree: so the body is the text as it was written, with its own
lines, and neither depth nor a broken page costs more than one pass (lxml and html.parser differ there with each release).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from feedsvc.articles.parsers.excerpt import before_mark
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.markup import MarkupError, Tag, resolved, tags, texts
from feedsvc.articles.parsers.parts import Parts
from feedsvc.model.site import Site
from feedsvc.text import one_line

_BODIES = ("article", "main", "body")


def read_html(text: str, line: int, front: Mapping[str, Any], site: Site, faults: Faults) -> Parts:
    """An article's parts from HTML: `<h1>`, else `<title>`, and what is in `<article>`, else `<main>`, else `<body>`."""
    try:
        found = list(tags(text))
    except MarkupError as error:
        faults.fail(line + text.count("\n", 0, error.offset), str(error))
    start, end = _body(found, len(text))
    heading = _heading(text, found, start, end)
    title, title_line, body = "", line, text[start:end]
    if heading:
        title, title_line = _plain(text[heading[0].end : heading[1]]), line + text.count("\n", 0, heading[0].start)
        if start <= heading[0].start < end and front.get("title", title) == title:
            # Its lines stay, so that the lines of the rest stay true.
            gap = "\n" * text.count("\n", heading[0].start, heading[2])
            body = text[start : heading[0].start] + gap + text[heading[2] : end]
    elif named := next((tag for tag in found if tag.name == "title" and one_line(tag.content)), None):
        title, title_line = one_line(resolved(named.content)), line + text.count("\n", 0, named.start)
    return Parts(
        html=_in_its_language(body, next((tag for tag in found if tag.end == start), None)),
        line=line + text.count("\n", 0, start),
        exact=True,
        title=title,
        title_line=title_line,
        standfirst=_description(found) or before_mark(body),
    )


def _body(found: Sequence[Tag], length: int) -> tuple[int, int]:
    """Where the article's body starts and ends in the text."""
    for name in _BODIES:
        depth, start = 0, -1
        for tag in found:
            if tag.name != name:
                continue
            depth += -1 if tag.closing else 1
            if start < 0 and not tag.closing:
                depth, start = 1, tag.end
            elif start >= 0 and depth == 0:
                return start, tag.start
        if start >= 0:
            return start, length
    return 0, length


def _in_its_language(body: str, around: Tag | None) -> str:
    """The body with the language and direction that the element around it gives."""
    given = around.attributes if around and around.name in _BODIES else {}
    written = "".join(f' {key}="{escape(given[key])}"' for key in ("lang", "dir") if given.get(key))
    return f"<div{written}>{body}</div>" if written else body


def _heading(text: str, found: Sequence[Tag], start: int, end: int) -> tuple[Tag, int, int] | None:
    """The first `<h1>` that shows a text, in the body before elsewhere, with the end of its text and of itself."""
    headings = [tag for tag in found if tag.name == "h1"]
    pairs = [(tag, after) for tag, after in pairwise(headings) if not tag.closing and after.closing]
    for tag, after in sorted(pairs, key=lambda pair: not start <= pair[0].start < end):
        if _plain(text[tag.end : after.start]):
            return tag, after.start, after.end
    return None


def _plain(html: str) -> str:
    return one_line("".join(texts(html)))


def _description(found: Sequence[Tag]) -> str:
    for tag in found:
        if tag.name == "meta" and tag.attributes.get("name", "").lower() == "description":
            return one_line(tag.attributes.get("content", ""))
    return ""
