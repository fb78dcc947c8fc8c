"""The formats tell the same news: what feedparser reads from RSS and Atom is what JSON says."""

from __future__ import annotations

import json
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from html.parser import HTMLParser

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.formats import atom, content, pages
from feedsvc.formats.table import FORMATS
from support.newsroom import (
    ADDRESSES,
    FULL,
    NINE,
    PLAIN,
    SITE,
    TEN,
    entries,
    hostile_edition,
    hostile_entry,
    make_edition,
    make_entry,
)

ENTRIES = (
    make_entry(),
    make_entry(replace(FULL, title="Fish & chips – 5 < 6, “said” 👩‍👩‍👧 مرحبا", slug="chips", image=None), id="story 17"),
    make_entry(PLAIN, published=NINE.replace(year=1999), updated=TEN, breaking=False, related=()),
)


def documents(edition, *names):
    return {
        row.name: row.whole(edition, [row.entry(entry, ADDRESSES) for entry in edition.entries], ADDRESSES)
        for row in FORMATS
        if row.name in names or not names
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
    assert len(parsed(written["rss"]).entries) == len(parsed(written["atom"]).entries) == 1
    # By an XML parser: feedparser takes “Â¡” for text that was decoded wrongly, and mends it.
    guid = etree.fromstring(written["rss"]).findtext("channel/item/guid")
    assert guid.split() == entry.id.split()
    assert etree.fromstring(written["atom"]).findtext("a:entry/a:id", namespaces=NS) == atom.iri(entry.id)
    assert json.loads(written["json"])["items"][0]["summary"] == content.summary(entry)


# ---- any set of articles


NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
SETS = st.lists(entries(), max_size=4, unique_by=lambda entry: entry.id)


class Texts(HTMLParser):
    """The texts of some HTML as a browser shows them, one a node, and its pictures' descriptions."""

    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.feed(markup)
        self.close()

    def handle_data(self, data):
        self.found.append(data.strip(" \n"))

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name == "alt"]


def all_of(found, path):
    return [element.text or "" for element in found.xpath(path, namespaces=NS)]


def moment(text):
    return datetime.fromisoformat(text).replace(microsecond=0)


def whole_seconds(*times):
    return tuple(time.replace(microsecond=0) for time in times)


def marks(entry):
    claim = entry.article.claim
    return ["breaking"] * entry.breaking + [str(claim)] * bool(claim) + ["retracted"] * (entry.article.retracted is not None)


def texts_of(entry):
    """Every text that an article shows below its title and standfirst."""
    article = entry.article
    body = unescape(article.body.removeprefix("<p>").removesuffix("</p>"))
    parts = [*article.key_points, body, article.why_it_matters, article.what_it_means, article.retracted]
    return [text for text in (*parts, *((article.image.alt, article.image.credit) if article.image else ())) if text]


def assert_content(markup, entry):
    shown = Texts(markup).found
    assert [text for text in texts_of(entry) if text not in shown] == []
    assert [c.text for c in entry.article.corrections if c.text not in shown and f": {c.text}" not in shown] == []


@settings(deadline=None, max_examples=40)
@given(SETS)
def test_every_text_survives_in_rss(some):
    found = etree.fromstring(documents(make_edition(*some), "rss")["rss"]).findall("channel/item")
    for item, entry in zip(found, some, strict=True):
        article = entry.article
        assert (all_of(item, "title"), all_of(item, "guid"), all_of(item, "link")) == ([article.title], [entry.id], [entry.url])
        assert [unescape(text) for text in all_of(item, "description")] == [content.summary(entry)]
        assert all_of(item, "dc:creator") == list(article.authors)
        assert all_of(item, "category[not(contains(@domain, '#'))]") == [topic.name for topic in entry.topics]
        assert [text.lower() for text in all_of(item, "category[contains(@domain, '#')]")] == marks(entry)
        dates = parsedate_to_datetime(item.findtext("pubDate")), moment(item.findtext("a:updated", namespaces=NS))
        assert dates == whole_seconds(entry.published, entry.updated)
        assert_content(item.findtext("content:encoded", namespaces=NS), entry)


@settings(deadline=None, max_examples=40)
@given(SETS)
def test_every_text_survives_in_atom(some):
    found = etree.fromstring(documents(make_edition(*some), "atom")["atom"]).findall("a:entry", NS)
    for one, entry in zip(found, some, strict=True):
        article = entry.article
        assert (all_of(one, "a:title"), all_of(one, "a:id")) == ([article.title], [atom.iri(entry.id)])
        assert one.xpath("a:link[@rel='alternate']/@href", namespaces=NS) == [entry.url]
        related = one.findall("a:link[@rel='related']", NS)
        assert [(link.get("title"), link.get("href")) for link in related] == list(entry.related)
        assert all_of(one, "a:summary") == [content.summary(entry)]
        assert all_of(one, "a:author/a:name") == list(article.authors)
        labels = [(category.get("term"), category.get("label")) for category in one.findall("a:category", NS)]
        assert labels == [*((t.slug, t.name) for t in entry.topics), *((mark, mark.capitalize()) for mark in marks(entry))]
        dates = (moment(one.findtext(f"a:{name}", namespaces=NS)) for name in ("published", "updated"))
        assert tuple(dates) == whole_seconds(entry.published, entry.updated)
        assert_content(one.findtext("a:content", namespaces=NS), entry)


@settings(deadline=None, max_examples=40)
@given(SETS)
def test_every_text_survives_in_json(some):
    written = documents(make_edition(*some), "json", "headlines")
    found, ticker = json.loads(written["json"])["items"], json.loads(written["headlines"])["headlines"]
    for one, headline, entry in zip(found, ticker, some, strict=True):
        article, own = entry.article, one["_newsroom"]
        assert (one["id"], one["title"], one["url"]) == (headline["id"], headline["title"], headline["url"])
        assert (one["id"], one["title"], one["url"]) == (entry.id, article.title, entry.url)
        dates = one["date_published"], one["date_modified"]
        assert dates == (headline["published"], headline["updated"])
        assert tuple(map(moment, dates)) == whole_seconds(entry.published, entry.updated)
        assert one["summary"] == content.summary(entry)
        assert [author["name"] for author in one.get("authors", [])] == list(article.authors)
        assert one.get("tags", []) == list(dict.fromkeys(topic.name for topic in entry.topics))
        assert headline["topics"] == [topic.slug for topic in entry.topics]
        assert (own["breaking"], own.get("claim")) == (headline["breaking"], headline["claim"]) == (entry.breaking, article.claim)
        assert own.get("key_points", []) == list(article.key_points)
        assert (own.get("why_it_matters", ""), own.get("what_it_means", "")) == (article.why_it_matters, article.what_it_means)
        corrections = [(moment(correction["date"]), correction["text"]) for correction in own.get("corrections", [])]
        assert corrections == [(*whole_seconds(correction.date), correction.text) for correction in article.corrections]
        assert_content(one["content_html"], entry)
        pictured = (article.image.alt,) if article.image else ()
        assert [text for text in texts_of(entry) if text not in one["content_text"] and text not in pictured] == []


@settings(deadline=None, max_examples=40)
@given(entries())
def test_every_text_survives_on_its_page(entry):
    page = pages.article(entry, SITE, ADDRESSES).decode()
    assert_content(page, entry)
    shown = Texts(page[page.index("<main") :]).found
    named = [*(topic.name for topic in entry.topics), *(title for title, _ in entry.related)]
    wanted = [entry.article.title, entry.article.standfirst, *entry.article.authors, *named]
    # A standfirst with which the body begins is said there.
    assert [text for text in wanted if not any(text in one for one in shown)] == []
