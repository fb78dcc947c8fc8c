"""Sitemaps (https://www.sitemaps.org/protocol.html and its schema) with Google's news in them, and its schema."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from rules import markup
from rules.rule import NAMESPACES, Rule

GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://feeds.example/articles/ferry</loc><news:news>\
<news:publication><news:name>The Gazette</news:name><news:language>en</news:language></news:publication>\
<news:publication_date>2026-05-21T09:00:00Z</news:publication_date><news:title>Ferry to run later</news:title></news:news></url>
<url><loc>https://feeds.example/articles/tides</loc></url>
</urlset>
"""

MOST = 1_000  # news in a sitemap; 50,000 addresses and 50 MB are the protocol's own limits, far above

_NEWS = GOOD[GOOD.index("<url>") : GOOD.index("</url>") + len("</url>")]


def _children(path: str, *names: str) -> str:
    """XPath for what has other children than these, each at most once, in this order: a schema's sequence."""
    known = " or ".join(f"self::{name}" for name in names)
    twice = " or ".join(f"count({name}) > 1" for name in names)
    late = " or ".join(f"{name}/following-sibling::{before}" for before, name in pairwise(names))
    return f"{path}[*[not({known})] or {twice}{' or ' + late if late else ''}]"


def _twice(root: Any, document: bytes) -> Iterator[object]:
    yield from (
        place for place, count in Counter(place.text for place in root.iter(f"{{{NAMESPACES['s']}}}loc")).items() if count > 1
    )


def _brackets(root: Any, document: bytes) -> Iterator[object]:
    for name in root.iter(f"{{{NAMESPACES['n']}}}name"):
        beside = re.sub(r"\s*\([^()]*\)", "", name.text or "").strip()
        if beside not in ("", name.text):
            yield name


def _too_many(root: Any, document: bytes) -> Iterator[object]:
    found = root.findall(".//n:news", NAMESPACES)
    if len(found) > MOST:
        yield f"{len(found)} news"


RULES = (
    *markup.RULES,
    Rule(
        "sitemap.xsd: the root is urlset",
        "/*[not(self::s:urlset)]",
        '="http://www.sitemaps.org/schemas/sitemap/0.9"',
        '="http://www.google.com/schemas/sitemap/0.84"',
    ),
    Rule(
        "sitemap.xsd: it lists an address or more", "/s:urlset[not(s:url)]", GOOD[GOOD.index("<url>") : GOOD.index("</urlset>")], ""
    ),
    Rule("sitemap.xsd: a set holds addresses alone", "/s:urlset/*[not(self::s:url)]", "</urlset>", "<sitemap/></urlset>"),
    Rule(
        "sitemap.xsd: an address has a place", "//s:url[count(s:loc) != 1]", "<loc>https://feeds.example/articles/tides</loc>", ""
    ),
    Rule(
        "sitemap.xsd: a place is a URI of 12 to 2,048 characters",
        "//s:loc[not(is:uri(string(.))) or string-length() < 12 or string-length() > 2048]",
        "articles/tides",
        "articles/été",
    ),
    Rule(
        "sitemap.xsd: an address holds what the schema has for it",
        _children("//s:url", "s:loc", "n:news"),
        "</news:news></url>",
        "</news:news><title>Ferry</title></url>",
    ),
    Rule("Protocol: no address is listed twice", _twice, "articles/tides", "articles/ferry"),
    Rule(
        "sitemap-news.xsd: news is of publication, date and title",
        _children("//n:news", "n:publication", "n:publication_date", "n:title"),
        "</news:title>",
        "</news:title><news:title>B</news:title>",
    ),
    Rule(
        "sitemap-news.xsd: news has all three",
        "//n:news[not(n:publication) or not(n:publication_date) or not(n:title)]",
        "<news:title>Ferry to run later</news:title>",
        "",
    ),
    Rule(
        "sitemap-news.xsd: a publication is of name and language",
        "//n:publication[count(*) != 2 or not(*[1][self::n:name]) or not(*[2][self::n:language])]",
        "<news:language>en</news:language>",
        "",
    ),
    Rule(
        "sitemap-news.xsd: a language is zh-cn, zh-tw or a code of ISO 639",
        "//n:language[not(re:test(., '^(zh-cn|zh-tw|[a-z]{2,3})$'))]",
        ">en<",
        ">en-GB<",
    ),
    Rule("W3C datetime: a date has a zone", "//n:publication_date[not(is:rfc3339(string(.)))]", "09:00:00Z", "09:00:00"),
    Rule("Google: names and titles are not blank", "(//n:name | //n:title)[not(normalize-space())]", "Ferry to run later", " "),
    Rule("Google: a name has no brackets beside it", _brackets, "Gazette", "Gazette (subscription)"),
    Rule(
        "Google: at most 1,000 news", _too_many, _NEWS, "".join(_NEWS.replace("ferry", str(number)) for number in range(MOST + 1))
    ),
)
