"""Articles in Markdown: CommonMark with tables, strikethrough, autolinks, footnotes and typographic quotes. Pure.

cmark is linear: of the texts that make Markdown libraries slow (nested quotes, brackets, emphasis) none of 2 MB takes over 1.5 s,
and most take a fifth. What a text can do is grow, by footnotes and short rows of tables; so HTML is limited before it is sanitised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import cmarkgfm
from cmarkgfm.cmark import Options

from feedsvc.articles.parsers.excerpt import before_mark
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.markup import MarkupError, texts
from feedsvc.articles.parsers.parts import Parts
from feedsvc.model.site import Site
from feedsvc.text import one_line

_EXTENSIONS = ["table", "strikethrough", "autolink"]
# "Unsafe" lets raw HTML through as written; sanitising comes after, and judges all HTML alike.
_OPTIONS = Options.CMARK_OPT_SMART | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_UNSAFE
# A heading with the attributes that makers of sites let stand behind it: `## The vote {#vote}`.
_HEADING = re.compile(
    r"^<h(?P<level>[1-6])>(?P<words>[^\n]*[^\s{])\s*\{:?[^{}\n]*#(?P<id>[\w-]+)[^{}\n]*\}</h(?P=level)>$", re.MULTILINE
)
_TITLE = re.compile(r"<h1(?:\s[^<>]*)?>(?P<words>.*?)</h1>\n?", re.DOTALL)


def read_markdown(text: str, line: int, front: Mapping[str, Any], site: Site, faults: Faults) -> Parts:
    """An article's parts from Markdown (CommonMark 0.29 and GitHub's extensions): the title from its first heading, too."""
    html: str = cmarkgfm.markdown_to_html_with_extensions(text, options=_OPTIONS, extensions=_EXTENSIONS)
    if "{" in html:
        html = _HEADING.sub(r'<h\g<level> id="\g<id>">\g<words></h\g<level>>', html)
    title = ""
    if "<h1" in html and (found := _TITLE.search(html)):
        title = _plain(found["words"])
        # A heading that says the title once more is not shown below it.
        if title and ("title" not in front or (title == front["title"] and not html[: found.start()].strip())):
            html = html[: found.start()] + html[found.end() :]
    return Parts(html=html, line=line, title=title, title_line=line, standfirst=before_mark(html))


def _plain(html: str) -> str:
    try:
        return one_line("".join(texts(html)))
    except MarkupError:
        return ""
