"""Months that are filed bit by bit are filed as if all had been filed at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.builder.archives import Archives
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
SIZES = (4_000, 6_000, 9_000)
CHANGES = st.lists(
    st.tuples(st.integers(0, 25), st.integers(0, 12), st.sampled_from(SIZES), st.sampled_from(State)), min_size=1, max_size=8
)


@pytest.fixture(autouse=True, scope="module")
def small_parts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "PART_BYTES", 11_000)
        patch.setattr(archive, "PART_ENTRIES", 3)
        yield


@settings(max_examples=100, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_filed_bit_by_bit_is_filed_at_once(builds: list[list[tuple[int, int, int, State]]]):
    state = BuildState(TopicIndex(SITE), {}, {}, set(), {}, {}, {}, {}, fresh=True)
    for number, changes in enumerate(builds):
        touched, publication = Touched(), Publication()
        for which, minutes, size, condition in changes:
            # A number's own moment, so that some lie months apart.
            new = record(which, minutes * 10 + which % 3 * 60 * 24 * 30, size, condition)
            if old := state.index.records.get(new.id):
                touch(touched, state.index, old)
            state.index.put(new)
            touch(touched, state.index, new)
        now = NOW + timedelta(minutes=number)
        before = {key: part for slug, months in state.archives.items() for key, part in listed(slug, months)}
        archives = Archives(state, publication, now)
        archives.file(state.index.known(now), touched)
        state.take(publication)
        after = {key: part for slug, months in state.archives.items() for key, part in listed(slug, months)}
        for slug, months in state.archives.items():
            for month, parts in months.items():
                whole = in_parts(state.index.between(slug, *span(month, SITE.zone), now), archives.size_of)
                assert [part.ids for part in parts] == [tuple(one.id for one in some) for some in whole]
        # What is filed is told to the database, and nothing else.
        assert publication.archives == {
            key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)
        }


def listed(slug: str, months: dict) -> list:
    return [((slug, month, number), part) for month, parts in months.items() for number, part in enumerate(parts, 1)]


def file(state: BuildState, touched: Touched) -> None:
    publication = Publication()
    Archives(state, publication, NOW).file(state.index.known(NOW), touched)
    state.take(publication)


def test_an_article_that_shrinks_may_go_into_the_part_before():
    index = TopicIndex(SITE, [record(0, 30, 6000), record(1, 20, 6000), record(2, 10, 6000)])
    state = BuildState(index, {}, {}, set(), {}, {}, {}, {}, fresh=True)
    file(state, Touched(everything=True))
    assert [part.ids for part in state.archives["harbour"]["2026-05"]] == [("urn:0",), ("urn:1",), ("urn:2",)]
    index.put(small := record(1, 20, 4000))
    touched = Touched()
    touch(touched, index, small)
    file(state, touched)
    assert [part.ids for part in state.archives["harbour"]["2026-05"]] == [("urn:0", "urn:1"), ("urn:2",)]
