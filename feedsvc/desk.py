"""`Desk`: what the newsroom has done since the last pressing, taken into the ledger."""

from __future__ import annotations

import logging
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import msgspec

from feedsvc import addresses as at
from feedsvc import readers, render
from feedsvc.addresses import Addresses
from feedsvc.archives import month_of
from feedsvc.article import Article
from feedsvc.document import digest
from feedsvc.errors import ArticleError, Fault, SiteError
from feedsvc.intake import Intake, Look, Sighting
from feedsvc.ledger import Record, State, braked, identify, remember, remove, stamp_of, too_early
from feedsvc.lists import Lists
from feedsvc.memory import Memory
from feedsvc.picture import MAX_PICTURE_BYTES, measured
from feedsvc.publication import File, Publication
from feedsvc.reading import Outcome, ReadingRoom
from feedsvc.rows import packed
from feedsvc.slugs import slugify
from feedsvc.topics import RESERVED, SITE_FILE, read_site

log = logging.getLogger("feedsvc.desk")

BATCH = 4_000  # articles that one pressing reads at most where no others are gone
SCANS_APART, FILES_AGAIN = 10, 500
Progress = Callable[[Sequence[Sighting]], Iterable[Sighting]]

_DATE = re.compile(r"(?:19|20)\d\d(?:[-/](?:0[1-9]|1[0-2])(?:[-/][0-3]\d)?)?")
_WRITTEN_DATE = re.compile(rb"^date:[ \t]*[\"']?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_TAKEN = ", which was there first"


@dataclass(slots=True)
class Touched:
    """What a pressing may have to make anew: the slugs of topics, their months, the ids of records, the files of pictures.

    A month comes with the earliest publication in it that was touched; `everything` is set where all documents may differ.
    """

    topics: set[str] = field(default_factory=set)
    months: dict[tuple[str, str], datetime] = field(default_factory=dict)
    records: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)
    everything: bool = False


