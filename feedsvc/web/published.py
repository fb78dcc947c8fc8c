"""`Published`: the published data, as the readers' side needs it to make a document at its first request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from feedsvc.errors import StoreError
from feedsvc.formats import render
from feedsvc.formats.render import Draft
from feedsvc.model.article import Article
from feedsvc.model.document import Document
from feedsvc.model.edition import Entry, after, entry_of
from feedsvc.model.record import Record
from feedsvc.model.site import Site, Topic
from feedsvc.model.urls import Urls
from feedsvc.storage.facts import BUILT, SITE
from feedsvc.storage.store import Store

T = TypeVar("T")
ATTEMPTS = 3


class Published:
    """Site, topics and entries as last published, under one public URL; `keep` writes a document made from a generation.

    Every method raises `StoreError` where the database can't be read.
    """

    def __init__(
        self,
        store: Store,
        public_url: str,
        clock: Callable[[], datetime],
        keep: Callable[[Document, int], object] | None = None,
    ) -> None:
        self.store = store
        self._keep = keep or store.keep
        self.clock = clock
        self._public_url = public_url

    def addresses(self) -> Urls:
        """The URLs of what is published, with the site."""
        site = self.store.fact(SITE)
        return Urls(self._public_url, site)

    def absent(self) -> Document:
        """The page where nothing is published."""
        addresses = self.addresses()
        return render.packed(render.not_found(addresses, self.clock()))

    def topics(self, slugs: tuple[str, ...], site: Site) -> tuple[Topic, ...]:
        """Some topics, with their names from the last build."""
        names = self.store.topic_names(slugs)
        return tuple(site.topic(slug) or Topic(slug=slug, name=names.get(slug, slug)) for slug in slugs)

    def entry(self, record: Record, article: Article, addresses: Urls) -> Entry:
        """The entry of a live article."""
        site = addresses.site
        topics = self.topics(site.resolve(slug for slug, _ in record.topics), site)
        story = self.store.story(record.story[0]) if record.story else ()
        return entry_of(record, article, topics, story, addresses, self.clock(), self.store.versions(record))

    def whole(self, make: Callable[[int], T]) -> T:
        """What is made from one generation, given its number; a few times at most, if another is published meanwhile."""
        made = make(generation := self.store.generation())
        for _ in range(ATTEMPTS - 1):
            newest = self.store.generation()
            if newest == generation:
                break
            made = make(generation := newest)
        return made

    def keep(self, document: Document, generation: int, since: datetime | None = None) -> Document:
        """Keeps what was made from this generation for the next requests; a read-only database is no reason to fail.

        Bytes that differ from the last ones have a later date, even if the change is not in the article itself; so have those that
        came back, where something else stood there until `since`.
        """
        document = render.packed(self._dated(document, since))
        with suppress(StoreError):
            self._keep(document, generation)
        return document

    def keep_draft(self, draft: Draft, updated: datetime, generation: int) -> Document:
        """Keeps what was made from this generation, as of its newest event; where its bytes are others than the last ones there, as
        of a later moment than they, so that its dates never go back."""
        before = self.store.heads([draft.path]).get(draft.path)
        document = draft.dated(before.event if before else updated)
        if before and before.etag != document.etag:
            built = self.store.fact(BUILT)
            document = draft.dated(after(before.event, updated, built.replace(microsecond=0) if built else before.event))
        document = render.packed(document)
        with suppress(StoreError):
            self._keep(document, generation)
        return document

    def _dated(self, document: Document, since: datetime | None) -> Document:
        before = self.store.heads([document.path]).get(document.path)
        if before is None:
            return document
        date = before.event
        if before.etag != document.etag or (since and date < since):
            built = self.store.fact(BUILT)
            # Every web worker makes the same: the moment is that of the publication, not of the request.
            moment = built.replace(microsecond=0) if built else date
            date = after(date, document.last_modified, moment)
        return replace(document, last_modified=date)
