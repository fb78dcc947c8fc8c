"""`Articles`: what the newsroom has done to its files since the last build, taken into the ledger."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.local_files import settle as settle_links
from feedsvc.articles.look import FoundFile, Look, Progress
from feedsvc.articles.own_pictures import with_pictures
from feedsvc.articles.parser_pool import ParsedArticle, ParseOutcome, ParserPool
from feedsvc.articles.recording_files import Copied, with_recordings
from feedsvc.builder import changes
from feedsvc.builder.brake import Brake, braked
from feedsvc.builder.file_names import anywhere, finder
from feedsvc.builder.identity import THERE_FIRST, Candidate, Identities, identify
from feedsvc.builder.index import TopicIndex
from feedsvc.builder.notes import FileNotes
from feedsvc.builder.pictures import Pictures, pictures_of
from feedsvc.builder.reading_context import reading_context
from feedsvc.builder.reading_order import GLIMPSE_BYTES, glimpse, newest_first
from feedsvc.builder.slugs import Other, Wish, other_slug, settle
from feedsvc.builder.state import BuildState
from feedsvc.builder.topic_names import topic_warnings, topics_of, usual_topics
from feedsvc.builder.touched import Touched
from feedsvc.errors import ArticleError, Fault
from feedsvc.model.article import Article
from feedsvc.model.ledger import dates_ahead, displaced, held_back, published, remember, remove, too_early
from feedsvc.model.packing import packed
from feedsvc.model.publication import WAITING, File, Publication
from feedsvc.model.record import Record, State, stamp_of
from feedsvc.model.slugs import slug_from_file, slugify
from feedsvc.model.urls import Urls
from feedsvc.storage.facts import BRAKE, BRAKE_KEY, BUILT, OPENING, REMOVALS

log = logging.getLogger("feedsvc.articles")

BATCH = 1_000  # articles that one build reads of those that have lain there: about a second's work
FIRST_BATCH = 10_000  # articles that the very first build reads at most, so that every topic's newest are right
SCANS_APART, FILES_AGAIN = 10, 500


_Outcomes = list[tuple[str, ParseOutcome]]


@dataclass(slots=True)
class _Parsed:
    """A file that was parsed: what it says, and what becomes of it."""

    found: FoundFile
    article: ParsedArticle
    known: Record | None


class Articles:
    """One build's way from files to records: it fills the publication's records, articles and files.

    After it, `moving` are files that are still being written, `left` those for the next build, and `problem` is what a person
    should know.
    """

    def __init__(
        self,
        state: BuildState,
        publication: Publication,
        touched: Touched,
        notes: FileNotes,
        folder: ArticlesFolder,
        pool: ParserPool,
        pictures: Pictures,
        copied: Copied,
        public_url: str,
        now: datetime,
        clock: datetime,
    ) -> None:
        self.state = state
        self.publication = publication
        self.touched = touched
        self.notes = notes
        self.folder = folder
        self.pool = pool
        self.pictures = pictures
        self._copied = copied
        self.urls = Urls(public_url, state.site)
        self.now, self.clock = now, clock
        self.moment = now.replace(microsecond=0)
        self.context = reading_context(state.site, public_url)
        self.moving: set[str] = set()
        self.left: list[FoundFile] = []
        self.read = 0
        self.problem: str | None = None
        self._addressed: dict[str, str] = {}
        self._written: dict[str, Mapping[str, str | None]] = {}
        self._before: dict[str, Record | None] = {}
        self._gone: dict[str, Record] = {}
        self._named = finder(self.index.paths)
        self._missing: list[str] = []

    @property
    def index(self) -> TopicIndex:
        """The topics' lists, with what this build has changed so far."""
        return self.state.index

    def take(self, look: Look, progress: Progress, left: Sequence[FoundFile] = ()) -> None:
        """Takes in what a look at the folder shows: reads what changed, and removes what is gone.

        `left` is what the last build has left; what has just changed comes before it.
        """
        stale = self.pictures.stale(look, self.index, self.state.files) | self._in_turn(look)
        changed = {one.path: one for one in changes.to_read(look, self.state.files, self.context, stale, self._held)}
        seen = {one.path for one in look.found_files}
        changed |= {path: one for path in stale - seen if (one := self.folder.find(path))}
        self._missing = changes.gone(look, self.state.files, self.state.folders, self.folder.wanted)
        self._gone = {record.id: record for path in self._missing if (record := self._record_at(path))}
        batch = self._batch(changed, left, whole=look.scope is None)
        self._take_batch(batch, progress)
        self._lead_anew(batch, progress)
        for fault in look.faults:
            known = self.state.files.get(fault.path)
            self.notes.note(File(fault.path, "", known.id if known else None, (fault,)))
        self._remove(whole=look.scope is None)
        if self.publication.records and look.scope is not None:
            # What stood behind another may come forward now.
            waiting = self.state.waiting - self.publication.files.keys()
            self.moving.update(path for path in waiting if not self._held(changes.waits_for(self.state.files[path])))
        if self.state.fresh and self.publication.files:
            OPENING.write(self.publication.facts, bool(self.left))
        if look.scope is None and not self.left:
            self.state.opened_at = None

    def take_time(self) -> None:
        """Takes in whose time has come or gone since the last build, and so all that readers now see or see no more."""
        for record in self.index.due(BUILT.read(self.state.facts) or self.now, self.now):
            self.touched.add(record, self.index)
            self._show(record)
        for record in tuple(self.publication.records.values()):
            self._show(record)

    def _show(self, record: Record) -> None:
        live = record.live(self.now)
        if live and not (record.shown or self.state.fresh) and self.moment > record.published:
            record = replace(record, appeared=self.moment)
        if live and (record.seen or not record.shown):
            record = published(self.index.taking_back(record, record.seen, self.moment) if record.seen else record)
            self.index.put(record)
            self.publication.records[record.id] = record
        if live != (record.id in self.state.live) or record.id in self.publication.articles:
            self.publication.live[record.id] = live
        # What is withdrawn keeps the address at which it was seen, whatever its file says since.
        if record.seen is None and (record.shown or record.state is State.RETRACTED):
            self.publication.shown[record.id] = record

    # ---- which files

    def _batch(self, changed: Mapping[str, FoundFile], left: Sequence[FoundFile], whole: bool) -> dict[str, FoundFile]:
        """The files to read in this build."""
        waiting = [one for one in left if one.path not in changed or whole]
        just_now = [one for path, one in changed.items() if not whole or path not in {other.path for other in left}]
        if whole and left:
            waiting = [changed[one.path] for one in left if one.path in changed]
        everything = [*just_now, *waiting]
        # What has moved is found among what is read at once.
        if self._gone or len(everything) <= BATCH:
            return {one.path: one for one in everything}
        if not waiting:
            everything, first = self._in_order(everything)
            most = min(first, FIRST_BATCH) if self.state.fresh else BATCH
        elif whole:
            most = BATCH
        else:
            most = len(just_now) + BATCH
        # A new file may be what was in one that has other words now.
        together = changes.in_one_step(just_now, self.state.files, FIRST_BATCH)
        first_paths = {one.path for one in together}
        everything = [*together, *(one for one in everything if one.path not in first_paths)]
        most = max(most, BATCH, len(together))
        self.left = everything[most:]
        return {one.path: one for one in everything[:most]}

    def _in_order(self, files: Sequence[FoundFile]) -> tuple[list[FoundFile], int]:
        glimpses = {one.path: glimpse(one, self.folder.head(one.path, GLIMPSE_BYTES)) for one in files}
        return newest_first(files, glimpses, self.state.site.entries_per_feed, self.now)

    def _held(self, slug: str | None) -> bool:
        return slug is not None and self.index.by_slug(slug) is not None

    def _in_turn(self, look: Look) -> set[str]:
        """Some files that look unchanged, at every so many scans: a file system may hide a change from all looks."""
        if look.scope is not None or not look.found_files:
            return set()
        self.state.scans += 1
        if self.state.scans % SCANS_APART:
            return set()
        chosen, self.state.read_again = changes.next_in_turn(look, self.state.read_again, FILES_AGAIN)
        return chosen

    def _record_at(self, path: str) -> Record | None:
        file = self.notes.get(path)
        record = self.index.records.get(file.id) if file and file.id else None
        return record if record and record.path == path and record.state is not State.REMOVED else None

    # ---- reading and taking in

    def _take_batch(self, batch: dict[str, FoundFile], progress: Progress) -> None:
        """Reads some files and takes them in: in small groups where all are new, so that they need not lie in memory together."""
        watched = iter(progress([batch[path] for path in sorted(batch)])) if batch else iter(())
        outcomes = self.pool.read_all(self._whole(watched), self.urls)
        if not (self._gone or batch.keys() & self.state.files.keys()):
            group: _Outcomes = []
            for outcome in outcomes:
                group.append(outcome)
                if len(group) == BATCH:
                    self._take_group(batch, group)
                    group = []
            self._take_group(batch, group)
        else:
            self._take_group(batch, list(outcomes))

    def _take_group(self, batch: dict[str, FoundFile], outcomes: _Outcomes) -> None:
        parsed: dict[str, _Parsed] = {}
        unreadable: dict[str, ArticleError] = {}
        while outcomes:
            for path, outcome in outcomes:
                if isinstance(outcome, ArticleError):
                    unreadable[path] = outcome
                else:
                    parsed[path] = _Parsed(batch[path], outcome, self._record_at(path))
            outcomes = self._read_where_they_were(batch, outcomes)
        for path, error in unreadable.items():
            self._refuse(batch[path], error)
        candidates = [_candidate(path, one) for path, one in parsed.items()]
        found = identify(candidates, unreadable, self._gone, self.index, self.now)
        for path, reason in found.refused.items():
            self._refuse(parsed.pop(path).found, ArticleError(Fault(path, 0, reason)), waits=True)
        self._refuse_copies(parsed, found)
        self._put_all(parsed, found)

    def _read_where_they_were(self, batch: dict[str, FoundFile], outcomes: Iterable[tuple[str, ParseOutcome]]) -> _Outcomes:
        """Reads the files that had words or ids of others, where those have changed too: names or ids may have been swapped."""
        more: dict[str, FoundFile] = {}
        parsed = ((path, outcome) for path, outcome in outcomes if not isinstance(outcome, ArticleError))
        for path, record in ((path, one) for path, read in parsed for one in self.index.owners(read.words, read.article.id)):
            if record.path == path or record.path in batch or record.id in self._gone:
                continue
            found = self.folder.find(record.path)
            if found is None:
                self._gone[record.id] = record
                self._missing.append(record.path)
            elif not self.state.files[record.path].mark.startswith(changes.marked(found, self.context)):
                more[record.path] = found
        batch.update(more)
        return list(self.pool.read_all(self._whole(iter(more.values())), self.urls)) if more else []

    def _lead_anew(self, batch: Mapping[str, FoundFile], progress: Progress) -> None:
        """Reads the articles once more that lead to others whose address is new in this build, or has changed in it."""
        stale: set[str] = set()
        for link, url in ((link, url) for path, url in self._addressed.items() for link in anywhere(path)):
            for reader in self.index.leading_to(link):
                written = self._written.get(reader.path)
                if reader.state is not State.REMOVED and (written is None or written.get(link) != url):
                    stale.add(reader.path)
        self._named = finder(self.index.paths)  # now all are there
        again = {path: found for path in sorted(stale) if (found := batch.get(path) or self.folder.find(path))}
        if again:
            self._take_batch(again, progress)

    def _address_of(self, path: str) -> str:
        """The address at which the article in a file is read, by what is known of it so far, else by the file's name."""
        record = self._record_at(path)
        return self.urls.of(record) if record else self.urls.article(slug_from_file(path.rpartition("/")[2]) or "slug")

    def _whole(self, found_files: Iterator[FoundFile]) -> Iterator[tuple[str, bytes]]:
        """The files that can be read now, with their bytes."""
        for found in found_files:
            try:
                data = self.folder.read_now(found)
            except ArticleError as error:
                self._refuse(found, error)
                continue
            if data is None:
                self.moving.add(found.path)
            else:
                self.read += 1
                yield found.path, data

    def _refuse(self, found: FoundFile, error: ArticleError, waits: bool = False) -> None:
        known = self.state.files.get(found.path)
        # A file that only stands behind another is read again at every scan, for the other may go.
        mark = WAITING if waits else changes.marked(found, self.context)
        self.notes.note(File(found.path, mark, known.id if known else None, error.faults))
        record = self._record_at(found.path)
        if record and record.id not in self.state.live and (held := held_back(record, self.moment)):
            self._put(held)

    def _refuse_copies(self, parsed: dict[str, _Parsed], found: Identities) -> None:
        """Refuses a second file with the words and the slug of another: it is a copy, and is the article once the other is gone."""
        first: dict[tuple[str, str], str] = {}
        for path in sorted(parsed):
            article = parsed[path].article
            if found.ids[path] in self.index.records or article.article.id:
                continue
            twin = self.index.with_words(article.words)
            stands = twin and twin.id not in self._gone and found.ids.get(twin.path, twin.id) == twin.id
            same = twin.path if twin and stands and twin.slug == article.article.slug else None
            original = same or first.setdefault((article.words, article.article.slug), path)
            if original != path:
                reason = f"is a copy of {original}{THERE_FIRST}; delete one of them, or give it another slug"
                self._refuse(parsed.pop(path).found, ArticleError(Fault(path, 0, reason)), waits=True)

    def _put_all(self, parsed: dict[str, _Parsed], found: Identities) -> None:
        leaving = [one.known.id for one in parsed.values() if one.known]
        staying = {found.ids[path] for path in parsed}
        leaving = [id for id in leaving if id not in staying]
        for id in staying:
            self._gone.pop(id, None)
        going = () if self._brake() else self._gone
        self.pictures.prepare(wanted for one in parsed.values() for wanted in pictures_of(one.article, self.now))
        wishes = {found.ids[path]: self._wish(path, one.article.article) for path, one in parsed.items()}
        others = settle(wishes, {*leaving, *going}, self.index)
        for path in sorted(parsed):
            one, id = parsed[path], found.ids[path]
            self._put_one(path, one, id, found.inherited.get(path), others.get(id))
        for id in leaving:
            self._put(remove(displaced(self.index.records[id]), self.moment))

    def _wish(self, path: str, article: Article) -> Wish:
        date = article.date or article.day
        day = date.astimezone(self.state.site.zone).date().isoformat() if date else ""
        return Wish(article.slug, path, day)

    def _put_one(self, path: str, one: _Parsed, id: str, inherited: Record | None, other: Other | None) -> None:
        parsed = one.article
        seen_of, url = self.pictures.of, self.urls.public_url
        pictured = with_pictures(parsed.article, path, seen_of, url)
        settled = settle_links(pictured.article, parsed.links, path, self.folder, self._address_of, self._named, seen_of, url)
        recorded = with_recordings(settled.article, parsed.links, path, self.folder, self.urls, self._copied)
        article = recorded.article
        warnings = [*parsed.warnings, *pictured.warnings, *settled.warnings, *recorded.warnings]
        warnings += topic_warnings(article, path, self.state.site, usual_topics(article, self.index, self.now))
        warnings += dates_ahead(article, path, self.now)
        self._written[path] = settled.written
        self.moving |= recorded.moving
        pictures = settled.pictures | {file: seen.mark for file, seen in pictured.files.items()}
        for file, file_mark in (*pictures.items(), *recorded.files.items()):
            self.notes.note(File(file, file_mark, None))
        self.moving |= settled.moving | {file for file, seen in pictured.files.items() if seen.moving}
        mark = changes.marked(one.found, self.context)
        if other:
            article = replace(article, slug=other.slug)
            if other.owner:
                mark = changes.waiting_for(mark, parsed.article.slug)
                warnings.append(other_slug(path, parsed.article.slug, other))
        changed = article is not parsed.article
        # An article may be read twice in a build, and readers saw nothing in between.
        before = self._before.setdefault(id, self.index.records.get(id) or inherited)
        if too_early(before, article, clock=self.clock, now=self.now):
            return  # and read again at the next scan
        record = remember(
            before,
            article,
            id=id,
            path=path,
            words=parsed.words,
            stamp=stamp_of(article, "", settled.marks.values()) if changed or settled.marks else parsed.stamp,
            size=parsed.size,
            topics=topics_of(article, self.state.site),
            story=(slugify(article.story), article.story) if article.story else None,
            media=parsed.article.image.file if parsed.article.image else None,
            pictures=tuple(pictures),
            recordings=tuple(recorded.files),
            leads_to=tuple(settled.written),
            seen=self._first_seen(one),
            fresh=self.state.fresh,
            now=self.moment,
            breaking_for=self.state.site.breaking_for,
        )
        if before and before.shown and record.live(self.now):
            record = self.index.taking_back(record, before.last_seen, self.moment)
        self.notes.note(File(path, mark, id, tuple(warnings)))
        if record != self.index.records.get(id):
            self.publication.articles[id] = article
            self.publication.packed[id] = packed(article) if changed else parsed.packed
            self._put(record)

    def _first_seen(self, one: _Parsed) -> datetime:
        """When a new article counts as first seen: now, or where there is better to go by, earlier.

        That is the file's own time where the ledger only begins, and in the first scan after the database was opened for what was
        saved since its last build: it may be yesterday's backup. A copy of an article is no newer than that.
        """
        written = datetime.fromtimestamp(max(one.found.mtime, 0) // 1_000_000_000, UTC)
        twin = self.index.with_words(one.article.words)
        seen = [self.moment, *([twin.published] if twin and twin.live(self.now) else [])]
        if self.state.fresh or (self.state.opened_at and self.state.opened_at < written):
            seen.append(written)
        return min(seen)

    def _remove(self, whole: bool) -> None:
        """Removes the articles whose files are gone, unless so many are that a person must confirm it.

        Only a look at the whole folder shows what is gone, and so lifts the brake.
        """
        facts, missing = self.state.facts, self._missing
        if brake := self._brake():
            self.problem = brake.problem
            if BRAKE_KEY.read(facts) != brake.key:
                log.error("%s", self.problem)
                BRAKE.write(self.publication.facts, self.problem)
                BRAKE_KEY.write(self.publication.facts, brake.key)
            held = {record.path for record in self._gone.values()}
            missing = [path for path in missing if path not in held]
        else:
            for record in self._gone.values():
                self._put(remove(record, self.moment))
            if BRAKE.read(facts) and whole:
                for fact in (BRAKE, BRAKE_KEY, REMOVALS):
                    fact.write(self.publication.facts, "")
        self.publication.gone_files.extend(path for path in missing if path not in self.publication.files)

    def _brake(self) -> Brake | None:
        """The brake, where it holds what is gone."""
        if not self._gone:
            return None
        records = self.index.records.values()
        standing = sum(1 for record in records if record.state is not State.REMOVED)
        brake = Brake.for_articles(self._gone, standing, BRAKE_KEY.read(self.state.facts), self.moment)
        confirmed = REMOVALS.read(self.state.facts) == brake.key
        return brake if not confirmed and braked(len(self._gone), records, standing, self.moment) else None

    def _put(self, record: Record) -> None:
        before = self.index.records.get(record.id)
        if before:
            self.touched.add(before, self.index)
        address = self.urls.of(record)
        if before is None or before.path != record.path or self.urls.of(before) != address:
            self._addressed[record.path] = address
        last = self.index.removed_at(record.path) if record.state is not State.REMOVED else None
        for one in (displaced(last), record) if last else (record,):
            self.touched.before.setdefault(one.id, self.index.records.get(one.id))
            self.index.put(one)
            self.publication.records[one.id] = one
        self.touched.add(record, self.index)


def _candidate(path: str, one: _Parsed) -> Candidate:
    article = one.article.article
    return Candidate(path, article.id, article.slug, one.article.words, article.title, article.date or article.day, one.known)
