"""Nobody is turned away for ever: ids and slugs that several want, in every order of events."""

from __future__ import annotations

import pytest

from support.events import (
    DAY,
    MINUTE,
    SECOND,
    build,
    faults,
    hinted_or_scanned,
    known,
    move,
)
from support.live import NOON, Newsroom


@hinted_or_scanned
@pytest.mark.parametrize("newcomer", ["aaa/ferry.md", "zzz/ferry.md"])
def test_a_newcomer_takes_no_slug_from_one_that_moves(newsroom: Newsroom, hinted: bool, newcomer: str) -> None:
    newsroom.write("town/ferry.md", title="Ferry", body="The words of old.")
    newsroom.build()
    before = known(newsroom)
    move(newsroom, "town/ferry.md", "mmm/ferry.md")
    newsroom.write(newcomer, title="Another", body="Other words.")
    build(newsroom, "town/ferry.md", "mmm/ferry.md", newcomer, hinted=hinted)
    assert known(newsroom).items() > before.items()
    addresses = {entry["title"]: entry["url"] for entry in newsroom.feed()["items"]}
    assert addresses == {"Ferry": "https://feeds.example/articles/ferry", "Another": "https://feeds.example/articles/ferry-2"}
    [fault] = faults(newsroom)
    assert newcomer in fault and "mmm/ferry.md, which was there first" in fault


@hinted_or_scanned
@pytest.mark.parametrize("newcomer", ["aaa/other.md", "zzz/other.md"])
def test_a_newcomer_takes_no_id_from_one_that_moves(newsroom: Newsroom, hinted: bool, newcomer: str) -> None:
    newsroom.write("town/ferry.md", title="Ferry", id="tag:ferry", body="The words of old.")
    newsroom.build()
    before = known(newsroom)
    move(newsroom, "town/ferry.md", "mmm/ferry.md")
    newsroom.write(newcomer, title="Another", id="tag:ferry", body="Other words.")
    build(newsroom, "town/ferry.md", "mmm/ferry.md", newcomer, hinted=hinted)
    assert known(newsroom) == before
    [fault] = faults(newsroom)
    assert newcomer in fault and "mmm/ferry.md, which was there first" in fault


@hinted_or_scanned
def test_an_id_goes_with_the_file_that_gives_it_though_it_was_edited_and_another_is_in_its_place(
    newsroom: Newsroom, hinted: bool
) -> None:
    newsroom.write("town/ferry.md", title="Ferry", id="tag:ferry", body="The words of old.")
    newsroom.build()
    before = known(newsroom)
    newsroom.write("mmm/ferry.md", title="Ferry", id="tag:ferry", body="The words of today.")
    newsroom.write("town/ferry.md", title="Another", slug="another", body="Other words.")
    build(newsroom, "town/ferry.md", "mmm/ferry.md", hinted=hinted)
    assert known(newsroom).items() > before.items() and faults(newsroom) == []


@hinted_or_scanned
def test_an_id_that_was_derived_stays_with_its_file_though_another_names_it(newsroom: Newsroom, hinted: bool) -> None:
    newsroom.write("town/ferry.md", title="Ferry", body="The words of old.")
    newsroom.build()
    before = known(newsroom)
    newsroom.write("aaa/other.md", title="Another", id=before["Ferry"][0], body="Other words.")
    newsroom.write("town/ferry.md", title="Ferry", body="The words of today.")
    build(newsroom, "town/ferry.md", "aaa/other.md", hinted=hinted)
    assert known(newsroom) == before
    [fault] = faults(newsroom)
    assert "aaa/other.md" in fault and "town/ferry.md, which was there first" in fault


