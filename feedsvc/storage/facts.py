"""The facts: values about the service as a whole in the database, each declared here once with its type and its users.

A fact is a row of text under its name. A missing or empty one has its default value. Pure: no I/O,
no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from feedsvc.model.history import History, read_history, write_history
from feedsvc.model.site import Site
from feedsvc.model.upcoming import Upcoming

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One fact; `encode` and `decode` turn its value into the text in the database, and back."""

    name: str
    default: T
    encode: Callable[[T], str]
    decode: Callable[[str], T]

    def read(self, facts: Mapping[str, str]) -> T:
        """Its value, from the stored facts.

        Raises `msgspec.DecodeError` or `ValueError` if the text is not valid.
        """
        text = facts.get(self.name)
        return self.decode(text) if text else self.default

    def write(self, facts: MutableMapping[str, str], value: T) -> None:
        """Writes its value into facts to be stored."""
        facts[self.name] = self.encode(value)


class SetAside(msgspec.Struct, frozen=True):
    """When a damaged database was found, and where it is now."""

    at: datetime
    aside: str


def _text(name: str) -> Fact[str]:
    return Fact(name, "", str, str)


def _number(name: str) -> Fact[int]:
    return Fact(name, 0, str, int)


def _flag(name: str) -> Fact[bool]:
    return Fact(name, False, lambda value: "1" if value else "", bool)


def _moment(name: str) -> Fact[datetime | None]:
    return Fact(name, None, lambda value: value.isoformat() if value else "", datetime.fromisoformat)


def _json(name: str, default: T, type: Any = None) -> Fact[T]:
    # Made once, before there are threads: two threads that make a decoder of one class at the same moment can crash msgspec.
    decode: Callable[[str], T] = msgspec.json.Decoder(type or default.__class__).decode
    return Fact(name, default, lambda value: msgspec.json.encode(value).decode(), decode)


# Written and read when the database is opened: the version of its tables and facts.
SCHEMA = _text("schema")

# ---- written by the transaction that publishes

GENERATION = _number("generation")  # of the newest publication; polled by the web workers
# A database that falls back, on a standby that had not heard of the last publications, gives their numbers again, but no mark.
MARK = _text("mark")  # of the newest publication; polled by the web workers, read by the builder
MARKS: Fact[tuple[str, ...]] = _json("marks", (), tuple[str, ...])  # of the last publications; read by the web workers

# ---- written by the builder, in that transaction

BUILT = _moment("built")  # the moment of the last build that published; read by the builder, the web workers and the status
PUBLIC_URL = _text("public_url")  # what every published link begins with; read by the web workers, WebSub and the status
SITE = _json("site", Site())  # the last good site.toml; read by all of them
UPCOMING: Fact[tuple[Upcoming, ...]] = _json("upcoming", (), tuple[Upcoming, ...])  # what time will change; read by the status
WARNINGS: Fact[dict[str, str]] = _json("warnings", {}, dict[str, str])  # of documents, by path; read by the builder and the status
BRAKE = _text("brake")  # why removals wait to be confirmed; read by the builder, the status and accept-removals
BRAKE_KEY = _text("brake_key")  # which removals these are, and since when; read by the builder and accept-removals
REVISIONS: Fact[tuple[str, ...]] = _json("revisions", (), tuple[str, ...])  # of the articles, the newest last; read by the builder
OPENING = _flag("opening")  # a new ledger has only its newest articles so far; read by the builder and the status
FRAME = _text("frame")  # the digest of what all documents depend on; this and the next ones are read only by the builder
LEAVING: Fact[dict[str, datetime]] = _json("leaving", {}, dict[str, datetime])  # by topic, when time alone changes its feeds
LISTED = _text("listed")  # the digest of the topics that are listed
SITE_PATHS: Fact[list[str]] = _json("site_paths", [], list[str])  # where the documents about the whole site are
SITEMAP = _text("sitemap")  # the digest of what the news sitemap shows
DIGESTED = _moment("digested")  # the hour whose daily digests are made
# The topics that appeared while files were left to read, whose digests are still to be made.
UNDIGESTED: Fact[tuple[str, ...]] = _json("undigested", (), tuple[str, ...])

# ---- written beside a publication

REMOVALS = _text("removals")  # by accept-removals: the key of the brake that a person has released; read by the builder
PROBLEM = _text("problem")  # by the schedule: why nothing can be built, or what the last build found; read by the status
GAVE_WAY: Fact[tuple[str, ...]] = _json("gave_way", (), tuple[str, ...])  # by the schedule: the leases whose folders were no good
WAITS: Fact[tuple[str, ...]] = _json("waits", (), tuple[str, ...])  # by the schedule: those who ask such a one for the lease
WATCHER = _text("watcher")  # by the schedule: why the folder can't be watched; read by the status
HISTORY = Fact("history", History(), write_history, read_history)  # by the journal: what became of builds; read by the status
DAMAGED: Fact[SetAside | None] = _json("damaged", None, SetAside)  # by what opens a damaged database; read by the status
