"""`Previews`: what is not live, as it would be published: made when asked for, and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote

from feedsvc.formats import pages, preview
from feedsvc.formats.preview import ListedFile, Preview, Reader
from feedsvc.model.article import Article
from feedsvc.model.edition import Entry, entry_of
from feedsvc.model.file_copy import FileCopy
from feedsvc.model.preview_link import PreviewLink
from feedsvc.model.record import Record, State
from feedsvc.model.site import SITE_FILE, Site, Topic
from feedsvc.model.slugs import slug_from_file
from feedsvc.model.urls import Urls, copy_path, media_path
from feedsvc.storage.withheld import FaultyFile
from feedsvc.web.published import Published


@dataclass(frozen=True, slots=True)
class Found:
    """What is at a preview's address: files in quarantine, else an article, and its address if it is live.

    `of` is what a link to it is signed for.
    """

    slug: str
    of: str
    files: Sequence[FaultyFile] = ()
    article: tuple[Record, Article] | None = None
    live_at: str | None = None


class Previews:
    """The previews of one database; every method raises `StoreError` where it can't be read."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._store = published.store

    def called(self, slug: str) -> Found | None:
        """What has a slug, or would have it: what can't be parsed has the slug of its file's name."""
        files = [file for file in self._store.quarantine() if _slug_of(file) == slug]
        if files:
            return _of_files(files)
        return self._of_article(self._store.article_called(slug))

    def linked(self, link: PreviewLink) -> Found | None:
        """What a signed link is for, whatever its slug is by now."""
        id = self._store.file_id(link.of) or link.of
        files = [file for file in self._store.quarantine() if file.path == link.of or (file.record and file.record.id == id)]
        return _of_files(files) if files else self._of_article(self._store.article_with(id))

    def in_file(self, path: str) -> Found | None:
        """What a build has last read in a file."""
        id = self._store.file_id(path)
        files = [file for file in self._store.quarantine() if file.path == path]
        return _of_files(files) if files else self._of_article(self._store.article_with(id)) if id else None

    def _of_article(self, found: tuple[Record, Article, bool] | None) -> Found | None:
        if found is None:
            return None
        record, article, live = found
        at = self._published.addresses().of(record) if live else None
        return Found(record.slug, record.id, article=(record, article), live_at=at)

    def listing(self, reader: Reader) -> Preview:
        """The list of all that is not live."""
        faulty = self._store.quarantine()
        shown = self._listed(faulty[: preview.LISTED])
        rest = [ListedFile(path=file.path, slug="", faults=(), lines={}, live=file.live) for file in faulty[preview.LISTED :]]
        kept = {file.record.id for file in faulty if file.record}
        withheld = [record for record in self._store.withheld() if record.id not in kept]
        return preview.listing([*(one for one, _ in shown), *rest], withheld, reader, self._published.addresses(), self._now())

    def page(self, found: Found, reader: Reader) -> Preview:
        """The preview of what was found."""
        addresses = self._published.addresses()
        if found.article is None:
            return preview.faulty_files(self._listed(found.files), reader, addresses)
        record, article = found.article
        now = self._now()
        entry = self._entry(record, article, addresses, now)
        page = pages.article(entry, addresses.site, addresses)
        held = self._store.held_files(record.shows) | self._variants(record) | self._recordings(record).keys()
        return preview.article(page, record, entry, held, reader, addresses, now)

    def picture(self, file: str, found: Found | None) -> tuple[str, bytes] | None:
        """Type and bytes of a picture that is held, if it was found that an article shows it, or the newsroom asks (None)."""
        record = found.article[0] if found and found.article else None
        if found and (record is None or (file not in record.shows and file not in self._variants(record))):
            return None
        made = self._store.pictures([file]).get(file)
        path = made.paths[0] if made and made.paths else media_path(file)  # of a file's own name, as of the address of a size
        return self._store.held_file(file) or self._store.hidden_variant(path)

    def recording(self, file: str, found: Found | None) -> FileCopy | None:
        """A recording that nobody may hear yet, by its name below `/media/`: one of the article that was found, or any (None)."""
        if found is None:
            return next((copy for copy in self._store.copies() if copy.digest and _name_of(copy) == file), None)
        return self._recordings(found.article[0]).get(file) if found.article else None

    def _recordings(self, record: Record) -> dict[str, FileCopy]:
        """The copies of what an article plays, by their names below `/media/`."""
        if not record.recordings:
            return {}
        return {_name_of(copy): copy for copy in self._store.copies() if copy.digest and copy.file in record.recordings}

    def _variants(self, record: Record) -> set[str]:
        """The pictures that an article shows and nobody may see yet, in all their sizes, by their names below `/media/`."""
        return {unquote(path).removeprefix(media_path("")) for path in self._store.hidden_variants(record.shows)}

    def _now(self) -> datetime:
        return self._published.clock()

    def _listed(self, faulty: Sequence[FaultyFile]) -> list[tuple[ListedFile, bytes | None]]:
        kept = self._store.quarantined(file.path for file in faulty)
        found = []
        for file in faulty:
            content = kept.get(file.path)
            lines = preview.file_lines(content, file.faults)
            one = ListedFile(path=file.path, slug=_slug_of(file), faults=file.faults, lines=lines, live=file.live)
            found.append((one, content))
        return found

    def _entry(self, record: Record, article: Article, addresses: Urls, now: datetime) -> Entry:
        """The entry that an article will have at the moment when it comes out."""
        site, moment = addresses.site, now.replace(microsecond=0)
        undated = record.state is State.DRAFT and not (article.date or article.day or record.shown)
        published = moment if undated else record.published
        moment = max(moment, published)
        coming = replace(record, published=published, updated=max(record.updated, published))
        story = self._store.story(record.story[0]) if record.story else ()
        versions = self._store.versions(coming)
        entry = entry_of(coming, article, self._topics(record, site), story, addresses, moment, versions)
        if record.state is not State.DRAFT:
            return entry
        until = article.breaking_until or moment + site.breaking_for
        breaking = article.breaking and moment < until
        return replace(entry, breaking=breaking, breaking_until=until if breaking else None)

    def _topics(self, record: Record, site: Site) -> tuple[Topic, ...]:
        """An article's topics; one that it is the first to name is called what it calls it."""
        slugs = site.resolve(slug for slug, _ in record.topics)
        written = {slug: name or slug.replace("-", " ").capitalize() for slug, name in record.topics}
        names = written | self._store.topic_names(slugs)
        return tuple(site.topic(slug) or Topic(slug=slug, name=names.get(slug, slug)) for slug in slugs)


def _name_of(copy: FileCopy) -> str:
    return unquote(copy_path(copy)).removeprefix(media_path(""))


def _slug_of(file: FaultyFile) -> str:
    """The slug under which a file in quarantine is shown."""
    if file.record:
        return file.record.slug
    if file.path == SITE_FILE:
        return SITE_FILE
    name = file.path.rpartition("/")[2]
    return slug_from_file(name) or name


def _of_files(files: Sequence[FaultyFile]) -> Found:
    first = files[0]
    return Found(_slug_of(first), first.record.id if first.record else first.path, files)