def test_two_articles_may_exchange_their_ids_though_one_file_is_told_of_first(newsroom: Newsroom) -> None:
    newsroom.write("harbour/a.md", title="A", id="tag:a", body="Words of a.")
    newsroom.write("harbour/b.md", title="B", id="tag:b", body="Words of b.")
    newsroom.build()
    newsroom.write("harbour/a.md", title="A", id="tag:b", body="Words of a.")
    newsroom.write("harbour/b.md", title="B", id="tag:a", body="Words of b.")
    newsroom.build("harbour/a.md")
    assert faults(newsroom) == []
    assert {title: id for title, (id, _) in known(newsroom).items()} == {"A": "tag:b", "B": "tag:a"}


def test_an_article_may_get_a_new_id_while_another_takes_its_old_one(newsroom: Newsroom) -> None:
    newsroom.write("harbour/a.md", title="A", id="tag:a", body="Words of a.")
    newsroom.write("harbour/b.md", title="B", body="Words of b.")
    newsroom.build()
    newsroom.write("harbour/a.md", title="A", id="tag:anew", body="Words of a.")
    newsroom.write("harbour/b.md", title="B", id="tag:a", body="Words of b.")
    newsroom.build()
    assert faults(newsroom) == []
    assert {title: id for title, (id, _) in known(newsroom).items()} == {"A": "tag:anew", "B": "tag:a"}


@hinted_or_scanned
def test_two_articles_may_exchange_their_slugs(newsroom: Newsroom, hinted: bool) -> None:
    newsroom.write("harbour/a.md", title="A", slug="one", body="Words of a.")
    newsroom.write("harbour/b.md", title="B", slug="two", body="Words of b.")
    newsroom.build()
    before = known(newsroom)
    newsroom.write("harbour/a.md", title="A", slug="two", body="Words of a.")
    newsroom.write("harbour/b.md", title="B", slug="one", body="Words of b.")
    build(newsroom, "harbour/a.md", "harbour/b.md", hinted=hinted)
    assert faults(newsroom) == [] and known(newsroom) == before
    urls = {entry["title"]: entry["url"] for entry in newsroom.feed()["items"]}
    assert urls == {"A": "https://feeds.example/articles/two", "B": "https://feeds.example/articles/one"}


def test_slugs_exchanged_one_file_after_the_other_refuse_nothing_for_ever(newsroom: Newsroom) -> None:
    newsroom.write("harbour/a.md", title="A", slug="one", body="Words of a.")
    newsroom.write("harbour/b.md", title="B", slug="two", body="Words of b.")
    newsroom.build()
    newsroom.write("harbour/a.md", title="A", slug="two", body="Words of a.")
    newsroom.build("harbour/a.md", after=SECOND)
    assert len(faults(newsroom)) == 1
    newsroom.write("harbour/b.md", title="B", slug="one", body="Words of b.")
    newsroom.build("harbour/b.md", after=SECOND)
    newsroom.build(after=MINUTE)
    newsroom.build(after=MINUTE)
    assert faults(newsroom) == []
    newsroom.write("harbour/a.md", title="A", slug="two", body="Corrected words of a.")
    newsroom.build(after=MINUTE)
    assert "Corrected words" in newsroom.body("/feeds/all.json")


def test_an_address_stays_with_who_was_last_shown_there(newsroom: Newsroom) -> None:
    newsroom.write("harbour/ferry.md", title="Ferry")
    newsroom.build()
    move(newsroom, "harbour/ferry.md", "harbour/night-ferry.md")
    newsroom.build(after=MINUTE)

    def address() -> tuple[int, str | None]:
        answer = newsroom.client().get("/articles/ferry")
        return answer.status_code, answer.headers.get("Location")

    leads_on = (301, "https://feeds.example/articles/night-ferry")
    assert address() == leads_on
    newsroom.write("harbour/ferry.md", title="Secret", body="Nobody may know.", date=NOON + DAY)
    newsroom.build(after=MINUTE)
    assert address() == leads_on
    (newsroom.articles / "harbour/ferry.md").unlink()
    newsroom.build(after=MINUTE)
    assert address() == leads_on
