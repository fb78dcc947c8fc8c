"""Atom 1.0 (RFC 4287).

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedsvc.formats import categories, content
from feedsvc.formats.credits import credits_of
from feedsvc.formats.dates import rfc3339
from feedsvc.formats.extensions import (
    ATOM_NAMESPACES,
    TOMBSTONES,
    XML_LANG,
    AtomElements,
    Element,
    EntryElements,
    cut,
    history,
    picture,
    splice,
)
from feedsvc.formats.feed_style import styled
from feedsvc.formats.recordings import media
from feedsvc.model.edition import Edition, Entry, Tombstone
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:%[0-9A-Fa-f]{2}|[^\s%<>\"{}|\\^`])+")


def entry(entry: Entry, addresses: Urls) -> bytes:
    """An entry as one Atom entry."""
    return cut(fill_entry(entry, addresses).atom_entry(), ATOM_NAMESPACES)


def whole(edition: Edition, entries: Sequence[bytes], addresses: Urls) -> bytes:
    """An edition's Atom document, spliced from its entries."""
    return styled(splice(fill_feed(edition, addresses).atom_str(), entries, b"</feed>"), addresses)


def feed_id(edition: Edition) -> str:
    """A feed's permanent id (RFC 4287, 4.2.6), from the portal's own address, because this service's address may change.

    So `[site] url` must never change; without it, the id is made from the title.
    """
    return permanent(edition.site, edition.topic.slug)


def permanent(site: Site, name: str) -> str:
    """The permanent id of a named thing that belongs to a portal."""
    return uuid5(NAMESPACE_URL, f"{site.url or site.title}#{name}").urn


def iri(id: str) -> str:
    """An entry's id as the IRI that Atom requires (RFC 4287, 4.2.6): itself if it is one, else a UUID made of it alone."""
    return id if _IRI.fullmatch(id) and id.isprintable() else uuid5(NAMESPACE_URL, id).urn


def fill_feed(edition: Edition, addresses: Urls) -> FeedGenerator:
    """feedgen's feed for an edition, without entries."""
    site, slug = edition.site, edition.topic.slug
    feed = FeedGenerator()
    feed.register_extension("extra", AtomElements, None, rss=False)
    feed.id(feed_id(edition))
    feed.title(edition.title)
    feed.subtitle(edition.description)
    feed.updated(edition.updated.replace(microsecond=0))
    feed.language(edition.main_language)
    author = edition.author
    feed.author(name=author.name if author else site.title, uri=author.url if author else addresses.home())
    feed.link(href=addresses.feed(slug, "atom", edition.archive), rel="self", type="application/atom+xml")
    feed.link(href=addresses.topic(slug), rel="alternate", type="text/html")
    feed.generator("feedsvc")
    if edition.topic.is_category:
        feed.category(categories.of_topic(edition.topic, addresses))
    if logo := (author.picture if author else None) or site.logo:
        feed.logo(logo)
    if site.copyright:
        feed.rights(site.copyright)
    if site.license:  # RFC 4946
        feed.link(href=site.license, rel="license")
    feed.extra.add(*history(edition, addresses, "atom", ""))
    feed.extra.add(*map(_deleted, edition.gone))
    return feed


def _deleted(gone: Tombstone) -> Element:
    """A tombstone, which makes readers remove what was retracted or removed (RFC 6721, 3)."""
    return Element(f"{TOMBSTONES}deleted-entry", None, {"ref": iri(gone.id), "when": rfc3339(gone.since)})


def fill_entry(entry: Entry, addresses: Urls) -> FeedEntry:
    """feedgen's entry for an entry.

    `updated` is right to the second. Its fraction comes from the id: validators warn if two entries of a feed have the same time,
    and an entry's bytes must depend on the entry alone.
    """
    article, site = entry.article, addresses.site
    filled = FeedEntry()
    filled.register_extension("extra", EntryElements, rss=False)
    filled.id(iri(entry.id))
    filled.title(article.title)
    filled.updated(entry.updated.replace(microsecond=crc32(entry.id.encode()) % 1_000_000))
    filled.published(entry.published.replace(microsecond=0))
    filled.author([{"name": credit.name, "uri": credit.url} for credit in credits_of(article, addresses)])
    filled.content(content.html(entry, site.zone), type="html")
    filled.summary(content.summary(entry), type="text")
    filled.category(categories.of_entry(entry, addresses))
    filled.extra.add(_link("alternate", entry.url, type="text/html"))
    filled.extra.add(*(_link("related", url, type="text/html", title=title) for title, url in entry.related))
    if article.language and article.language != site.language:
        filled.extra.set(XML_LANG, article.language)
    for recording in article.recordings:
        # A length is asked for (RFC 4287, 4.2.7.2); one that isn't known is nought, as in RSS.
        title = {"title": recording.title} if recording.title else {}
        filled.extra.add(_link("enclosure", recording.src, type=recording.type, length=str(recording.length or 0), **title))
    for image in article.pictures:
        if image.length and image.type:
            filled.extra.add(_link("enclosure", image.src, type=image.type, length=str(image.length)))
        filled.extra.add(picture(image))
    filled.extra.add(*map(media, article.recordings))
    return filled


def _link(rel: str, href: str, **attributes: str) -> Element:
    # No namespace: feedgen declares Atom's as a plain attribute of the root, and its own elements have none either.
    return Element("link", None, {"rel": rel, "href": href, **attributes})
