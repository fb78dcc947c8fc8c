"""A document taken apart: each text in it, with the place where it stands, written as people write such places.

`dc:creator` is an element, `media:content@url` an attribute, `link[self]@href` that of a link of this relation, `authors[].name` a
field of JSON, and `#points li` an element of a page under the nearest mark that a stylesheet or a screen reader would know it by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from lxml import etree, html

Leaf: TypeAlias = tuple[str, str]


def of_xml(element: Any, path: str = "") -> Iterator[Leaf]:
    """The leaves of an element of XML, beginning below it."""
    yield path, element.text or ""
    for name, value in element.attrib.items():
        yield f"{path}@{prefixed(element, name)}", value
    for child in element.iterchildren(etree.Element):
        rel = f"[{child.get('rel')}]" if child.get("rel") else ""
        yield from of_xml(child, f"{path}/{prefixed(child, child.tag)}{rel}".lstrip("/"))


def prefixed(element: Any, name: str) -> str:
    """A name in an element's document as people write it, with the prefix that the document gives its namespace."""
    found = etree.QName(name)
    prefixes = {uri: prefix for prefix, uri in element.nsmap.items()}
    prefix = "xml" if str(found.namespace).endswith("/XML/1998/namespace") else prefixes.get(found.namespace)
    return f"{prefix}:{found.localname}" if prefix else found.localname


def of_json(value: Any, path: str = "") -> Iterator[Leaf]:
    """The leaves of a value of JSON."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from of_json(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from of_json(inner, f"{path}[]")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def of_page(page: str, part: str) -> Iterator[Leaf]:
    """The leaves of the first part of a page that is found at an XPath."""
    whole = html.document_fromstring(page).find(part)
    for element in whole.iter(etree.Element):
        inside = [element, *element.iterancestors()]
        place = _place(inside[: inside.index(whole)] or [element])
        yield place, f"{element.text or ''} {' '.join(child.tail or '' for child in element)}"
        for name, value in element.attrib.items():
            if name != "class":
                yield f"{place}@{name}", value


def _place(inside: list[Any]) -> str:
    tag = inside[0].tag
    for attribute, sign in (("aria-labelledby", "#"), ("class", ".")):
        for outer in inside:
            if known := outer.get(attribute):
                mark = sign + known.split()[-1]
                return f"{tag}{mark}" if outer is inside[0] else f"{mark} {tag}"
    return str(tag)


def of_head(page: str) -> Iterator[Leaf]:
    """The leaves of what a page tells programs: its title, its links, Open Graph, schema.org's JSON as `NewsArticle.headline`."""
    for element in html.document_fromstring(page).find("head"):
        if element.tag == "meta" and element.get("content"):
            yield element.get("property") or element.get("name"), element.get("content")
        elif element.get("type") == "application/ld+json":
            described = json.loads(element.text)
            yield from of_json({described["@type"]: described})
        elif element.tag == "link" and element.get("rel") != "alternate":
            yield f"link[{element.get('rel')}]", element.get("href")
        elif element.tag == "link" and element.get("hreflang") and not element.get("type"):
            yield "link[alternate]@hreflang", element.get("hreflang")
        else:
            yield element.tag, element.text or ""
