"""`Rule`: one thing that a document may do wrong, and the edit of a good document that does just that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache, partial
from typing import Any
from urllib.parse import urlsplit

from html5lib.html5parser import HTMLParser, ParseError
from lxml import etree

NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "atom": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
    "re": "http://exslt.org/regular-expressions",
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "x": "http://www.w3.org/1999/xhtml",
    "is": "urn:rules",
}
TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"  # BCP 47, without grandfathered tags
MEDIA_TYPE = r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( *; *[A-Za-z0-9-]+=[A-Za-z0-9-]+)*$"
EMAIL = r"^[^\s@()<>,]+@[^\s@()<>,]+\.[^\s@()<>,]+$"

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_RFC_822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9;/?:@&=+$.\-_!~*'(),#\[\]])+")
_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:%[0-9A-Fa-f]{2}|[^\x00-\x20\x7f-\xa0<>\"{}|\\^`%\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff])+"
)


@dataclass(frozen=True)
class Rule:
    """`wrong` finds what breaks the rule: XPath for the wrong nodes, or a function of the root and the bytes.

    `good` is a passage of its module's good document, and `bad` what breaks this rule alone when it stands in its place.
    """

    name: str
    wrong: str | Callable[[Any, bytes], Iterable[object]]
    good: str
    bad: str

    def complaints(self, root: Any, document: bytes) -> list[str]:
        """What breaks the rule in a document, each with the rule's name."""
        find = _compiled(self.wrong) if isinstance(self.wrong, str) else partial(self.wrong, document=document)
        return [f"{self.name}: {shown(one)}" for one in find(root)]


def complaints(rules: Sequence[Rule], document: bytes) -> list[str]:
    """Everything that is wrong with an XML document; one that is not well-formed is an error."""
    root = etree.fromstring(document)
    return [complaint for rule in rules for complaint in rule.complaints(root, document)]


@cache
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES, extensions=_FUNCTIONS)


def shown(found: object) -> str:
    """A node as a person finds it again."""
    if isinstance(found, etree._Element):
        return f"{found.getroottree().getpath(found)} {etree.tostring(found, encoding='unicode', with_tail=False)[:300]}"
    return str(found)[:300]


def rfc3339(text: str) -> bool:
    """Whether a text is a date of RFC 3339, 5.6, that exists."""
    try:
        return bool(_RFC_3339.fullmatch(text)) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def rfc822(text: str) -> bool:
    """Whether a text is a date of RFC 822 with a year of four digits and the right day of the week."""
    try:
        return bool(_RFC_822.fullmatch(text)) and parsedate_to_datetime(text).strftime("%a") == text[:3]
    except ValueError:
        return False


def uri(text: str) -> bool:
    """Whether a text is an absolute URI (RFC 3986), and where it is the web's, one with a host."""
    return bool(_URI.fullmatch(text)) and _has_host(text)


def iri(text: str) -> bool:
    """Whether a text is an absolute IRI (RFC 3987), and where it is the web's, one with a host."""
    return bool(_IRI.fullmatch(text)) and _has_host(text)


def _has_host(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme.lower() not in ("http", "https") or bool(parts.hostname)
    except ValueError:
        return False


@lru_cache(maxsize=256)
def html_fault(markup: str) -> str:
    """What is wrong with a fragment of HTML: markup that isn't HTML 5, what readers take away as dangerous, a relative address."""
    try:
        tree = HTMLParser(strict=True).parseFragment(markup)
    except ParseError as error:
        return f"{error} in {markup[:200]}"
    for element in tree.iter():
        name = str(element.tag).rpartition("}")[2]
        if name in _DANGEROUS:
            return f"<{name}>"
        for attribute, value in element.attrib.items():
            if attribute.startswith("on") or attribute == "style":
                return f"{attribute}={value}"
            if attribute in ("href", "src", "cite") and not value.startswith("#") and not uri(value):
                return f"{attribute}={value}"
    return ""


_DANGEROUS = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "link",
    "meta",
    "base",
    "html",
    "head",
    "body",
    "svg",
}
_FUNCTIONS = {
    ("urn:rules", name.replace("_", "-")): lambda _, *texts, test=test: all(map(test, texts))
    for name, test in {
        "rfc3339": rfc3339,
        "rfc822": rfc822,
        "uri": uri,
        "iri": iri,
        "html": lambda text: not html_fault(text),
    }.items()
}
