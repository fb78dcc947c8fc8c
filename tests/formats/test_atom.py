"""The rules of Atom 1.0 (RFC 4287), one by one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from lxml import etree

from feedsvc.formats import atom, content
from feedsvc.model.urls import Urls
from support.newsroom import (
    ADDRESSES,
    ALL,
    COUNCIL,
    FULL,
    HARBOUR,
    HOSTILE,
    NINE,
    PICTURE,
    PLAIN,
    SITE,
    TEN,
    entries,
    hostile_edition,
    hostile_entry,
    make_edition,
    make_entry,
    texts,
)

NS = {"a": "http://www.w3.org/2005/Atom", "media": "http://search.yahoo.com/mrss/"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(*chosen, **changes):
    return etree.fromstring(atom.whole(make_edition(*chosen, **changes), [atom.entry(e, ADDRESSES) for e in chosen], ADDRESSES))


def entry(article=FULL, **changes):
    return feed(make_entry(article, **changes)).find("a:entry", NS)


def links(element):
    return [dict(link.attrib) for link in element.findall("a:link", NS)]


def test_the_document_is_atom_in_utf_8():
    assert atom.whole(make_edition(), [], ADDRESSES).startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<?xml-stylesheet ")
    root = feed(make_entry())
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert root.get(LANG) == "en-GB"
    assert {etree.QName(child).namespace for child in root.iter()} <= set(NS.values())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("title", "Harbour – The Quay Gazette"),
        ("subtitle", "Boats, tides and the quay."),
        ("updated", "2026-05-21T10:05:00+00:00"),
        ("author/a:name", "The Quay Gazette"),
        ("author/a:uri", "https://quay.example/"),
        ("generator", "feedsvc"),
        ("rights", "© The Quay Gazette"),
        ("logo", "https://quay.example/logo.png"),
    ],
)
def test_the_feed_says_each_thing_once(name, text):
    assert [found.text for found in feed().findall(f"a:{name}", NS)] == [text]


def test_the_generator_has_no_version_for_an_upgrade_changes_no_byte():
    assert not feed().find("a:generator", NS).attrib


def test_the_feed_has_typed_links():
    assert links(feed()) == [
        {"href": "https://feeds.quay.example/feeds/harbour.atom", "rel": "self", "type": "application/atom+xml"},
        {"href": "https://feeds.quay.example/topics/harbour", "rel": "alternate", "type": "text/html"},
    ]


def test_a_feeds_id_outlives_this_services_address_and_the_titles():
    edition = make_edition()
    moved = Urls("https://elsewhere.example", SITE)
    assert atom.feed_id(edition) == etree.fromstring(atom.whole(edition, [], moved)).findtext("a:id", None, NS)
    assert UUID(atom.feed_id(edition)).version == 5
    assert atom.feed_id(edition) == atom.feed_id(make_edition(site=replace(SITE, title="New name")))
    assert atom.feed_id(edition) == atom.feed_id(make_edition(topic=replace(HARBOUR, name="Port")))


def test_feeds_ids_differ_between_topics_and_between_portals():
    nameless = replace(SITE, url=None)
    ids = [
        atom.feed_id(make_edition(topic=topic, site=site))
        for topic in (HARBOUR, COUNCIL, ALL)
        for site in (SITE, replace(SITE, url="https://other.example/"), nameless, replace(nameless, title="Other"))
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "id",
    ["urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", "tag:quay.example,2026:1", "https://quay.example/?p=1", "https://quay.example/été%20"],
)
def test_an_id_that_is_an_iri_stays(id):
    assert atom.iri(id) == id


@pytest.mark.parametrize("id", ["17", "story 17", "/2026/ferry", "urn:", "x: y", "1x:y", "a:b%zz", 'a:"b"', "a:\u202e", HOSTILE])
def test_an_id_that_is_none_becomes_one_for_ever(id):
    made = atom.iri(id)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", made)
    assert made == atom.iri(id) != atom.iri(f"{id}.")
    assert entry(id=id).findtext("a:id", None, NS) == made


@given(texts(1))
def test_an_atom_id_is_always_an_iri_and_stays_one(id):
    assert atom.iri(atom.iri(id)) == atom.iri(id)


@pytest.mark.parametrize(
    ("name", "text", "type"),
    [
        ("id", "urn:example:ferry-later", None),
        ("title", FULL.title, None),
        ("published", "2026-05-21T09:00:00+00:00", None),
        ("summary", FULL.standfirst, "text"),
        ("content", content.html(make_entry(), SITE.zone), "html"),
    ],
)
def test_the_entry_says_each_thing_once(name, text, type):
    assert [(found.text, found.get("type")) for found in entry().findall(f"a:{name}", NS)] == [(text, type)]


def test_updated_is_true_to_the_second_and_differs_between_entries():
    chosen = [make_entry(id=f"urn:example:{number}") for number in range(200)]
    times = [found.text for found in feed(*chosen).findall("a:entry/a:updated", NS)]
    assert len(set(times)) == len(times)
    assert {datetime.fromisoformat(time).replace(microsecond=0) for time in times} == {TEN}


def test_published_never_follows_updated():
    found = entry(published=NINE + timedelta(microseconds=999_999), updated=NINE)
    published, updated = (datetime.fromisoformat(found.findtext(f"a:{name}", None, NS)) for name in ("published", "updated"))
    assert published == NINE <= updated


def test_an_entrys_links_are_typed_and_only_one_is_its_page():
    assert links(entry()) == [
        {"rel": "alternate", "href": "https://feeds.quay.example/articles/ferry-later", "type": "text/html"},
        {
            "rel": "related",
            "href": "https://feeds.quay.example/articles/ferry-fares",
            "type": "text/html",
            "title": "Ferry fares rise",
        },
        {"rel": "enclosure", "href": PICTURE.src, "type": "image/jpeg", "length": "98304"},
    ]
    assert [link["rel"] for link in links(entry(PLAIN, related=()))] == ["alternate"]
    assert [link["rel"] for link in links(entry(replace(FULL, image=replace(PICTURE, length=None)), related=()))] == ["alternate"]


def test_authors_are_the_entrys_or_else_the_feeds():
    assert [name.text for name in entry().findall("a:author/a:name", NS)] == list(FULL.authors)
    assert entry(PLAIN).find("a:author", NS) is None
    assert feed().find("a:author/a:name", NS) is not None


def test_categories_have_term_scheme_and_label():
    assert [tuple(map(category.get, ("term", "label", "scheme"))) for category in entry().findall("a:category", NS)] == [
        ("harbour", "Harbour", "https://feeds.quay.example/"),
        ("council", "Council", "https://feeds.quay.example/"),
        ("breaking", "Breaking", "https://feeds.quay.example/#status"),
        ("reported", "Reported", "https://feeds.quay.example/#status"),
    ]
    assert [category.get("term") for category in feed().findall("a:category", NS)] == ["harbour"]
    assert feed(topic=ALL).find("a:category", NS) is None


def test_the_picture_is_told():
    assert entry().find("media:content", NS).get("url") == PICTURE.src


def test_what_the_site_leaves_open_is_left_out():
    bare = feed(site=replace(SITE, logo=None, copyright=""))
    assert bare.find("a:logo", NS) is bare.find("a:rights", NS) is None


def test_hostile_texts_stay_texts():
    hostile = hostile_entry()
    edition = hostile_edition(hostile)
    root = etree.fromstring(atom.whole(edition, [atom.entry(hostile, ADDRESSES)], ADDRESSES))
    assert root.findtext("a:title", None, NS) == edition.title
    found = root.find("a:entry", NS)
    assert found.findtext("a:title", None, NS) == found.findtext("a:summary", None, NS) == HOSTILE
    assert [name.text for name in found.findall("a:author/a:name", NS)] == list(hostile.article.authors)
    assert found.find("a:category", NS).get("label") == links(found)[1]["title"] == HOSTILE
    assert found.get(LANG) == "ar"
    assert "<script" not in found.findtext("a:content", None, NS)


@settings(deadline=None, max_examples=60)
@given(entries())
def test_any_article_makes_a_document_in_which_its_texts_are_unchanged(chosen):
    found = feed(chosen).find("a:entry", NS)
    assert found.findtext("a:title", None, NS) == chosen.article.title
    assert found.findtext("a:summary", None, NS) == content.summary(chosen)
    assert found.findtext("a:content", None, NS) == content.html(chosen, SITE.zone)
    assert [name.text for name in found.findall("a:author/a:name", NS)] == list(chosen.article.authors)
    assert [link["title"] for link in links(found) if link["rel"] == "related"] == [title for title, _ in chosen.related]
