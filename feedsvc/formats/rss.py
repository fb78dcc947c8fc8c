"""RSS 2.0, following the RSS Advisory Board's profile (https://www.rssboard.org/rss-profile).

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedsvc.formats import categories, content, dates, podcasts, recordings
from feedsvc.formats.credits import credits_of
from feedsvc.formats.extensions import (
    ATOM,
    DC,
    LICENSE,
    PODCAST_NAMESPACES,
    RSS_NAMESPACES,
    SY,
    Element,
    EntryElements,
    RssElements,
    cut,
    history,
    picture,
    splice,
)
from feedsvc.formats.feed_style import styled
from feedsvc.model.article import Article
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.urls import Urls

# Both say "poll every five minutes": a poll costs little, because an unchanged feed is answered with 304.
TTL_MINUTES = 5
UPDATES_PER_HOUR = 12
DIGEST_TTL_MINUTES = 60

NAMESPACES = RSS_NAMESPACES | PODCAST_NAMESPACES | {"atom": ATOM[1:-1], "content": "http://purl.org/rss/1.0/modules/content/"}
# feedparser, and so rss2email, cuts a top-level domain after four letters: mail would come from somebody else's address.
_CONTACT = re.compile(r"[^\s@()<>,]+@[^\s@()<>,]+\.[A-Za-z]{2,4} \([^()]+\)")
# All text except an item's description and content, which are HTML.
_PLAIN = re.compile(rb"(?<!<content:encoded)>[^<]++<(?!/description><content:encoded)")
_REFERENCES = {b"&amp;": b"&#x26;", b"&lt;": b"&#x3C;", b"&gt;": b"&#x3E;"}
_REFERENCE = re.compile(b"|".join(_REFERENCES))
# The types that the specification allows for a channel's image; an address without an ending may be any of them.
_PICTURE = re.compile(r"[^.]*|.*\.(?:gif|jpe?g|png)", re.IGNORECASE)


def entry(entry: Entry, addresses: Urls) -> bytes:
    """An entry as one RSS item."""
    return hexadecimal(cut(fill_entry(entry, addresses).rss_entry(), NAMESPACES))


def whole(edition: Edition, entries: Sequence[bytes], addresses: Urls) -> bytes:
    """An edition's RSS document, spliced from its entries."""
    return styled(splice(hexadecimal(fill_feed(edition, addresses).rss_str()), entries, b"</channel>"), addresses)


def fill_feed(edition: Edition, addresses: Urls) -> FeedGenerator:
    """feedgen's feed for an edition, without entries."""
    site, slug = edition.site, edition.topic.slug
    feed = FeedGenerator()
    feed.register_extension("extra", RssElements, None, atom=False)
    feed.title(edition.title)
    feed.description(edition.description)
    # feedgen's <link> is the last one set, whatever its rel.
    feed.link(href=addresses.feed(slug, "rss", edition.archive), rel="self", type="application/rss+xml")
    feed.link(href=addresses.topic(slug), rel="alternate")
    # Directories of podcasts ask for a language.
    if language := edition.language or (site.language if edition.topic.podcast else None):
        feed.language(language)
    feed.updated(edition.updated)
    feed.ttl(DIGEST_TTL_MINUTES if edition.topic.is_digest else TTL_MINUTES)
    feed.generator("feedsvc")
    if edition.topic.is_category:
        feed.category(categories.of_topic(edition.topic, addresses))
    if site.logo and _PICTURE.fullmatch(urlsplit(site.logo).path.rpartition("/")[2]):
        feed.logo(site.logo)
    if site.copyright:
        feed.copyright(site.copyright)
    if site.license:
        feed.extra.add(Element(f"{LICENSE}license", site.license))
    if _CONTACT.fullmatch(site.contact):
        feed.managingEditor(site.contact)
    podcast = edition.topic.podcast
    feed.extra.plays = podcast is not None or any(entry.article.recordings for entry in edition.entries)
    if podcast:
        feed.extra.add(*podcasts.channel(podcast, edition, addresses))
    feed.extra.add(*_period(edition.topic.is_digest))
    feed.extra.add(*history(edition, addresses, "rss", ATOM))
    return feed


def _period(daily: bool) -> tuple[Element, Element]:
    """How often a feed changes (RSS 1.0's syndication module)."""
    period, times = ("daily", 1) if daily else ("hourly", UPDATES_PER_HOUR)
    return Element(f"{SY}updatePeriod", period), Element(f"{SY}updateFrequency", str(times))


def fill_entry(entry: Entry, addresses: Urls) -> FeedEntry:
    """feedgen's entry for an entry; its `guid` is the id unchanged, so that a newsroom that moved here reposts nothing."""
    article, site = entry.article, addresses.site
    filled = FeedEntry()
    filled.register_extension("extra", EntryElements, atom=False)
    filled.title(article.title)
    filled.link(href=entry.url)
    # A description is HTML, a standfirst is not (profile, "Character data").
    filled.description(escape(content.summary(entry), quote=False))
    filled.content(content.html(entry, site.zone), type="html")
    filled.guid(entry.id, permalink=False)
    filled.category(categories.of_entry(entry, addresses))
    filled.published(entry.published)
    filled.extra.add(*(Element(f"{DC}creator", credit.name) for credit in credits_of(article, addresses)))
    filled.extra.add(Element(f"{ATOM}updated", dates.rfc3339(entry.updated)))
    filled.extra.add(Element(f"{DC}language", article.language or site.language))
    filled.extra.add(*map(picture, article.pictures))
    filled.extra.add(*recordings.rss_elements(article))
    _enclose(filled, article)
    return filled


def _enclose(filled: FeedEntry, article: Article) -> None:
    """The one enclosure of an item: its sound, else its film, else its picture where that was measured.

    A length that isn't known is nought (profile, `enclosure`).
    """
    image = article.image
    if recording := next(iter(article.recordings), None):
        filled.enclosure(recording.src, recording.length or 0, recording.type)
    elif image and image.length and image.type:
        filled.enclosure(image.src, image.length, image.type)


def hexadecimal(document: bytes) -> bytes:
    """feedgen's bytes with `&`, `<` and `>` in plain text as hexadecimal references, as the profile says ("Character data")."""
    return _PLAIN.sub(lambda text: _REFERENCE.sub(lambda found: _REFERENCES[found[0]], text[0]), document)
