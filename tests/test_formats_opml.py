"""OPML 2.0, as readers import it."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree
from newsroom import ADDRESSES, COUNCIL, HARBOUR, HOSTILE, SITE

from feedsvc.formats import opml
from feedsvc.topics import Topic


def outlines(site=SITE, topics=(HARBOUR, COUNCIL)):
    return [dict(outline.attrib) for outline in etree.fromstring(opml.whole(site, topics, ADDRESSES)).findall("body/outline")]


def test_the_document_is_opml_2_in_utf_8():
    document = opml.whole(SITE, (HARBOUR,), ADDRESSES)
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<opml ")
    root = etree.fromstring(document)
    assert (root.tag, root.get("version"), [child.tag for child in root]) == ("opml", "2.0", ["head", "body"])


def test_the_head_names_the_portal_and_has_no_docs_and_no_date():
    head = etree.fromstring(opml.whole(SITE, (), ADDRESSES)).find("head")
    assert {child.tag: child.text for child in head} == {
        "title": "The Quay Gazette",
        "ownerName": "The Quay Gazette",
        "ownerId": "https://quay.example/",
    }


def test_the_first_feed_is_that_of_everything_then_the_topics_in_order():
    assert [outline["title"] for outline in outlines()] == [
        "The Quay Gazette",
        "Harbour – The Quay Gazette",
        "Council – The Quay Gazette",
    ]


def test_a_feed_is_listed_as_readers_want_it():
    assert outlines()[1] == {
        "type": "rss",
        "text": "Harbour – The Quay Gazette",
        "title": "Harbour – The Quay Gazette",
        "xmlUrl": "https://feeds.quay.example/feeds/harbour.rss",
        "htmlUrl": "https://feeds.quay.example/topics/harbour",
        "language": "en-GB",
        "version": "RSS2",
    }


def test_without_topics_the_feed_of_everything_is_left():
    assert [outline["xmlUrl"] for outline in outlines(topics=())] == ["https://feeds.quay.example/feeds/all.rss"]


def test_hostile_names_stay_texts_and_any_script_makes_an_address():
    (everything, topic) = outlines(replace(SITE, title=HOSTILE), (Topic(slug="été", name=HOSTILE),))
    assert everything["text"] == HOSTILE
    assert topic["text"] == f"{HOSTILE} – {HOSTILE}"
    assert topic["xmlUrl"] == "https://feeds.quay.example/feeds/%C3%A9t%C3%A9.rss"
