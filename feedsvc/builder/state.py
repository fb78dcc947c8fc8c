"""`BuildState`: the newsroom's side of the database in memory, as of the last build."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from feedsvc.builder.changes import waits_for
from feedsvc.builder.index import TopicIndex
from feedsvc.model.archive import Part
from feedsvc.model.daily_digest import DailyDigest
from feedsvc.model.publication import WAITING, File, Publication, PublishedEdition
from feedsvc.model.site import Site
from feedsvc.storage.facts import BUILT, OPENING, SITE, WARNINGS
from feedsvc.storage.store import Store


@dataclass(slots=True)
class BuildState:
    """Read once and kept between builds. A build works on its `index`; everything else is updated by `take`, after the commit.

    `fresh` is set until every article has been read once. `archives` are by topic and month, `digests` by topic and day.
    `quarantined` are the marks of files whose content is kept for previews, and `held_files` are kept for them too.
    `waiting` are files that may be accepted when others go; `folders` counts the files in each folder and those around it.
    `scans` counts looks at the whole folder, `read_again` is the last path that was read although it looked unchanged, and
    `opened_at` is the last build before the database was opened, until the whole folder has been scanned. `allowances` are the
    bytes that the categories of articles of the same topics take in an archive.
    """

    index: TopicIndex
    files: dict[str, File]
    editions: dict[str, PublishedEdition]
    live: set[str]
    archives: dict[str, dict[str, tuple[Part, ...]]]
    digests: dict[str, dict[str, DailyDigest]]
    facts: dict[str, str]
    warnings: dict[str, str]
    fresh: bool
    quarantined: dict[str, str] = field(default_factory=dict)
    held_files: set[str] = field(default_factory=set)
    opened_at: datetime | None = None
    waiting: set[str] = field(default_factory=set)
    folders: Counter[str] = field(default_factory=Counter)
    scans: int = 0
    read_again: str = ""
    allowances: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.files.values():
            self._note(file)
        # An earlier release has kept nothing of them, so they are read once more.
        unkept = [file for file in self.files.values() if file.refused and file.mark and file.path not in self.quarantined]
        self.files.update((file.path, replace(file, mark="")) for file in unkept)

    @classmethod
    def load(cls, store: Store) -> BuildState:
        """The state in the database now."""
        facts = store.facts()
        with uncollected():
            editions = store.editions()
            return cls(
                index=TopicIndex(SITE.read(facts), store.records(), {slug: edition.name for slug, edition in editions.items()}),
                files=store.files(),
                editions=editions,
                live=store.live_ids(),
                archives=store.archives(),
                digests=store.digests(),
                facts=facts,
                warnings=WARNINGS.read(facts),
                quarantined=store.quarantined_marks(),
                held_files=store.all_held_files(),
                fresh=_fresh(facts),
                opened_at=BUILT.read(facts),
            )

    @property
    def site(self) -> Site:
        """The site by the last good `site.toml`."""
        return self.index.site

    def not_before_last(self, now: datetime) -> datetime:
        """The time of a build: never before the last one, because a clock that is set back must not withdraw what is published."""
        built = BUILT.read(self.facts)
        return max(now, built) if built else now

    def take(self, publication: Publication) -> None:
        """Updates the state with what has been published."""
        for file in publication.files.values():
            self._forget(file.path)
            self.files[file.path] = file
            self._note(file)
        for path in publication.gone_files:
            self._forget(path)
        self.editions.update(publication.editions)
        self.facts.update(publication.facts)
        self.quarantined.update((path, one.mark) for path, one in publication.quarantined.items() if one)
        for path in [path for path, one in publication.quarantined.items() if one is None]:
            self.quarantined.pop(path, None)
        self.held_files |= {file for file, one in publication.held_files.items() if one}
        self.held_files -= {file for file, one in publication.held_files.items() if one is None}
        self.warnings = {path: text for path, text in (self.warnings | publication.warnings).items() if text}
        for (slug, month, number), part in sorted(publication.archives.items(), key=lambda pair: pair[0]):
            months = self.archives.setdefault(slug, {})
            parts = months.get(month, ())
            months[month] = (*parts[: number - 1], *((part, *parts[number:]) if part else ()))
            if not months[month]:
                del months[month]
        for (slug, day), digest in publication.digests.items():
            days = self.digests.setdefault(slug, {})
            if digest:
                days[day] = digest
            else:
                days.pop(day, None)
        for slug, edition in publication.editions.items():
            self.index.call(slug, edition.name)
        for slug in publication.gone_editions:
            self.editions.pop(slug, None)
        self.live |= {id for id, live in publication.live.items() if live}
        self.live -= {id for id, live in publication.live.items() if not live}
        self.fresh = _fresh(self.facts)

    @property
    def names(self) -> dict[str, str]:
        """The topics' names, as last published."""
        return {slug: edition.name for slug, edition in self.editions.items()}

    def _note(self, file: File) -> None:
        if file.mark == WAITING or waits_for(file):
            self.waiting.add(file.path)
        for folder in _folders(file.path):
            self.folders[folder] += 1

    def _forget(self, path: str) -> None:
        if self.files.pop(path, None):
            for folder in _folders(path):
                self.folders[folder] -= 1
                if not self.folders[folder]:
                    del self.folders[folder]
        self.waiting.discard(path)


def _folders(path: str) -> Iterator[str]:
    """The folders around a file, without their last slash."""
    end = path.find("/")
    while end != -1:
        yield path[:end]
        end = path.find("/", end + 1)


@contextmanager
def uncollected() -> Iterator[None]:
    """Pauses garbage collection: what is made here has no reference cycles, and checking it would add half to the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _fresh(facts: dict[str, str]) -> bool:
    """Whether the ledger is new: nothing is published, or only the newest articles."""
    return BUILT.read(facts) is None or OPENING.read(facts)
