"""`Desk`: what the newsroom has done since the last build, taken into the ledger."""

from __future__ import annotations

import logging
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from feedsvc.articles import parsers
from feedsvc.articles.folder import ArticlesFolder, FoundFile, Look
from feedsvc.articles.parser_pool import ParseOutcome, ParserPool
from feedsvc.articles.pictures import MAX_PICTURE_BYTES, measured
from feedsvc.articles.site_toml import read_site
from feedsvc.builder.brake import braked
from feedsvc.builder.index import TopicIndex
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.errors import ArticleError, Fault, SiteError
from feedsvc.formats import render
from feedsvc.model import urls as at
from feedsvc.model.archive import month_of
from feedsvc.model.article import Article
from feedsvc.model.hashing import digest
from feedsvc.model.ledger import identify, remember, remove, too_early
from feedsvc.model.packing import packed
from feedsvc.model.publication import File, Publication
from feedsvc.model.record import Record, State, stamp_of
from feedsvc.model.site import RESERVED, SITE_FILE
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls

log = logging.getLogger("feedsvc.articles")
BATCH = 4_000  # articles that one build reads at most where no others are gone
SCANS_APART, FILES_AGAIN = 10, 500
Progress = Callable[[Sequence[FoundFile]], Iterable[FoundFile]]
_DATE = re.compile(r"(?:19|20)\d\d(?:[-/](?:0[1-9]|1[0-2])(?:[-/][0-3]\d)?)?")
_WRITTEN_DATE = re.compile(rb"^date:[ \t]*[\"']?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_TAKEN = ", which was there first"


class Desk:
    """One build's way from files to records: it fills the publication's records, articles and files.

    After it, `touched` says what of the published may differ.
    """

    def __init__(
        self,
        memory: BuildState,
        publication: Publication,
        folder: ArticlesFolder,
        pool: ParserPool,
        url: str,
        now: datetime,
        clock: datetime,
    ) -> None:
        self.memory = memory
        self.publication = publication
        self.folder = folder
        self.pool = pool
        self.public_url = url
        self.now, self.clock = now, clock
        self.moment = now.replace(microsecond=0)
        self.touched = Touched()
        self.moving: set[str] = set()
        self.read = 0
        self.problem: str | None = None
        self.left: list[FoundFile] = []
        self._context = ""
        self._gone: dict[str, Record] = {}
        self._absent: dict[str, list[Record]] = {}
        self._named: dict[str, str | None] = {}
        self._claimed: set[str] = set()

    @property
    def index(self) -> TopicIndex:
        """The topics' lists, with what this build has changed so far."""
        return self.memory.index

    @property
    def addresses(self) -> Urls:
        """The URLs of what this build publishes."""
        return Urls(self.public_url, self.memory.site)

    # ---- site.toml

    def take_site(self) -> None:
        """Takes in `site.toml`; a bad or missing one leaves the last good one in force."""
        known = self.memory.files.get(SITE_FILE)
        found_file = self.folder.find(SITE_FILE)
        if found_file is None:
            if known and known.mark:
                self._note(File(SITE_FILE, "", None, (Fault(SITE_FILE, 0, "is gone; what it said last stays in force"),)))
        elif known is None or known.mark != found_file.mark:
            self._read_site(found_file)
        site = msgspec.json.encode(self.memory.site)
        frame = digest(render.version(), self.public_url, site)
        if self.memory.facts.get("frame") != frame:
            self.publication.facts |= {"frame": frame, "public_url": self.public_url, "site": site.decode()}
            self.publication.void_below.append(at.article_path(""))
            self.touched.everything = True

    def _read_site(self, found_file: FoundFile) -> None:
        try:
            data = self._bytes(found_file)
            if data is None:
                self.moving.add(SITE_FILE)
                return
            site, warnings = read_site(data)
        except (SiteError, ArticleError) as error:
            self._note(File(SITE_FILE, found_file.mark, None, error.faults))
            return
        self._note(File(SITE_FILE, found_file.mark, None, warnings))
        if site != self.memory.site:
            self.memory.index = TopicIndex(site, self.index.records.values())

    # ---- articles

    def take_articles(self, look: Look, progress: Progress, left: Sequence[FoundFile] = ()) -> None:
        """Takes in what a look at the folder shows: reads what changed, and believes what is gone.

        `left` is what the last build has left. Where very many are to be read, the newest come first, and others are left.
        """
        self._context = self._reading_context()
        stale = self._with_stale_pictures(look)
        marks = {path: file.mark for path, file in self.memory.files.items()} if look.scope is None else None
        stale |= self._read_again(look)
        changed = [one for one in look.found_files if one.path in stale or self._mark(one.path, marks) != self._marked(one)]
        missing = self._missing(look)
        self._gone = {record.id: record for path in missing if (record := self._record_at(path))}
        for record in self._gone.values():
            self._absent.setdefault(record.words, []).append(record)
        seen = {one.path for one in look.found_files}
        changed += [one for path in stale - seen if (one := self.folder.find(path))]
        # A file may be seen twice where both it and its folder were hinted at; read twice, it would be two articles.
        found_files = {found_file.path: found_file for found_file in (*left, *changed)}
        # What has moved is found among what is read at once.
        if len(found_files) > BATCH and not self._gone:
            newest = self._newest_first(found_files.values())
            found_files, self.left = {one.path: one for one in newest[:BATCH]}, newest[BATCH:]
        files = self._whole(progress([found_files[path] for path in sorted(found_files)]) if found_files else ())
        outcomes: Iterable[tuple[str, ParseOutcome]] = self.pool.read_all(files, self.addresses)
        if found_files.keys() & self.memory.files.keys():
            # A file that is known may have given its id to any of the others; new files are taken while others are still read.
            outcomes = list(outcomes)
            for path, outcome in outcomes:
                self._name(path, outcome)
        for path, outcome in outcomes:
            self._name(path, outcome)
            self._take(found_files[path], outcome)
        for fault in look.faults:
            known = self.memory.files.get(fault.path)
            self._note(File(fault.path, "", known.id if known else None, (fault,)))
        self._believe(missing)
        if self.publication.records and look.scope is not None:
            # What stood behind another may come forward now.
            self.moving.update(self.memory.waiting - self.publication.files.keys())
        if self.memory.fresh and self.publication.files:
            self.publication.facts["opening"] = "1" if self.left else ""

    def _newest_first(self, found_files: Iterable[FoundFile]) -> list[FoundFile]:
        """Files by day, as their names or times tell it; where all tell the same, as after a copy, by what is written in them."""
        days = {one.path: _day(one) for one in found_files}
        if len(set(days.values())) == 1:
            days |= {one.path: self._written_day(one) for one in found_files}
        return sorted(found_files, key=lambda one: (days[one.path], one.path), reverse=True)

    def _written_day(self, found_file: FoundFile) -> str:
        try:
            found = _WRITTEN_DATE.search(self._bytes(found_file) or b"")
        except ArticleError:
            found = None
        return found[1].decode() if found else ""

    def _mark(self, path: str, marks: dict[str, str] | None) -> str | None:
        if marks is not None:
            return marks.get(path)
        file = self.memory.files.get(path)
        return file.mark if file else None

    def _marked(self, found_file: FoundFile) -> str:
        """What differs when the file does, or what it is read with."""
        return f"{found_file.mark} {self._context}"

    def _read_again(self, look: Look) -> set[str]:
        """Some files that look unchanged, at every so many scans: a file system may hide a change from all looks."""
        if look.scope is not None or not look.found_files:
            return set()
        self.memory.scans += 1
        if self.memory.scans % SCANS_APART:
            return set()
        paths = sorted(one.path for one in look.found_files)
        begin = bisect_right(paths, self.memory.read_again)
        chosen = paths[begin : begin + FILES_AGAIN]
        self.memory.read_again = chosen[-1] if begin + FILES_AGAIN < len(paths) else ""
        return set(chosen)

    def _reading_context(self) -> str:
        """The digest of all beside its bytes that decides how an article reads."""
        site = self.memory.site
        keywords = [(topic.slug, topic.keywords) for topic in site.topics if topic.keywords]
        parts = (site.article_url, site.timezone, site.title, site.tagline, site.links, keywords)
        return digest(str(parsers.VERSION), self.public_url, msgspec.json.encode(parts))[:8]

    def _missing(self, look: Look) -> list[str]:
        """The files that a look should have shown and did not."""
        files = self.memory.files
        seen = {found_file.path for found_file in look.found_files}
        seen.update(fault.path for fault in look.faults)
        folders = [part for part in look.scope or () if part.endswith("/") and part[:-1] not in files and part[:-1] not in seen]
        # What a hint names is mostly one file: all files are gone through only where it may have been a folder.
        near = files if look.scope is None or folders else look.scope & files.keys()
        gone = (path for path in near if path not in seen and path != SITE_FILE and look.covers(path))
        # A picture is no article, and what has a fault without being one is mostly a folder.
        return [path for path in gone if self.folder.wanted(path) or files[path].faults]

    def _record_at(self, path: str) -> Record | None:
        file = self.memory.files.get(path)
        record = self.index.records.get(file.id) if file and file.id else None
        return record if record and record.path == path and record.state is not State.REMOVED else None

    def _whole(self, found_files: Iterable[FoundFile]) -> Iterator[tuple[str, bytes]]:
        """The files that can be read now, with their bytes."""
        for found_file in found_files:
            try:
                data = self._bytes(found_file)
            except ArticleError as error:
                self._refuse(found_file, error)
                continue
            if data is None:
                self.moving.add(found_file.path)
            else:
                self.read += 1
                yield found_file.path, data

    def _refuse(self, found_file: FoundFile, error: ArticleError) -> None:
        known = self.memory.files.get(found_file.path)
        # A file that only stands behind another is read again at every scan, for the other may go.
        mark = "" if any(fault.reason.endswith(_TAKEN) for fault in error.faults) else self._marked(found_file)
        self._note(File(found_file.path, mark, known.id if known else None, error.faults))

    def _name(self, path: str, outcome: ParseOutcome) -> None:
        if not isinstance(outcome, ArticleError):
            self._named[path] = outcome.article.id
            if outcome.article.id:
                self._claimed.add(outcome.article.id)

    def _take(self, found_file: FoundFile, outcome: ParseOutcome) -> None:
        path = found_file.path
        known = self.memory.files.get(path)
        known_id = known.id if known and not self._has_left(known.id, path) else None
        if isinstance(outcome, ArticleError):
            self._refuse(found_file, outcome)
            return
        article, picture_mark, warnings = self._with_picture(outcome.article, path)
        pictured = article is not outcome.article
        words = outcome.words
        moved = self._moved(words, path, article.slug)
        replaced = known_id is not None and moved is not None and self.index.records[known_id].words != words
        back = moved or self.index.removed_at(path)
        id = article.id or (moved if replaced else known_id) or identify(path, self.index.records, back)
        try:
            self._check_conflicts(path, article, id)
        except ArticleError as error:
            self._refuse(found_file, error)
            return
        before = self.index.records.get(id)
        if too_early(before, article, clock=self.clock, now=self.now):
            return  # and read again at the next scan
        record = remember(
            before,
            article,
            id=id,
            path=path,
            words=words,
            stamp=stamp_of(article, picture_mark) if pictured else outcome.stamp,
            size=outcome.size,
            topics=self._topics(article),
            story=(slugify(article.story), article.story) if article.story else None,
            media=outcome.article.image.file if outcome.article.image else None,
            seen=self._first_seen(found_file),
            now=self.moment,
        )
        if known_id and known_id != id and (old := self._record_at(path)):
            self._put(remove(old, self.moment))
        self._gone.pop(id, None)
        self._note(File(path, self._marked(found_file), id, (*outcome.warnings, *warnings)))
        if record != before:
            self.publication.articles[id] = article
            self.publication.packed[id] = packed(article) if pictured else outcome.packed
            self._put(record)

    def _moved(self, words: str, path: str, slug: str) -> str | None:
        """The id of the article with these words whose file is gone; of several the one that was here, or had this slug."""
        gone = [record for record in self._absent.get(words, ()) if record.id in self._gone]
        found = gone or self.index.removed(words)
        likeliest = max(found, key=lambda one: (one.path == path, one.slug == slug, one.since, one.id), default=None)
        return likeliest.id if likeliest else None

    def _has_left(self, id: str | None, path: str) -> bool:
        """Whether the file at a path, read just now, no longer names the id that another file names."""
        return id in self._claimed and path in self._named and self._named[path] != id

    def _check_conflicts(self, path: str, article: Article, id: str) -> None:
        owner, holder = self.index.records.get(id), self.index.by_slug(article.slug)
        stands = owner and owner.state is not State.REMOVED and owner.id not in self._gone
        if owner and stands and owner.path != path and not self._has_left(id, owner.path):
            raise ArticleError(Fault(path, 0, f'its id "{id}" is that of {owner.path}{_TAKEN}'))
        if holder and holder.path != path and holder.id != id and holder.id not in self._gone:
            raise ArticleError(Fault(path, 0, f'its slug "{article.slug}" is that of {holder.path}{_TAKEN}'))

    def _first_seen(self, found_file: FoundFile) -> datetime:
        """When a new article counts as first seen: now; where the ledger only begins, its file's own date is nearer the truth."""
        written = datetime.fromtimestamp(max(found_file.mtime, 0) // 1_000_000_000, UTC)
        return min(self.moment, written) if self.memory.fresh else self.moment

    def _topics(self, article: Article) -> tuple[tuple[str, str], ...]:
        named = {slugify(name): name for name in reversed(article.topics)}
        topics = [(slug, named[slug]) for slug in dict.fromkeys(slugify(name) for name in article.topics)]
        folder = slugify(article.folder) if article.folder else ""
        if folder and folder not in RESERVED and folder not in named:
            topics.append((folder, ""))
        if not topics:
            words = f"{article.title} {article.standfirst} {' '.join(article.key_points)} {article.body}".casefold()
            taking = (topic for topic in self.memory.site.topics if not topic.retired)
            topics = [(topic.slug, "") for topic in taking if any(word.casefold() in words for word in topic.keywords)]
        return tuple(topics)

    def _believe(self, missing: list[str]) -> None:
        """Removes the articles whose files are gone, unless so many are that a person must confirm it."""
        gone, facts = self._gone, self.memory.facts
        standing = sum(1 for record in self.index.records.values() if record.state is not State.REMOVED) if gone else 0
        if gone and facts.get("removals") != "accepted" and braked(len(gone), self.index.records.values(), standing, self.moment):
            self.problem = f"{len(gone)} of {standing} articles are gone at once; all stay published until: feedsvc accept-removals"
            if facts.get("brake") != self.problem:
                log.error("%s", self.problem)
                self.publication.facts["brake"] = self.problem
            # No two articles share an address: one whose slug another has by now goes all the same.
            gone = {id: record for id, record in gone.items() if self.index.by_slug(record.slug) not in (None, record)}
            held = {record.path for record in self._gone.values()} - {record.path for record in gone.values()}
            missing = [path for path in missing if path not in held]
        elif facts.get("brake"):
            self.publication.facts |= {"brake": "", "removals": ""}
        for record in gone.values():
            self._put(remove(record, self.moment))
        self.publication.gone_files.extend(path for path in missing if path not in self.publication.files)

    # ---- pictures

    def _with_picture(self, article: Article, path: str) -> tuple[Article, str, tuple[Fault, ...]]:
        """An article with its local picture's size and type, the picture's mark, and what is wrong with it."""
        image = article.image
        if image is None or image.file is None:
            return article, "", ()
        found_file = self.folder.find(image.file)
        reason = f"its picture {image.file} does not exist"
        try:
            data = self._bytes(found_file, MAX_PICTURE_BYTES) if found_file else None
            if found_file and data is None:
                self.moving.add(path)
            known = measured(image, data) if data else None
            if data and not known:
                reason = f"its picture {image.file} is of no kind that can be shown"
        except ArticleError as error:
            known, reason = None, f"its picture {error}"
        if known and found_file:
            self._note(File(image.file, found_file.mark, None))
            return replace(article, image=known), found_file.mark, ()
        self._note(File(image.file, "", None))
        return replace(article, image=None), "", (Fault(path, 0, reason, warning=True),)

    def _with_stale_pictures(self, look: Look) -> set[str]:
        """The paths of articles whose picture has changed since it was read."""
        near = self.index.pictures() if look.scope is None else look.scope
        stale: set[str] = set()
        for file in near:
            users = self.index.users_of(file)
            known = self.memory.files.get(file)
            found_file = self.folder.find(file) if users else None
            if users and (found_file.mark if found_file else "") != (known.mark if known else ""):
                stale.update(record.path for record in users)
        return stale

    # ---- time

    def take_time(self) -> None:
        """Notes whose time has come or gone since the last build, and so all that readers now see or see no more."""
        built = self.memory.facts.get("built")
        for record in self.index.due(datetime.fromisoformat(built), self.now) if built else ():
            self._touch(record)
            self._show(record)
        for record in self.publication.records.values():
            self._show(record)

    def _show(self, record: Record) -> None:
        live = record.live(self.now)
        if live != (record.id in self.memory.live) or record.id in self.publication.articles:
            self.publication.live[record.id] = live

    def _put(self, record: Record) -> None:
        before = self.index.records.get(record.id)
        if before:
            self._touch(before)
        self.index.put(record)
        self.publication.records[record.id] = record
        self._touch(record)

    def _touch(self, record: Record) -> None:
        """Marks all that shows a record as out of date: its topics, its page, and those of its story."""
        for shown in (record, *self.index.story_members(record)):
            self.touched.topics.update(self.index.topics_of(shown))
            self.publication.void.add(at.article_path(shown.slug))
        self.touched.records.add(record.id)
        month = month_of(record.published, self.memory.site.zone)
        for slug in self.index.topics_of(record):
            self.touched.months[slug, month] = min(record.published, self.touched.months.get((slug, month), record.published))
        if record.media:
            self.touched.pictures.add(record.media)

    # ---- files

    def _bytes(self, found_file: FoundFile, most: int | None = None) -> bytes | None:
        clocks = {"now_ns": time.time_ns(), "monotonic_ns": time.monotonic_ns()}
        return self.folder.read(found_file, **clocks) if most is None else self.folder.read(found_file, **clocks, most=most)

    def _note(self, file: File) -> None:
        """Notes a file as read now, and says in the log what is newly wrong with it."""
        known = self.publication.files.get(file.path) or self.memory.files.get(file.path)
        if file == known:
            return
        self.publication.files[file.path] = file
        for fault in file.faults if known is None or known.faults != file.faults else ():
            log.log(logging.WARNING if fault.warning else logging.ERROR, "%s/%s", self.folder.path, fault)


def _day(found_file: FoundFile) -> str:
    """The day of a file, as far as its name or its time tells."""
    dated = _DATE.search(found_file.path)
    written = datetime.fromtimestamp(max(found_file.mtime, 0) // 1_000_000_000, UTC)
    return dated[0].replace("/", "-") if dated else written.isoformat()[:10]
