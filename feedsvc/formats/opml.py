"""All feeds as OPML 2.0 (http://opml.org/spec2.opml), for a reader to import at once.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lxml import etree

from feedsvc.formats.feed_style import styled
from feedsvc.model.site import Site, Topic
from feedsvc.model.urls import Urls


def whole(site: Site, topics: Sequence[Topic], stories: Sequence[Topic], addresses: Urls) -> bytes:
    """The list of RSS feeds: first the whole portal's, then each topic's, then those that are defined and have no password, then
    the stories' in a group, in the given orders."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = site.title
    etree.SubElement(head, "ownerName").text = site.title
    etree.SubElement(head, "ownerId").text = addresses.home()
    body = etree.SubElement(root, "body")
    open_feeds = (site.topic(feed.slug) for feed in site.feeds if not feed.protected)
    for topic in (site.everything, *topics, *(topic for topic in open_feeds if topic)):
        _feed(body, topic, addresses)
    if stories:
        # Readers treat an outline without a type and an address as a folder; with a title too, validators miss its type.
        group = etree.SubElement(body, "outline", {"text": "Stories"})
        for story in stories:
            _feed(group, story, addresses)
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return styled(document, addresses)


def _feed(parent: Any, topic: Topic, addresses: Urls) -> None:
    title, slug = addresses.site.title_of(topic), topic.slug
    outline = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": addresses.feed(slug, "rss"),
        "htmlUrl": addresses.topic(slug),
        "version": "RSS2",
    }
    # Of a topic the language may change with an article; a feed of one language says so.
    if language := next((feed.chosen.language for feed in addresses.site.feeds if feed.slug == slug), None):
        outline["language"] = language
    etree.SubElement(parent, "outline", outline)
