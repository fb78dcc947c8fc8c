"""Daily digests: what was new in a topic on one day, as it was at the hour of the digest.

Pure: no I/O, no clock, no globals. The newsroom's day ends at the digest's hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from feedsvc.model.article import Claim
from feedsvc.model.edition import Entry
from feedsvc.model.record import Record, State
from feedsvc.model.site import Site, Topic, digest_slug
from feedsvc.model.urls import Urls

DAYS = 14  # days that a digest's feed shows
LINES = 50  # articles that a day's entry shows
LATE = timedelta(days=3)  # an article published with an earlier date is new for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """An article in a digest, as it was then; `link` is its address if that is not at this service."""

    id: str
    title: str
    standfirst: str
    slug: str
    link: str | None = None
    claim: Claim | None = None

    def url(self, addresses: Urls) -> str:
        """The article's address."""
        return self.link or addresses.article(self.slug)


@dataclass(frozen=True, kw_only=True)
class DailyDigest:
    """One topic's day, as `2026-05-21`: when it was made, its articles, newest first, and the ids of those that it has no room for.

    `withheld` are those of its articles that it may not show at present, each with the time since when; `changed` is when these
    last changed, None if they never did.
    """

    day: str
    made: datetime
    lines: tuple[DigestLine, ...]
    rest: tuple[str, ...] = ()
    withheld: tuple[tuple[str, datetime], ...] = ()
    changed: datetime | None = None

    @property
    def updated(self) -> datetime:
        """When what it shows last changed (RFC 4287, 4.2.15), by a withdrawal or a return. It never goes back."""
        return max((self.made, self.changed or self.made, *(since for _, since in self.withheld)))

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all the day's articles."""
        return frozenset((*(line.id for line in self.lines), *self.rest))


def hour_of(day: date, site: Site) -> datetime:
    """The time at which a day's digest is made."""
    return datetime(day.year, day.month, day.day, site.digest_hour, tzinfo=site.zone).astimezone(UTC)


def last_hour(now: datetime, site: Site) -> datetime:
    """The latest such time that is not after `now`."""
    day = now.astimezone(site.zone).date()
    today = hour_of(day, site)
    return today if today <= now else hour_of(day - timedelta(days=1), site)


def next_hour(now: datetime, site: Site) -> datetime:
    """The first such time after `now`."""
    return hour_of(last_hour(now, site).astimezone(site.zone).date() + timedelta(days=1), site)


def day_of(moment: datetime, site: Site) -> date:
    """The day whose digest has an article of this time: the one whose hour comes next."""
    day = moment.astimezone(site.zone).date()
    return day if moment <= hour_of(day, site) else day + timedelta(days=1)


def past_days(records: Iterable[Record], site: Site) -> list[tuple[date, list[Record]]]:
    """The latest days that have articles, if there are no digests yet; `records` are newest first."""
    days: list[tuple[date, list[Record]]] = []
    for day, some in groupby(records, key=lambda record: day_of(record.published, site)):
        days.append((day, list(some)))
        if len(days) == DAYS:
            break
    return days


def new_since(records: Iterable[Record], hour: datetime, before: Mapping[str, DailyDigest]) -> list[Record]:
    """What is new in a digest at this hour: what was published recently and was in no digest before; `records` are newest first."""
    earlier = frozenset[str]().union(*(digest.ids for digest in before.values()))
    found: list[Record] = []
    for record in records:
        if record.published <= hour - timedelta(days=1) - LATE:
            break
        if record.published <= hour and record.id not in earlier:
            found.append(record)
    return found


def compose(day: date, entries: Sequence[Entry], rest: Iterable[str], site: Site) -> DailyDigest:
    """A day's digest of its newest entries, and the ids of the others."""
    lines = tuple(
        DigestLine(
            id=entry.id,
            title=entry.article.title,
            standfirst=entry.article.standfirst,
            slug=entry.article.slug,
            link=entry.article.link or (None if site.is_addressed_by_slug else entry.url),
            claim=entry.article.claim,
        )
        for entry in entries
    )
    return DailyDigest(day=day.isoformat(), made=hour_of(day, site), lines=lines, rest=tuple(rest))


def withholding(
    digest: DailyDigest, records: Mapping[str, Record], now: datetime, asked_for: Callable[[Record], bool] = lambda record: True
) -> DailyDigest:
    """A digest with its `withheld` as at `now`: retracted, removed, draft and embargoed articles, and those that are not asked for.

    Expired ones stay.
    """
    before = dict(digest.withheld)
    shown = {id for id in digest.ids if (record := records.get(id)) and _may_be_shown(record, now) and asked_for(record)}
    withheld = tuple((id, before.get(id, now)) for id in sorted(digest.ids - shown))
    return digest if withheld == digest.withheld else replace(digest, withheld=withheld, changed=max(now, digest.updated))


def _may_be_shown(record: Record, now: datetime) -> bool:
    return record.state is State.STANDING and record.published <= now


def topic_of(topic: Topic, site: Site) -> Topic:
    """A topic's digest, as a topic of its own."""
    name = "Daily digest" if topic.slug == "all" else f"{topic.name}: daily digest"
    whose = site.title if topic.slug == "all" else f"{topic.name} from {site.title}"
    return Topic(slug=digest_slug(topic.slug), name=name, description=f"{whose}: what is new, once a day.")
