"""What an import writes is read as what was imported."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from feedsvc.articles import parsers
from feedsvc.importing.markdown_writer import written
from feedsvc.model.article import Article
from support.newsroom import ADDRESSES

TAGS = ("{{ x }}", "{% x %}", "{: .c}", "{#if x}", ":::", "!!! note", "??? note", "[TOC]", "[!NOTE] x", "(a){.b}")
PLACES = ("<p>{}</p>", "<p>Before.</p>\n<p>{}</p>", "<p><em>Before.</em></p>\n<p>{}</p>", "<p>{}\n{}</p>")


@pytest.mark.parametrize("html", PLACES)
@pytest.mark.parametrize("tag", TAGS)
def test_what_looks_like_a_template_tag_is_kept(tag: str, html: str) -> None:
    article = Article(title="A", slug="a", body=html.replace("{}", tag))
    text = written(article, "a.md", ZoneInfo("Europe/London"))
    assert parsers.read("a.md", text.encode(), ADDRESSES).article.body == article.body
