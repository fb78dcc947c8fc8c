"""The rules of JSON Feed 1.1, one by one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from feedsvc.formats import content, jsonfeed
from support.newsroom import (
    ADDRESSES,
    ALL,
    COUNCIL,
    FULL,
    HARBOUR,
    HOSTILE,
    PICTURE,
    PLAIN,
    SITE,
    entries,
    hostile_edition,
    hostile_entry,
    make_edition,
    make_entry,
)

FEED = {
    "version": str,
    "title": str,
    "home_page_url": str,
    "feed_url": str,
    "description": str,
    "icon": str,
    "authors": list,
    "language": str,
    "items": list,
}
ITEM = {
    "id": str,
    "url": str,
    "title": str,
    "content_html": str,
    "content_text": str,
    "summary": str,
    "image": str,
    "date_published": str,
    "date_modified": str,
    "authors": list,
    "tags": list,
    "language": str,
    "attachments": list,
    "_newsroom": dict,
}
REQUIRED = {"id", "url", "title", "content_html", "content_text", "summary", "date_published", "date_modified", "_newsroom"}


def document(*chosen, **changes):
    return jsonfeed.whole(make_edition(*chosen, **changes), [jsonfeed.entry(entry, ADDRESSES) for entry in chosen], ADDRESSES)


def feed(*chosen, **changes):
    return json.loads(document(*chosen, **changes))


def item(article=FULL, **changes):
    return feed(make_entry(article, **changes))["items"][0]


def conforms(found):
    """Fields known to the specification, of its types, and none empty."""
    assert set(found) <= set(FEED)
    assert all(isinstance(value, FEED[name]) for name, value in found.items())
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    for one in found["items"]:
        assert REQUIRED <= set(one) <= set(ITEM)
        assert all(isinstance(value, ITEM[name]) and value for name, value in one.items())
        assert one["_newsroom"]["about"].startswith("https://")
        assert all(set(author) <= {"name", "url", "avatar"} and author for author in one.get("authors", []))


def test_the_feed_says():
    assert feed() == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour – The Quay Gazette",
        "home_page_url": "https://feeds.quay.example/topics/harbour",
        "feed_url": "https://feeds.quay.example/feeds/harbour.json",
        "description": "Boats, tides and the quay.",
        "icon": "https://quay.example/logo.png",
        "authors": [{"name": "The Quay Gazette", "url": "https://quay.example/"}],
        "language": "en-GB",
        "items": [],
    }
    assert feed(topic=ALL)["home_page_url"] == "https://feeds.quay.example/"
    assert "icon" not in feed(site=replace(SITE, logo=None))


def test_an_item_says():
    markup = content.html(make_entry(), SITE.zone)
    assert item() == {
        "id": "urn:example:ferry-later",
        "url": "https://feeds.quay.example/articles/ferry-later",
        "title": FULL.title,
        "content_html": markup,
        "content_text": content.plain(markup),
        "summary": FULL.standfirst,
        "image": PICTURE.src,
        "date_published": "2026-05-21T09:00:00Z",
        "date_modified": "2026-05-21T10:00:00Z",
        "authors": [
            {"name": "Ada Keel", "url": "https://quay.example/people/ada"},
            {"name": "Tom Rudder", "url": "https://feeds.quay.example/authors/tom-rudder"},
        ],
        "tags": ["Harbour", "Council"],
        "_newsroom": {
            "about": "https://feeds.quay.example/",
            "status": "live",
            "breaking": True,
            "claim": "reported",
            "story": "ferry",
            "key_points": ["From June", "Fridays only"],
            "why_it_matters": FULL.why_it_matters,
            "what_it_means": FULL.what_it_means,
            "corrections": [{"date": "2026-05-21T23:30:00Z", "text": "The boat is the Heron, not the Hern."}],
            "related": [{"title": "Ferry fares rise", "url": "https://feeds.quay.example/articles/ferry-fares"}],
        },
    }


def test_what_is_not_known_is_left_out():
    bare = item(PLAIN, topics=(), related=(), breaking=False)
    assert set(bare) == REQUIRED
    assert bare["_newsroom"] == {"about": "https://feeds.quay.example/", "status": "live", "breaking": False}


def test_a_retraction_is_told_with_its_reason():
    told = item(replace(FULL, retracted="The timetable was a draft."))["_newsroom"]
    assert (told["status"], told["retracted"]) == ("retracted", "The timetable was a draft.")


@pytest.mark.parametrize(("language", "told"), [(None, None), ("en-GB", None), ("cy", "cy")])
def test_a_language_is_told_where_it_differs_from_the_feeds(language, told):
    assert item(replace(FULL, language=language)).get("language") == told


def test_the_document_is_compact_utf_8_with_keys_in_a_fixed_order():
    written = document(make_entry(replace(FULL, title="Fährplan – später")))
    assert "Fährplan – später".encode() in written
    assert written == json.dumps(json.loads(written), ensure_ascii=False, separators=(",", ":")).encode()
    assert list(json.loads(written)) == list(FEED)
    assert list(json.loads(written)["items"][0]) == [name for name in ITEM if name not in ("language", "attachments")]


def test_items_stand_in_the_order_given():
    assert [one["id"] for one in feed(*(make_entry(id=f"{number}") for number in (3, 1, 2)))["items"]] == ["3", "1", "2"]


def test_hostile_texts_stay_texts():
    entry = hostile_entry()
    found = json.loads(jsonfeed.whole(hostile_edition(entry), [jsonfeed.entry(entry, ADDRESSES)], ADDRESSES))
    conforms(found)
    (one,) = found["items"]
    assert found["description"] == one["id"] == one["title"] == one["summary"] == one["tags"][0] == HOSTILE
    told = one["_newsroom"]
    assert told["story"] == told["key_points"][0] == told["why_it_matters"] == told["what_it_means"] == told["retracted"] == HOSTILE
    assert told["corrections"][0]["text"] == told["related"][0]["title"] == HOSTILE
    assert "<script" not in one["content_html"]


@settings(max_examples=60)
@given(entries())
def test_any_article_makes_a_document_that_conforms(entry):
    found = feed(entry)
    conforms(found)
    (one,) = found["items"]
    assert (one["id"], one["title"]) == (entry.id, entry.article.title)
    assert one["content_html"] == content.html(entry, SITE.zone)
    assert [author["name"] for author in one.get("authors", [])] == list(entry.article.authors)


def test_two_topics_of_one_name_are_one_tag():
    twice = (HARBOUR, replace(HARBOUR, slug="port"), COUNCIL)
    assert item(topics=twice)["tags"] == ["Harbour", "Council"]
