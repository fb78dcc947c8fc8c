"""The ledger: what is remembered of an article for ever, and how that decides its id, its dates and its addresses.

Pure: no I/O, no clock, no globals; `now` is passed in.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.article import Article
from feedsvc.model.record import Record, Seen, State

# The namespace of ids that are derived from paths. It must never change, because the ids would change with it.
NAMESPACE = uuid.UUID("6f1b6c1e-6a0e-5b52-9d2c-5f3f0c9b7a41")


def new_id(path: str, taken: Callable[[str], bool]) -> str:
    """The id of a new article without an `id:`, derived from the path at which it was first seen.

    If an earlier article has that id already, because it was moved away or removed, the new one gets another.
    """
    derived, count = _derived(path), 1
    while taken(derived):
        count += 1
        derived = _derived(f"{path}\n{count}")
    return derived


def may_be_derived(id: str) -> bool:
    """Whether an id has the form of those that no file gives: a name-based UUID (RFC 9562, section 5.5)."""
    return id.startswith("urn:uuid:") and id[23:24] == "5"


def _derived(name: str) -> str:
    return uuid.uuid5(NAMESPACE, name).urn


def remember(
    before: Record | None,
    article: Article,
    *,
    id: str,
    path: str,
    words: str,
    stamp: str,
    size: int,
    topics: tuple[tuple[str, str], ...],
    story: tuple[str, str] | None,
    media: str | None,
    pictures: tuple[str, ...] = (),
    recordings: tuple[str, ...] = (),
    leads_to: tuple[str, ...] = (),
    seen: datetime,
    now: datetime,
    fresh: bool = False,
    breaking_for: timedelta,
) -> Record:
    """The record of an article as parsed at `now`, given its record `before`.

    `seen` is when a new article counts as first seen: `now`, or its file's date if the ledger starts with it. What no build has
    published was seen by nobody, though its embargo may have ended. `fresh` is set while the ledger only begins: what breaks then
    broke at its date. `breaking_for` is how long news breaks where the file doesn't say.
    """
    last = before.last_seen if before and before.shown else None
    state = State.RETRACTED if article.retracted else State.DRAFT if article.draft else State.STANDING
    read_anew = before is not None and before.stamp == stamp and before.state is state
    published = before.published if before and read_anew else _published(before, last, article, state, seen=seen, now=now)
    if article.updated:
        # One that lies ahead is not true, and clients would go by it: their copy would be newer than all that follows.
        kept = before.updated if before and read_anew and before.updated <= now else None
        updated = kept or min(article.updated, max(now, published))
    elif before is None or last is None:
        updated = published
    else:
        # A time in the future is left over from an embargo that was lifted: readers see the article again from now on.
        updated = before.updated if before.words == words and before.updated <= now else now
    over = article.expires is not None and article.expires <= now
    same_state = before is not None and before.state is state and not (over and before.live(now))
    broke = _broke(before, last, article, published, now if before else published if fresh and article.date else seen)
    record = Record(
        id=id,
        path=path,
        slug=article.slug,
        title=article.title,
        first_seen=before.first_seen if before else seen,
        published=published,
        updated=max(updated, published),
        words=words,
        stamp=stamp,
        state=state,
        since=before.since if before and same_state else now if before else seen,
        shown=last is not None,
        appeared=before.appeared if before else None,
        page_date=before.page_date if before else None,
        page_since=before.page_since if before else None,
        expires=article.expires,
        corrected=max((correction.date for correction in article.corrections), default=None),
        lead=article.lead,
        breaking=article.breaking,
        breaking_since=broke,
        breaking_until=broke + breaking_for if broke else article.breaking_until,
        topics=topics,
        story=story,
        link=article.link,
        aliases=article.aliases,
        media=media,
        pictures=pictures,
        recordings=recordings,
        leads_to=leads_to,
        size=size,
        authors=article.authors,
        language=article.language,
        translation_of=article.translation_of,
        kind=article.kind,
        syndicate=article.syndicate,
        taken_back=before.taken_back if before else (),
    )
    return record if record.live(now) else replace(record, seen=last)


def _published(
    before: Record | None, last: Seen | None, article: Article, state: State, *, seen: datetime, now: datetime
) -> datetime:
    if article.date:
        return article.date
    if article.day and (article.day > now or not last):
        # A day alone doesn't say when: of a file first seen on that very day, the moment does.
        first = before.first_seen if before else seen
        return first if article.day <= first < article.day + timedelta(days=1) else article.day
    if before is None:
        return seen
    if last:
        # A future date that is removed again does not make an old story new.
        return before.published if before.published <= now else last.published if last.published <= now else before.first_seen
    # What comes out now is published now. A retraction implies an earlier publication, even if this ledger never saw it.
    comes_out = state is State.STANDING and before.state is not State.RETRACTED
    return now if comes_out else before.published


def _broke(
    before: Record | None, last: Seen | None, article: Article, published: datetime, breaks: datetime
) -> datetime | None:
    """When an article first broke, if it is breaking news and does not say itself until when."""
    if not article.breaking or article.breaking_until:
        return None
    if before and last and before.breaking and before.breaking_since:
        return before.breaking_since
    if before and last and before.breaking and before.breaking_until is None:
        return before.published  # earlier releases did not remember it
    return max(published, breaks)


def published(record: Record) -> Record:
    """The record of an article that is live in a build: from then on readers see what it says."""
    return replace(record, shown=True, seen=None)


def held_back(record: Record, now: datetime) -> Record | None:
    """The record of an article that readers do not see and whose file can't be read any more: it does not come out by time alone.

    What was wrong when it was broken may be the very date of its embargo.
    """
    expired = record.shown and record.expires is not None and record.expires <= now
    if record.state is not State.STANDING or expired:
        return None
    return replace(record, state=State.DRAFT, since=now)


def remove(record: Record, now: datetime) -> Record:
    """The record of an article whose file is gone."""
    return replace(record, state=State.REMOVED, since=now, seen=record.last_seen if record.shown else None)


def displaced(record: Record) -> Record:
    """The record of an article whose place another has taken: a new file there is not it again."""
    return replace(record, path="")


def too_early(before: Record | None, article: Article, *, clock: datetime, now: datetime) -> bool:
    """Whether an article must wait: its embargo is over at `now`, but not by the clock, which was set back since.

    One that readers see already does not wait: a clock that is set back withdraws nothing.
    """
    date = article.date or article.day
    embargoed = date is not None and clock < date <= now and not (article.draft or article.retracted)
    return embargoed and not (before and before.live(now))


def dates_ahead(article: Article, path: str, now: datetime) -> Iterator[Fault]:
    """A warning for a date of change that lies ahead."""
    if article.updated and article.updated > max(now, article.date or article.day or now):
        reason = f"updated lies in the future ({article.updated:%Y-%m-%d %H:%M} UTC); the moment of the save counts instead"
        yield Fault.warn(Kind.DATE_AHEAD, path, 0, reason)
