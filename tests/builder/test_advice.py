"""Advice on what is right here and refused elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.builder.advice import advise, lacks, nearly_the_same, refused
from feedsvc.formats.partners import PROFILES
from feedsvc.kinds import Kind
from support.newsroom import FULL, NINE, PICTURE, SITE, TEN, articles, times


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"title": "x" * 20}, ["its title has 20 characters; MSN takes 21 to 150"]),
        ({"image": None}, ["it has no image; MSN asks for one", "it has no image; Flipboard asks for one"]),
        ({"date": NINE - 4 * timedelta(days=365)}, []),
        ({"date": NINE + timedelta(days=365)}, []),
        ({"date": None}, ["has no date; it will get the moment at which it is first seen"]),
    ],
)
def test_advice_on_one_article(changes: dict, said: list[str]) -> None:
    article = replace(FULL, **{"title": "A title of a good length", "date": FULL.corrections[0].date, **changes})
    found = list(advise(article, "a.md", [PROFILES["msn"], PROFILES["flipboard"]], TEN))
    assert [fault.reason for fault in found] == said
    assert all(fault.warning and fault.path == "a.md" for fault in found)
    assert {fault.kind for fault in advise(article, "a.md", [], TEN)} <= {Kind.NO_DATE}


TITLED = replace(FULL, title="A title of a good length", date=NINE)
YEAR = timedelta(days=365)
LARGE = "é" * 500_000


def picture(**changes: object) -> dict:
    return {"image": replace(PICTURE, **changes)}


def is_to_come(partner: str) -> str:
    return f"its date, 2026-05-21 10:01 UTC, is in the future; {partner} takes no article before its date"


@pytest.mark.parametrize(
    ("partner", "changes", "said"),
    [
        *((partner, {}, []) for partner in PROFILES),
        ("msn", {"title": "x" * 20}, ["its title has 20 characters; MSN takes 21 to 150"]),
        ("msn", {"title": "x" * 151}, ["its title has 151 characters; MSN takes 21 to 150"]),
        ("flipboard", {"title": "x"}, []),
        ("msn", {"date": TEN - YEAR + timedelta(seconds=1)}, []),
        ("msn", {"date": TEN - YEAR}, ["it is 365 days old; MSN takes articles less than 365 days old"]),
        ("msn", {"date": TEN - 4 * YEAR, "updated": NINE}, ["it is 1,460 days old; MSN takes articles less than 365 days old"]),
        ("msn", {"date": TEN}, []),
        ("msn", {"date": TEN + timedelta(minutes=1)}, [is_to_come("MSN")]),
        ("msn", {"updated": TEN + timedelta(minutes=1)}, []),
        ("smartnews", {"updated": TEN + timedelta(minutes=1)}, [is_to_come("SmartNews")]),
        *((partner, {"date": None}, []) for partner in PROFILES),
        ("msn", {"body": LARGE}, []),
        ("flipboard", {"authors": ()}, []),
        ("msn", {"image": None}, ["it has no image; MSN asks for one"]),
        ("flipboard", {"image": None}, ["it has no image; Flipboard asks for one"]),
        ("flipboard", picture(width=400, height=400), []),
        ("flipboard", picture(width=399, height=900), ["its image has 399 by 900 pixels; Flipboard asks for 400 by 400"]),
        ("flipboard", picture(width=900, height=399), ["its image has 900 by 399 pixels; Flipboard asks for 400 by 400"]),
        ("flipboard", picture(width=None, height=None), []),
        ("msn", picture(width=720, height=1), []),
        ("msn", picture(width=1, height=720), []),
        ("msn", picture(width=719, height=719), ["its image has 719 by 719 pixels; MSN asks for 720 in width or height"]),
        ("msn", picture(src="http://quay.example/a.jpg"), ["its image is at http://quay.example/a.jpg; MSN takes https alone"]),
        ("smartnews", picture(src="http://quay.example/a.jpg"), []),
        ("flipboard", {"image": None, "body": '<p>A <img src="https://quay.example/a.jpg" alt=""></p>'}, []),
        ("flipboard", {"image": None, "body": "<p>&lt;img &gt;</p>"}, ["it has no image; Flipboard asks for one"]),
        ("msn", picture(type=None), []),
        ("msn", picture(type="image/avif"), ["its image is image/avif; MSN takes image/jpeg, image/png, image/gif, image/webp"]),
    ],
)
def test_what_a_partner_refuses_and_why(partner: str, changes: dict, said: list[str]) -> None:
    found = list(refused(replace(TITLED, **changes), "a.md", [PROFILES[partner]], TEN))
    assert [fault.reason for fault in found] == said
    assert not any(fault.warning for fault in found)


def test_what_a_partner_asks_of_a_site() -> None:
    asked = [PROFILES["smartnews"], PROFILES["msn"]]
    assert list(lacks(replace(SITE, description="News for all"), asked)) == []
    assert list(lacks(replace(SITE, logo=None, description="x" * 31, tagline=""), asked)) == [
        "there is no logo; SmartNews asks for one",
        "there is no description or tagline of up to 30 characters; SmartNews asks for one, and gets the title",
    ]


@given(articles(), st.none() | times(), st.none() | times(), times())
@settings(max_examples=50, deadline=None)
def test_any_article_can_be_asked_about(article, date, updated, at) -> None:
    for fault in refused(replace(article, date=date, updated=updated), "a.md", PROFILES.values(), at):
        assert fault.path == "a.md" and any(profile.name in fault.reason for profile in PROFILES.values())


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Ferry fares rise in June", "Ferry fares rise in June", True),
        ("Ferry fares rise in June", "Ferry fares rise in June!", True),
        ("Ferry fares rise in June", "FERRY  fares fall in july", False),
        ("Ferry fares to rise in June, council says", "Ferry fares to rise in June, councils say", True),
        ("Town win at home", "Town lose at home to a side that had ten men", False),
        ("Вибори мера завершено", "Вибори мера завершено.", True),
        ("?", "!", False),
    ],
)
def test_titles_that_are_nearly_the_same(one: str, other: str, alike: bool) -> None:
    found = list(nearly_the_same([("a.md", one), ("b.md", other)]))
    assert [(fault.path, "a.md" in fault.reason) for fault in found] == [("b.md", True)] * alike


def test_an_archive_of_one_series_is_compared_in_reasonable_time() -> None:
    titled = [(f"{number}.md", f"Tide table {number}") for number in range(3_000)]
    assert all(fault.warning for fault in nearly_the_same(titled))


@given(st.lists(st.text(max_size=30), max_size=8))
@settings(max_examples=50)
def test_each_later_twin_is_named_once(titles: list[str]) -> None:
    titled = [(f"{number}.md", title) for number, title in enumerate(titles)]
    found = [fault.path for fault in nearly_the_same(titled)]
    assert len(found) == len(set(found)) and "0.md" not in found
