"""`read_status`: the status of a service, read from its database alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.site import SITE_FILE, story_slug
from feedsvc.status.status import Quarantined, Status, Tenure, Told, TopicStatus, outages_of, problems_of
from feedsvc.storage.facts import (
    BRAKE,
    BUILT,
    DAMAGED,
    GENERATION,
    HISTORY,
    OPENING,
    PROBLEM,
    PUBLIC_URL,
    SCHEMA,
    SITE,
    UPCOMING,
    WARNINGS,
    WATCHER,
)
from feedsvc.storage.lease import current_holder
from feedsvc.storage.store import Store

VERSION = version("feedsvc")  # of this process; another may be installed since
SHOW_DAMAGE = timedelta(days=3)


def read_status(store: Store, now: datetime, notices: Mapping[str, str] | None = None) -> Status:
    """The status of a service; `notices` are the problems that its processes report, even when the database does not work.

    Raises `StoreError` where the database can't be read.
    """
    facts, counts, faults = store.facts(), store.counts(), store.faults()
    site = SITE.read(facts)
    history = HISTORY.read(facts)
    of_documents = WARNINGS.read(facts)
    warnings = sorted(fault for fault, _ in faults if fault.warning)
    known: dict[str, Any] = {
        "generation": GENERATION.read(facts),
        "lease": _tenure(store),
        "now": now,
        "looked": history.looked,
        "brake": BRAKE.read(facts) or None,
        "left": history.lines[0].left if history.lines and OPENING.read(facts) else 0,
        "pictures": history.pictures,
        "targets": tuple(Told(one.name, one.generation, one.problem) for one in store.targets().values()),
        "quarantine": tuple(sorted(_quarantined(fault, live) for fault, live in faults if not fault.warning)),
    }
    return Status(
        version=VERSION,
        schema=SCHEMA.read(facts),
        site=site.title,
        timezone=site.timezone,
        public_url=PUBLIC_URL.read(facts) or None,
        problems=tuple(problems_of(known, _reports(facts, now) | dict(notices or {}))),
        built=BUILT.read(facts),
        articles=counts["articles"],
        withheld=counts["known"] - counts["articles"],
        documents=counts["documents"],
        topics=tuple(
            TopicStatus(slug, edition.name, edition.updated)
            for slug, edition in sorted(store.editions().items())
            if slug != "all" and not slug.startswith(story_slug(""))
        ),
        warnings=(*warnings, *(Fault.warn(Kind.CUT_FEED, path, 0, of_documents[path]) for path in sorted(of_documents))),
        upcoming=tuple(one for one in UPCOMING.read(facts) if one.when > now),
        builds=history.lines,
        totals=history.tallies,
        **known,
    )


def read_outages(store: Store, notices: Mapping[str, str]) -> tuple[str, ...]:
    """What does not work, without paths and titles, because anybody may read it.

    Raises `StoreError` where the database can't be read.
    """
    facts = store.facts(PROBLEM, WATCHER, BRAKE)
    reports = {"build": PROBLEM.read(facts), "watcher": WATCHER.read(facts), "brake": BRAKE.read(facts)}
    if reports["brake"]:
        reports["build"] = ""  # it repeats the brake's
        notices = {place: text for place, text in notices.items() if place != "build"}
    return tuple(outages_of(_tenure(store) is not None, {**reports, **notices}))


def _reports(facts: Mapping[str, str], now: datetime) -> dict[str, str]:
    reports = {"build": PROBLEM.read(facts), "watcher": WATCHER.read(facts)}
    damaged = DAMAGED.read(facts)
    if damaged and now - damaged.at < SHOW_DAMAGE:
        reports["damaged"] = (
            f"The database was damaged and is set aside as {damaged.aside} (on {damaged.at:%d %B at %H:%M} UTC). Everything was"
            " rebuilt from the articles. Dates that are not in front matter may have changed: restore a backup to get them back"
        )
    return reports


def _tenure(store: Store) -> Tenure | None:
    holder = current_holder(store)
    if holder is None or holder.dead:
        return None
    since = datetime.fromtimestamp(holder.since, UTC) if holder.since else None
    return Tenure(holder.host, holder.pid, since, holder.fence, holder.interval)


def _quarantined(fault: Fault, live: bool) -> Quarantined:
    return Quarantined(fault.path, fault.line, fault.reason, published=live or fault.path == SITE_FILE)
