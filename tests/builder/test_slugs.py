"""Which slug each article gets where several want one: never two the same, and never another's that stays."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.builder.index import TopicIndex
from feedsvc.builder.slugs import Wish, settle
from feedsvc.model.record import State
from feedsvc.model.site import Site
from support.records import record

IDS = st.sampled_from("abcdef")
SLUGS = st.sampled_from(("ferry", "ferry-2", "ferry-2026-05-20", "tide"))


def index(slugs: dict[str, str]) -> TopicIndex:
    return TopicIndex(Site(), [record(id, slug=slug, path=f"{id}.md") for id, slug in slugs.items()])


@given(
    st.dictionaries(IDS, SLUGS, max_size=6).map(lambda slugs: {slug: id for id, slug in slugs.items()}),
    st.dictionaries(IDS, st.tuples(SLUGS, st.sampled_from(("", "2026-05-20")))),
    st.sets(IDS),
)
def test_no_two_articles_have_one_slug(held: dict[str, str], wishes: dict[str, tuple[str, str]], leaving: set[str]) -> None:
    known = {id: slug for slug, id in held.items()}
    leaving -= wishes.keys()
    others = settle({id: Wish(slug, f"{id}.md", day) for id, (slug, day) in wishes.items()}, leaving, index(known))
    after = {id: slug for id, slug in known.items() if id not in leaving and id not in wishes}
    after |= {id: others[id].slug if id in others else slug for id, (slug, _) in wishes.items()}
    assert len(set(after.values())) == len(after)
    for id, slug in known.items():
        if id in wishes and wishes[id][0] == slug:
            assert after[id] == slug, "who has what it wants keeps it"


def test_two_may_exchange_theirs() -> None:
    wishes = {"a": Wish("tide", "a.md", ""), "b": Wish("ferry", "b.md", "")}
    assert settle(wishes, (), index({"a": "ferry", "b": "tide"})) == {}


def test_a_slug_that_was_given_instead_stays_when_the_article_that_has_the_other_is_removed() -> None:
    records = [record("a", slug="ferry", state=State.REMOVED, shown=True), replace(record("b"), slug="ferry-2")]
    others = settle({"b": Wish("ferry", "b.md", "")}, (), TopicIndex(Site(), records))
    assert others["b"].slug == "ferry-2" and others["b"].owner == ""


def test_a_slug_that_its_article_has_left_is_free() -> None:
    assert settle({"b": Wish("ferry", "b.md", "")}, (), index({"a": "night-ferry", "b": "ferry-2"})) == {}
