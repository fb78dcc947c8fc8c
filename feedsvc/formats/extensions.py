"""What feedgen lacks or gets wrong, added through its extension interface (`feedgen.ext.base`).

| feedgen 1.0.0 | here |
| --- | --- |
| an Atom entry's links lose all but `href` (issues 135 and 143) | we write the link elements |
| an author without e-mail is missing in RSS (pull request 57, declined) | `dc:creator` |
| an RSS item has no time of its last change | `atom:updated` |
| the media extension wraps a single picture in `media:group` (pull request 58) | a bare `media:content` |
| the syndication extension writes `sy:UpdatePeriod` (pull request 29) | `sy:updatePeriod` |
| an Atom entry has no `xml:lang` | we write the attribute |
| RSS loses every link but the last, `rel="hub"` too (issue 122) | we write the link elements |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from feedsvc.model.article import Image, Variant
from feedsvc.model.edition import Edition
from feedsvc.model.urls import Urls

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
MEDIA = "{http://search.yahoo.com/mrss/}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

HISTORY = "{http://purl.org/syndication/history/1.0}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"

ATOM_NAMESPACES = {"media": MEDIA[1:-1]}
RSS_NAMESPACES = {"dc": DC[1:-1], "media": MEDIA[1:-1], "sy": SY[1:-1]}
# Declared only where they are used: validators warn of a namespace that they don't know, such as that of tombstones.
PODCAST_NAMESPACES = {"itunes": ITUNES[1:-1], "podcast": PODCAST[1:-1]}
# Dave Winer's module (https://www.rssboard.org/creative-commons): what RSS has for the address of a licence.
LICENSE = "{http://backend.userland.com/creativeCommonsRssModule}"
_RARE = {"creativeCommons": LICENSE[1:-1], "at": TOMBSTONES[1:-1], "fh": HISTORY[1:-1]}


@dataclass(frozen=True, slots=True)
class Element:
    """One XML element; `name` holds its namespace in braces."""

    name: str
    text: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    children: Sequence[Element] = ()

    def write(self, parent: Any) -> None:
        """Appends the element to a parent in lxml's tree."""
        node = etree.SubElement(parent, self.name, self.attributes)
        node.text = self.text
        for child in self.children:
            child.write(node)


class EntryElements(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Elements and attributes at the end of an RSS item or an Atom entry, in the order in which they were added."""

    def __init__(self) -> None:
        self._elements: list[Element] = []
        self._attributes: dict[str, str] = {}

    def add(self, *elements: Element) -> None:
        """Adds elements."""
        self._elements += elements

    def set(self, name: str, value: str) -> None:
        """Sets an attribute of the item or entry itself."""
        self._attributes[name] = value

    def extend_rss(self, item: Any) -> Any:
        """Called by feedgen with the item or entry that it has written."""
        item.attrib.update(self._attributes)
        for element in self._elements:
            element.write(item)
        return item

    extend_atom = extend_rss


class FeedElements(BaseExtension):  # type: ignore[misc]
    """Elements at the end of a feed's head, in the order in which they were added."""

    def __init__(self) -> None:
        self._elements: list[Element] = []

    def add(self, *elements: Element) -> None:
        """Adds elements."""
        self._elements += elements

    def _rare(self) -> dict[str, str]:
        used = {element.name[1:].rpartition("}")[0] for element in self._elements}
        return {prefix: namespace for prefix, namespace in _RARE.items() if namespace in used}

    def _write(self, parent: Any) -> None:
        for element in self._elements:
            element.write(parent)


class RssElements(FeedElements):
    """Elements of an RSS channel's head; declares the namespaces that RSS documents use, and the podcasts' if `plays` is set."""

    plays = False

    def extend_ns(self) -> dict[str, str]:
        """The namespaces for feedgen to declare on the root, beside `atom` and `content`, which it declares itself."""
        return RSS_NAMESPACES | (PODCAST_NAMESPACES if self.plays else {}) | self._rare()

    def extend_rss(self, rss: Any) -> Any:
        """Called by feedgen with the root, before the items are written."""
        self._write(rss[0])
        return rss


class AtomElements(FeedElements):
    """Elements of an Atom feed's head; declares the namespaces that Atom documents use."""

    def extend_ns(self) -> dict[str, str]:
        """The namespaces for feedgen to declare on the root."""
        return ATOM_NAMESPACES | self._rare()

    def extend_atom(self, feed: Any) -> Any:
        """Called by feedgen with the root, before the entries are written."""
        self._write(feed)
        return feed


def picture(image: Image) -> Element:
    """A picture as `media:content`, or as a `media:group` of the sizes that there are of it (Media RSS 1.5.1).

    Its credit and description are its children. As siblings, feedparser would take the description for the entry's own.
    """
    def content(of: Image | Variant, children: Sequence[Element] = (), **given: str) -> Element:
        known = {"url": of.src, "medium": "image", "type": of.type, "fileSize": of.length, "width": of.width, "height": of.height}
        return Element(f"{MEDIA}content", None, {name: str(value) for name, value in known.items() if value} | given, children)

    texts = ("credit", image.credit), ("description", image.caption or image.alt)
    children = [Element(f"{MEDIA}{name}", value) for name, value in texts if value]
    if not image.variants:
        return content(image, children)
    return Element(f"{MEDIA}group", None, {}, (content(image, children, isDefault="true"), *map(content, image.variants)))


def history(edition: Edition, addresses: Urls, suffix: str, namespace: str) -> Iterator[Element]:
    """The links to a feed's hub (WebSub, 4) and to its archives (RFC 5005, 4); `namespace` is that of the link elements."""
    slug, kind = edition.topic.slug, f"application/{suffix}+xml"

    def link(rel: str, href: str, **attributes: str) -> Element:
        return Element(f"{namespace}link", None, {"rel": rel, "href": href, **attributes})

    if edition.archive:
        yield Element(f"{HISTORY}archive")
        yield link("current", addresses.feed(slug, suffix), type=kind)
    elif edition.hub:
        yield link("hub", edition.hub)
    if edition.before:
        yield link("prev-archive", addresses.feed(slug, suffix, edition.before), type=kind)


def cut(entry: Any, namespaces: Mapping[str, str]) -> bytes:
    """The bytes of an item or entry that feedgen made, for a document whose root declares the namespaces."""
    root = etree.Element("root", nsmap=namespaces)
    root.append(entry)
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return document[document.index(b">") + 1 : document.rindex(b"</root>")]


def splice(head: bytes, entries: Sequence[bytes], end: bytes) -> bytes:
    """A document with its entries inserted where feedgen would put them: before the end tag of their parent."""
    before, tag, after = head.rpartition(end)
    return b"".join((before, *entries, tag, after))
