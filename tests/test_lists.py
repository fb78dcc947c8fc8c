"""Every topic's articles in order, however they come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from feedsvc.ledger import TOMBSTONE, Record, State
from feedsvc.lists import Lists, place
from feedsvc.topics import Site, Topic

NOW = datetime(2026, 5, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
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


def ids(records: list[Record]) -> str:
    return "".join(one.id for one in records)


# ---- order


def test_the_newest_comes_first_and_the_id_decides_between_equals() -> None:
    lists = Lists(SITE, [record("c", 2), record("a", 1), record("b", 1), record("d", 0)])
    assert ids(lists.newest("all", NOW, 10)) == "dabc"
    assert ids(lists.newest("all", NOW, 2)) == "da"
    assert lists.newest("unknown", NOW, 10) == []


def test_embargoed_and_expired_articles_are_not_listed() -> None:
    lists = Lists(SITE, [record("a", -1), record("b", 2, expires=NOW), record("c", 3, expires=NOW + HOUR), record("d", 0)])
    assert ids(lists.newest("harbour", NOW, 10)) == "dc"
    assert ids(lists.newest("harbour", NOW + HOUR, 10)) == "ad"


@pytest.mark.parametrize("state", [State.DRAFT, State.RETRACTED, State.REMOVED])
def test_what_does_not_stand_is_in_no_list(state: State) -> None:
    lists = Lists(SITE, [record(state=state, breaking=True, story=FERRY, shown=True)])
    assert not lists.newest("all", NOW, 10) and not lists.breaking("all", NOW) and not lists.story(record(story=FERRY), NOW)
    assert ids(lists.gone("all", NOW)) == ids(lists.gone("story/ferry", NOW)) == "a"
    assert lists.next_instant(NOW - 9 * HOUR) == NOW + TOMBSTONE and not lists.gone("all", NOW + TOMBSTONE)
    unseen = Lists(SITE, [record(state=state)])
    assert unseen.next_instant(NOW - 9 * HOUR) is None and not unseen.gone("all", NOW)


def test_a_record_put_again_takes_its_new_place() -> None:
    lists = Lists(SITE, [record("a", 1), record("b", 2)])
    lists.put(record("b", 0))
    assert ids(lists.newest("all", NOW, 10)) == "ba"
    lists.put(record("b", 0, state=State.REMOVED))
    assert ids(lists.newest("all", NOW, 10)) == "a"
    assert lists.records["b"].state is State.REMOVED


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
    lists = Lists(SITE, [made])
    assert lists.topics_of(made) == tuple(listed)
    assert [slug for slug in listed if lists.newest(slug, NOW, 1)] == listed
    assert [topic.slug for topic in lists.named_topics(made, NOW)] == list(SITE.resolve(named))


def test_topics_are_called_what_the_site_calls_them_or_their_first_article() -> None:
    lists = Lists(
        SITE,
        [
            record("a", 1, topics=(("tidal-pool", "TIDAL pool"), ("harbour", "HARBOUR"))),
            record("b", 2, topics=(("tidal-pool", "Tidal Pool"),)),
            record("c", 3, topics=(("tidal-pool", ""),)),
            record("d", -1, topics=(("secret", "The Secret Report"),)),
        ],
    )
    assert lists.topic("tidal-pool", NOW).name == "Tidal Pool"
    assert lists.topic("harbour", NOW).name == lists.topic("port", NOW).name == "Harbour"
    assert lists.topic("all", NOW).name == "The Quay Gazette"
    assert lists.topic("old-mill", NOW).name == "Old mill"
    assert lists.topic("secret", NOW).name == "Secret", "a name under embargo tells the story"
    assert lists.topic("secret", NOW + HOUR).name == "The Secret Report"


CONFIGURED = ("all", "council", "dispute", "elsewhere", "harbour", "water")


def test_known_topics_are_the_sites_and_those_with_a_live_article() -> None:
    lists = Lists(
        SITE, [record("a", topics=(("pier", ""),)), record("b", -1, topics=(("secret", ""),)), record("c", topics=(("fog", ""),))]
    )
    assert lists.known(NOW) == tuple(sorted([*CONFIGURED, "pier"]))
    assert "secret" in lists.known(NOW + HOUR)
    assert Lists(Site()).known(NOW) == ("all",)


def test_a_topic_once_known_stays_known() -> None:
    lists = Lists(SITE, [record("a", 1, topics=(("pier", ""),), expires=NOW)])
    assert "pier" not in lists.known(NOW)
    assert lists.known(NOW, ["all", "pier"]) == tuple(sorted([*CONFIGURED, "pier"]))


def test_a_topic_that_became_an_alias_or_ended_is_known_no_more() -> None:
    assert Lists(SITE).known(NOW, ["port", "fog"]) == CONFIGURED


# ---- breaking, stories, slugs, pictures


def test_breaking_news_is_by_topic_and_ends() -> None:
    lists = Lists(
        SITE,
        [
            record("a", 2, breaking=True),
            record("b", 1, breaking=True, breaking_until=NOW + HOUR),
            record("c", breaking=True, topics=(("council", ""),)),
            record("d", -2, breaking=True),
            record("e"),
        ],
    )
    assert ids(lists.breaking("harbour", NOW)) == ids(lists.breaking("water", NOW)) == "ba"
    assert ids(lists.breaking("all", NOW + HOUR)) == "ca"
    assert ids(lists.breaking("all", NOW + 2 * HOUR)) == "dca"


def test_a_story_is_its_live_articles_and_is_listed_like_a_topic() -> None:
    first, second, later, other = (record(id, hours, story=FERRY) for id, hours in zip("abcd", (2, 1, -1, 0), strict=True))
    lists = Lists(SITE, [first, second, later, replace(other, story=None)])
    assert ids(lists.story(first, NOW)) == ids(lists.newest("story/ferry", NOW, 9)) == "ba"
    assert sorted(ids(lists.story_members(first))) == ["b", "c"]
    assert lists.story(lists.records["d"], NOW) == [] == lists.story_members(lists.records["d"])
    assert lists.topic("story/ferry", NOW).name == "The ferry" and "story/ferry" in lists.known(NOW)


def test_two_articles_may_swap_their_slugs() -> None:
    lists = Lists(SITE, [record("a", slug="x"), record("b", slug="y")])
    lists.put(record("a", slug="y"))
    lists.put(record("b", slug="x"))
    assert (lists.by_slug("y"), lists.by_slug("x")) == (record("a", slug="y"), record("b", slug="x"))


def test_a_removed_article_holds_no_slug_and_is_found_by_its_words() -> None:
    lists = Lists(SITE, [record("a")])
    assert lists.removed("words of a") == []
    lists.put(record("a", state=State.REMOVED))
    assert lists.by_slug("a") is None
    assert [one.id for one in lists.removed("words of a")] == ["a"]
    lists.put(record("a"))
    assert lists.removed("words of a") == [] and lists.by_slug("a") == record("a")


def test_pictures_know_their_articles() -> None:
    lists = Lists(SITE, [record("a", media="dusk.jpg"), record("b", media="dusk.jpg", state=State.DRAFT), record("c")])
    assert lists.pictures() == ["dusk.jpg"]
    assert {one.id for one in lists.users_of("dusk.jpg")} == {"a", "b"}
    lists.put(record("a"))
    lists.put(record("b", media="dusk.jpg", state=State.REMOVED))
    assert lists.pictures() == [] == lists.users_of("dusk.jpg")


# ---- time


def test_instants() -> None:
    lists = Lists(SITE, [record("a", -1), record("b", 1, expires=NOW + 2 * HOUR, breaking=True, breaking_until=NOW + HOUR)])
    assert [lists.next_instant(NOW + hours * HOUR) for hours in (-2, -1, 0, 1, 2)] == [
        NOW - HOUR,
        NOW + HOUR,
        NOW + HOUR,
        NOW + 2 * HOUR,
        NOW + 2 * HOUR + TOMBSTONE,
    ]
    assert ids(lists.due(NOW, NOW + HOUR)) in ("ab", "ba")
    assert ids(lists.due(NOW, NOW + 2 * HOUR)) in ("ab", "ba"), "each once"
    assert lists.due(NOW, NOW + HOUR - timedelta(seconds=1)) == [] == lists.due(NOW + 2 * HOUR, NOW + 9 * HOUR)


def test_an_instant_is_later_than_now_whatever_the_id() -> None:
    lists = Lists(SITE, [record("\U0010ffff\U0010ffff")])
    assert lists.next_instant(NOW) is None
    assert lists.due(NOW, NOW + HOUR) == []


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


def view(lists: Lists, now: datetime) -> object:
    """All that lists say at a moment."""
    return (
        lists.known(now),
        lists.next_instant(now),
        sorted(one.id for one in lists.due(now, now + 2 * HOUR)),
        [(ids(lists.newest(slug, now, 3)), ids(lists.breaking(slug, now)), lists.topic(slug, now)) for slug in SLUGS],
        [ids(lists.newest(f"story/{story}", now, 3)) for story in ("ferry", "fares")],
        [lists.by_slug(id) for id in "abcdef"],
        [lists.removed(f"words of {id}") for id in "abcdef"],
        sorted(lists.pictures()),
        [ids(lists.gone(slug, now)) for slug in SLUGS],
        sorted(one.id for one in lists.users_of("dusk.jpg")),
    )


class AnyOrder(RuleBasedStateMachine):
    """Records are put one after another; at every moment the lists are those that would be built from scratch."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = Lists(SITE)
        self.model: dict[str, Record] = {}

    @rule(made=records)
    def put(self, made: Record) -> None:
        self.lists.put(made)
        self.model[made.id] = made

    @rule(now=times)
    def is_as_from_scratch(self, now: datetime) -> None:
        assert view(self.lists, now) == view(Lists(SITE, self.model.values()), now)

    @invariant()
    def lists_what_is_live(self) -> None:
        live = sorted((one for one in self.model.values() if one.live(NOW)), key=lambda one: (-one.published.timestamp(), one.id))
        for slug in ("all", "harbour", "river"):
            listed = [one for one in live if slug in self.lists.topics_of(one)]
            assert self.lists.newest(slug, NOW, 99) == listed


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)


@given(st.lists(records, max_size=6, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_arrival_does_not_count(some: list[Record], random: object) -> None:
    shuffled = sorted(some, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert view(Lists(SITE, some), NOW) == view(Lists(SITE, shuffled), NOW)
