"""The ticker's JSON, version 1: what sites that embed it rely on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from feedsvc.formats import headlines
from feedsvc.model.article import Claim
from support.newsroom import ADDRESSES, ALL, FULL, HOSTILE, PLAIN, entries, hostile_edition, hostile_entry, make_edition, make_entry


def ticker(*chosen, **changes):
    edition = make_edition(*chosen, **changes)
    return json.loads(headlines.whole(edition, [headlines.entry(entry, ADDRESSES) for entry in chosen], ADDRESSES))


def test_the_contract_to_the_letter():
    assert ticker(make_entry()) == {
        "version": 1,
        "title": "Harbour – The Quay Gazette",
        "topic": "harbour",
        "home": "https://feeds.quay.example/topics/harbour",
        "updated": "2026-05-21T10:05:00Z",
        "refresh": 15,
        "headlines": [
            {
                "id": "urn:example:ferry-later",
                "title": "Ferry to run later on Fridays",
                "url": "https://feeds.quay.example/articles/ferry-later",
                "published": "2026-05-21T09:00:00Z",
                "updated": "2026-05-21T10:00:00Z",
                "breaking": True,
                "claim": "reported",
                "topics": ["harbour", "council"],
                "breaking_until": "2026-05-21T11:00:00Z",
                "kind": "news",
            }
        ],
    }


def test_the_fields_stand_in_the_contracts_order():
    found = ticker(make_entry())
    assert list(found) == ["version", "title", "topic", "home", "updated", "refresh", "headlines"]
    fields = ["id", "title", "url", "published", "updated", "breaking", "claim", "topics", "breaking_until", "kind"]
    assert list(found["headlines"][0]) == fields


@pytest.mark.parametrize(("claim", "told"), [(None, None), (Claim.REPORTED, "reported"), (Claim.CONFIRMED, "confirmed")])
def test_every_field_is_always_there(claim, told):
    (one,) = ticker(make_entry(replace(PLAIN, claim=claim), topics=(), breaking=False))["headlines"]
    assert (one["claim"], one["breaking"], one["topics"]) == (told, False, [])


def test_headlines_are_asked_for_more_often_while_something_breaks():
    calm, breaking = (ticker(make_entry(replace(PLAIN, breaking=breaks), breaking=breaks)) for breaks in (False, True))
    assert (calm["refresh"], breaking["refresh"]) == (60, 15)
    assert calm["headlines"][0]["breaking_until"] is None


def test_no_news_is_an_empty_list():
    assert ticker()["headlines"] == []
    assert ticker(topic=ALL)["home"] == "https://feeds.quay.example/"


def test_twenty_headlines_are_a_few_kilobytes_in_the_order_given():
    chosen = [make_entry(id=f"urn:example:{number}") for number in range(headlines.MOST)]
    written = headlines.whole(make_edition(*chosen), [headlines.entry(entry, ADDRESSES) for entry in chosen], ADDRESSES)
    assert len(written) < 8_000
    assert [one["id"] for one in json.loads(written)["headlines"]] == [entry.id for entry in chosen]


def test_hostile_texts_stay_texts():
    entry = hostile_entry()
    found = json.loads(headlines.whole(hostile_edition(entry), [headlines.entry(entry, ADDRESSES)], ADDRESSES))
    assert found["headlines"][0]["title"] == found["headlines"][0]["id"] == HOSTILE


@settings(deadline=None, max_examples=60)
@given(entries())
def test_any_article_makes_a_headline(entry):
    (one,) = ticker(entry)["headlines"]
    assert (one["id"], one["title"], one["breaking"]) == (entry.id, entry.article.title, entry.breaking)


def test_the_same_article_gives_the_same_bytes():
    assert headlines.entry(make_entry(FULL), ADDRESSES) == headlines.entry(make_entry(FULL), ADDRESSES)
