"""Bytes from elsewhere → `Article`s: portal pages and feeds, for the articles folder. Pure: no I/O, no clock, no globals.

    a feed or an export (xmlfeed, jsonfeed, wordpress, ghost) → FeedEntry for each of its entries → Article (feed_entry)
    any other text → the parser of portal pages → Article
    Article → the Markdown file that is parsed as the same Article (markdown_writer)

Whatever the bytes are, the result is a `Batch`, or an `ArticleError` with every fault found.
"""

from __future__ import annotations

import codecs
import posixpath
from dataclasses import dataclass, replace

from feedsvc.articles import parsers
from feedsvc.articles.parsers.faults import Faults
from feedsvc.errors import ArticleError, Fault
from feedsvc.importing import ghost, json_values, jsonfeed, wordpress, xmlfeed
from feedsvc.importing.feed_entry import ImportOptions, Source, article_of, filed, import_options
from feedsvc.kinds import Kind
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls

__all__ = ["MAX_FEED_BYTES", "Batch", "ImportOptions", "import_options", "read_import"]

MAX_FEED_BYTES = 32_000_000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD = 4_096
_PAGE = "page.txt"


@dataclass(frozen=True, slots=True)
class Batch:
    """The result of one file: its articles, each with its place in the file for error messages, and warnings."""

    articles: tuple[tuple[str, Article], ...] = ()
    faults: tuple[Fault, ...] = ()


def read_import(name: str, data: bytes, site: Site, options: ImportOptions) -> Batch:
    """The articles in a file, whose kind is decided by its first bytes, not by its name.

    Raises `ArticleError` if none can be read.
    """
    faults = Faults(name)
    if len(data) > MAX_FEED_BYTES:
        faults.fail(0, f"is larger than {MAX_FEED_BYTES:,} bytes; a feed in parts can be imported part by part")
    if name.lower().endswith((".md", ".html")):
        faults.fail(0, "is an article already; put it into the articles folder as it is")
    head = _beginning(data)
    if head.startswith("<"):
        root = xmlfeed.document(data, head, faults)
        if wordpress.is_export(root):
            return _feed(name, wordpress.read_export(root, site.zone, faults), site, options, faults)
        return _feed(name, xmlfeed.read_feed(root, faults), site, options, faults)
    if head.startswith("{") and (said := json_values.document(data, name, faults)) is not None:
        if ghost.is_export(said):
            return _feed(name, ghost.read_export(said, site, faults), site, options, faults)
        return _feed(name, jsonfeed.read_feed(said, site, faults), site, options, faults)
    return _page(name, data, site, options)


def _beginning(data: bytes) -> str:
    encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8"
    return data[:_HEAD].decode(encoding, "replace").lstrip("\ufeff \t\r\n")


def _page(name: str, data: bytes, site: Site, options: ImportOptions) -> Batch:
    try:
        reading = parsers.read(_PAGE, data, Urls("", site))
    except ArticleError as error:
        raise ArticleError(*(replace(fault, path=name) for fault in error.faults)) from error
    article, warnings = reading.article, [replace(fault, path=name) for fault in reading.warnings]
    if article.image and article.image.file:
        reason = "its picture is a separate file; copy it into the articles folder and name it there"
        warnings.append(Fault.warn(Kind.PICTURE, name, 0, reason))
        article = replace(article, image=None)
    slug = slugify(article.title) if article.slug == posixpath.splitext(_PAGE)[0] else article.slug
    article = replace(article, slug=slug, date=article.date or options.date)
    return Batch((("", filed(article, article.topics, options)),), tuple(warnings))


def _feed(name: str, sources: list[Source], site: Site, options: ImportOptions, faults: Faults) -> Batch:
    articles: list[tuple[str, Article]] = []
    refused: list[Fault] = []
    for number, source in enumerate(sources, 1):
        place = f"entry {number}: "
        try:
            if isinstance(source, ValueError):
                raise source
            article = article_of(source, site, options)
        except ValueError as error:
            refused.append(Fault(name, 0, f"{place}{error}"))
            continue
        if article.date is None and not article.draft:
            reason = f"{place}has no date; it counts as published when it is first seen"
            refused.append(Fault.warn(Kind.NO_DATE, name, 0, reason))
        articles.append((place, article))
    if not sources:
        faults.warn(Kind.IMPORT, 0, "is a feed without an entry")
    return Batch(tuple(articles), (*faults.warnings, *refused))
