"""Topics' archives as feeds and pages: made when first asked for, from the articles as stored, and then kept like any document."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.formats import render
from feedsvc.formats.table import FEEDS
from feedsvc.model import archive
from feedsvc.model import urls as at
from feedsvc.model.document import Document
from feedsvc.model.edition import EPOCH, Edition
from feedsvc.model.urls import Urls
from feedsvc.web.published import Published

SUFFIXES = frozenset(form.name for form in FEEDS)


class ArchiveFeeds:
    """The archives of all topics and stories in one database (RFC 5005, 4)."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def find(self, slug: str, file: str) -> Document | None:
        """A topic's archive by its file's name, such as `2026-05.atom`; a redirect if the topic has another name, a notice if it
        has ended."""
        name, _, suffix = file.rpartition(".")
        place = archive.read_name(name)
        if place is None or suffix not in SUFFIXES:
            return None
        return self._published.whole(lambda generation: self._make(slug, name, place, suffix, generation))

    def _make(self, slug: str, name: str, place: tuple[str, int], suffix: str, generation: int) -> Document | None:
        addresses = self._published.addresses()
        topic = addresses.site.topic(slug)
        path = at.archive_path(slug, name, suffix)
        if topic and topic.retired:
            return render.ended(path, topic, addresses.site, addresses)(EPOCH)
        if topic and topic.slug != slug:
            return render.moved(path, addresses.feed(topic.slug, suffix, name))(EPOCH)
        edition = self._edition(slug, name, place, addresses)
        return self._published.keep(render.archive(suffix, edition, addresses), generation) if edition else None

    def sitemap(self, file: str) -> Document | None:
        """The sitemap of an archive of everything by its file's name, such as `2026-05.xml`."""
        name, _, suffix = file.rpartition(".")
        place = archive.read_name(name)
        if place is None or suffix != "xml":
            return None
        return self._published.whole(lambda generation: self._make_sitemap(name, place, generation))

    def _make_sitemap(self, name: str, place: tuple[str, int], generation: int) -> Document | None:
        edition = self._edition("all", name, place, self._published.addresses())
        return self._published.keep(render.month_sitemap(edition), generation) if edition else None

    def sitemaps(self) -> list[str]:
        """The file name of every month's sitemap."""
        names = self._published.store.archive_names()
        return [f"{archive.name(month, number)}.xml" for slug, month, number in names if slug == "all"]

    def find_page(self, slug: str, name: str) -> Document | None:
        """The page of a topic's month by its archive's name, such as `2026-05`; a redirect or a notice as for a feed."""
        place = archive.read_name(name)
        return self._published.whole(lambda generation: self._make_page(slug, name, place, generation)) if place else None

    def _make_page(self, slug: str, name: str, place: tuple[str, int], generation: int) -> Document | None:
        addresses = self._published.addresses()
        topic = addresses.site.topic(slug)
        if topic and topic.retired:
            return render.ended(at.month_path(topic.slug, name), topic, addresses.site, addresses)(EPOCH)
        if topic and topic.slug != slug:
            return render.moved(at.month_path(slug, name), addresses.url(at.month_path(topic.slug, name)))(EPOCH)
        edition = self._edition(slug, name, place, addresses)
        if edition is None:
            return None
        after = self._published.store.archive_after(slug, *place)
        following = archive.name(*after) if after else None
        return self._published.keep(render.month_page(edition, following, addresses), generation)

    def files(self) -> list[tuple[str, str]]:
        """The topic and file name of every archive, the newest first."""
        names = ((slug, archive.name(month, number)) for slug, month, number in self._published.store.archive_names())
        return [(slug, f"{name}.{form.name}") for slug, name in names for form in FEEDS]

    def _edition(self, slug: str, name: str, place: tuple[str, int], addresses: Urls) -> Edition | None:
        published, site = self._published, addresses.site
        filed = published.store.archive(slug, *place)
        if filed is None:
            return None
        ids, updated, before = filed
        articles = published.store.live_articles(ids)
        return Edition(
            site=site,
            topic=site.everything if slug == "all" else published.topics((slug,), site)[0],
            # Articles that become related later must not change a past month.
            entries=tuple(replace(published.entry(*articles[id], addresses), related=()) for id in reversed(ids) if id in articles),
            updated=updated,
            archive=name,
            before=archive.name(*before) if before else None,
        )
