"""`Makeup`: the editions that changed since the last build, made up into documents."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta

import msgspec

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.pictures import MAX_PICTURE_BYTES, kind_of
from feedsvc.builder.archives import Archivist
from feedsvc.builder.cache import BuildCache
from feedsvc.builder.digests import Newsletter
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.errors import ArticleError
from feedsvc.formats import partners, render, sitemap
from feedsvc.formats.ticker_script import is_versioned
from feedsvc.model import daily_digest
from feedsvc.model import urls as at
from feedsvc.model.document import Document
from feedsvc.model.edition import EPOCH, Edition, Entry, after, entry_of, tombstone_of
from feedsvc.model.hashing import digest
from feedsvc.model.publication import Publication, PublishedEdition
from feedsvc.model.record import Record
from feedsvc.model.site import PARTNERS
from feedsvc.model.urls import Urls

log = logging.getLogger("feedsvc.documents")
MOST_GONE = 100  # tombstones that a feed carries at most


class Makeup:
    """One build's way from records to documents: it fills the publication's editions and documents."""

    def __init__(
        self, memory: BuildState, publication: Publication, folder: ArticlesFolder, kept: BuildCache, addresses: Urls, now: datetime
    ) -> None:
        self.memory = memory
        self.index = memory.index
        self.publication = publication
        self.folder = folder
        self.kept = kept
        self.addresses = addresses
        self.now = now
        self.moment = now.replace(microsecond=0)
        self.archivist = Archivist(memory, publication, now)
        self._made: dict[str, tuple[Entry, str]] = {}
        self._packing: list[Future[Document]] = []

    def make(self, touched: Touched, *, complete: bool = True) -> None:
        """Makes the documents of all that was touched, as far as they differ from what is published.

        Where articles are still to be read, no digest is: it would not be complete, and never be again.
        """
        everything = touched.everything
        if everything:
            self.kept.fragments.clear()
        known = self.index.known(self.now, self.memory.editions)
        self.archivist.file(known, touched)
        for slug in known:
            if everything or slug in touched.topics or slug not in self.memory.editions:
                self._make_topic(slug, everything)
        if everything:
            off = [partner for partner in PARTNERS if partner not in self.memory.site.partners]
            self.publication.void.update(at.partner_path(partner, slug) for partner in off for slug in known)
        for slug in self.memory.editions.keys() - set(known):
            self.publication.void.update(render.topic_paths(slug))
            self.publication.gone_editions.append(slug)
        if complete:
            self._make_digests(known, everything)
        self._make_sitemap(everything)
        self._make_site(known, everything)
        for file in sorted(touched.pictures):
            self._make_picture(file)
        for path in self.publication.void & self.memory.warnings.keys():
            self._warn(path, None)
        self.publication.documents.extend(packing.result() for packing in self._packing)

    def _make_topic(self, slug: str, everything: bool) -> None:
        site, now = self.memory.site, self.now
        least = max((partners.form(name).least for name in site.partners), default=0)
        newest = self.index.newest(slug, now, max(site.entries_per_feed, least))
        breaking = self.index.breaking(slug, now)
        first = {record.id for record in breaking}
        front = breaking + [record for record in newest if record.id not in first]
        entries, marks = self._entries({record.id: record for record in (*newest, *front)})
        topic = self.index.topic(slug, now)
        shown = ([marks[record.id] for record in newest], [marks[record.id] for record in front])
        gone = tuple(tombstone_of(record, self.addresses) for record in self.index.gone(slug, now)[:MOST_GONE])
        over = self.index.expired(slug, now)[:MOST_GONE] if site.partners else []
        expired = tuple(tombstone_of(record, self.addresses) for record in over)
        archive = self.archivist.newest(slug)
        made = digest(msgspec.json.encode((topic, shown, gone, expired, archive)))
        before = self.memory.editions.get(slug)
        same = before is not None and before.digest == made
        if same and not everything:
            return
        events = [max(entry.published, entry.updated) for entry in entries.values()]
        newest_event = max((*events, *(one.since for one in (*gone, *expired))), default=EPOCH)
        updated = after(before.updated if before else None, newest_event, self.moment)
        listed = tuple(entries[record.id] for record in newest)
        edition = Edition(site=site, topic=topic, entries=listed, updated=updated, gone=gone, expired=expired, before=archive)
        order = [entries[record.id] for record in front]
        documents = dict(render.topic_documents(edition, order, marks, self.addresses, self.kept.fragments))
        if self._publish(documents, updated, compare=same) or not same:
            self.publication.editions[slug] = PublishedEdition(topic.name, made, updated)

    def _make_site(self, known: tuple[str, ...], everything: bool) -> None:
        """Makes what lists the newest articles and all topics, where either has changed."""
        site, now = self.memory.site, self.now
        configured = {topic.slug for topic in site.topics}
        slugs = [slug for slug in known if slug != "all" and (slug in configured or self.index.has_live(slug, now))]
        named = [self.index.topic(slug, now) for slug in slugs]
        listed = digest(msgspec.json.encode(named))
        if not everything and "all" not in self.publication.editions and self.memory.facts.get("listed") == listed:
            return
        newest = self.index.newest("all", now, site.entries_per_feed)
        updated = (self.publication.editions.get("all") or self.memory.editions["all"]).updated
        latest = Edition(site=site, topic=self.index.topic("all", now), entries=tuple(self._in_order(newest)), updated=updated)
        topics, stories = ([topic for topic in named if topic.is_story is told] for told in (False, True))
        documents = dict([render.home_document(latest, topics, stories, self.addresses)])
        if not everything and self.memory.facts.get("listed") == listed:
            self._publish(documents, updated, compare=True)
            return
        self.publication.facts["listed"] = listed
        documents.update(render.site_documents(topics, stories, self.addresses))
        self._publish(documents, updated, compare=True)
        before = set(msgspec.json.decode(self.memory.facts.get("site_paths", "[]"), type=list[str]))
        if before != documents.keys():
            # What was an alias or retired, and is now a topic of its own or nothing at all. Other sites embed an earlier
            # release's script by its digest, so it stays.
            topical = {path for slug in known for path in render.topic_paths(slug)}
            self.publication.void |= {path for path in before if not is_versioned(path)} - documents.keys() - topical
            self.publication.facts["site_paths"] = msgspec.json.encode(sorted(documents)).decode()

    def _make_digests(self, known: tuple[str, ...], everything: bool) -> None:
        newsletter = Newsletter(self.memory, self.publication, self.now)
        topics = [topic for slug in known if not (topic := self.index.topic(slug, self.now)).is_story]
        for topic in topics:
            if newsletter.compose(topic.slug, self._in_order) or everything:
                entries = newsletter.entries(topic, self.addresses)
                updated = max((entry.updated for entry in entries), default=EPOCH)
                site = self.memory.site
                edition = Edition(site=site, topic=daily_digest.topic_of(topic, site), entries=entries, updated=updated)
                marks = {entry.id: digest(msgspec.json.encode(entry)) for entry in entries}
                documents = dict(render.feed_documents(edition, marks, self.addresses, self.kept.fragments))
                self._publish(documents, updated, compare=True)
        newsletter.close()

    def _make_sitemap(self, everything: bool) -> None:
        """The news sitemap holds what is new, so time alone takes articles out of it."""
        records: dict[tuple[str, str], Record] = {}
        for record in self.index.all_live("all", self.now):
            if record.published <= self.now - timedelta(hours=sitemap.HOURS) or len(records) == sitemap.MOST:
                break
            records["sitemap", f"{record.id} {record.slug} {record.stamp} {record.published}"] = record
        shown = digest(*(mark for _, mark in records))
        if everything or self.memory.facts.get("sitemap") != shown:
            self.publication.facts["sitemap"] = shown
            fragments = self.kept.fragments
            parts = {key: part for key in records if (part := fragments.get(key))}
            unmade = {key: record for key, record in records.items() if key not in parts}
            entries, _ = self._entries({record.id: record for record in unmade.values()})
            for key, record in unmade.items():
                parts[key] = fragments[key] = sitemap.entry(entries[record.id], self.memory.site)
            path, make = render.news_sitemap((parts[key] for key in records), self.addresses)
            updated = max((record.published for record in records.values()), default=EPOCH)
            self._publish({path: make}, updated, compare=True)

    def _publish(self, documents: dict[str, render.Make], updated: datetime, *, compare: bool) -> bool:
        """Publishes documents, where `compare` is set only those that differ from what is published; whether there were any."""
        heads = self.kept.store.heads(documents) if compare else {}
        any_differs = False
        for path, make in documents.items():
            etag, event = heads.get(path, (None, None))
            if event is None or make(event).encodings["identity"].etag != etag:
                document = make(after(event, updated, self.moment))
                self._packing.append(self.kept.packers.submit(render.packed, document))
                self._warn(document.path, document.warning)
                any_differs = True
        return any_differs

    def _warn(self, path: str, warning: str | None) -> None:
        """Keeps what a person should know of a document for as long as it is so."""
        warnings = self.memory.warnings
        if warnings.get(path) == warning:
            return
        if warning:
            log.warning("%s %s", path, warning)
            warnings[path] = warning
        else:
            del warnings[path]
        self.publication.facts["warnings"] = msgspec.json.encode(warnings).decode()

    def _in_order(self, records: Sequence[Record]) -> list[Entry]:
        """The entries of some records, in their order."""
        entries, _ = self._entries({record.id: record for record in records})
        return [entries[record.id] for record in records]

    def _entries(self, records: dict[str, Record]) -> tuple[dict[str, Entry], dict[str, str]]:
        """The entries of some records by id, and the digest of all that each shows."""
        unmade = {id: record for id, record in records.items() if id not in self._made}
        articles = self.kept.articles(unmade.values(), self.publication.articles)
        for id, record in unmade.items():
            topics = self.index.named_topics(record, self.now)
            entry = entry_of(record, articles[id], topics, self.index.story(record, self.now), self.addresses, self.now)
            self._made[id] = entry, _mark(entry, record.stamp)
        return {id: self._made[id][0] for id in records}, {id: self._made[id][1] for id in records}

    def _make_picture(self, file: str) -> None:
        """Publishes a picture while a live article shows it, and takes it back after."""
        path = at.media_path(file)
        if not any(record.live(self.now) for record in self.index.users_of(file)):
            self.publication.void.add(path)
            return
        found_file = self.folder.find(file)
        try:
            data = self.folder.read(found_file, now_ns=0, monotonic_ns=0, most=MAX_PICTURE_BYTES) if found_file else b""
        except ArticleError:
            data = b""
        if data is None:
            return  # it is being written, and its articles are read again when it is whole
        kind = kind_of(data)
        if kind:
            self._publish({path: lambda updated: render.picture(path, data, kind, updated)}, self.moment, compare=True)
        else:
            self.publication.void.add(path)


def _mark(entry: Entry, stamp: str) -> str:
    shown = (entry.id, entry.url, entry.published, entry.updated, entry.topics, entry.breaking, entry.related, stamp)
    return digest(msgspec.json.encode(shown))
