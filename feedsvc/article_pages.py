"""Articles' own pages: made when first asked for, from the articles as stored, and then kept like any document."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec

from feedsvc import addresses as at
from feedsvc import render
from feedsvc.addresses import Addresses
from feedsvc.document import Document
from feedsvc.edition import entry_of
from feedsvc.errors import StoreError
from feedsvc.formats import pages
from feedsvc.ledger import Record, State
from feedsvc.store import Store
from feedsvc.topics import Site, Topic


class ArticlePages:
    """The pages of all articles in one database, under one public URL."""

    def __init__(self, store: Store, public_url: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._public_url = public_url
        self._clock = clock

    def site(self) -> Site:
        """The site as published."""
        return msgspec.json.decode(self._store.fact("site") or "{}", type=Site)

    def find(self, slug: str) -> tuple[Document | None, str | None]:
        """The page at an article's slug, or where the article has gone; neither for what is not to be seen."""
        generation = self._store.generation()
        found = self._store.find_by_slug(slug)
        if found is None:
            return None, None
        record, article, live = found
        addresses = Addresses(self._public_url, self.site())
        if not live:
            return self._notice(record, article.retracted, addresses), None
        if record.slug != slug:
            return None, addresses.url(at.article_path(record.slug))
        story = self._store.story(record.story[0]) if record.story else ()
        topics = self._topics(record, addresses.site)
        entry = entry_of(record, article, topics, story, addresses, self._clock())
        page = render.page(at.article_path(slug), pages.article(entry, addresses.site, addresses), record.updated)
        with suppress(StoreError):  # a database that can't be written is no reason not to show the article
            self._store.keep(page, generation)
        return page, None

    def _topics(self, record: Record, site: Site) -> tuple[Topic, ...]:
        slugs = site.resolve(slug for slug, _ in record.topics)
        names = self._store.topic_names(slugs)
        return tuple(site.topic(slug) or Topic(slug=slug, name=names.get(slug, slug)) for slug in slugs)

    def _notice(self, record: Record, retracted: str | None, addresses: Addresses) -> Document | None:
        """What stands where an article was that readers have seen; one they have not seen does not exist for them."""
        seen = record.shown or (record.state in (State.STANDING, State.RETRACTED) and record.published <= self._clock())
        if not seen or (record.state is State.STANDING and (record.expires is None or self._clock() < record.expires)):
            return None
        reasons = {
            State.RETRACTED: f"This article has been retracted: {retracted}",
            State.REMOVED: "This article has been withdrawn.",
            State.DRAFT: "This article has been withdrawn.",
            State.STANDING: "This article was for a time that is over.",
        }
        since = record.expires if record.state is State.STANDING and record.expires else record.since
        body = pages.gone(record.title, reasons[record.state], since, addresses.site, addresses)
        return render.page(at.article_path(record.slug), body, since, status=410)
