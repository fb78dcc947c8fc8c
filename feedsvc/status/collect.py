"""`read_status`: the status of a service, read from its database alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import msgspec

from feedsvc.errors import Fault, StoreError
from feedsvc.model.history import read_history
from feedsvc.model.site import SITE_FILE, story_slug
from feedsvc.model.upcoming import Upcoming
from feedsvc.status.status import Hub, Quarantined, Status, Tenure, TopicStatus, outages_of, problems_of
from feedsvc.storage.lease import current_holder
from feedsvc.storage.rows import site_of
from feedsvc.storage.store import Store

_upcoming_of = msgspec.json.Decoder(tuple[Upcoming, ...]).decode

VERSION = version("feedsvc")  # as this process has it, whatever is installed by now
TOLD_OF_DAMAGE = timedelta(days=3)


def read_status(store: Store, now: datetime, notices: Mapping[str, str] | None = None) -> Status:
    """The status of a service; `notices` is what its processes tell each other, which the database may be too ill to hold.

    Raises `StoreError` where the database can't be read.
    """
    facts, counts, faults = store.facts(), store.counts(), store.faults()
    site = site_of(facts.get("site", "{}"))
    book = read_history(facts.get("logbook"))
    told = msgspec.json.decode(facts.get("warnings", "{}"), type=dict[str, str])
    warnings = sorted(fault for fault, _ in faults if fault.warning)
    coming = _upcoming_of(facts.get("upcoming", "[]"))
    known: dict[str, Any] = {
        "generation": int(facts.get("generation", 0)),
        "lease": _tenure(store),
        "now": now,
        "looked": book.looked,
        "brake": facts.get("brake") or None,
        "left": book.lines[0].left if book.lines and facts.get("opening") == "1" else 0,
        "quarantine": tuple(sorted(_quarantined(fault, live) for fault, live in faults if not fault.warning)),
    }
    return Status(
        version=VERSION,
        schema=facts["schema"],
        site=site.title,
        timezone=site.timezone,
        public_url=facts.get("public_url"),
        problems=tuple(problems_of(known, _told(facts, now) | dict(notices or {}))),
        built=datetime.fromisoformat(facts["built"]) if "built" in facts else None,
        articles=counts["articles"],
        withheld=counts["known"] - counts["articles"],
        documents=counts["documents"],
        topics=tuple(
            TopicStatus(slug, edition.name, edition.updated)
            for slug, edition in sorted(store.editions().items())
            if slug != "all" and not slug.startswith(story_slug(""))
        ),
        hub=Hub(site.hub, int(facts.get("announced", 0))) if site.hub else None,
        warnings=(*warnings, *(Fault(path, 0, told[path], warning=True) for path in sorted(told))),
        upcoming=tuple(one for one in coming if one.when > now),
        builds=book.lines,
        totals=book.tallies,
        **known,
    )


def read_outages(store: Store, notices: Mapping[str, str]) -> tuple[str, ...]:
    """What does not work, in words that anybody may read."""
    try:
        facts = {name: store.fact(fact) or "" for name, fact in (("build", "problem"), ("watcher", "watcher"), ("brake", "brake"))}
        if facts["brake"]:
            facts["build"] = ""  # which says the same
            notices = {place: text for place, text in notices.items() if place != "build"}
        return tuple(outages_of(_tenure(store) is not None, {**facts, **notices}))
    except StoreError:
        return ("the database can't be read, and what is in memory is served",)


def _told(facts: Mapping[str, str], now: datetime) -> dict[str, str]:
    told = {"build": facts.get("problem", ""), "watcher": facts.get("watcher", "")}
    if "damaged" in facts:
        damaged = msgspec.json.decode(facts["damaged"], type=dict[str, str])
        at = datetime.fromisoformat(damaged["at"])
        if now - at < TOLD_OF_DAMAGE:
            told["damaged"] = (
                f"The database was damaged and is set aside as {damaged['aside']} (on {at:%d %B at %H:%M} UTC). All was"
                " built anew: dates that no front matter gives are those of a new start, unless a backup is put back"
            )
    return told


def _tenure(store: Store) -> Tenure | None:
    holder = current_holder(store)
    if holder is None or holder.dead:
        return None
    since = datetime.fromtimestamp(holder.since, UTC) if holder.since else None
    return Tenure(holder.host, holder.pid, since, holder.fence, holder.interval)


def _quarantined(fault: Fault, live: bool) -> Quarantined:
    return Quarantined(fault.path, fault.line, fault.reason, published=live or fault.path == SITE_FILE)
