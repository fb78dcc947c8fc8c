"""`Publication`: all that one build changes, as it goes into the database. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.errors import Fault
from feedsvc.model.announcement import Announcement
from feedsvc.model.archive import Part
from feedsvc.model.article import Article
from feedsvc.model.daily_digest import DailyDigest
from feedsvc.model.document import Document
from feedsvc.model.picture import Picture
from feedsvc.model.record import Record

WAITING = "waiting"  # instead of a mark: the file is read again at every scan, because the one it conflicts with may go


@dataclass(frozen=True, slots=True)
class File:
    """A file as last read: its mark then, the id of the article in it, and what was wrong with it."""

    path: str
    mark: str
    id: str | None
    faults: tuple[Fault, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether it is in quarantine."""
        return any(not fault.warning for fault in self.faults)


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    """A topic's edition as last published: the topic's name, the edition's digest, and the time of its newest event."""

    name: str
    digest: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file with a fault as it is, as much of it as a person may want to see, and its mark then."""

    mark: str
    content: bytes


@dataclass(slots=True)
class Publication:
    """All that one build changes; `void` are paths that are no longer published, `live` says of ids whether readers see them.

    `shown` are the records that own their addresses from now on, because readers see or have seen them there. `packed` has the same
    as `articles`, as the database stores it. `archives` are by topic, month and number, `digests` by topic and day, None for one
    that is removed; `pictures` are by file, None for one that is forgotten. `hidden` are paths that nobody may see now and whose
    bytes are kept, `unhidden` those that everybody may see again. `warnings` are for the newsroom, by the document's path, None for
    one that is settled. For previews alone are `quarantined`, files by path, and `held_files`, type and bytes by file, None for
    what is held no more. `targets` are the machines that hear of publications, addresses by name, and `announcement` is what they
    hear of this one; both are made last, when it is known that something changes.
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
    pictures: dict[str, Picture | None] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    unhidden: set[str] = field(default_factory=set)
    warnings: dict[str, str | None] = field(default_factory=dict)
    quarantined: dict[str, Quarantined | None] = field(default_factory=dict)
    held_files: dict[str, tuple[str, bytes] | None] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    announcement: Announcement | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not any(getattr(self, name) for name in self.__slots__)
