"""Everything that a newsroom has published, compared with what is made from nothing, and with what its files say.

History alone decides: an article's id, the dates of one that gives none, a slug of which several want one, the name of a topic that
no article names any more, what a digest said on its day, and each document's date. All else must be what the folder gives now.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from unittest.mock import patch
from urllib.parse import unquote

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.builder import articles
from feedsvc.builder.articles import Articles
from feedsvc.builder.cache import BuildCache
from feedsvc.builder.editions import Editions, Plan
from feedsvc.builder.file_copier import FileCopier
from feedsvc.builder.index import TopicIndex
from feedsvc.builder.notes import FileNotes
from feedsvc.builder.pictures import Pictures
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.formats.render import author_paths
from feedsvc.formats.ticker_script import is_versioned
from feedsvc.model.archive import in_parts, month_of
from feedsvc.model.document import Document
from feedsvc.model.feed import is_feed
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record, State
from feedsvc.web.archive_feeds import ArchiveFeeds
from feedsvc.web.article_pages import ArticlePages
from feedsvc.web.author_pages import AuthorPages
from feedsvc.web.published import Published
from support.live import ROOM, Newsroom
from support.orders import Folder

TOKEN = re.compile(r"z([tbsk])(\d+)z")
IN_RECORDS = (
    *("title", "words", "state", "expires", "breaking", "topics", "story", "link", "media", "size"),
    *("authors", "language", "translation_of", "kind", "syndicate"),
)
# The feeds that orders define by a partner's rules, which tell of what is taken back as partners' feeds do.
OF_PARTNERS = "/feeds/kin.", "/feeds/town-too."
AUTHORS = "ada", "ben"


class _MadeAnew(Editions):
    """Editions that are not packed and published, but kept in `made` by path, with the dates of what is published."""

    documents: dict[str, Document]
    made: dict[str, Document]

    def _publish(self, plans: Iterator[Plan]) -> None:
        for draft in (draft for plan in plans for draft in plan.drafts):
            was = self.documents.get(draft.path)
            self.made[draft.path] = draft.dated(was.last_modified if was else self.now)


@dataclass
class Known:
    """What readers have had so far.

    By id the version that they saw last, its family and its date; by family the id; by address the document, and the latest date
    that any had there; by id the date that its file gave while they did not see it.
    """

    version: dict[str, int] = field(default_factory=dict)
    family: dict[str, int] = field(default_factory=dict)
    date: dict[str, datetime] = field(default_factory=dict)
    id: dict[int, str] = field(default_factory=dict)
    ever: set[int] = field(default_factory=set)
    dated: dict[str, tuple[tuple[int, str], datetime]] = field(default_factory=dict)
    said: dict[str, datetime] = field(default_factory=dict)

    def copy(self) -> Known:
        return Known(*(one.copy() for one in vars(self).values()))


class Check:
    """Compares after each build; `whole` is not set while files are still to be read."""

    def __init__(self, newsroom: Newsroom, folder: Folder, known: Known, now: datetime) -> None:
        self.newsroom, self.folder, self.known, self.now = newsroom, folder, known, now
        self.store = newsroom.store
        self.records = {record.id: record for record in self.store.records()}
        self.state = BuildState.load(self.store)
        self.published = Published(self.store, newsroom.public_url, lambda: now, keep=lambda document, generation: None)
        self.archives, self.pages = ArchiveFeeds(self.published), ArticlePages(self.published)
        self.authors = AuthorPages(self.published)
        kept = Published(self.store, newsroom.public_url, lambda: now)  # as readers get them
        self.kept_pages, self.kept_authors = ArticlePages(kept), AuthorPages(kept)
        _, found = self.store.changed_since(0, set(self.store.paths()))
        self.documents = {path: document for path, document in found if document}

    def incomplete(self) -> None:
        self._documents(complete=False)

    def all(self) -> None:
        self._documents(complete=True)
        self._records()
        shown = self._archives()
        self._articles(shown)
        self._authors()
        documents = dict(self._all_documents())
        self._words({version for _, version in shown.values()}, documents)
        self._dates(documents)

    # ---- documents

    def _documents(self, complete: bool) -> None:
        publication = Publication()
        folder, cache = ArticlesFolder(self.newsroom.articles, SUFFIXES), BuildCache(self.store)
        pictures = Pictures(self.store, folder, publication, self.newsroom.public_url, self.now)
        side = folder, pictures, cache, FileCopier(self.store, folder), self.newsroom.public_url, self.now
        editions = _MadeAnew(self.state, publication, Touched(everything=True), *side)
        editions.documents, editions.made = self.documents, {}
        editions.make(complete=complete)
        cache.packers.shutdown()
        for path, made in editions.made.items():
            was = self.documents.get(path)
            same = was and (was.etag, was.headers) == (made.etag, made.headers)
            assert same or ("/digest" in path and not complete), f"{path} is not what is made from nothing: {_differ(was, made)}"
        made_on_request = re.compile(r"/articles/|/authors/|/feeds/author/|/feeds/.*/\d{4}-\d\d(-\d+)?\.|/sitemap/|/media/")
        others = self.documents.keys() - editions.made.keys()
        extra = {path for path in others if not made_on_request.match(path) and not is_versioned(path)}
        assert not extra or not complete, f"still published, though nothing makes them: {sorted(extra)}"
        for path, kept in self.documents.items():
            if made_on_request.match(path) and not path.startswith("/media/"):
                again = self._made_again(path)
                assert again and again.encodings["identity"] == kept.encodings["identity"], f"{path} is stale"

    def _made_again(self, path: str) -> Document | None:
        if path.startswith("/articles/"):
            return self.pages.find(unquote(path).removeprefix("/articles/"))
        if path.startswith("/sitemap/"):
            return self.archives.sitemap(path.removeprefix("/sitemap/"))
        if path.startswith(("/authors/", "/feeds/author/")):
            return self._of_author(self.authors, path)
        slug, _, file = unquote(path).removeprefix("/feeds/").rpartition("/")
        return self.archives.find(slug, file)

    # ---- what the files say

    def _records(self) -> None:
        """Whatever the folder alone decides is in the ledger as a new ledger would have it."""
        folder = ArticlesFolder(self.newsroom.articles, SUFFIXES)
        index, publication = TopicIndex(self.state.site), Publication()
        nothing = BuildState(index, {}, {}, set(), {}, {}, {}, {}, fresh=True)
        notes = FileNotes({}, publication.files, folder.path)
        url, now = self.newsroom.public_url, self.now
        with patch.object(articles, "BATCH", len(self.folder.files)):  # all at once
            pictures, copied = Pictures(self.store, folder, publication, url, now), FileCopier(self.store, folder).copied
            side = folder, ROOM, pictures, copied, url, now, now
            Articles(nothing, publication, Touched(), notes, *side).take(folder.look(None), list)
        faulty = {fault.path for fault, _ in self.store.faults() if not fault.warning}
        faulty |= {fault.path for file in publication.files.values() for fault in file.faults if not fault.warning}
        have = {record.path: record for record in self.records.values() if record.state is not State.REMOVED}
        made = {record.path: record for record in index.records.values()}
        assert have.keys() - faulty == made.keys() - faulty, (sorted(have), sorted(made), sorted(faulty))
        for path in have.keys() - faulty:
            for name in IN_RECORDS:
                is_now, anew = getattr(have[path], name), getattr(made[path], name)
                assert is_now == anew, f"{path}: its {name} is {is_now!r}, from nothing {anew!r}"
        self.faulty = faulty
        files = self.folder.files
        # After a restored backup a story may have the id that the file in whose place it lay gave: it was there first.
        held = {record.id for path, record in have.items() if path in files and files[path].family in self.folder.loose}
        for path in faulty & files.keys():
            text = files[path]
            id, others = text.said.get("id"), [one for other, one in files.items() if other != path]
            # What cannot be read keeps the article that was in it, and its id.
            alike = any(one.version == text.version or (id and (one.broken or one.said.get("id") == id)) for one in others)
            assert text.broken or alike or id in held, f"{path} is turned away: {[str(one) for one, _ in self.store.faults()]}"

    # ---- archives

    def _archives(self) -> dict[str, tuple[int, int]]:
        """Family and version of each article in the archives of everything, by id; every feed leads back to all of its own."""
        live = [record for record in self.records.values() if record.live(self.now)]
        assert self.state.live == {record.id for record in live}
        defined = {slug for slug in self.state.editions if is_feed(slug)}
        assert defined == {feed.slug for feed in self.state.site.feeds} and defined.isdisjoint(self.state.archives)
        for slug in self.state.editions.keys() - defined:
            own = [record for record in live if slug in self.state.index.topics_of(record)]
            own.sort(key=lambda one: (-one.published.timestamp(), one.id))
            self._filed(slug, own)
            followed = self._followed(slug)
            assert Counter(followed) == Counter(record.id for record in own), f"the archives of {slug}: {followed}"
        shown: dict[str, tuple[int, int]] = {}
        for slug, file in self.archives.files():
            if slug == "all" and file.endswith(".json"):
                document = self.archives.find(slug, file)
                assert document
                for item in json.loads(document.encodings["identity"].body)["items"]:
                    found = re.fullmatch(r"Title zt(\d+)z", item["title"])
                    assert found
                    version = int(found[1])
                    family = self.folder.families[version]
                    body, summary = f"zb{version}z of a family zf{family}z", f"zs{version}z."
                    assert body in item["content_html"] or (summary in item["content_html"] and "zb" not in item["content_html"])
                    assert datetime.fromisoformat(item["date_modified"]) >= datetime.fromisoformat(item["date_published"])
                    shown[item["id"]] = family, version
        return shown

    def _filed(self, slug: str, own: list[Record]) -> None:
        zone = self.state.site.zone
        by_month: dict[str, list[Record]] = {}
        for record in reversed(own):
            by_month.setdefault(month_of(record.published, zone), []).append(record)
        made = {month: [{one.id for one in part} for part in in_parts(some)] for month, some in by_month.items()}
        filed = {month: [set(part.ids) for part in parts] for month, parts in self.state.archives.get(slug, {}).items()}
        assert filed == made, f"the archives of {slug} have {filed}, from nothing {made}"

    def _followed(self, slug: str) -> list[str]:
        found: list[str] = []
        document = self.documents.get(f"/feeds/{slug}.atom")
        while document and document.status == 200:
            text = document.encodings["identity"].body.decode()
            links = re.search(r'<link [^>]*rel="prev-archive"[^>]*>', text)
            if links is None:
                break
            address = re.search(r'href="([^"]+)"', links[0])
            assert address
            document = self._made_again(address[1].removeprefix(self.newsroom.public_url))
            assert document, f"{address[1]} is not there"
            found += re.findall(r"<entry[ >].*?<id>([^<]+)</id>", document.encodings["identity"].body.decode(), re.DOTALL)
        return found

    # ---- articles

    def _articles(self, shown: dict[str, tuple[int, int]]) -> None:
        known, files, loose = self.known, self.folder.files, self.folder.loose
        whole = (text for path, text in files.items() if path not in self.faulty)
        due = Counter((text.family, text.version) for text in whole if text.live(self.now))
        seen = Counter(shown.values())
        assert due <= seen, f"readers lack {due - seen}"
        more = seen - due
        assert self.faulty or not more, f"readers have what no file says: {more}"
        said_now = {(text.family, text.version) for text in files.values() if text.live(self.now)}
        early = [one for one in more if one[1] not in known.ever and one not in said_now]
        assert not early, f"readers have {early} too early"
        at = {record.id: record.path for record in self.records.values()}
        for id in at.keys() - shown.keys():
            if at[id] in files.keys() - self.faulty and "date" in files[at[id]].said:
                known.said[id] = files[at[id]].said["date"]  # the newsroom's word, though nobody has seen it yet
        for id, (family, version) in shown.items():
            text = files.get(at[id])
            said = text.said if text else {}
            before = known.family.get(id, family)
            tight = not {family, before} & loose and "id" not in said
            assert not tight or before == family, f"{id} was of family {before}, and is of {family}"
            assert not tight or known.id.get(family, id) == id, f"family {family} was {known.id.get(family)}, and is {id}"
            published = self.records[id].published
            if "date" in said and at[id] not in self.faulty:
                assert published == said["date"]
            elif tight and id in known.date:
                was = {known.date[id], known.said.get(id, known.date[id])}
                assert published in was, f"{id} was of {known.date[id]}, and is of {published}"
            assert published <= self.now
            known.family[id], known.id[family], known.version[id], known.date[id] = family, id, version, published
            known.said.pop(id, None)
            known.ever.add(version)

    @staticmethod
    def _of_author(authors: AuthorPages, path: str) -> Document | None:
        folder, _, name = unquote(path).rpartition("/")
        return authors.find_page(name) if folder == "/authors" else authors.find(name)

    def _authors(self) -> None:
        """Each author has what is by them and live, and who has nothing is nobody."""
        site, live = self.state.site, [record for record in self.records.values() if record.live(self.now)]
        for slug in AUTHORS:
            own = {record.id for record in live if slug in map(site.slug_of_author, record.authors)}
            document = self.authors.find(f"{slug}.json")
            if document and document.status == 301:
                assert not own
                continue
            listed = [item["id"] for item in json.loads(document.encodings["identity"].body)["items"]] if document else []
            assert set(listed) <= own and len(listed) >= min(len(own), site.entries_per_feed), f"{slug}: {listed} of {own}"
            assert (document is not None) == bool(own or site.author(slug)), slug

    def _words(self, live: set[int], documents: dict[str, Document]) -> None:
        """No word that readers never saw is anywhere, and none that was taken back, except where history may tell it."""
        # A retraction is written for readers: its own title is what they see of it, though this ledger may never have shown it.
        read = {path: text for path, text in self.folder.files.items() if path not in self.faulty}
        retracted = {path: text.version for path, text in read.items() if text.said.get("retracted")}
        for record in self.records.values():
            if record.state is State.RETRACTED and record.path in retracted:
                self.known.version[record.id] = retracted[record.path]
        last = {*self.known.version.values(), *retracted.values()}
        told = {text.family for text in self.folder.files.values() if text.standing(self.now) or text.broken}
        told |= {self.folder.files[path].family for path in self.faulty & self.folder.files.keys()}
        families = self.folder.families
        for where, document in documents.items():
            text = document.encodings["identity"].body.decode("utf-8", "replace")
            for kind, number in set(TOKEN.findall(text)):
                version = int(number)
                digest = "/feeds/digest" in where and kind in "ts" and families[version] in told | self.folder.loose
                tells = document.status == 410 or where.startswith(("/partners/", *OF_PARTNERS))
                notice = kind == "t" and version in last and tells
                fine = version in live or notice or (version in self.known.ever and (kind == "k" or digest))
                saw = "saw" if version in self.known.ever else "NEVER saw"
                assert fine, f"{where} has z{kind}{version}z of a version that readers {saw}"

    def _all_documents(self) -> Iterator[tuple[str, Document]]:
        apart = "/articles/", "/media/", "/authors/", "/feeds/author/"
        yield from ((path, one) for path, one in self.documents.items() if not path.startswith(apart))
        for path in (path for slug in AUTHORS for path in author_paths(slug)):
            if found := self.documents.get(path) or self._of_author(self.kept_authors, path):
                yield path, found
        self.folder.slugs |= {record.slug for record in self.records.values()}
        for slug in sorted(self.folder.slugs):
            path = f"/articles/{slug}"
            if page := self.documents.get(path) or self.kept_pages.find(slug):
                yield path, page

    def _dates(self, documents: dict[str, Document]) -> None:
        """What is new at an address has a later date than all that was there; conditional requests are for 200 alone."""
        for where, document in documents.items():
            if document.status == 301:
                continue
            now = document.status, document.etag
            before, date = self.known.dated.get(where, (now, document.last_modified))
            if now != before and document.status == 200:
                assert document.last_modified > date, f"{where} changed, and its date went from {date} to {document.last_modified}"
            self.known.dated[where] = now, max(document.last_modified, date)


def _differ(was: Document | None, made: Document) -> str:
    if was is None:
        return "nothing is published"
    if was.etag == made.etag:
        return f"published with {was.headers}, made with {made.headers}"
    one, other = (document.encodings["identity"].body.decode("utf-8", "replace") for document in (was, made))
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other)))
    return f"published …{one[max(0, at - 80) : at + 160]!r}, made …{other[max(0, at - 80) : at + 160]!r}"
