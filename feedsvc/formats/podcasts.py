"""What makes a topic's RSS a podcast: Apple's elements of a channel, and Podcasting 2.0's. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from feedsvc.formats.extensions import ITUNES, PODCAST, Element
from feedsvc.model.edition import Edition
from feedsvc.model.podcast import Podcast, guid_of
from feedsvc.model.urls import Urls


def channel(podcast: Podcast, edition: Edition, addresses: Urls) -> Iterator[Element]:
    """The elements of the channel (Apple: “A Podcaster's Guide to RSS”; Podcasting 2.0: guid, locked)."""
    below = [Element(f"{ITUNES}category", None, {"text": name}) for name in podcast.category[1:]]
    yield Element(f"{ITUNES}author", podcast.author or edition.site.title)
    yield Element(f"{ITUNES}category", None, {"text": podcast.category[0]}, below)
    yield Element(f"{ITUNES}image", None, {"href": podcast.image})
    yield Element(f"{ITUNES}explicit", "true" if podcast.explicit else "false")
    yield Element(f"{ITUNES}type", podcast.type)
    if podcast.owner:
        name, email = podcast.owner
        yield Element(f"{ITUNES}owner", None, {}, [Element(f"{ITUNES}name", name), Element(f"{ITUNES}email", email)])
    yield Element(f"{PODCAST}guid", podcast.guid or guid_of(addresses.feed(edition.topic.slug, "rss")))
    if podcast.locked is not None and podcast.owner:
        yield Element(f"{PODCAST}locked", "yes" if podcast.locked else "no", {"owner": podcast.owner[1]})


def episodes(edition: Edition) -> Edition:
    """An edition with what can be heard or seen alone, and may be given to others: each item of a podcast has an enclosure."""
    heard = (entry for entry in edition.entries if entry.article.recordings and entry.article.syndicate is None)
    return replace(edition, entries=tuple(heard))
