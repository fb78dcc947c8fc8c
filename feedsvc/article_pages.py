"""Articles' own pages: made when first asked for, from the articles as stored, and then kept like any document."""

from __future__ import annotations

from feedsvc import addresses as at
from feedsvc import render
from feedsvc.addresses import Addresses
from feedsvc.document import Document
from feedsvc.formats import pages
from feedsvc.ledger import Record, State
from feedsvc.stored import Stored


class ArticlePages:
    """The pages of all articles in one database."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def find(self, slug: str) -> tuple[Document | None, str | None]:
        """The page at an article's slug, or where the article has gone; neither for what is not to be seen."""
        return self._stored.whole(lambda generation: self._make(slug, generation))

    def _make(self, slug: str, generation: int) -> tuple[Document | None, str | None]:
        stored = self._stored
        found = stored.store.find_by_slug(slug)
        if found is None:
            return None, None
        record, article, live = found
        addresses = stored.addresses()
        if not live:
            return self._notice(record, article.retracted, addresses), None
        if record.slug != slug:
            return None, addresses.url(at.article_path(record.slug))
        body = pages.article(stored.entry(record, article, addresses), addresses.site, addresses)
        return stored.keep(render.page(at.article_path(slug), body, record.updated), generation), None

    def _notice(self, record: Record, retracted: str | None, addresses: Addresses) -> Document | None:
        """What stands where an article was that readers have seen; one they have not seen does not exist for them."""
        seen = record.shown or (record.state in (State.STANDING, State.RETRACTED) and record.published <= self._stored.clock())
        if not seen or (record.state is State.STANDING and (record.expires is None or self._stored.clock() < record.expires)):
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
