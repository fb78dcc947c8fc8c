"""Records of the ledger, as tests of lists want them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from feedsvc.model.record import Record, State

NOW = datetime(2026, 5, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def record(id: str = "a", hours: float = 0, **changes: object) -> Record:
    """A record published some hours ago."""
    published = NOW - hours * HOUR
    made = Record(
        id=id,
        path=f"{id}.md",
        slug=id,
        title=id,
        first_seen=published,
        published=published,
        updated=published,
        words=f"words of {id}",
        stamp="",
        state=State.STANDING,
        since=published,
        topics=(("harbour", "Harbour"),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
