"""The mark behind the beginning of a text, at which other makers of sites cut their summary. Pure."""

from __future__ import annotations

import re

from feedsvc.articles.parsers.markup import MarkupError, texts
from feedsvc.model.article import MAX_TEXT
from feedsvc.text import one_line

# WordPress, Jekyll, Hugo, Hexo and Zola; Docusaurus; Eleventy and others.
MARK = re.compile(r"<!--+\s*(?:more|read[ -]?more|truncate|excerpt|excerpt[ -]?end|end[ -_]?excerpt|cut)\s*--+>", re.IGNORECASE)


def before_mark(html: str) -> str:
    """The text of an HTML body before the mark on one line, cut at a word where it is long; "" without a mark."""
    found = MARK.search(html) if "<!--" in html else None
    if found is None:
        return ""
    try:
        text = one_line(" ".join(texts(html[: found.start()])))
    except MarkupError:
        return ""
    if len(text) <= MAX_TEXT:
        return text
    end = text.rfind(" ", MAX_TEXT // 2, MAX_TEXT - 1)
    return text[: end if end > 0 else MAX_TEXT - 1].rstrip() + "…"
