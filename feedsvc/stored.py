"""`Stored`: what the database holds, as the readers' side needs it to make a document that nobody has asked for before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec

from feedsvc import render
from feedsvc.addresses import Addresses
from feedsvc.article import Article
from feedsvc.document import Document
from feedsvc.edition import Entry, entry_of
from feedsvc.errors import StoreError
from feedsvc.ledger import Record
from feedsvc.store import Store
from feedsvc.topics import Site, Topic


class Stored:
    """Site, topics and entries as last published, under one public URL.

    Every method raises `StoreError` where the database can't be read.
    """

    def __init__(self, store: Store, public_url: str, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.clock = clock
        self._public_url = public_url

    def addresses(self) -> Addresses:
        """The URLs of what is published, with the site."""
        site = msgspec.json.decode(self.store.fact("site") or "{}", type=Site)
        return Addresses(self._public_url, site)

    def topics(self, slugs: tuple[str, ...], site: Site) -> tuple[Topic, ...]:
        """Some topics, called as in the last pressing."""
        names = self.store.topic_names(slugs)
        return tuple(site.topic(slug) or Topic(slug=slug, name=names.get(slug, slug)) for slug in slugs)

    def entry(self, record: Record, article: Article, addresses: Addresses) -> Entry:
        """The entry of a live article."""
        site = addresses.site
        topics = self.topics(site.resolve(slug for slug, _ in record.topics), site)
        story = self.store.story(record.story[0]) if record.story else ()
        return entry_of(record, article, topics, story, addresses, self.clock())

    def keep(self, document: Document, generation: int) -> Document:
        """Keeps what was made of this generation for all who ask next; a database that can't be written is no reason to fail."""
        document = render.packed(document)
        with suppress(StoreError):
            self.store.keep(document, generation)
        return document
