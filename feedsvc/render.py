"""Editions as documents: which paths there are, and what is published at each.

Pure: no I/O, no clock, no globals; the rendered entries that are kept for the next time come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedsvc import addresses as at
from feedsvc.addresses import Addresses
from feedsvc.document import HTML, Document, encode
from feedsvc.edition import Edition, Entry
from feedsvc.formats import FORMATS, Format, opml, pages
from feedsvc.topics import Site, Topic

# Raised when the same editions would give other bytes, so that an upgrade presses everything anew.
VERSION = "1"

OPML_PATH, OPML_TYPE = "/feeds.opml", "text/x-opml; charset=utf-8"
STYLE_PATH, STYLE_TYPE = "/style.css", "text/css; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"

# A document as a function of the moment of its newest event, which is known only beside what is published already.
Make = Callable[[datetime], Document]
Fragments = MutableMapping[tuple[str, str], bytes]


def topic_paths(slug: str) -> tuple[str, ...]:
    """The paths of all documents of a topic."""
    return (*(form.path(slug) for form in FORMATS), at.topic_path(slug))


def topic_documents(
    edition: Edition, front: Sequence[Entry], marks: Mapping[str, str], addresses: Addresses, fragments: Fragments
) -> Iterator[tuple[str, Make]]:
    """A topic's feeds, headlines and page by path, `all`'s page apart; `front` are its entries with breaking news first.

    `marks` gives for an entry's id the digest of all that it shows: an entry is rendered once per format and mark.
    """
    slug = edition.topic.slug
    for form in FORMATS:
        shown = front[: form.most] if form.most else edition.entries
        yield form.path(slug), _feed(form, replace(edition, entries=tuple(shown)), marks, addresses, fragments)
    if slug != "all":
        path = at.topic_path(slug)
        yield path, lambda updated: page(path, pages.topic(edition, addresses), updated)


def _feed(form: Format, edition: Edition, marks: Mapping[str, str], addresses: Addresses, fragments: Fragments) -> Make:
    path = form.path(edition.topic.slug)
    parts = []
    for entry in edition.entries:
        key = (form.name, marks[entry.id])
        part = fragments.get(key)
        if part is None:
            part = fragments[key] = form.entry(entry, addresses)
        parts.append(part)

    def make(updated: datetime) -> Document:
        body = form.whole(replace(edition, updated=updated), parts, addresses)
        link = f'<{addresses.url(path)}>; rel="self"'
        return _made(path, body, form.content_type, updated, max_age=form.max_age, links=(link,), open=True)

    return make


def site_documents(latest: Edition, topics: Sequence[Topic], addresses: Addresses) -> Iterator[tuple[str, Make]]:
    """What the portal has once: home page, list of feeds, stylesheet, and the answers for aliases and retired topics."""
    yield "/", lambda updated: page("/", pages.home(latest, topics, addresses), updated)
    feeds = opml.whole(latest.site, topics, addresses)
    yield OPML_PATH, lambda updated: _made(OPML_PATH, feeds, OPML_TYPE, updated, open=True)
    yield STYLE_PATH, lambda updated: _made(STYLE_PATH, pages.stylesheet(), STYLE_TYPE, updated, max_age=3600)
    for topic in latest.site.topics:
        for old in topic.aliases if not topic.retired else ():
            for path, new in zip(topic_paths(old), topic_paths(topic.slug), strict=True):
                yield path, _moved(path, addresses.url(new))
        for old in (topic.slug, *topic.aliases) if topic.retired else ():
            for path in topic_paths(old):
                yield path, _ended(path, topic, latest.site, addresses)


def page(path: str, body: bytes, updated: datetime, status: int = 200) -> Document:
    """A page for people as a document."""
    return _made(path, body, HTML, updated, status=status)


def picture(path: str, body: bytes, kind: str, updated: datetime) -> Document:
    """A picture of the articles folder as a document."""
    return _made(path, body, kind, updated, max_age=3600, open=True)


def _moved(path: str, location: str) -> Make:
    body = f"Moved to {location}\n".encode()
    return lambda updated: replace(_made(path, body, PLAIN, updated, status=301, open=True), location=location)


def _ended(path: str, topic: Topic, site: Site, addresses: Addresses) -> Make:
    if path == at.topic_path(topic.slug):
        body = pages.gone(topic.name, "This topic has ended.", None, site, addresses)
        return lambda updated: page(path, body, updated, status=410)
    return lambda updated: _made(path, b"This topic has ended.\n", PLAIN, updated, status=410, open=True)


def _made(
    path: str,
    body: bytes,
    content_type: str,
    updated: datetime,
    *,
    max_age: int = 60,
    status: int = 200,
    links: Iterable[str] = (),
    open: bool = False,
) -> Document:
    return Document(
        path=path,
        encodings=encode(body, content_type),
        content_type=content_type,
        last_modified=updated,
        max_age=max_age,
        status=status,
        links=tuple(links),
        open=open,
    )
