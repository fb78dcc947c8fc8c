"""What there is to know of a service from its database: what is published, what is in quarantine, who presses."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from feedsvc.errors import Fault
from feedsvc.lease import current_holder
from feedsvc.store import Store
from feedsvc.topics import story_slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One look at the database; `pressed` is the moment of the last pressing that changed something, None before the first."""

    generation: int
    pressed: str | None
    public_url: str | None
    articles: int
    documents: int
    topics: tuple[str, ...]
    holder: str | None
    problem: str | None
    quarantine: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def read_status(store: Store) -> Status:
    """The status of a service.

    Raises `StoreError` where the database can't be read.
    """
    facts = store.facts()
    counts = store.counts()
    holder = current_holder(store)
    faults = sorted(fault for file in store.files().values() for fault in file.faults)
    told = msgspec.json.decode(facts.get("warnings", "{}"), type=dict[str, str])
    return Status(
        generation=int(facts.get("generation", 0)),
        pressed=facts.get("pressed"),
        public_url=facts.get("public_url"),
        articles=counts["articles"],
        documents=counts["documents"],
        topics=tuple(slug for slug in sorted(store.editions()) if slug != "all" and not slug.startswith(story_slug(""))),
        holder=f"process {holder.pid} on {holder.host}" if holder and not holder.dead else None,
        problem=facts.get("problem") or facts.get("brake") or None,
        quarantine=tuple(fault for fault in faults if not fault.warning),
        warnings=(*(one for one in faults if one.warning), *(Fault(path, 0, told[path], warning=True) for path in sorted(told))),
    )
