"""The builder: `Builder.run` is one build, from the articles folder to published documents.

It looks at the folder, reads what changed, asks the ledger, makes the editions that changed, and publishes all in one
transaction. What it keeps in memory between builds is what the database holds; after a failure it is read anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from feedsvc.articles.folder import ArticlesFolder, FoundFile, Look
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.builder.cache import BuildCache
from feedsvc.builder.desk import Desk, Progress
from feedsvc.builder.editions import Makeup
from feedsvc.builder.preview import Change, preview
from feedsvc.builder.state import BuildState
from feedsvc.model.daily_digest import next_hour
from feedsvc.model.publication import Publication
from feedsvc.storage.facts import REMOVALS_ACCEPTED
from feedsvc.storage.store import Store

log = logging.getLogger("feedsvc.build")

UPCOMING = 50  # embargoes and expiries that the newsroom is told of

@dataclass(slots=True)
class BuildResult:
    """What came of one run.

    `generation` is what it published, None if nothing changed; `moving` are files still being written, `left` is how many are
    left for the next run; `next_instant` is when time alone changes something; `problem` is what a person should know.
    """

    generation: int | None = None
    documents: int = 0
    read: int = 0
    moving: set[str] = field(default_factory=set)
    next_instant: datetime | None = None
    problem: str | None = None
    left: int = 0


class Builder:
    """The newsroom side of one service; `progress` wraps the files to be read in a bar, where somebody watches."""

    def __init__(
        self,
        store: Store,
        folder: ArticlesFolder,
        pool: ParserPool,
        public_url: str,
        progress: Progress = lambda found_files: found_files,
    ) -> None:
        self.store = store
        self.folder = folder
        self.pool = pool
        self.public_url = public_url
        self._progress = progress
        self._memory: BuildState | None = None
        self._kept = BuildCache(store)
        self._left: Sequence[FoundFile] = ()

    def run(self, now: datetime, *, holder: str, fence: int, hints: Iterable[str] | None = None) -> BuildResult:
        """One build at `now`: of the whole folder, or of the files and folders that `hints` names.

        Raises `LeaseLost` and `StoreError`; then nothing is published, and the next build begins from the database.
        """
        started = time.monotonic()
        memory, self._memory = self._memory or BuildState.load(self.store), None
        left, self._left = (self._left if hints is not None else ()), ()
        clock, now = now, memory.not_before_last(now)
        if memory.facts.get("brake"):
            REMOVALS_ACCEPTED.write(memory.facts, self.store.fact(REMOVALS_ACCEPTED))
        publication = Publication()
        look, problem = self._look(hints)

        desk = self._take_in(memory, publication, look, now, clock, left)
        makeup = Makeup(memory, publication, self.folder, self._kept, desk.addresses, now)
        makeup.make(desk.touched, complete=not desk.left)

        build = BuildResult(read=desk.read, moving=desk.moving, problem=problem or desk.problem)
        if not publication.empty:
            publication.facts["built"] = now.isoformat()
            publication.facts["upcoming"] = msgspec.json.encode(memory.index.upcoming(now, UPCOMING)).decode()
            build.generation = self.store.publish(publication, holder=holder, fence=fence)
            build.documents = len(publication.documents)
            memory.take(publication)
            done = {"generation": build.generation, "read": build.read, "documents": build.documents}
            log.info("built", extra={**done, "seconds": round(time.monotonic() - started, 3)})
        self._memory = memory
        self._left, build.left = desk.left, len(desk.left)
        instants = (memory.index.next_instant(now), next_hour(now, memory.site))
        build.next_instant = min(instant for instant in instants if instant)
        return build

    def preview(self, now: datetime) -> dict[str, list[Change]]:
        """What a build of the whole folder would change for readers at `now`, by topic; it publishes nothing.

        Raises `StoreError`.
        """
        memory = BuildState.load(self.store)
        clock, now = now, memory.not_before_last(now)
        before = {id: record for id, record in memory.index.records.items() if id in memory.live}
        placed = {id: memory.index.topics_of(record) for id, record in before.items()}
        self._take_in(memory, Publication(), self._look(None)[0], now, clock)
        return preview(before, placed, memory.index, now)

    def _take_in(
        self,
        memory: BuildState,
        publication: Publication,
        look: Look,
        now: datetime,
        clock: datetime,
        left: Sequence[FoundFile] = (),
    ) -> Desk:
        desk = Desk(memory, publication, self.folder, self.pool, self.public_url, now, clock)
        desk.take_site()
        desk.take_articles(look, self._progress, left)
        desk.take_time()
        return desk

    def _look(self, hints: Iterable[str] | None) -> tuple[Look, str | None]:
        try:
            return self.folder.look(hints), None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            return Look(scope=set()), f"articles folder {self.folder.path}: {reason}; all stays published"
