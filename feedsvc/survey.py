"""`read_status`: the status of a service, read from its database alone."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import msgspec

from feedsvc.errors import Fault
from feedsvc.lease import current_holder
from feedsvc.lists import Upcoming
from feedsvc.logbook import read_logbook
from feedsvc.status import Hub, Quarantined, Status, Tenure, TopicStatus, problems_of
from feedsvc.store import Store
from feedsvc.topics import SITE_FILE, Site, story_slug


def read_status(store: Store, now: datetime) -> Status:
    """The status of a service.

    Raises `StoreError` where the database can't be read.
    """
    facts, counts, faults = store.facts(), store.counts(), store.faults()
    site = msgspec.json.decode(facts.get("site", "{}"), type=Site)
    book = read_logbook(facts.get("logbook"))
    told = msgspec.json.decode(facts.get("warnings", "{}"), type=dict[str, str])
    warnings = sorted(fault for fault, _ in faults if fault.warning)
    coming = msgspec.json.decode(facts.get("upcoming", "[]"), type=tuple[Upcoming, ...])
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
        version=version("feedsvc"),
        schema=facts["schema"],
        site=site.title,
        timezone=site.timezone,
        public_url=facts.get("public_url"),
        problems=tuple(problems_of(known, facts.get("problem"))),
        pressed=datetime.fromisoformat(facts["pressed"]) if "pressed" in facts else None,
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
        pressings=book.lines,
        totals=book.tallies,
        **known,
    )


def _tenure(store: Store) -> Tenure | None:
    holder = current_holder(store)
    if holder is None or holder.dead:
        return None
    since = datetime.fromtimestamp(holder.since, UTC) if holder.since else None
    return Tenure(holder.host, holder.pid, since, holder.fence, holder.interval)


def _quarantined(fault: Fault, live: bool) -> Quarantined:
    return Quarantined(fault.path, fault.line, fault.reason, published=live or fault.path == SITE_FILE)
