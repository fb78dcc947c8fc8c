"""Authors' pages and feeds: made when first asked for, from the articles as stored, and then kept like any document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from feedsvc.formats import render
from feedsvc.formats.credits import credit_of
from feedsvc.formats.table import FEEDS
from feedsvc.model import archive
from feedsvc.model import urls as at
from feedsvc.model.archive import PART_ENTRIES, month_of, span
from feedsvc.model.author import Credit, author_slug
from feedsvc.model.document import Document
from feedsvc.model.edition import EPOCH, Edition, Entry, tombstone_of
from feedsvc.model.record import TOMBSTONE
from feedsvc.model.site import Site, Topic
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls
from feedsvc.storage.facts import BUILT
from feedsvc.web.published import Published

MOST_LISTED = 500  # entries of a feed
MOST_GONE = 100
_SUFFIXES = frozenset({form.name for form in FEEDS})


class AuthorPages:
    """What the authors in one database have written: those of `site.toml`, and others as long as an article of theirs is live."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def find(self, file: str) -> Document | None:
        """An author's feed by its file's name, such as `ada-keel.atom`; a redirect if the author has another name."""
        slug, _, suffix = file.rpartition(".")
        if suffix not in _SUFFIXES:
            return None
        return self._published.whole(lambda generation: self._make(slug, suffix, generation))

    def find_page(self, slug: str) -> Document | None:
        """An author's page, or a redirect."""
        return self._published.whole(lambda generation: self._make(slug, None, generation))

    def find_month(self, slug: str, name: str) -> Document | None:
        """The page of what an author wrote in a month, such as `2026-05`, or a redirect; it is made for each publication."""
        place = archive.read_name(name)
        return self._published.whole(lambda _: self._make_month(slug, name, *place)) if place else None

    def _make(self, slug: str, suffix: str | None, generation: int) -> Document | None:
        """A feed in a format, or the page where there is no suffix."""
        addresses = self._published.addresses()
        if owner := _other_name(slug, addresses.site):
            published, old = author_slug(owner), author_slug(slug)
            path = at.feed_path(old, suffix) if suffix else at.topic_path(old)
            location = addresses.feed(published, suffix) if suffix else addresses.topic(published)
            return render.moved(path, location)(EPOCH)
        hours = timedelta(hours=addresses.site.feed_hours if suffix else 0)
        edition = self._edition(slug, hours, addresses)
        if edition is None or (author := edition.author) is None:
            return None
        newest = (max(entry.published, entry.updated) for entry in edition.entries)
        updated = max((*newest, *(one.since for one in edition.gone)), default=EPOCH)
        if suffix:
            draft = render.author_feed(suffix, edition, addresses)
        else:
            draft = render.author_page(edition, author, self._month_of_older(slug, edition.entries, addresses.site), addresses)
        return self._published.keep_draft(draft, updated, generation)

    def _month_of_older(self, slug: str, entries: Sequence[Entry], site: Site) -> str | None:
        """The month of the oldest of some articles, if there are older ones."""
        names = _names(slug, site)
        if len(entries) < site.entries_per_feed or self._published.store.last_before_by(names, entries[-1].published) is None:
            return None
        return self._last_part(names, month_of(entries[-1].published, site.zone), site)

    def _edition(self, slug: str, hours: timedelta, addresses: Urls) -> Edition | None:
        """What an author wrote last, and all of so many hours before that; None for one who is not known."""
        site, store = addresses.site, self._published.store
        names = _names(slug, site)
        ids = store.newest_by(names, site.entries_per_feed, int(hours.total_seconds()), MOST_LISTED)
        entries = self._entries(ids, addresses)
        author = _author(slug, entries, addresses)
        if author is None:
            return None
        gone = store.gone_by(names, self._published.clock() - TOMBSTONE, MOST_GONE)
        return Edition(
            site=site,
            topic=Topic(slug=author_slug(slug), name=author.name, description=f"Articles by {author.name}, from {site.title}"),
            entries=tuple(entries),
            updated=EPOCH,
            gone=tuple(tombstone_of(record, addresses) for record in gone),
            author=author,
        )

    def _make_month(self, slug: str, name: str, month: str, number: int) -> Document | None:
        addresses = self._published.addresses()
        site, store = addresses.site, self._published.store
        if owner := _other_name(slug, site):
            old, new = (at.month_path(author_slug(one), name) for one in (slug, owner))
            return render.moved(old, addresses.url(new))(EPOCH)
        names, (begin, end) = _names(slug, site), span(month, site.zone)
        ids = store.between_by(names, begin, end, (number - 1) * PART_ENTRIES, PART_ENTRIES)
        entries = self._entries(ids, addresses)
        author = _author(slug, entries, addresses)
        if not entries or author is None:
            return None
        earlier, later = store.last_before_by(names, begin), store.first_after_by(names, end)
        before = self._last_part(names, month_of(earlier, site.zone), site) if earlier else None
        following = month_of(later, site.zone) if later else None
        if number > 1:
            before = archive.name(month, number - 1)
        if number * PART_ENTRIES < store.count_by(names, begin, end):
            following = archive.name(month, number + 1)
        edition = Edition(
            site=site,
            topic=Topic(slug=author_slug(slug), name=author.name),
            entries=tuple(entries),
            updated=store.fact(BUILT) or EPOCH,
            archive=name,
            before=before,
            author=author,
        )
        return render.packed(render.month_page(edition, following, addresses))

    def _last_part(self, names: Sequence[str], month: str, site: Site) -> str:
        number = self._published.store.count_by(names, *span(month, site.zone))
        return archive.name(month, max(1, -(-number // PART_ENTRIES)))

    def _entries(self, ids: Sequence[str], addresses: Urls) -> list[Entry]:
        """The entries of some articles, the newest first."""
        found = self._published.store.live_articles(ids).values()
        ordered = sorted(found, key=lambda pair: (-pair[0].published.timestamp(), pair[0].id))
        return [self._published.entry(record, article, addresses) for record, article in ordered]


def _other_name(slug: str, site: Site) -> str | None:
    """The slug of the author of whom a slug is another name."""
    author = site.author(slug)
    return author.slug if author and author.slug != slug else None


def _names(slug: str, site: Site) -> tuple[str, ...]:
    """The slugs of all names that an author has."""
    author = site.author(slug)
    return (slug, *author.aliases) if author else (slug,)


def _author(slug: str, entries: Sequence[Entry], addresses: Urls) -> Credit | None:
    """An author as `site.toml` says, else as their newest article does."""
    if author := addresses.site.author(slug):
        return credit_of(author.name, addresses)
    named = ((name, url) for entry in entries for name, url in entry.article.credits if slugify(name) == slug)
    found = next(named, None)
    return credit_of(found[0], addresses, found[1]) if found else None
