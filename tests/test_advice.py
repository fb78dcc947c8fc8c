"""Advice on what is right here and refused elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import FULL

from feedsvc.advice import advise, nearly_the_same


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"title": "x" * 19}, ["its title has 19 characters; MSN takes 20 to 150"]),
        ({"title": "x" * 20}, []),
        ({"title": "x" * 150}, []),
        ({"title": "x" * 151}, ["its title has 151 characters; MSN takes 20 to 150"]),
        ({"image": None}, ["has no image; aggregators show it small or not at all"]),
        ({"date": None}, ["has no date; it will be the moment at which it is first seen"]),
    ],
)
def test_advice_on_one_article(changes: dict, said: list[str]) -> None:
    article = replace(FULL, **{"title": "A title of a good length", "date": FULL.corrections[0].date, **changes})
    found = list(advise(article, "a.md"))
    assert [fault.reason for fault in found] == said
    assert all(fault.warning and fault.path == "a.md" for fault in found)


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
