"""A topic's articles at one moment, and an article's entry in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.model.edition import RELATED, entry_of
from feedsvc.model.record import Record, State
from feedsvc.model.site import Site, Topic
from support.newsroom import ADDRESSES, ALL, COUNCIL, FULL, HARBOUR, NINE, SITE, TEN, make_edition, make_entry

RECORD = Record(
    id="urn:example:ferry",
    path="harbour/ferry.md",
    slug="ferry-later",
    title="Ferry to run later on Fridays",
    first_seen=NINE,
    published=NINE,
    updated=TEN,
    words="words",
    stamp="stamp",
    state=State.STANDING,
    since=NINE,
)


def other(number: int, link: str | None = None) -> Record:
    return replace(RECORD, id=f"urn:example:{number}", slug=f"fares-{number}", title=f"Fares {number}", link=link)


def test_an_entry_joins_what_the_ledger_and_the_article_know() -> None:
    entry = entry_of(RECORD, FULL, (HARBOUR, COUNCIL), (), ADDRESSES, TEN)
    assert entry.article is FULL
    assert (entry.id, entry.published, entry.updated) == (RECORD.id, NINE, TEN)
    assert entry.url == "https://feeds.quay.example/articles/ferry-later"
    assert entry.topics == (HARBOUR, COUNCIL)
    assert not entry.breaking and entry.related == ()


def test_an_articles_own_link_is_its_address() -> None:
    record = replace(RECORD, link="https://quay.example/ferry")
    assert entry_of(record, FULL, (), (), ADDRESSES, TEN).url == "https://quay.example/ferry"


@pytest.mark.parametrize(("until", "breaking"), [(None, True), (TEN, False), (NINE, False)])
def test_breaking_is_as_of_the_editions_moment(until: object, breaking: bool) -> None:
    record = replace(RECORD, breaking=True, breaking_until=until)
    assert entry_of(record, FULL, (), (), ADDRESSES, TEN).breaking is breaking


def test_related_are_the_others_of_its_story_in_their_order() -> None:
    story = [other(3), RECORD, other(2, "https://quay.example/two"), *(other(number) for number in range(4, 20))]
    related = entry_of(RECORD, FULL, (), story, ADDRESSES, TEN).related
    assert related[:2] == (
        ("Fares 3", "https://feeds.quay.example/articles/fares-3"),
        ("Fares 2", "https://quay.example/two"),
    )
    assert len(related) == RELATED


@pytest.mark.parametrize(
    ("topic", "title", "description"),
    [
        (ALL, "The Quay Gazette", "What happens between the lighthouse and the lock."),
        (HARBOUR, "Harbour – The Quay Gazette", "Boats, tides and the quay."),
        (COUNCIL, "Council – The Quay Gazette", "Council from The Quay Gazette"),
    ],
)
def test_title_and_description(topic: Topic, title: str, description: str) -> None:
    edition = make_edition(make_entry(), topic=topic)
    assert (edition.title, edition.description) == (title, description)


@pytest.mark.parametrize(
    ("site", "description"),
    [
        (replace(SITE, description=""), "News from the waterside"),
        (replace(SITE, description="", tagline=""), "The Quay Gazette"),
        (Site(), "News"),
    ],
)
def test_no_description_is_empty(site: Site, description: str) -> None:
    assert make_edition(site=site, topic=ALL).description == description
