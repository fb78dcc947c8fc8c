"""OPML 2.0, as readers import it."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from feedsvc.formats import opml
from feedsvc.model.site import Topic, story_slug
from feedsvc.model.urls import Urls
from support.newsroom import ADDRESSES, COUNCIL, HARBOUR, HOSTILE, SITE

FERRY = Topic(slug=story_slug("ferry"), name="The ferry")
BRIDGE = Topic(slug=story_slug("bridge"), name="The bridge")


def parsed(site=SITE, topics=(HARBOUR, COUNCIL), stories=()):
    return etree.fromstring(opml.whole(site, topics, stories, Urls(ADDRESSES.public_url, site)))


def outlines(*arguments, **changes):
    return [dict(outline.attrib) for outline in parsed(*arguments, **changes).findall("body/outline")]


def folders(root):
    """What a reader makes of it: the folder of each feed, by address; an outline without an address is a folder."""
    found = {}

    def walk(outline, path):
        for child in outline.findall("outline"):
            if address := child.get("xmlUrl"):
                found[address] = path
            else:
                walk(child, [*path, child.get("text")])

    walk(root.find("body"), [])
    return found


def test_the_document_is_opml_2_in_utf_8():
    document = opml.whole(SITE, (HARBOUR,), (), ADDRESSES)
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<?xml-stylesheet ")
    root = etree.fromstring(document)
    assert (root.tag, root.get("version"), [child.tag for child in root]) == ("opml", "2.0", ["head", "body"])


def test_the_head_names_the_portal_and_has_no_docs_and_no_date():
    head = parsed(topics=()).find("head")
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
        "version": "RSS2",
    }


def test_without_topics_the_feed_of_everything_is_left():
    assert [outline["xmlUrl"] for outline in outlines(topics=())] == ["https://feeds.quay.example/feeds/all.rss"]


def test_stories_stand_in_a_group_after_the_topics():
    root = parsed(stories=(FERRY, BRIDGE))
    assert [outline.get("text") for outline in root.find("body")][-1] == "Stories"
    group = root.findall("body/outline")[-1]
    assert dict(group.attrib) == {"text": "Stories"}, "with a title too, the W3C misses its type"
    assert dict(group[0].attrib) == {
        "type": "rss",
        "text": "The ferry – The Quay Gazette",
        "title": "The ferry – The Quay Gazette",
        "xmlUrl": "https://feeds.quay.example/feeds/story/ferry.rss",
        "htmlUrl": "https://feeds.quay.example/stories/ferry",
        "version": "RSS2",
    }


def test_readers_put_the_stories_alone_in_a_folder():
    assert folders(parsed(topics=(HARBOUR,), stories=(FERRY, BRIDGE))) == {
        "https://feeds.quay.example/feeds/all.rss": [],
        "https://feeds.quay.example/feeds/harbour.rss": [],
        "https://feeds.quay.example/feeds/story/ferry.rss": ["Stories"],
        "https://feeds.quay.example/feeds/story/bridge.rss": ["Stories"],
    }


def test_without_stories_there_is_no_group():
    assert all(outline.get("xmlUrl") for outline in parsed().iter("outline"))


def test_hostile_names_stay_texts_and_any_script_makes_an_address():
    (everything, topic) = outlines(replace(SITE, title=HOSTILE), (Topic(slug="été", name=HOSTILE),))
    assert everything["text"] == HOSTILE
    assert topic["text"] == f"{HOSTILE} – {HOSTILE}"
    assert topic["xmlUrl"] == "https://feeds.quay.example/feeds/%C3%A9t%C3%A9.rss"
