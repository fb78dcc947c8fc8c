"""What a newsroom's articles must look like to readers: a simple model, and a comparison of all that is published with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.builder.cache import BuildCache
from feedsvc.builder.editions import Editions
from feedsvc.builder.file_copier import FileCopier
from feedsvc.builder.pictures import Pictures
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.model.publication import Publication
from feedsvc.storage.facts import BUILT
from feedsvc.web.archive_feeds import ArchiveFeeds
from feedsvc.web.article_pages import ArticlePages
from feedsvc.web.published import Published
from support.live import Newsroom

URLS = ("https://feeds.example", "https://news.example/wire")


@dataclass(eq=False)
class Told:
    """What the model knows of one article: its file as it lies there, and what was last taken of it."""

    word: str
    path: str
    keys: dict[str, object] = field(default_factory=dict)
    version: int = 1
    markup: str = "{}"
    broken: bool = False
    gone: bool = False
    touched: bool = True  # the file has changed since the last build
    relocated: bool = True  # and not in its words alone

    # As of the last build; no id, no article yet.
    id: str | None = None
    first_path: str = ""
    first_seen: datetime | None = None
    published: datetime | None = None
    updated: datetime | None = None
    expires: datetime | None = None
    state: str = ""
    since: datetime | None = None
    taken: tuple[str, int] = ("", 0)
    taken_whole: tuple[object, ...] = ()  # all that its file said, and where, because folders are topics
    taken_path: str = ""
    taken_slug: str = ""
    seen: bool = False
    addresses: set[str] = field(default_factory=set)  # the slugs at which readers saw it

    @property
    def words(self) -> tuple[str, int]:
        return self.word, self.version

    @property
    def whole(self) -> tuple[object, ...]:
        return self.words, self.markup, dict(self.keys), self.path

    @property
    def slug(self) -> str:
        return PurePosixPath(self.path).stem

    @property
    def file_state(self) -> str:
        return "retracted" if "retracted" in self.keys else "draft" if "draft" in self.keys else "standing"

    def shows(self, now: datetime) -> bool:
        """Whether readers must see it."""
        return bool(self.id) and self.state == "standing" and self.published <= now and (not self.expires or now < self.expires)


class Expected:
    """The model of all articles of one newsroom; after each build `take` brings it up to date, and `check` compares."""

    pool: Newsroom
    articles: list[Told]
    owners: dict[str, Told]
    moments: dict[str, tuple[datetime, bytes]]
    fresh: bool
    last_build: datetime

    @property
    def built(self) -> datetime:
        return self.pool.store.fact(BUILT)

    @property
    def published(self) -> Published:
        return Published(self.pool.store, self.pool.public_url, lambda: self.pool.now)

    @property
    def pages(self) -> ArticlePages:
        return ArticlePages(self.published)

    def take(self) -> None:
        """Takes into the model what the build must have taken from the folder."""
        now = self.pool.now
        records = {record.path: record for record in self.pool.store.records()}
        for told in self.articles:
            if told.touched:
                self.take_one(told, now.replace(microsecond=0), records)
            told.touched = told.relocated = False
            told.seen |= told.shows(now)
            if told.shows(now):
                told.addresses.add(told.taken_slug)
        self.last_build = now
        assert len({told.id for told in self.articles if told.id}) == sum(1 for told in self.articles if told.id)

    def take_one(self, told: Told, moment: datetime, records: dict[str, object]) -> None:
        missing = told.gone or (told.broken and told.path != told.taken_path)
        if missing and told.id and told.state != "removed":
            told.state, told.since = "removed", moment
        elif told.broken and told.id and told.state == "standing" and (not told.seen or told.published > self.last_build):
            told.state, told.since = "draft", moment  # it does not come out by time alone
        if told.gone or told.broken:
            return
        new = told.id is None
        record = records[told.path]
        if new:
            told.id, told.first_path = record.id, told.path
            told.first_seen = record.first_seen
            assert record.first_seen <= moment
            if "id" in told.keys:
                assert told.id == told.keys["id"]
        if new and self.fresh:
            told.since = told.first_seen
        elif told.state != told.file_state:
            told.since = moment
        told.published, told.updated = self.dates(told, new, moment)
        told.state, told.expires, told.taken = told.file_state, told.keys.get("expires"), told.words
        if self.owners.get(told.taken_slug) is told and told.taken_slug not in told.addresses:
            del self.owners[told.taken_slug]  # nobody was ever shown it there
        told.taken_path, told.taken_slug, told.taken_whole = told.path, told.slug, told.whole
        self.owners[told.slug] = told

    def dates(self, told: Told, new: bool, moment: datetime) -> tuple[datetime, datetime]:
        """When it was published: as the file says, else as it was, else when it came out. Updated moves with the words."""
        if "date" in told.keys:
            published = told.keys["date"]
        elif new:
            published = told.first_seen
        elif told.whole == told.taken_whole and told.state == told.file_state:
            published = told.published  # saved again as it was
        elif not told.seen:
            comes_out = told.file_state == "standing" and told.state != "retracted"
            published = moment if comes_out else told.published
        else:
            published = told.published if told.published <= self.pool.now else told.first_seen
        if new or not told.seen:
            return published, published
        unchanged = told.words == told.taken and told.updated <= self.pool.now
        return published, max(told.updated if unchanged else moment, published)

    def check(self) -> None:
        now, store = self.pool.now, self.pool.store
        records = {record.id: record for record in store.records()}
        assert {record.path for record in records.values()} == {told.taken_path for told in self.articles if told.id}
        assert records.keys() == {told.id for told in self.articles if told.id}
        for told in self.articles:
            if told.id:
                record = records[told.id]
                dates = told.published, told.updated, told.first_seen
                assert (record.published, record.updated, record.first_seen) == dates, (record, told)
                assert (record.state, record.expires) == (told.state, told.expires)
        for slug, told in self.owners.items():
            found = store.find_by_slug(slug)
            assert found or not told.shows(now)
            if told.shows(now):
                assert (found[0].id, found[2]) == (told.id, True)
        visible = [told for told in self.articles if told.shows(now)]
        visible.sort(key=lambda told: (-told.published.timestamp(), told.id))
        self.check_feed(visible)
        self.check_archives(visible)
        self.check_documents(visible)
        self.check_staleness()

    def check_feed(self, visible: list[Told]) -> None:
        """Everything that is to be seen is there once, in order, as last taken."""
        entries = json.loads(self.pool.body("/feeds/all.json"))["items"]
        dates = [[datetime.fromisoformat(entry[key]) for key in ("date_published", "date_modified")] for entry in entries]
        assert [entry["id"] for entry in entries] == [told.id for told in visible]
        assert dates == [[told.published, told.updated] for told in visible]
        for entry, told in zip(entries, visible, strict=True):
            assert told.word in entry["title"] and f"number {told.taken[1]}x" in entry["content_html"]
            assert entry["url"] == f"{self.pool.public_url}/articles/{told.taken_slug}"

    def check_archives(self, visible: list[Told]) -> None:
        """The archives of everything hold each article once; those made before are what would be made now."""
        archives, filed = ArchiveFeeds(self.published), []
        for slug, file in archives.files():
            if file.endswith(".json"):
                document = archives.find(slug, file)
                kept = self.pool.document(document.path)
                assert kept is None or kept.encodings["identity"] == document.encodings["identity"]
                if slug == "all":
                    filed += [entry["id"] for entry in json.loads(document.encodings["identity"].body)["items"]]
        assert filed == [told.id for told in visible]

    def check_documents(self, visible: list[Told]) -> None:
        """Nothing else is anywhere, and what changed says so: a newer Last-Modified for other bytes, and never an older one."""
        allowed = {told.word for told in visible}
        # A digest tells what was new on its day, though it may have expired since.
        was_news = {told.word for told in self.articles if told.state == "standing" and told.published <= self.pool.now}
        unheard = {f"Only {told.word}" for told in self.articles if not told.seen} - {f"Only {word}" for word in allowed}
        elsewhere = next(url for url in URLS if url != self.pool.public_url)
        shared = {f"Only {told.word}" for told in self.articles if told.seen}
        moments = {}
        for path in self.pool.store.paths():
            document = self.pool.document(path)
            body = document.encodings["identity"].body
            # A tombstone names the id, which may be any text, and an icon is none.
            text = re.sub("<at:deleted-entry [^>]*>", "", body.decode(errors="replace"))
            forbidden = {told.word for told in self.articles} - (was_news if path.startswith("/feeds/digest") else allowed)
            for topic in shared:
                text = text.replace(topic, "").replace(topic.replace(" ", "-").lower(), "")
            assert not [word for word in forbidden | unheard if word in text], path
            assert elsewhere not in text
            if not path.startswith("/articles/"):
                moments[path] = document.last_modified, body
                before, body_before = self.moments.get(path, (document.last_modified, body))
                assert document.last_modified > before or (document.last_modified, body) == (before, body_before), path
        # An archive whose month has become empty is gone; if the month fills again in the same second, it may have the same date.
        self.moments = {path: moment for path, moment in self.moments.items() if "/2026-" not in path} | moments

    def check_staleness(self) -> None:
        """If all were made again, not a byte would differ; pages that are kept too."""
        store, publication = self.pool.store, Publication()
        folder = ArticlesFolder(self.pool.articles, SUFFIXES)
        url, now = self.pool.public_url, self.pool.now
        state = BuildState.load(store)
        side = folder, Pictures(store, folder, publication, url, now), BuildCache(store), FileCopier(store, folder), url, now
        Editions(state, publication, Touched(everything=True), *side).make()
        assert not publication.documents, [document.path for document in publication.documents]
        for path in self.pool.store.paths():
            if path.startswith("/articles/"):
                kept = self.pool.document(path)
                made = self.pages.find(path.removeprefix("/articles/"))
                assert made is not None and made.encodings["identity"] == kept.encodings["identity"]
