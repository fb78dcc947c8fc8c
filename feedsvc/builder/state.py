"""`BuildState`: what the database holds of the newsroom's side, as of the last build."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from feedsvc.builder.index import TopicIndex
from feedsvc.model.archive import Part
from feedsvc.model.daily_digest import DailyDigest
from feedsvc.model.publication import File, Publication, PublishedEdition
from feedsvc.model.site import Site
from feedsvc.storage.rows import site_of
from feedsvc.storage.store import Store


@dataclass(slots=True)
class BuildState:
    """Read once and kept between builds; `fresh` until every article has been read once.

    `waiting` are files read at every chance; `scans` counts looks at the whole folder, and `read_again` is the last path that
    was read though it looked unchanged; `archives` are by topic and month, `digests` by topic and day.
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
    waiting: set[str] = field(default_factory=set)
    scans: int = 0
    read_again: str = ""

    def __post_init__(self) -> None:
        self._note(self.files.values())

    @classmethod
    def load(cls, store: Store) -> BuildState:
        """What the database holds now."""
        facts = store.facts()
        site = site_of(facts.get("site", "{}"))
        with _uncollected():
            return cls(
                index=TopicIndex(site, store.records()),
                files=store.files(),
                editions=store.editions(),
                live=store.live_ids(),
                archives=store.archives(),
                digests=store.digests(),
                facts=facts,
                warnings=msgspec.json.decode(facts.get("warnings", "{}"), type=dict[str, str]),
                fresh=_fresh(facts),
            )

    @property
    def site(self) -> Site:
        """The site as the last good `site.toml` describes it."""
        return self.index.site

    def not_before_last(self, now: datetime) -> datetime:
        """The moment of a build: never before the last one, for a clock that is set back must not withdraw what is out."""
        built = self.facts.get("built")
        return max(now, datetime.fromisoformat(built)) if built else now

    def take(self, publication: Publication) -> None:
        """Takes in what has been published; the lists, archives and digests hold it already."""
        self.files.update(publication.files)
        self._note(publication.files.values())
        self.editions.update(publication.editions)
        self.facts.update(publication.facts)
        for path in publication.gone_files:
            self.files.pop(path, None)
            self.waiting.discard(path)
        for slug in publication.gone_editions:
            self.editions.pop(slug, None)
        self.live |= {id for id, live in publication.live.items() if live}
        self.live -= {id for id, live in publication.live.items() if not live}
        self.fresh = _fresh(self.facts)

    def _note(self, files: Iterable[File]) -> None:
        for file in files:
            (self.waiting.add if file.faults and not file.mark else self.waiting.discard)(file.path)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keeps the collector away from what is made in here: it is in no circles, and to look through it takes half as long again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _fresh(facts: dict[str, str]) -> bool:
    """Whether the ledger only begins: nothing is published, or the newest articles alone."""
    return "built" not in facts or facts.get("opening") == "1"
