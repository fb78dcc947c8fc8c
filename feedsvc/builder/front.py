"""Which articles stand where on the front page. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from feedsvc.builder.index import TopicIndex
from feedsvc.model.front import BLOCK, BLOCKS, MORE, TOP, Front
from feedsvc.model.record import Record
from feedsvc.model.site import Topic

NEWEST = 40  # the newest articles, among which one leads that says so; after them it has led long enough


def front_of(index: TopicIndex, topics: Iterable[Topic], now: datetime) -> Front[Record]:
    """The front page at a moment: what breaks is at the top, then what says that it leads, then the newest, each newest first.

    A block has the newest articles of its topic that stand nowhere above it; a topic without one has no block.
    """
    newest = index.newest("all", now, NEWEST)
    first = [*index.breaking("all", now), *(record for record in newest if record.lead), *newest]
    top = tuple({record.id: record for record in first}.values())[:TOP]
    used = {record.id for record in top}
    blocks: list[tuple[Topic, tuple[Record, ...]]] = []
    for topic in topics:
        if len(blocks) == BLOCKS:
            break
        found = tuple(islice((record for record in index.all_live(topic.slug, now) if record.id not in used), BLOCK))
        if found:
            used.update(record.id for record in found)
            blocks.append((topic, found))
    more = tuple(record for record in newest if record.id not in used)[:MORE]
    return Front(top, tuple(blocks), more)


def in_order(topics: Iterable[Topic], index: TopicIndex, now: datetime) -> list[Topic]:
    """Topics as `site.toml` lists them; then the others, the one with the newest article first."""
    places = {topic.slug: place for place, topic in enumerate(index.site.topics)}

    def place(topic: Topic) -> tuple[int, float, str]:
        if topic.slug in places:
            return places[topic.slug], 0.0, ""
        return len(places), -max((one.published.timestamp() for one in index.newest(topic.slug, now, 1)), default=0.0), topic.slug

    return sorted(topics, key=place)
