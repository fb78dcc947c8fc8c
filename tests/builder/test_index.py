"""Every topic's articles in order, however they come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from feedsvc.builder.index import TopicIndex, place
from feedsvc.model.record import TOMBSTONE, Record, State
from feedsvc.model.site import Site, Topic
from support.records import HOUR, NOW, record

SITE = Site(
    title="The Quay Gazette",
    topics=(
        Topic(slug="harbour", name="Harbour", aliases=("port", "quay")),
        Topic(slug="council", name="Council"),
        Topic(slug="fog", name="Fog", retired=True),
        Topic(slug="water", name="Water", any=("harbour", "river")),
        Topic(slug="dispute", name="Dispute", all=("harbour", "council")),
        Topic(slug="elsewhere", name="Elsewhere", none=("harbour",)),
    ),
)


FERRY = ("ferry", "The ferry")


def ids(records: list[Record]) -> str:
    return "".join(one.id for one in records)


# ---- order


def test_the_newest_comes_first_and_the_id_decides_between_equals() -> None:
    index = TopicIndex(SITE, [record("c", 2), record("a", 1), record("b", 1), record("d", 0)])
    assert ids(index.newest("all", NOW, 10)) == "dabc"
    assert ids(index.newest("all", NOW, 2)) == "da"
    assert index.newest("unknown", NOW, 10) == []


def test_embargoed_and_expired_articles_are_not_listed() -> None:
    index = TopicIndex(SITE, [record("a", -1), record("b", 2, expires=NOW), record("c", 3, expires=NOW + HOUR), record("d", 0)])
    assert ids(index.newest("harbour", NOW, 10)) == "dc"
    assert ids(index.newest("harbour", NOW + HOUR, 10)) == "ad"


@pytest.mark.parametrize("state", [State.DRAFT, State.RETRACTED, State.REMOVED])
def test_what_does_not_stand_is_in_no_list(state: State) -> None:
    index = TopicIndex(SITE, [record(state=state, breaking=True, story=FERRY, shown=True)])
    assert not index.newest("all", NOW, 10) and not index.breaking("all", NOW) and not index.story(record(story=FERRY), NOW)
    assert ids(index.gone("all", NOW)) == ids(index.gone("story/ferry", NOW)) == "a"
    assert index.next_instant(NOW - 9 * HOUR) == NOW + TOMBSTONE and not index.gone("all", NOW + TOMBSTONE)
    unseen = TopicIndex(SITE, [record(state=state)])
    assert unseen.next_instant(NOW - 9 * HOUR) is None and not unseen.gone("all", NOW)


def test_a_record_put_again_takes_its_new_place() -> None:
    index = TopicIndex(SITE, [record("a", 1), record("b", 2)])
    index.put(record("b", 0))
    assert ids(index.newest("all", NOW, 10)) == "ba"
    index.put(record("b", 0, state=State.REMOVED))
    assert ids(index.newest("all", NOW, 10)) == "a"
    assert index.records["b"].state is State.REMOVED


def test_a_place_orders_by_time_to_the_second() -> None:
    assert place(record("a", 1)) < place(record("a", 2)) and place(record("a")) < place(record("b"))


# ---- topics


@pytest.mark.parametrize(
    ("named", "listed"),
    [
        (["harbour"], ["all", "harbour", "water"]),
        (["port", "quay", "harbour"], ["all", "harbour", "water"]),
        (["council"], ["all", "council", "elsewhere"]),
        (["council", "port"], ["all", "council", "harbour", "water", "dispute"]),
        (["river"], ["all", "river", "water", "elsewhere"]),
        (["fog"], ["all", "elsewhere"]),
        ([], ["all", "elsewhere"]),
        (["elsewhere", "harbour"], ["all", "elsewhere", "harbour", "water"]),
    ],
)
def test_the_topics_of_a_record(named: list[str], listed: list[str]) -> None:
    made = record(topics=tuple((slug, "") for slug in named))
    index = TopicIndex(SITE, [made])
    assert index.topics_of(made) == tuple(listed)
    assert [slug for slug in listed if index.newest(slug, NOW, 1)] == listed
    assert [topic.slug for topic in index.named_topics(made, NOW)] == list(SITE.resolve(named))


def test_topics_are_called_what_the_site_calls_them_or_their_first_article() -> None:
    index = TopicIndex(
        SITE,
        [
            record("a", 1, topics=(("tidal-pool", "TIDAL pool"), ("harbour", "HARBOUR"))),
            record("b", 2, topics=(("tidal-pool", "Tidal Pool"),)),
            record("c", 3, topics=(("tidal-pool", ""),)),
            record("d", -1, topics=(("secret", "The Secret Report"),)),
        ],
    )
    assert index.topic("tidal-pool", NOW).name == "Tidal Pool"
    assert index.topic("harbour", NOW).name == index.topic("port", NOW).name == "Harbour"
    assert index.topic("all", NOW).name == "The Quay Gazette"
    assert index.topic("old-mill", NOW).name == "Old mill"
    assert index.topic("secret", NOW).name == "Secret", "a name under embargo tells the story"
    assert index.topic("secret", NOW + HOUR).name == "The Secret Report"


CONFIGURED = ("all", "council", "dispute", "elsewhere", "harbour", "water")


def test_known_topics_are_the_sites_and_those_with_a_live_article() -> None:
    index = TopicIndex(
        SITE, [record("a", topics=(("pier", ""),)), record("b", -1, topics=(("secret", ""),)), record("c", topics=(("fog", ""),))]
    )
    assert index.known(NOW) == tuple(sorted([*CONFIGURED, "pier"]))
    assert "secret" in index.known(NOW + HOUR)
    assert TopicIndex(Site()).known(NOW) == ("all",)


def test_a_topic_once_known_stays_known() -> None:
    index = TopicIndex(SITE, [record("a", 1, topics=(("pier", ""),), expires=NOW)])
    assert "pier" not in index.known(NOW)
    assert index.known(NOW, ["all", "pier"]) == tuple(sorted([*CONFIGURED, "pier"]))


def test_a_topic_that_became_an_alias_or_ended_is_known_no_more() -> None:
    assert TopicIndex(SITE).known(NOW, ["port", "fog"]) == CONFIGURED


# ---- breaking, stories, slugs, pictures


def test_breaking_news_is_by_topic_and_ends() -> None:
    index = TopicIndex(
        SITE,
        [
            record("a", 2, breaking=True),
            record("b", 1, breaking=True, breaking_until=NOW + HOUR),
            record("c", breaking=True, topics=(("council", ""),)),
            record("d", -2, breaking=True),
            record("e"),
        ],
    )
    assert ids(index.breaking("harbour", NOW)) == ids(index.breaking("water", NOW)) == "ba"
    assert ids(index.breaking("all", NOW + HOUR)) == "ca"
    assert ids(index.breaking("all", NOW + 2 * HOUR)) == "dca"


def test_a_story_is_its_live_articles_and_is_listed_like_a_topic() -> None:
    first, second, later, other = (record(id, hours, story=FERRY) for id, hours in zip("abcd", (2, 1, -1, 0), strict=True))
    index = TopicIndex(SITE, [first, second, later, replace(other, story=None)])
    assert ids(index.story(first, NOW)) == ids(index.newest("story/ferry", NOW, 9)) == "ba"
    assert sorted(ids(index.story_members(first))) == ["b", "c"]
    assert index.story(index.records["d"], NOW) == [] == index.story_members(index.records["d"])
    assert index.topic("story/ferry", NOW).name == "The ferry" and "story/ferry" in index.known(NOW)


def test_two_articles_may_swap_their_slugs() -> None:
    index = TopicIndex(SITE, [record("a", slug="x"), record("b", slug="y")])
    index.put(record("a", slug="y"))
    index.put(record("b", slug="x"))
    assert (index.by_slug("y"), index.by_slug("x")) == (record("a", slug="y"), record("b", slug="x"))


def test_a_removed_article_holds_no_slug_and_is_found_by_its_words() -> None:
    index = TopicIndex(SITE, [record("a")])
    assert index.removed("words of a") == []
    index.put(record("a", state=State.REMOVED))
    assert index.by_slug("a") is None
    assert [one.id for one in index.removed("words of a")] == ["a"]
    index.put(record("a"))
    assert index.removed("words of a") == [] and index.by_slug("a") == record("a")


def test_pictures_know_their_articles() -> None:
    index = TopicIndex(SITE, [record("a", media="dusk.jpg"), record("b", media="dusk.jpg", state=State.DRAFT), record("c")])
    assert index.pictures() == ["dusk.jpg"]
    assert {one.id for one in index.users_of("dusk.jpg")} == {"a", "b"}
    index.put(record("a"))
    index.put(record("b", media="dusk.jpg", state=State.REMOVED))
    assert index.pictures() == [] == index.users_of("dusk.jpg")


# ---- time


def test_instants() -> None:
    index = TopicIndex(SITE, [record("a", -1), record("b", 1, expires=NOW + 2 * HOUR, breaking=True, breaking_until=NOW + HOUR)])
    assert [index.next_instant(NOW + hours * HOUR) for hours in (-2, -1, 0, 1, 2)] == [
        NOW - HOUR,
        NOW + HOUR,
        NOW + HOUR,
        NOW + 2 * HOUR,
        NOW + 2 * HOUR + TOMBSTONE,
    ]
    assert ids(index.due(NOW, NOW + HOUR)) in ("ab", "ba")
    assert ids(index.due(NOW, NOW + 2 * HOUR)) in ("ab", "ba"), "each once"
    assert index.due(NOW, NOW + HOUR - timedelta(seconds=1)) == [] == index.due(NOW + 2 * HOUR, NOW + 9 * HOUR)


def test_an_instant_is_later_than_now_whatever_the_id() -> None:
    index = TopicIndex(SITE, [record("\U0010ffff\U0010ffff")])
    assert index.next_instant(NOW) is None
    assert index.due(NOW, NOW + HOUR) == []


# ---- the same, however the records came

times = st.integers(-3, 3).map(lambda hours: NOW + hours * HOUR)
records = st.builds(
    record,
    st.sampled_from("abcdef"),
    st.integers(-3, 3),
    state=st.sampled_from([State.STANDING, State.STANDING, *State]),
    expires=st.none() | times,
    breaking=st.booleans(),
    breaking_until=st.none() | times,
    topics=st.lists(st.sampled_from(["harbour", "port", "council", "fog", "river", "été"]), max_size=3, unique=True).map(
        lambda slugs: tuple((slug, slug.upper()) for slug in slugs)
    ),
    story=st.sampled_from([None, FERRY, ("fares", "Fares")]),
    media=st.sampled_from([None, "dusk.jpg"]),
    shown=st.booleans(),
)
SLUGS = ("all", "harbour", "council", "water", "dispute", "elsewhere", "river", "été", "fog")


def view(index: TopicIndex, now: datetime) -> object:
    """All that lists say at a moment."""
    return (
        index.known(now),
        index.next_instant(now),
        sorted(one.id for one in index.due(now, now + 2 * HOUR)),
        [(ids(index.newest(slug, now, 3)), ids(index.breaking(slug, now)), index.topic(slug, now)) for slug in SLUGS],
        [ids(index.newest(f"story/{story}", now, 3)) for story in ("ferry", "fares")],
        [index.by_slug(id) for id in "abcdef"],
        [index.removed(f"words of {id}") for id in "abcdef"],
        sorted(index.pictures()),
        [ids(index.gone(slug, now)) for slug in SLUGS],
        sorted(one.id for one in index.users_of("dusk.jpg")),
    )


class AnyOrder(RuleBasedStateMachine):
    """Records are put one after another; at every moment the lists are those that would be built from scratch."""

    def __init__(self) -> None:
        super().__init__()
        self.index = TopicIndex(SITE)
        self.model: dict[str, Record] = {}

    @rule(made=records)
    def put(self, made: Record) -> None:
        self.index.put(made)
        self.model[made.id] = made

    @rule(now=times)
    def is_as_from_scratch(self, now: datetime) -> None:
        assert view(self.index, now) == view(TopicIndex(SITE, self.model.values()), now)

    @invariant()
    def lists_what_is_live(self) -> None:
        live = sorted((one for one in self.model.values() if one.live(NOW)), key=lambda one: (-one.published.timestamp(), one.id))
        for slug in ("all", "harbour", "river"):
            listed = [one for one in live if slug in self.index.topics_of(one)]
            assert self.index.newest(slug, NOW, 99) == listed


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)


@given(st.lists(records, max_size=6, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_arrival_does_not_count(some: list[Record], random: object) -> None:
    shuffled = sorted(some, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert view(TopicIndex(SITE, some), NOW) == view(TopicIndex(SITE, shuffled), NOW)
