"""`Status`: the state of a service, for the newsroom. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedsvc.errors import Fault
from feedsvc.model.history import BuildEntry, BuildOutcome, Tally
from feedsvc.model.upcoming import Upcoming

KEPT = "its last good version stays in use"
SLACK_SECONDS = 15.0  # builds that changed nothing are recorded every ten seconds at most
NOT_PUBLISHED = "nothing of it is published"


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """A topic with documents, and the moment of its newest event."""

    slug: str
    name: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Quarantined(Fault):
    """A fault that keeps a file from being published as it is now; `published` is whether its last good version still is."""

    published: bool = False


@dataclass(frozen=True, slots=True)
class Tenure:
    """Who builds, since when, and the lease's fencing number; `since` is None if an earlier feedsvc took it.

    `interval` is how often it scans the articles folder, in seconds; 0 if unknown.
    """

    host: str
    pid: int
    since: datetime | None
    fence: int
    interval: float = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A machine that hears of publications: the generation up to which it has heard of everything, and what is wrong with it."""

    name: str
    generation: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a service at `now`.

    `problems` are sentences that a person can act on, empty where all is well; `built` is when the last publication was made,
    `looked` when the folder was last checked; `withheld` counts the ledger's articles that readers don't see; `brake` is set
    while removals wait to be confirmed, `left` is how many files of a big archive are still to be read, and `pictures` how many
    pictures are still to be made.
    """

    version: str
    schema: str
    now: datetime
    site: str
    timezone: str
    public_url: str | None
    problems: tuple[str, ...]
    generation: int
    built: datetime | None
    looked: datetime | None
    articles: int
    withheld: int
    documents: int
    topics: tuple[TopicStatus, ...]
    lease: Tenure | None
    brake: str | None
    left: int
    pictures: int
    targets: tuple[Told, ...]
    quarantine: tuple[Quarantined, ...]
    warnings: tuple[Fault, ...]
    upcoming: tuple[Upcoming, ...]
    builds: tuple[BuildEntry, ...]
    totals: Mapping[BuildOutcome, Tally]


def problems_of(known: Mapping[str, Any], reports: Mapping[str, str]) -> Iterator[str]:
    """What needs attention, given the other fields of a status and the reports of the service's parts, by their names."""
    building = known["lease"] is not None
    if known["generation"] == 0 and not (building or reports.get("build")):
        yield "Nothing is published yet: start `feedsvc serve`, or run `feedsvc build`."
    elif not (building or reports.get("build") or reports.get("builder")):
        yield "No builder is running: what is published stays as it is until `feedsvc serve` runs and can write the database."
    elif known["lease"] and _silent(known["lease"], known["looked"], known["now"]):
        yield (
            f"The folder has not been checked since {known['looked']:%Y-%m-%d %H:%M:%S} UTC: the builder is stuck, or can't write"
            " the database. Its log says why; check the disk, or restart the service."
        )
    for place in ("builder", "web worker"):
        if reports.get(place):
            yield f"{reports[place][0].upper()}{reports[place][1:]}. The log says why."
    if reports.get("damaged"):
        yield f"{reports['damaged']}."
    if known["brake"]:
        yield f"The brake holds: {known['brake']}. If they were removed by mistake, put the files back."
    elif reports.get("build"):
        yield f"The builder reports: {reports['build']}."
    if reports.get("watcher"):
        yield f"The watcher reports: {reports['watcher']}."
    yield from (f"{told.problem[0].upper()}{told.problem[1:]}." for told in known["targets"] if told.problem)
    if known["left"]:
        yield f"{_files(known['left'])} still to be read: the newest articles are published, the others follow."
    wrong = len({fault.path for fault in known["quarantine"]})
    if wrong:
        yield f"{_files(wrong)} in quarantine: fix what is listed under “Quarantine”; a file is read again when it is saved."


def _silent(lease: Tenure, looked: datetime | None, now: datetime) -> bool:
    """Whether a builder has recorded nothing for so long that it must be stuck."""
    last = max((moment for moment in (looked, lease.since) if moment), default=now)
    return lease.interval > 0 and (now - last).total_seconds() > 2 * lease.interval + SLACK_SECONDS


def outages_of(building: bool, reports: Mapping[str, str]) -> Iterator[str]:
    """What does not work, without paths, names and titles, because anybody may read it."""
    if not (building or reports.get("builder")):
        yield "no builder is running"
    for place, outage in _OUTAGES.items():
        if reports.get(place):
            yield outage


_OUTAGES = {
    "builder": "the builder keeps crashing",
    "web worker": "a web worker keeps crashing",
    "brake": "the brake holds",
    "build": "the builder reports a problem",
    "watcher": "changes are found only by the scan",
}


def _files(number: int) -> str:
    return f"{number} file{' is' if number == 1 else 's are'}"
