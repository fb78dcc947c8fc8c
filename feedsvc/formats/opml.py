"""All feeds as OPML 2.0 (http://opml.org/spec2.opml), for a reader to import at once.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from feedsvc.addresses import Addresses
from feedsvc.topics import Site, Topic


def whole(site: Site, topics: Sequence[Topic], addresses: Addresses) -> bytes:
    """The list of RSS feeds: first the whole portal's, then each topic's, in the order given."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = site.title
    etree.SubElement(head, "ownerName").text = site.title
    etree.SubElement(head, "ownerId").text = addresses.home()
    body = etree.SubElement(root, "body")
    titles = [("all", site.title)] + [(topic.slug, f"{topic.name} – {site.title}") for topic in topics]
    for slug, title in titles:
        etree.SubElement(
            body,
            "outline",
            {
                "type": "rss",
                "text": title,
                "title": title,
                "xmlUrl": addresses.feed(slug, "rss"),
                "htmlUrl": addresses.topic(slug),
                "language": site.language,
                "version": "RSS2",
            },
        )
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document
