"""The sitemaps (https://www.sitemaps.org/protocol.html): of the news, with Google's extension, of every month, and their index.

Pure: no I/O, no clock, no globals. The caller decides which articles are news: those of the last 48 hours, at most `MOST`. A month
is an archive's articles, far fewer than the 50,000 that a sitemap may have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from feedsvc.formats.dates import rfc3339
from feedsvc.model.edition import Entry
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls, sitemap_path

PATH = "/sitemap-news.xml"
INDEX_PATH = "/sitemap.xml"
MOST = 1_000
HOURS = 48

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"

_NAMESPACES: Any = {None: SITEMAP[1:-1], "news": NEWS[1:-1]}
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def entry(entry: Entry, site: Site) -> bytes:
    """An entry as one URL of the sitemap."""
    root = _root()
    news = etree.SubElement(_url(root, entry.url), f"{NEWS}news")
    publication = etree.SubElement(news, f"{NEWS}publication")
    etree.SubElement(publication, f"{NEWS}name").text = name(site)
    etree.SubElement(publication, f"{NEWS}language").text = language(entry.article.language or site.language)
    etree.SubElement(news, f"{NEWS}publication_date").text = rfc3339(entry.published)
    etree.SubElement(news, f"{NEWS}title").text = entry.article.title
    return _bytes(root)[len(_BEGIN) : -len(_END)]


def whole(entries: Iterable[bytes], addresses: Urls) -> bytes:
    """The sitemap of the newest articles in the given order, each address once: two articles may have the same link.

    If there are none, it lists the home page, not marked as news: the schema requires at least one URL.
    """
    by_address: dict[bytes, bytes] = {}
    for part in entries:
        by_address.setdefault(part[: part.index(b"</loc>")], part)
    if by_address:
        return b"".join((_BEGIN, *by_address.values(), _END))
    root = _root()
    _url(root, addresses.url("/"))
    return _bytes(root)


def index(months: Iterable[str], addresses: Urls) -> bytes:
    """The index of all sitemaps: that of the news, and of each month by its archive's name."""
    root = etree.Element(f"{SITEMAP}sitemapindex", nsmap={None: SITEMAP[1:-1]})
    for address in (PATH, *map(sitemap_path, months)):
        etree.SubElement(etree.SubElement(root, f"{SITEMAP}sitemap"), f"{SITEMAP}loc").text = addresses.url(address)
    return _bytes(root)


def month(entries: Iterable[Entry]) -> bytes:
    """The sitemap of an archive's articles, each address once."""
    root = etree.Element(f"{SITEMAP}urlset", nsmap={None: SITEMAP[1:-1]})
    for entry in {entry.url: entry for entry in entries}.values():
        etree.SubElement(_url(root, entry.url), f"{SITEMAP}lastmod").text = rfc3339(entry.updated)
    return _bytes(root)


def name(site: Site) -> str:
    """The portal's name as Google wants it, without what is in brackets."""
    bare = site.title
    while _IN_BRACKETS.search(bare):
        bare = _IN_BRACKETS.sub("", bare)
    return bare.strip() or site.title


def language(tag: str) -> str:
    """A language tag (BCP 47) as Google wants it: its ISO 639 code, but `zh-cn` or `zh-tw` for the two ways to write Chinese."""
    code, *subtags = tag.lower().split("-")
    if code != "zh":
        return code
    script = next((subtag for subtag in subtags if len(subtag) == 4), None)
    return "zh-tw" if script == "hant" or (script is None and not _TRADITIONAL.isdisjoint(subtags)) else "zh-cn"


def _root() -> Any:
    return etree.Element(f"{SITEMAP}urlset", nsmap=_NAMESPACES)


def _url(root: Any, address: str) -> Any:
    url = etree.SubElement(root, f"{SITEMAP}url")
    etree.SubElement(url, f"{SITEMAP}loc").text = address
    return url


def _bytes(root: Any) -> bytes:
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document


_END = b"</urlset>"
_BEGIN = _bytes(_root()).removesuffix(b"/>") + b">"
