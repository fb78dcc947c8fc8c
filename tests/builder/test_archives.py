"""Months that are filed bit by bit are filed as if all had been filed at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.builder.archives import Archivist
from feedsvc.builder.index import TopicIndex
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.model import archive
from feedsvc.model.archive import in_parts, month_of, span
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record, State
from feedsvc.model.site import Site

NOW = datetime(2026, 5, 21, 12, tzinfo=UTC)
SITE = Site(timezone="UTC")


def record(number: int, minutes: int, size: int, state: State = State.STANDING) -> Record:
    published = NOW - timedelta(minutes=minutes)
    return Record(
        id=f"urn:{number}",
        path=f"harbour/{number}.md",
        slug=f"report-{number}",
        title=f"Report {number}",
        first_seen=published,
        published=published,
        updated=published,
        words="",
        stamp=f"{minutes} {size}",
        state=state,
        since=published,
        topics=(("harbour", ""),),
        size=size,
    )


def touch(touched: Touched, index: TopicIndex, one: Record) -> None:
    touched.records.add(one.id)
    for slug in index.topics_of(one):
        month = month_of(one.published, SITE.zone)
        touched.months[slug, month] = min(one.published, touched.months.get((slug, month), one.published))


# Few moments, so that many articles share one; sizes of which two or three fill a part.
CHANGES = st.lists(
    st.tuples(st.integers(0, 25), st.integers(0, 12), st.sampled_from((40, 60, 90)), st.sampled_from(State)), min_size=1, max_size=8
)


@pytest.fixture(autouse=True, scope="module")
def small_parts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "PART_BYTES", 100)
        patch.setattr(archive, "PART_ENTRIES", 3)
        yield


@settings(max_examples=100, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_filed_bit_by_bit_is_filed_at_once(builds: list[list[tuple[int, int, int, State]]]):
    memory = BuildState(TopicIndex(SITE), {}, {}, set(), {}, {}, {}, {}, fresh=True)
    for number, changes in enumerate(builds):
        touched, publication = Touched(), Publication()
        for which, minutes, size, state in changes:
            # A number's own moment, so that some lie months apart.
            new = record(which, minutes * 10 + which % 3 * 60 * 24 * 30, size, state)
            if old := memory.index.records.get(new.id):
                touch(touched, memory.index, old)
            memory.index.put(new)
            touch(touched, memory.index, new)
        now = NOW + timedelta(minutes=number)
        before = {key: part for slug, months in memory.archives.items() for key, part in listed(slug, months)}
        Archivist(memory, publication, now).file(memory.index.known(now), touched)
        after = {key: part for slug, months in memory.archives.items() for key, part in listed(slug, months)}
        for slug, months in memory.archives.items():
            for month, parts in months.items():
                whole = in_parts(memory.index.between(slug, *span(month, SITE.zone), now))
                assert [part.ids for part in parts] == [tuple(one.id for one in some) for some in whole]
        # What is filed is told to the database, and nothing else.
        assert publication.archives == {
            key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)
        }


def listed(slug: str, months: dict) -> list:
    return [((slug, month, number), part) for month, parts in months.items() for number, part in enumerate(parts, 1)]


def test_an_article_that_shrinks_may_go_into_the_part_before():
    index = TopicIndex(SITE, [record(0, 30, 60), record(1, 20, 60), record(2, 10, 60)])
    memory = BuildState(index, {}, {}, set(), {}, {}, {}, {}, fresh=True)
    Archivist(memory, Publication(), NOW).file(index.known(NOW), Touched(everything=True))
    assert [part.ids for part in memory.archives["harbour"]["2026-05"]] == [("urn:0",), ("urn:1",), ("urn:2",)]
    index.put(small := record(1, 20, 40))
    touched = Touched()
    touch(touched, index, small)
    Archivist(memory, Publication(), NOW).file(index.known(NOW), touched)
    assert [part.ids for part in memory.archives["harbour"]["2026-05"]] == [("urn:0", "urn:1"), ("urn:2",)]
