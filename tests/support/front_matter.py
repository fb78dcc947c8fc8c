"""What front matter gives, and what is refused of it, as texts."""

from __future__ import annotations

import pytest

from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.frontmatter import Value, split
from feedsvc.errors import ArticleError


def plain(value: Value) -> object:
    if isinstance(value.content, tuple):
        return [plain(inner) for inner in value.content]
    if isinstance(value.content, str | None):
        return value.content
    return {key: plain(inner) for key, inner in value.content.items()}


def fault(text: str) -> str:
    faults = Faults("a.md")
    with pytest.raises(ArticleError) as caught:
        split(text, faults)
        faults.settle()
    return str(caught.value)
