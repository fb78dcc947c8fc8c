"""`Editions`: the topics that changed since the last build, as documents: planned, compared, dated, packed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parsers.local_links import is_pdf
from feedsvc.articles.pictures import MAX_PICTURE_BYTES, served_as
from feedsvc.builder.archives import Archives
from feedsvc.builder.cache import BuildCache
from feedsvc.builder.corrections import put_right
from feedsvc.builder.digests import Digests
from feedsvc.builder.file_copier import FileCopier
from feedsvc.builder.front import front_of, in_order
from feedsvc.builder.listings import Listings
from feedsvc.builder.page_dates import redated
from feedsvc.builder.pictures import Pictures
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.errors import ArticleError
from feedsvc.formats import corrections_page, render, sitemap
from feedsvc.formats import digest as digest_format
from feedsvc.formats.render import Draft
from feedsvc.formats.ticker_script import is_versioned
from feedsvc.model import daily_digest
from feedsvc.model import urls as at
from feedsvc.model.document import Document
from feedsvc.model.edition import EPOCH, Edition, Entry, after, entry_of
from feedsvc.model.file_copy import FileCopy
from feedsvc.model.hashing import digest
from feedsvc.model.publication import Publication, PublishedEdition
from feedsvc.model.record import Record
from feedsvc.model.rights import SITEMAP as SITEMAP_PLACE
from feedsvc.model.rights import asked_for
from feedsvc.model.site import ENDED_PARTNERS, PARTNERS, Topic
from feedsvc.model.urls import Urls
from feedsvc.storage.facts import LEAVING, LISTED, SITE_PATHS, SITEMAP, WARNINGS

log = logging.getLogger("feedsvc.documents")

PLANS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """Some documents to publish as of `updated`: all of them, or if `compare` is set, those whose bytes differ.

    `done` is called with whether any was published.
    """

    drafts: Sequence[Draft]
    updated: datetime
    compare: bool = True
    done: Callable[[bool], object] = bool


class Editions:
    """Makes one build's documents from records: it fills the publication's editions and documents."""

    def __init__(
        self,
        state: BuildState,
        publication: Publication,
        touched: Touched,
        folder: ArticlesFolder,
        pictures: Pictures,
        cache: BuildCache,
        copier: FileCopier,
        public_url: str,
        now: datetime,
    ) -> None:
        self.state = state
        self.index = state.index
        self.publication = publication
        self.touched = touched
        self.folder = folder
        self.pictures = pictures
        self.cache = cache
        self.copier = copier
        self.urls = Urls(public_url, state.site)
        self.listings = Listings(state.index, self.urls, now)
        self.now = now
        self.moment = now.replace(microsecond=0)
        self._made: dict[str, tuple[Entry, str]] = {}
        self._renamed: set[str] = set()
        self._leaving: dict[str, datetime | None] = {}
        self._packing: list[Future[Document]] = []

    def make(self, *, complete: bool = True) -> None:
        """Makes the documents of all that was touched, if they differ from what is published.

        `complete` is not set if files are left for the next build.
        """
        everything = self.touched.everything
        if everything:
            self.cache.fragments.clear()
            to_come = (record for record in self.index.records.values() if record.to_come(self.now))
            self.touched.pictures.update(file for record in to_come for file in record.shows)
        known = self.index.known(self.now, self.state.editions)
        defined = tuple(feed.slug for feed in self.state.site.feeds)
        leaving = LEAVING.read(self.state.facts)
        self.touched.topics.update(slug for slug, moment in leaving.items() if moment <= self.now)
        self._touch_renamed(known)
        self._change_pages()
        archives = Archives(self.state, self.publication, self.now)
        archives.file(known, self.touched)
        self._publish(self._topics(known, archives))
        self._publish(self._topics(defined))
        self._take_back(known, defined)
        later = {slug: at for slug, at in (leaving | self._leaving).items() if at and slug in {*known, *defined}}
        if later != leaving:
            LEAVING.write(self.publication.facts, later)
        digests = Digests(self.state, self.publication, self.now, self.touched.records, complete=complete)
        self._publish(self._digests(known, digests))
        digests.close()
        self._publish(self._corrections())
        self._publish(self._sitemap())
        self._publish(self._sitemap_index(archives))
        self._publish(self._lists(known, archives.newest("all")))
        self._publish(self._files())
        self.pictures.forget()
        self._publish(self._recordings())
        for path in self.publication.void & self.state.warnings.keys():
            self._warn(path, None)
        self.publication.documents.extend(packing.result() for packing in self._packing)

    def _touch_renamed(self, known: Iterable[str]) -> None:
        """A topic's name is in the documents of all topics and in the pages that name it."""
        for slug in known:
            before = self.state.editions.get(slug)
            if before and before.name != self.index.topic(slug, self.now).name:
                self._renamed.add(slug)
                self.touched.topics.add(slug)
                self.touched.add_renamed(slug, self.index, self.now)

    def _change_pages(self) -> None:
        self.publication.void.update(at.article_path(slug) for slug in self.touched.pages)
        self.publication.void.update(path for slug in self.touched.authors for path in render.author_paths(slug))
        dates, records = self.touched.page_dates, self.index.records
        slugs = [] if self.state.fresh else sorted({records[id].slug for id in dates})
        for record in redated(records, dates, self.cache.store.shown_at(slugs), self.state.live, self.moment):
            self.index.put(record)
            self.publication.records[record.id] = record

    def _take_back(self, known: Sequence[str], defined: Sequence[str]) -> None:
        """Removes the documents of topics, feeds and partners that no longer exist."""
        if self.touched.everything:
            off = [partner for partner in (*PARTNERS, *ENDED_PARTNERS) if partner not in self.state.site.partners]
            self.publication.void.update(at.partner_path(partner, slug) for partner in off for slug in known)
        for slug in self.state.editions.keys() - {*known, *defined}:
            self.publication.void.update(render.topic_paths(slug))
            self.publication.gone_editions.append(slug)

    # ---- plans

    def _topics(self, slugs: Iterable[str], archives: Archives | None = None) -> Iterator[Plan]:
        for slug in slugs:
            if self.touched.everything or slug in self.touched.topics or slug not in self.state.editions:
                yield from self._topic(slug, archives.newest(slug) if archives else None)

    def _topic(self, slug: str, archive: str | None) -> Iterator[Plan]:
        """The documents of a topic, a story or a defined feed."""
        site, topic = self.state.site, self.index.topic(slug, self.now)
        listings = [self.listings.of(feed) for feed in site.feeds_of(topic)]
        self._leaving[slug] = min((one.until for one in listings if one.until), default=None)
        entries, marks = self._entries({record.id: record for one in listings for record in (*one.newest, *one.front)})
        made = digest(msgspec.json.encode((topic, [one.shown(marks) for one in listings], archive)))
        before = self.state.editions.get(slug)
        same = before is not None and before.digest == made
        if same and not self.touched.everything:
            return
        events = [max(entry.published, entry.updated) for entry in entries.values()]
        over = (one.since for listing in listings for one in (*listing.gone, *listing.expired))
        updated = after(before.updated if before else None, max((*events, *over), default=EPOCH), self.moment)
        drafts: list[Draft] = []
        for one in listings:
            edition = Edition(
                site=site,
                topic=topic,
                entries=tuple(entries[record.id] for record in one.newest),
                updated=updated,
                gone=one.gone,
                expired=one.expired,
                before=archive,
                feed=one.feed,
            )
            front = [entries[record.id] for record in one.front]
            drafts += render.feed_documents(edition, front, marks, self.urls, self.cache.fragments)
            if one.feed.partner is None and slug != "all" and not topic.is_feed:
                drafts.append(render.topic_page(edition, marks, self.urls, self.cache.fragments))

        def done(any_differs: bool) -> None:
            if any_differs or not same:
                self.publication.editions[slug] = PublishedEdition(topic.name, made, updated)

        yield Plan(drafts, updated, same, done)

    def _digests(self, known: Iterable[str], digests: Digests) -> Iterator[Plan]:
        for topic in (topic for slug in known if not (topic := self.index.topic(slug, self.now)).is_story):
            anew = topic.slug in self._renamed or self.touched.everything
            days, differ = digests.make(topic.slug, self._in_order)
            if differ or (anew and digests.are_published(topic.slug)):
                newest_first = [days[day] for day in sorted(days, reverse=True)]
                found = (digest_format.entry(topic, one, self.urls) for one in newest_first)
                entries = tuple(entry for entry in found if entry)
                updated = max((entry.updated for entry in entries), default=EPOCH)
                site = self.state.site
                edition = Edition(site=site, topic=daily_digest.topic_of(topic, site), entries=entries, updated=updated)
                marks = {entry.id: digest(msgspec.json.encode(entry)) for entry in entries}
                yield Plan(tuple(render.digest_documents(edition, marks, self.urls, self.cache.fragments)), updated)

    def _corrections(self) -> Iterator[Plan]:
        """The page of corrections and retractions, if an article has changed."""
        if self.touched.everything or self.touched.topics:
            records = self.index.corrected(self.now, corrections_page.MOST)
            articles = self.cache.articles(records, self.publication.articles)
            listed = [one for record in records for one in put_right(record, articles[record.id], self.urls)]
            updated = max((one.date for one in listed if one.date <= self.moment), default=EPOCH)
            yield Plan((render.corrections_document(listed, self.urls),), updated)

    def _sitemap(self) -> Iterator[Plan]:
        """The news sitemap; articles leave it with time, without any change."""
        records: dict[tuple[str, str], Record] = {}
        for record in self.index.all_live("all", self.now):
            if record.published <= self.now - timedelta(hours=sitemap.HOURS) or len(records) == sitemap.MOST:
                break
            if not asked_for(record, SITEMAP_PLACE, self.state.site):
                continue
            records["sitemap", f"{record.id} {record.slug} {record.stamp} {record.published}"] = record
        shown = digest(*(mark for _, mark in records))
        if not self.touched.everything and SITEMAP.read(self.state.facts) == shown:
            return
        SITEMAP.write(self.publication.facts, shown)
        fragments = self.cache.fragments
        parts = {key: part for key in records if (part := fragments.get(key))}
        unmade = {key: record for key, record in records.items() if key not in parts}
        entries, _ = self._entries({record.id: record for record in unmade.values()})
        for key, record in unmade.items():
            parts[key] = fragments[key] = sitemap.entry(entries[record.id], self.state.site)
        updated = max((record.published for record in records.values()), default=EPOCH)
        yield Plan((render.news_sitemap((parts[key] for key in records), self.urls),), updated)

    def _sitemap_index(self, archives: Archives) -> Iterator[Plan]:
        """The index of the months' sitemaps, if a month has changed."""
        if self.touched.everything or any(slug == "all" for slug, _, _ in self.publication.archives):
            updated = (self.publication.editions.get("all") or self.state.editions["all"]).updated
            yield Plan((render.sitemap_index(archives.names("all"), self.urls),), updated)

    def _lists(self, known: Sequence[str], month: str | None) -> Iterator[Plan]:
        """The documents that list the newest articles and all topics, if either has changed."""
        site, now, facts = self.state.site, self.now, self.state.facts
        configured = {topic.slug for topic in site.topics}
        slugs = [slug for slug in known if slug != "all" and (slug in configured or self.index.has_live(slug, now))]
        named = in_order([self.index.topic(slug, now) for slug in slugs], self.index, now)
        listed = digest(msgspec.json.encode(named))
        same = not self.touched.everything and LISTED.read(facts) == listed
        if same and not self.touched.topics:
            return
        updated = (self.publication.editions.get("all") or self.state.editions["all"]).updated
        topics, stories = ([topic for topic in named if topic.is_story is a_story] for a_story in (False, True))
        front = front_of(self.index, topics, now)
        entries, marks = self._entries({record.id: record for record in front.all})
        shown = front.of(lambda record: entries[record.id])
        home = render.home_document(shown, stories, marks, self.urls, self.cache.fragments, month)
        if same:
            yield Plan((home,), updated)
            return
        LISTED.write(self.publication.facts, listed)
        drafts = (home, *render.site_documents(topics, stories, self.urls))
        yield Plan(drafts, updated)
        self._take_back_lists(known, {draft.path for draft in drafts})

    def _take_back_lists(self, known: Sequence[str], paths: set[str]) -> None:
        """Removes the answers for what was an alias or a retired topic, and is now a topic or nothing at all."""
        before = set(SITE_PATHS.read(self.state.facts))
        if before != paths:
            topical = {path for slug in known for path in render.topic_paths(slug)}
            # Other sites embed the script of an earlier release by its digest, so it stays.
            self.publication.void |= {path for path in before if not is_versioned(path)} - paths - topical
            SITE_PATHS.write(self.publication.facts, sorted(paths))

    def _files(self) -> Iterator[Plan]:
        """Publishes pictures and PDFs while a live article shows them, and removes them afterwards; holds PDFs for previews."""
        for file in sorted(self.touched.pictures | self.pictures.made):
            path, users = at.media_path(file), self.index.users_of(file)
            is_live = any(record.live(self.now) for record in users)
            is_held = is_pdf(file) and not is_live and any(record.to_come(self.now) for record in users)
            if file in self.state.held_files and not is_held:
                self.publication.held_files[file] = None
            if not is_pdf(file):
                yield Plan(tuple(self.pictures.publish(file, live=is_live, used=bool(users))), self.moment)
                continue
            if not is_live:
                self.publication.void.add(path)
            if not (is_live or is_held):
                continue
            found = self.folder.find_named(file)
            known = self.publication.files.get(file) or self.state.files.get(file)
            if found and known and known.mark != found.mark:
                continue  # it is being written; its articles are read again when it is complete
            try:
                data = self.folder.read_as_known(found, MAX_PICTURE_BYTES) if found else b""
            except ArticleError:
                data = b""
            if data is None:
                continue
            kind = served_as(file, data)
            if is_held:
                if kind or file in self.state.held_files:
                    self.publication.held_files[file] = (kind, data) if kind else None
            elif kind:
                yield Plan((_file(path, data, kind),), self.moment)
            else:
                self.publication.void.add(path)

    def _recordings(self) -> Iterator[Plan]:
        """Publishes the copies of a recording while a live article plays it, and takes them back afterwards."""
        for file in sorted(self.touched.recordings):
            there = self.folder.find_named(file) is not None
            live = there and any(record.live(self.now) for record in self.index.users_of(file))
            for copy in self.copier.of(file):
                path = at.copy_path(copy)
                if live:
                    yield Plan((_copied(path, copy),), self.moment)
                else:
                    self.publication.void.add(path)

    # ---- publishing

    def _publish(self, plans: Iterator[Plan]) -> None:
        """Publishes what differs from what is published; each document gets a later date than the one before it at its address."""
        while some := list(islice(plans, PLANS_AT_ONCE)):
            heads = self.cache.store.heads([draft.path for plan in some for draft in plan.drafts])
            for plan in some:
                any_differs = False
                for draft in plan.drafts:
                    head = heads.get(draft.path)
                    if plan.compare and head and head.is_of(draft.dated(head.event)):
                        continue
                    document = draft.dated(after(head.event if head else None, plan.updated, self.moment))
                    self._packing.append(self.cache.packers.submit(render.packed, document))
                    self._warn(document.path, document.warning, log_it=not document.protected)
                    any_differs = True
                plan.done(any_differs)

    def _warn(self, path: str, warning: str | None, log_it: bool = True) -> None:
        """Keeps a document's warning as long as it applies."""
        known = self.publication.warnings.get(path, self.state.warnings.get(path))
        if known == warning:
            return
        if warning and log_it:
            log.warning("%s %s", path, warning)
        self.publication.warnings[path] = warning
        all_of_them = {path: text for path, text in (self.state.warnings | self.publication.warnings).items() if text}
        WARNINGS.write(self.publication.facts, all_of_them)

    # ---- entries

    def _in_order(self, records: Sequence[Record]) -> list[Entry]:
        """The entries of some records, in their order."""
        entries, _ = self._entries({record.id: record for record in records})
        return [entries[record.id] for record in records]

    def _entries(self, records: dict[str, Record]) -> tuple[dict[str, Entry], dict[str, str]]:
        """The entries of some records by id, and the digest of all that each shows."""
        unmade = {id: record for id, record in records.items() if id not in self._made}
        articles = self.cache.articles(unmade.values(), self.publication.articles)
        for id, record in unmade.items():
            topics: tuple[Topic, ...] = self.index.named_topics(record, self.now)
            entry = entry_of(record, articles[id], topics, self.index.story(record, self.now), self.urls, self.now)
            self._made[id] = entry, _mark(entry, record.stamp)
        return {id: self._made[id][0] for id in records}, {id: self._made[id][1] for id in records}


def _file(path: str, data: bytes, kind: str) -> Draft:
    return Draft(path, lambda updated: render.file(path, data, kind, updated))


def _copied(path: str, copy: FileCopy) -> Draft:
    return Draft(path, lambda updated: render.copied(path, copy, updated))


def _mark(entry: Entry, stamp: str) -> str:
    breaking = entry.breaking, entry.breaking_until
    shown = (entry.id, entry.url, entry.published, entry.updated, entry.topics, breaking, entry.related, stamp)
    return digest(msgspec.json.encode(shown))
