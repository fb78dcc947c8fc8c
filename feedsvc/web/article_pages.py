"""Articles' own pages: made when first asked for, from the articles as stored, and then kept like any document."""

from __future__ import annotations

from feedsvc.formats import pages, render
from feedsvc.model import urls as at
from feedsvc.model.document import Document
from feedsvc.model.record import Record, State
from feedsvc.model.urls import Urls
from feedsvc.web.published import Published


class ArticlePages:
    """The pages of all articles in one database."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def find(self, slug: str) -> Document | None:
        """The page at an article's slug, a redirect or a notice if it moved or is gone; None for what must not be visible."""
        return self._published.whole(lambda generation: self._make(slug, generation))

    def _make(self, slug: str, generation: int) -> Document | None:
        published = self._published
        found = published.store.find_by_slug(slug)
        if found is None:
            return None
        record, article, live = found
        addresses = published.addresses()
        if not live:
            return self._notice(slug, record, article.retracted, addresses)
        if record.slug != slug:
            return render.moved(at.article_path(slug), addresses.url(at.article_path(record.slug)))(record.updated)
        body = pages.article(published.entry(record, article, addresses), addresses.site, addresses)
        page = render.page(at.article_path(slug), body, record.page_date or record.updated)
        return published.keep(page, generation, record.page_since)

    def _notice(self, slug: str, record: Record, retracted: str | None, addresses: Urls) -> Document | None:
        """The notice at the address of an article that readers have seen; one that they have not seen does not exist for them."""
        now = self._published.clock()
        # A retraction says that the article was out, though this ledger may never have shown it.
        seen = record.shown or (record.state is State.RETRACTED and record.published <= now)
        if not seen or (record.state is State.STANDING and (record.expires is None or now < record.expires)):
            return None
        reasons = {
            State.RETRACTED: f"This article has been retracted: {retracted}",
            State.REMOVED: "This article has been withdrawn.",
            State.DRAFT: "This article has been withdrawn.",
            State.STANDING: "This article has expired.",
        }
        since = record.over if record.state is State.STANDING and record.over else record.since
        body = pages.gone(record.last_seen.title, reasons[record.state], since, addresses.site, addresses)
        return render.packed(render.page(at.article_path(slug), body, since, status=410))