class Desk:
    """One pressing's way from files to records: it fills the publication's records, articles and files.

    After it, `touched` says what of the published may differ.
    """

    def __init__(
        self, memory: Memory, publication: Publication, intake: Intake, room: ReadingRoom, url: str, now: datetime, clock: datetime
    ) -> None:
        self.memory = memory
        self.publication = publication
        self.intake = intake
        self.room = room
        self.public_url = url
        self.now, self.clock = now, clock
        self.moment = now.replace(microsecond=0)
        self.touched = Touched()
        self.moving: set[str] = set()
        self.read = 0
        self.problem: str | None = None
        self.left: list[Sighting] = []
        self._context = ""
        self._gone: dict[str, Record] = {}
        self._absent: dict[str, list[Record]] = {}
        self._named: dict[str, str | None] = {}
        self._claimed: set[str] = set()

    @property
    def lists(self) -> Lists:
        """The topics' lists, with what this pressing has changed so far."""
        return self.memory.lists

    @property
    def addresses(self) -> Addresses:
        """The URLs of what this pressing publishes."""
        return Addresses(self.public_url, self.memory.site)

    # ---- site.toml

    def take_site(self) -> None:
        """Takes in `site.toml`; a bad or missing one leaves the last good one in force."""
        known = self.memory.files.get(SITE_FILE)
        sighting = self.intake.sighting(SITE_FILE)
        if sighting is None:
            if known and known.mark:
                self._note(File(SITE_FILE, "", None, (Fault(SITE_FILE, 0, "is gone; what it said last stays in force"),)))
        elif known is None or known.mark != sighting.mark:
            self._read_site(sighting)
        site = msgspec.json.encode(self.memory.site)
        frame = digest(render.version(), self.public_url, site)
        if self.memory.facts.get("frame") != frame:
            self.publication.facts |= {"frame": frame, "public_url": self.public_url, "site": site.decode()}
            self.publication.void_below.append(at.article_path(""))
            self.touched.everything = True

    def _read_site(self, sighting: Sighting) -> None:
        try:
            data = self._bytes(sighting)
            if data is None:
                self.moving.add(SITE_FILE)
                return
            site, warnings = read_site(data)
        except (SiteError, ArticleError) as error:
            self._note(File(SITE_FILE, sighting.mark, None, error.faults))
            return
        self._note(File(SITE_FILE, sighting.mark, None, warnings))
        if site != self.memory.site:
            self.memory.lists = Lists(site, self.lists.records.values())

    # ---- articles

    def take_articles(self, look: Look, progress: Progress, left: Sequence[Sighting] = ()) -> None:
        """Takes in what a look at the folder shows: reads what changed, and believes what is gone.

        `left` is what the last pressing has left. Where very many are to be read, the newest come first, and others are left.
        """
        self._context = self._reading_context()
        stale = self._with_stale_pictures(look)
        marks = {path: file.mark for path, file in self.memory.files.items()} if look.scope is None else None
        stale |= self._read_again(look)
        changed = [one for one in look.sightings if one.path in stale or self._mark(one.path, marks) != self._marked(one)]
        missing = self._missing(look)
        self._gone = {record.id: record for path in missing if (record := self._record_at(path))}
        for record in self._gone.values():
            self._absent.setdefault(record.words, []).append(record)
        seen = {one.path for one in look.sightings}
        changed += [one for path in stale - seen if (one := self.intake.sighting(path))]
        # A file may be seen twice where both it and its folder were hinted at; read twice, it would be two articles.
        sightings = {sighting.path: sighting for sighting in (*left, *changed)}
        # What has moved is found among what is read at once.
        if len(sightings) > BATCH and not self._gone:
            newest = self._newest_first(sightings.values())
            sightings, self.left = {one.path: one for one in newest[:BATCH]}, newest[BATCH:]
        files = self._whole(progress([sightings[path] for path in sorted(sightings)]) if sightings else ())
        outcomes: Iterable[tuple[str, Outcome]] = self.room.read_all(files, self.addresses)
        if sightings.keys() & self.memory.files.keys():
            # A file that is known may have given its id to any of the others; new files are taken while others are still read.
            outcomes = list(outcomes)
            for path, outcome in outcomes:
                self._name(path, outcome)
        for path, outcome in outcomes:
            self._name(path, outcome)
            self._take(sightings[path], outcome)
        for fault in look.faults:
            known = self.memory.files.get(fault.path)
            self._note(File(fault.path, "", known.id if known else None, (fault,)))
        self._believe(missing)
        if self.publication.records and look.scope is not None:
            # What stood behind another may come forward now.
            self.moving.update(self.memory.waiting - self.publication.files.keys())
        if self.memory.fresh and self.publication.files:
            self.publication.facts["opening"] = "1" if self.left else ""

    def _newest_first(self, sightings: Iterable[Sighting]) -> list[Sighting]:
        """Files by day, as their names or times tell it; where all tell the same, as after a copy, by what is written in them."""
        days = {one.path: _day(one) for one in sightings}
        if len(set(days.values())) == 1:
            days |= {one.path: self._written_day(one) for one in sightings}
        return sorted(sightings, key=lambda one: (days[one.path], one.path), reverse=True)

    def _written_day(self, sighting: Sighting) -> str:
        try:
            found = _WRITTEN_DATE.search(self._bytes(sighting) or b"")
        except ArticleError:
            found = None
        return found[1].decode() if found else ""

    def _mark(self, path: str, marks: dict[str, str] | None) -> str | None:
        if marks is not None:
            return marks.get(path)
        file = self.memory.files.get(path)
        return file.mark if file else None

    def _marked(self, sighting: Sighting) -> str:
        """What differs when the file does, or what it is read with."""
        return f"{sighting.mark} {self._context}"

    def _read_again(self, look: Look) -> set[str]:
        """Some files that look unchanged, at every so many scans: a file system may hide a change from all looks."""
        if look.scope is not None or not look.sightings:
            return set()
        self.memory.scans += 1
        if self.memory.scans % SCANS_APART:
            return set()
        paths = sorted(one.path for one in look.sightings)
        begin = bisect_right(paths, self.memory.read_again)
        chosen = paths[begin : begin + FILES_AGAIN]
        self.memory.read_again = chosen[-1] if begin + FILES_AGAIN < len(paths) else ""
        return set(chosen)

    def _reading_context(self) -> str:
        """The digest of all beside its bytes that decides how an article reads."""
        site = self.memory.site
        keywords = [(topic.slug, topic.keywords) for topic in site.topics if topic.keywords]
        parts = (site.article_url, site.timezone, site.title, site.tagline, site.links, keywords)
        return digest(str(readers.VERSION), self.public_url, msgspec.json.encode(parts))[:8]

    def _missing(self, look: Look) -> list[str]:
        """The files that a look should have shown and did not."""
        files = self.memory.files
        seen = {sighting.path for sighting in look.sightings}
        seen.update(fault.path for fault in look.faults)
        folders = [part for part in look.scope or () if part.endswith("/") and part[:-1] not in files and part[:-1] not in seen]
        # What a hint names is mostly one file: all files are gone through only where it may have been a folder.
        near = files if look.scope is None or folders else look.scope & files.keys()
        gone = (path for path in near if path not in seen and path != SITE_FILE and look.covers(path))
        # A picture is no article, and what has a fault without being one is mostly a folder.
        return [path for path in gone if self.intake.wanted(path) or files[path].faults]

    def _record_at(self, path: str) -> Record | None:
        file = self.memory.files.get(path)
        record = self.lists.records.get(file.id) if file and file.id else None
        return record if record and record.path == path and record.state is not State.REMOVED else None

    def _whole(self, sightings: Iterable[Sighting]) -> Iterator[tuple[str, bytes]]:
        """The files that can be read now, with their bytes."""
        for sighting in sightings:
            try:
                data = self._bytes(sighting)
            except ArticleError as error:
                self._refuse(sighting, error)
                continue
            if data is None:
                self.moving.add(sighting.path)
            else:
                self.read += 1
                yield sighting.path, data

    def _refuse(self, sighting: Sighting, error: ArticleError) -> None:
        known = self.memory.files.get(sighting.path)
        # A file that only stands behind another is read again at every scan, for the other may go.
        mark = "" if any(fault.reason.endswith(_TAKEN) for fault in error.faults) else self._marked(sighting)
        self._note(File(sighting.path, mark, known.id if known else None, error.faults))

    def _name(self, path: str, outcome: Outcome) -> None:
        if not isinstance(outcome, ArticleError):
            self._named[path] = outcome.article.id
            if outcome.article.id:
                self._claimed.add(outcome.article.id)

    def _take(self, sighting: Sighting, outcome: Outcome) -> None:
        path = sighting.path
        known = self.memory.files.get(path)
        known_id = known.id if known and not self._has_left(known.id, path) else None
        if isinstance(outcome, ArticleError):
            self._refuse(sighting, outcome)
            return
        article, picture_mark, warnings = self._with_picture(outcome.article, path)
        pictured = article is not outcome.article
        words = outcome.words
        moved = self._moved(words, path, article.slug)
        replaced = known_id is not None and moved is not None and self.lists.records[known_id].words != words
        back = moved or self.lists.removed_at(path)
        id = article.id or (moved if replaced else known_id) or identify(path, self.lists.records, back)
        try:
            self._check_conflicts(path, article, id)
        except ArticleError as error:
            self._refuse(sighting, error)
            return
        before = self.lists.records.get(id)
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
            seen=self._first_seen(sighting),
            now=self.moment,
        )
        if known_id and known_id != id and (old := self._record_at(path)):
            self._put(remove(old, self.moment))
        self._gone.pop(id, None)
        self._note(File(path, self._marked(sighting), id, (*outcome.warnings, *warnings)))
        if record != before:
            self.publication.articles[id] = article
            self.publication.packed[id] = packed(article) if pictured else outcome.packed
            self._put(record)

    def _moved(self, words: str, path: str, slug: str) -> str | None:
        """The id of the article with these words whose file is gone; of several the one that was here, or had this slug."""
        gone = [record for record in self._absent.get(words, ()) if record.id in self._gone]
        found = gone or self.lists.removed(words)
        likeliest = max(found, key=lambda one: (one.path == path, one.slug == slug, one.since, one.id), default=None)
        return likeliest.id if likeliest else None

    def _has_left(self, id: str | None, path: str) -> bool:
        """Whether the file at a path, read just now, no longer names the id that another file names."""
        return id in self._claimed and path in self._named and self._named[path] != id

    def _check_conflicts(self, path: str, article: Article, id: str) -> None:
        owner, holder = self.lists.records.get(id), self.lists.by_slug(article.slug)
        stands = owner and owner.state is not State.REMOVED and owner.id not in self._gone
        if owner and stands and owner.path != path and not self._has_left(id, owner.path):
            raise ArticleError(Fault(path, 0, f'its id "{id}" is that of {owner.path}{_TAKEN}'))
        if holder and holder.path != path and holder.id != id and holder.id not in self._gone:
            raise ArticleError(Fault(path, 0, f'its slug "{article.slug}" is that of {holder.path}{_TAKEN}'))

    def _first_seen(self, sighting: Sighting) -> datetime:
        """When a new article counts as first seen: now; where the ledger only begins, its file's own date is nearer the truth."""
        written = datetime.fromtimestamp(max(sighting.mtime, 0) // 1_000_000_000, UTC)
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
        standing = sum(1 for record in self.lists.records.values() if record.state is not State.REMOVED) if gone else 0
        if gone and facts.get("removals") != "accepted" and braked(len(gone), self.lists.records.values(), standing, self.moment):
            self.problem = f"{len(gone)} of {standing} articles are gone at once; all stay published until: feedsvc accept-removals"
            if facts.get("brake") != self.problem:
                log.error("%s", self.problem)
                self.publication.facts["brake"] = self.problem
            # No two articles share an address: one whose slug another has by now goes all the same.
            gone = {id: record for id, record in gone.items() if self.lists.by_slug(record.slug) not in (None, record)}
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
        sighting = self.intake.sighting(image.file)
        reason = f"its picture {image.file} does not exist"
        try:
            data = self._bytes(sighting, MAX_PICTURE_BYTES) if sighting else None
            if sighting and data is None:
                self.moving.add(path)
            known = measured(image, data) if data else None
            if data and not known:
                reason = f"its picture {image.file} is of no kind that can be shown"
        except ArticleError as error:
            known, reason = None, f"its picture {error}"
        if known and sighting:
            self._note(File(image.file, sighting.mark, None))
            return replace(article, image=known), sighting.mark, ()
        self._note(File(image.file, "", None))
        return replace(article, image=None), "", (Fault(path, 0, reason, warning=True),)

    def _with_stale_pictures(self, look: Look) -> set[str]:
        """The paths of articles whose picture has changed since it was read."""
        near = self.lists.pictures() if look.scope is None else look.scope
        stale: set[str] = set()
        for file in near:
            users = self.lists.users_of(file)
            known = self.memory.files.get(file)
            sighting = self.intake.sighting(file) if users else None
            if users and (sighting.mark if sighting else "") != (known.mark if known else ""):
                stale.update(record.path for record in users)
        return stale

    # ---- time

    def take_time(self) -> None:
        """Notes whose time has come or gone since the last pressing, and so all that readers now see or see no more."""
        pressed = self.memory.facts.get("pressed")
        for record in self.lists.due(datetime.fromisoformat(pressed), self.now) if pressed else ():
            self._touch(record)
            self._show(record)
        for record in self.publication.records.values():
            self._show(record)

    def _show(self, record: Record) -> None:
        live = record.live(self.now)
        if live != (record.id in self.memory.live) or record.id in self.publication.articles:
            self.publication.live[record.id] = live

    def _put(self, record: Record) -> None:
        before = self.lists.records.get(record.id)
        if before:
            self._touch(before)
        self.lists.put(record)
        self.publication.records[record.id] = record
        self._touch(record)

    def _touch(self, record: Record) -> None:
        """Marks all that shows a record as out of date: its topics, its page, and those of its story."""
        for shown in (record, *self.lists.story_members(record)):
            self.touched.topics.update(self.lists.topics_of(shown))
            self.publication.void.add(at.article_path(shown.slug))
        self.touched.records.add(record.id)
        month = month_of(record.published, self.memory.site.zone)
        for slug in self.lists.topics_of(record):
            self.touched.months[slug, month] = min(record.published, self.touched.months.get((slug, month), record.published))
        if record.media:
            self.touched.pictures.add(record.media)

    # ---- files

    def _bytes(self, sighting: Sighting, most: int | None = None) -> bytes | None:
        clocks = {"now_ns": time.time_ns(), "monotonic_ns": time.monotonic_ns()}
        return self.intake.read(sighting, **clocks) if most is None else self.intake.read(sighting, **clocks, most=most)

    def _note(self, file: File) -> None:
        """Notes a file as read now, and says in the log what is newly wrong with it."""
        known = self.publication.files.get(file.path) or self.memory.files.get(file.path)
        if file == known:
            return
        self.publication.files[file.path] = file
        for fault in file.faults if known is None or known.faults != file.faults else ():
            log.log(logging.WARNING if fault.warning else logging.ERROR, "%s/%s", self.intake.folder, fault)


def _day(sighting: Sighting) -> str:
    """The day of a file, as far as its name or its time tells."""
    dated = _DATE.search(sighting.path)
    written = datetime.fromtimestamp(max(sighting.mtime, 0) // 1_000_000_000, UTC)
    return dated[0].replace("/", "-") if dated else written.isoformat()[:10]
