"""`Listings`: what each feed lists at one moment: which records, what is gone from it, and when time alone changes that.

Pure: no I/O, no clock, no globals; `now` is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from feedsvc.builder.index import TopicIndex
from feedsvc.formats import headlines, partners
from feedsvc.model.edition import Tombstone, tombstone_of
from feedsvc.model.feed import Feed
from feedsvc.model.record import Record, Seen
from feedsvc.model.rights import goes_to_partner
from feedsvc.model.urls import Urls

MOST_GONE = 100  # tombstones in a feed at most


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed lists: its newest records, and those of its headlines, breaking news first; what is gone and has expired.

    `until` is when the first record leaves it that is in it only because it came not long ago.
    """

    feed: Feed
    newest: Sequence[Record]
    front: Sequence[Record]
    gone: tuple[Tombstone, ...]
    expired: tuple[Tombstone, ...]
    until: datetime | None

    def shown(self, marks: Mapping[str, str]) -> tuple[object, ...]:
        """All that it shows; `marks` has the digest of what each of its entries shows."""
        newest, front = ([marks[record.id] for record in some] for some in (self.newest, self.front))
        return self.feed, newest, front, self.gone, self.expired


class Listings:
    """Makes the listings of one build."""

    def __init__(self, index: TopicIndex, urls: Urls, now: datetime) -> None:
        self.index = index
        self.urls = urls
        self.now = now

    def of(self, feed: Feed) -> Listing:
        """What a feed lists now."""
        slug, now, may_have = feed.slug, self.now, self._may_have(feed)
        least = max(feed.entries, *(form.least for form in partners.forms_of(feed)))
        span = timedelta(hours=feed.hours)
        newest = self.index.newest(slug, now, least, may_have, since=now - span)
        latest = self.index.newest(slug, now, headlines.MOST, may_have)
        breaking = [record for record in self.index.breaking(slug, now) if may_have(record)]
        first = {record.id for record in breaking}
        return Listing(
            feed,
            newest,
            breaking + [record for record in latest if record.id not in first],
            self._gone(feed),
            self._expired(feed) if feed.partner else (),
            min((record.first_shown + span for record in newest[least:]), default=None),
        )

    def _may_have(self, feed: Feed) -> Callable[[Record | Seen], bool]:
        """Whether a feed may have what it lists: of topics, a partner may not have all."""
        if feed.is_defined or feed.partner is None:
            return lambda _: True
        return partial(goes_to_partner, partner=feed.partner, site=self.index.site)

    def _gone(self, feed: Feed) -> tuple[Tombstone, ...]:
        """What is gone from a feed: what is withdrawn, and what it may not have any more."""
        may_have = self._may_have(feed)
        gone = [tombstone_of(one, self.urls) for one in self.index.gone(feed.slug, self.now) if may_have(one.last_seen)]
        receiver = feed.slug if feed.is_defined else feed.partner
        for record, since in self.index.taken_back(receiver, self.now) if receiver else ():
            if feed.is_defined or feed.slug in self.index.topics_of(record.last_seen):
                gone.append(replace(tombstone_of(record, self.urls), since=since))
        return tuple(sorted(gone, key=lambda one: (-one.since.timestamp(), one.id))[:MOST_GONE])

    def _expired(self, feed: Feed) -> tuple[Tombstone, ...]:
        may_have = self._may_have(feed)
        over = [one for one in self.index.expired(feed.slug, self.now) if may_have(one.last_seen)]
        return tuple(tombstone_of(record, self.urls) for record in over[:MOST_GONE])
