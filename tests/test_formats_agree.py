"""The formats tell the same news: what feedparser reads from RSS and Atom is what JSON says."""

from __future__ import annotations

import json
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import pytest
from hypothesis import given, settings
from newsroom import ADDRESSES, FULL, NINE, PLAIN, TEN, entries, hostile_edition, hostile_entry, make_edition, make_entry

from feedsvc.formats import FORMATS, atom, content

ENTRIES = (
    make_entry(),
    make_entry(replace(FULL, title="Fish & chips – 5 < 6, “said” 👩‍👩‍👧 مرحبا", slug="chips", image=None), id="story 17"),
    make_entry(PLAIN, published=NINE.replace(year=1999), updated=TEN, breaking=False, related=()),
)


def documents(edition):
    return {
        row.name: row.whole(edition, [row.entry(entry, ADDRESSES) for entry in edition.entries], ADDRESSES) for row in FORMATS
    }


def parsed(document):
    found = feedparser.parse(document)
    assert not found.bozo, found.bozo_exception
    return found


def seconds(time):
    return datetime.fromtimestamp(timegm(time), UTC)


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_feedparser_reads_what_json_says(name):
    written = documents(make_edition(*ENTRIES))
    found, told = parsed(written[name]), json.loads(written["json"])
    assert found.version == {"rss": "rss20", "atom": "atom10"}[name]
    assert (found.feed.title, found.feed.link, found.feed.subtitle) == (told["title"], told["home_page_url"], told["description"])
    assert found.feed.language == told["language"]
    for entry, one in zip(found.entries, told["items"], strict=True):
        assert entry.id == (one["id"] if name == "rss" else atom.iri(one["id"]))
        assert entry.title == one["title"]
        assert entry.link == one["url"]
        assert entry.summary == one["summary"]
        assert content.plain(entry.content[0].value) == one["content_text"]
        assert seconds(entry.published_parsed) == datetime.fromisoformat(one["date_published"])
        assert seconds(entry.updated_parsed) == datetime.fromisoformat(one["date_modified"])
        authors = [author.name for author in entry.get("authors", []) if "name" in author]
        assert authors == [author["name"] for author in one.get("authors", [])]
        assert [tag.label or tag.term for tag in entry.tags][: len(one["tags"])] == one["tags"]


def test_the_ticker_says_what_json_says():
    written = documents(make_edition(*ENTRIES))
    told, ticker = json.loads(written["json"]), json.loads(written["headlines"])
    assert ticker["title"] == told["title"]
    keys = ("id", "title", "url", "date_published", "date_modified")
    assert [tuple(one[key] for key in ("id", "title", "url", "published", "updated")) for one in ticker["headlines"]] == [
        tuple(one[key] for key in keys) for one in told["items"]
    ]


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_the_pictures_description_is_not_taken_for_the_articles(name):
    (entry,) = parsed(documents(make_edition(make_entry()))[name]).entries
    assert entry.summary == FULL.standfirst
    assert entry.link == make_entry().url
    assert [enclosure.href for enclosure in entry.enclosures] == [FULL.image.src]


def test_hostile_texts_make_documents_that_parse():
    entry = hostile_entry()
    for name, document in documents(hostile_edition(entry)).items():
        if name in ("rss", "atom"):
            assert len(parsed(document).entries) == 1
        else:
            json.loads(document)


@settings(deadline=None, max_examples=40)
@given(entries())
def test_any_article_makes_documents_that_parse_and_the_same_bytes_again(entry):
    written = documents(make_edition(entry))
    assert written == documents(make_edition(replace(entry)))
    assert parsed(written["rss"]).entries[0].id == " ".join(entry.id.split())
    assert parsed(written["atom"]).entries[0].id == atom.iri(entry.id)
    assert json.loads(written["json"])["items"][0]["summary"] == content.summary(entry)
