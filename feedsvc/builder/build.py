"""The builder: `Builder.run` is one build, from the articles folder to published documents.

It looks at the folder, parses what changed, updates the ledger, makes the editions that changed, and publishes everything in one
transaction. What it keeps in memory between builds equals the database; after a failure it is loaded again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile, Look, Progress
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.picture_maker import PictureMaker
from feedsvc.articles.recording_files import Copied, imagined_copy
from feedsvc.builder.announcing import announcement_of
from feedsvc.builder.articles import Articles
from feedsvc.builder.author_names import note_unknown_authors
from feedsvc.builder.cache import BuildCache
from feedsvc.builder.dry_run import Change, dry_run
from feedsvc.builder.editions import Editions
from feedsvc.builder.file_copier import FileCopier
from feedsvc.builder.notes import FileNotes
from feedsvc.builder.pictures import WAIT_SECONDS, Pictures
from feedsvc.builder.quarantine import keep_quarantine
from feedsvc.builder.reading_context import reading_context
from feedsvc.builder.site import take_site
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.builder.translation_names import note_translations
from feedsvc.errors import OutdatedArticles
from feedsvc.formats import sitemap
from feedsvc.model.daily_digest import next_hour
from feedsvc.model.publication import Publication
from feedsvc.model.revision import goes_back, with_revision
from feedsvc.model.site import SITE_FILE
from feedsvc.storage.facts import BRAKE, BUILT, LEAVING, MARK, REMOVALS, REVISIONS, UPCOMING
from feedsvc.storage.store import Store

log = logging.getLogger("feedsvc.build")

UPCOMING_SHOWN = 50  # embargoes and expiries that the status shows

@dataclass(slots=True)
class BuildResult:
    """The result of one run.

    `generation` is what it published, None if nothing changed; `moving` are files still being written, `left` is how many are left
    for the next run, `pictures` how many pictures are still being made; `next_instant` is the next embargo, expiry or the like;
    `problem` is what needs attention.
    """

    generation: int | None = None
    documents: int = 0
    read: int = 0
    moving: set[str] = field(default_factory=set)
    next_instant: datetime | None = None
    problem: str | None = None
    left: int = 0
    pictures: int = 0


class Builder:
    """The newsroom side of one service; `progress` wraps the files to be read in a progress bar on a terminal.

    A build waits at most `picture_seconds` for pictures that the `maker` has not made yet.
    """

    def __init__(
        self,
        store: Store,
        folder: ArticlesFolder,
        pool: ParserPool,
        public_url: str,
        progress: Progress = lambda found_files: found_files,
        revision: Callable[[], str] = lambda: "",
        maker: PictureMaker | None = None,
        picture_seconds: float = WAIT_SECONDS,
    ) -> None:
        self.store = store
        self.folder = folder
        self.pool = pool
        self.public_url = public_url
        self.maker = maker or PictureMaker(folder, store.picture_with, pool.source)
        self._picture_seconds = picture_seconds
        self._progress = progress
        self._revision = revision
        self._state: BuildState | None = None
        self._cache = BuildCache(store)
        self._copier = FileCopier(store, folder)
        self._left: Sequence[FoundFile] = ()

    def run(self, now: datetime, *, holder: str, fence: int, hints: Iterable[str] | None = None) -> BuildResult:
        """One build at `now`: of the whole folder, or of the files and folders that `hints` names.

        Raises `OutdatedArticles`, `LeaseLost` and `StoreError`; then nothing is published, and the next build begins from the
        database.
        """
        started = time.monotonic()
        if self._state is None:
            self._copier = FileCopier(self.store, self.folder)
        state, self._state = self._state or BuildState.load(self.store), None
        revisions = self._revisions(REVISIONS.read(state.facts))
        left, self._left = self._left, ()
        clock, now = now, state.not_before_last(now)
        if BRAKE.read(state.facts):
            REMOVALS.write(state.facts, self.store.fact(REMOVALS))

        publication, touched = Publication(), Touched()
        self._copier.begin(now)
        pictures = Pictures(self.store, self.folder, publication, self.public_url, now, self.maker, self._picture_seconds)
        articles, problem = self._take_in(state, publication, touched, pictures, self._copier.copied, hints, left, now, clock)
        editions = Editions(state, publication, touched, self.folder, pictures, self._cache, self._copier, self.public_url, now)
        editions.make(complete=not articles.left)
        keep_quarantine(state, publication, self.folder)
        publication.void |= self._copier.clean(state.index.is_used, now)

        result = BuildResult(read=articles.read, moving=articles.moving, problem=problem or articles.problem)
        if not publication.empty:
            BUILT.write(publication.facts, now)
            if revisions != REVISIONS.read(state.facts):
                REVISIONS.write(publication.facts, revisions)
            UPCOMING.write(publication.facts, state.index.upcoming(now, UPCOMING_SHOWN))
            publication.targets = state.site.targets
            if state.site.webhooks or state.site.purges:
                publication.announcement = announcement_of(state, publication, touched, self.public_url, now, self.store.heads)
            result.generation = self.store.publish(publication, holder=holder, fence=fence, after=MARK.read(state.facts))
            result.documents = len(publication.documents)
            state.take(publication)
            done = {"generation": result.generation, "read": result.read, "documents": result.documents}
            log.info("built", extra={**done, "seconds": round(time.monotonic() - started, 3)})
        self._state = state
        self._left, result.left = articles.left, len(articles.left)
        self.maker.forget(lambda file, found: bool(state.index.users_of(file)) and pictures.find(file) == found)
        result.pictures = self.maker.left
        old = state.index.next_older(now, timedelta(hours=sitemap.HOURS))
        leaving = min(LEAVING.read(state.facts).values(), default=None)
        instants = (state.index.next_instant(now), leaving, next_hour(now, state.site), self.store.next_picture_due(), old)
        result.next_instant = min(instant for instant in instants if instant)
        return result

    def close(self) -> None:
        """Ends the processes that it has begun."""
        self.pool.close()
        self.maker.close()

    def check_revision(self) -> None:
        """Raises `OutdatedArticles` where a build would go back, and `StoreError`."""
        self._revisions(self.store.fact(REVISIONS))

    def _revisions(self, published: tuple[str, ...]) -> tuple[str, ...]:
        """The revisions that are published after a build of the folder as it is now."""
        revision = self._revision()
        if goes_back(revision, published):
            known = f"revision {revision}" if revision else "no revision"
            raise OutdatedArticles(
                f"the articles in {self.folder.path} are older than what is published: they have {known}, published is"
                f" {published[-1]}; nothing is built from them until they are brought up to date, or get a new revision"
            )
        return with_revision(published, revision) if revision else published

    def dry_run(self, now: datetime) -> dict[str, list[Change]]:
        """What a build of the whole folder would change for readers at `now`, by topic; publishes nothing.

        Raises `StoreError`.
        """
        state = BuildState.load(self.store)
        clock, now = now, state.not_before_last(now)
        before = {id: record for id, record in state.index.records.items() if id in state.live}
        placed = {id: state.index.topics_of(record) for id, record in before.items()}
        publication = Publication()
        pictures = Pictures(self.store, self.folder, publication, self.public_url, now)
        self._take_in(state, publication, Touched(), pictures, imagined_copy, None, (), now, clock)
        return dry_run(before, placed, state.index, now)

    def _take_in(
        self,
        state: BuildState,
        publication: Publication,
        touched: Touched,
        pictures: Pictures,
        copied: Copied,
        hints: Iterable[str] | None,
        left: Sequence[FoundFile],
        now: datetime,
        clock: datetime,
    ) -> tuple[Articles, str | None]:
        """Processes `site.toml`, the articles and the time, in this order; returns the problem if the folder can't be read."""
        notes = FileNotes(state.files, publication.files, self.folder.path)
        context = reading_context(state.site, self.public_url)
        whole = take_site(state, publication, touched, notes, self.folder, self.public_url)
        if reading_context(state.site, self.public_url) != context:
            hints = None  # every article may be parsed differently now
        articles = Articles(
            state, publication, touched, notes, self.folder, self.pool, pictures, copied, self.public_url, now, clock
        )
        if not whole:
            articles.moving.add(SITE_FILE)
        look, problem = self._look(hints)
        articles.take(look, self._progress, left)
        articles.take_time()
        if not articles.left:
            note_unknown_authors(state.index, notes)
            records = state.index.records
            read = (records[file.id] for file in publication.files.values() if file.id in records)
            changed = records.values() if left else filter(None, (*touched.before.values(), *publication.records.values(), *read))
            note_translations(changed, state.index, notes)
        return articles, problem

    def _look(self, hints: Iterable[str] | None) -> tuple[Look, str | None]:
        try:
            return self.folder.look(hints), None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            return Look(scope=set()), f"articles folder {self.folder.path}: {reason}; all stays published"
