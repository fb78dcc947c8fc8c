"""`Publication`: all that one build changes, as it goes into the database. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.errors import Fault
from feedsvc.model.archive import Part
from feedsvc.model.article import Article
from feedsvc.model.daily_digest import DailyDigest
from feedsvc.model.document import Document
from feedsvc.model.record import Record

WAITING = "waiting"  # in the place of a mark: the file is read again at every scan, since another may make way for it


@dataclass(frozen=True, slots=True)
class File:
    """A file as last read: its mark then, the id of the article in it, and what was wrong with it."""

    path: str
    mark: str
    id: str | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    """A topic's edition as last published: what the topic is called, its digest, and the moment of its newest event."""

    name: str
    digest: str
    updated: datetime


@dataclass(slots=True)
class Publication:
    """All that one build changes; `void` are paths that are published no more, `live` says of ids whether readers see them.

    `shown` has the records whose addresses are theirs from now on, since readers see or have seen them there.
    `packed` holds what `articles` does, as the database keeps it. `archives` are by topic, month and number, `digests` by topic
    and day, None for one that is no more; `warnings` are what a person should know of the document at a path, None for nothing any
    more.
    """

    records: dict[str, Record] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    packed: dict[str, bytes] = field(default_factory=dict)
    live: dict[str, bool] = field(default_factory=dict)
    shown: dict[str, Record] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    gone_files: list[str] = field(default_factory=list)
    editions: dict[str, PublishedEdition] = field(default_factory=dict)
    gone_editions: list[str] = field(default_factory=list)
    archives: dict[tuple[str, str, int], Part | None] = field(default_factory=dict)
    digests: dict[tuple[str, str], DailyDigest | None] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    void: set[str] = field(default_factory=set)
    void_below: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str | None] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not any(getattr(self, name) for name in self.__slots__)
