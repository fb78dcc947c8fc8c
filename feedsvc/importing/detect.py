"""Bytes from elsewhere → `Article`s: portal pages and feeds, for the articles folder. Pure: no I/O, no clock, no globals.

    a feed (xmlfeed, jsonfeed) → FeedEntry for each of its entries → Article (source)
    any other text → readers' portal page → Article
    Article → the Markdown file that reads as the same Article (writing)

Whatever the bytes are, there is a `Batch`, or an `ArticleError` that names every fault found.
"""

from __future__ import annotations

import codecs
import posixpath
from dataclasses import dataclass, replace

from feedsvc.articles import parsers
from feedsvc.articles.parsers.faults import Faults
from feedsvc.errors import ArticleError, Fault
from feedsvc.importing import jsonfeed, xmlfeed
from feedsvc.importing.feed_entry import FeedEntry, Wishes, article_of, filed, wishes
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls

__all__ = ["MAX_FEED_BYTES", "Batch", "Wishes", "read_import", "wishes"]

MAX_FEED_BYTES = 32_000_000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD = 4_096
_PAGE = "page.txt"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file gave: its articles, each with the place in the file that a fault of it names, and what was found beside."""

    articles: tuple[tuple[str, Article], ...] = ()
    faults: tuple[Fault, ...] = ()


def read_import(name: str, data: bytes, site: Site, wanted: Wishes) -> Batch:
    """The articles that a file holds; what it is shows in its first bytes, not in its name.

    Raises `ArticleError` where it holds none that can be read.
    """
    faults = Faults(name)
    if len(data) > MAX_FEED_BYTES:
        faults.fail(0, f"is larger than {MAX_FEED_BYTES:,} bytes; a feed in parts can be imported part by part")
    if name.lower().endswith((".md", ".html")):
        faults.fail(0, "is an article already; put it into the articles folder as it is")
    head = _beginning(data)
    if head.startswith("<"):
        return _feed(name, xmlfeed.read_feed(data, head, faults), site, wanted, faults)
    if head.startswith("{") and (said := jsonfeed.document(data, name, faults)) is not None:
        return _feed(name, jsonfeed.read_feed(said, site, faults), site, wanted, faults)
    return _page(name, data, site, wanted)


def _beginning(data: bytes) -> str:
    encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8"
    return data[:_HEAD].decode(encoding, "replace").lstrip("\ufeff \t\r\n")


def _page(name: str, data: bytes, site: Site, wanted: Wishes) -> Batch:
    try:
        reading = parsers.read(_PAGE, data, Urls("", site))
    except ArticleError as error:
        raise ArticleError(*(replace(fault, path=name) for fault in error.faults)) from error
    article, warnings = reading.article, [replace(fault, path=name) for fault in reading.warnings]
    if article.image and article.image.file:
        warnings.append(Fault(name, 0, "its picture lies beside it; copy that into the articles folder and name it there", True))
        article = replace(article, image=None)
    slug = slugify(article.title) if article.slug == posixpath.splitext(_PAGE)[0] else article.slug
    article = replace(article, slug=slug, date=article.date or wanted.date)
    return Batch((("", filed(article, article.topics, wanted)),), tuple(warnings))


def _feed(name: str, sources: list[FeedEntry], site: Site, wanted: Wishes, faults: Faults) -> Batch:
    articles: list[tuple[str, Article]] = []
    refused: list[Fault] = []
    for number, source in enumerate(sources, 1):
        place = f"entry {number}: "
        try:
            article = article_of(source, site, wanted)
        except ValueError as error:
            refused.append(Fault(name, 0, f"{place}{error}"))
            continue
        if article.date is None:
            refused.append(Fault(name, 0, f"{place}has no date; it counts as published when it is first seen", warning=True))
        articles.append((place, article))
    if not sources:
        faults.warn(0, "is a feed without an entry")
    return Batch(tuple(articles), (*faults.warnings, *refused))
