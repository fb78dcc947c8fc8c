"""The authors of an article as every document names them. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from feedsvc.model.article import Article
from feedsvc.model.author import Credit
from feedsvc.model.urls import Urls


def credits_of(article: Article, addresses: Urls) -> tuple[Credit, ...]:
    """An article's authors in their order: as `site.toml` names them, each once, else as the article does."""
    found: dict[str | int, Credit] = {}
    for place, (name, url) in enumerate(article.credits):
        credit = credit_of(name, addresses, url)
        found.setdefault(credit.slug if addresses.site.author(credit.slug) else place, credit)
    return tuple(found.values())


def credit_of(name: str, addresses: Urls, written: str | None = None) -> Credit:
    """An author by one of their names; `written` is the address that an article gives of a page about them."""
    slug = addresses.site.slug_of_author(name)
    author = addresses.site.author(slug)
    if author is None:
        return Credit(name, slug, written or (addresses.author(slug) if slug else None), written is not None)
    url = written or author.url or addresses.author(slug)
    return Credit(author.name, slug, url, written is not None, author.picture, author.fediverse)
