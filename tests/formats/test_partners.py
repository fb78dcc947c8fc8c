"""Partners' feeds: each by its own rules, all by the one RSS renderer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import escape, unescape
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.formats import content, render
from feedsvc.formats.partners import PROFILES, TAKEN_BACK, form
from feedsvc.formats.table import FORMATS
from feedsvc.model.edition import Tombstone
from feedsvc.model.feed import Feed
from feedsvc.model.site import PARTNERS, story_slug
from support.newsroom import (
    ADDRESSES,
    ALL,
    FULL,
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
    times,
)

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "mi": "http://schemas.ingestion.microsoft.com/common/",
    "snf": "http://www.smartnews.be/snf",
}
ELEVEN = TEN + timedelta(hours=1)
GONE = Tombstone(
    id="urn:example:gone", title="What was said & withdrawn", url="https://quay.example/gone", published=NINE, since=ELEVEN
)

every = pytest.mark.parametrize("partner", PARTNERS)


def document(partner, *chosen, edition=None, **changes):
    row = form(partner)
    edition = edition or make_edition(*chosen, **changes)
    return row.whole(edition, [row.entry(entry, ADDRESSES) for entry in edition.entries], ADDRESSES)


def channel(partner, *chosen, **changes):
    return etree.fromstring(document(partner, *chosen, **changes))[0]


def only(partner, article=FULL, **changes):
    return channel(partner, make_entry(article, **changes)).find("item")


def told(found, *names):
    return {name: found.findtext(name, None, NS) for name in names if found.find(name, NS) is not None}


def test_there_is_a_profile_for_every_partner_that_site_toml_may_name():
    assert tuple(PROFILES) == PARTNERS


def test_the_settings_page_names_every_partner_with_its_source():
    page = (Path(__file__).parent.parent.parent / "docs/settings.md").read_text("utf-8")
    page = page.partition("\n## Partners\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(PARTNERS)
    assert all(profile.source in page and profile.name in page for profile in PROFILES.values())


@every
def test_a_partner_has_a_row_of_its_own_in_the_table_of_formats(partner):
    row = form(partner)
    assert row.path("harbour") == f"/partners/{partner}/harbour.rss"
    assert row.path(story_slug("ferry")) == f"/partners/{partner}/story/ferry.rss"
    assert row.content_type == FORMATS[0].content_type
    assert row.name not in {other.name for other in FORMATS}
    assert row.least == (30 if partner == "flipboard" else 0)


@every
@pytest.mark.parametrize(("topic", "page"), [(make_edition().topic, "/topics/harbour"), (ALL, "/")])
def test_the_feed_names_its_own_address_and_the_topics_page(partner, topic, page):
    head = channel(partner, topic=topic)
    (own,) = head.findall("a:link[@rel='self']", NS)
    assert own.get("href") == f"https://feeds.quay.example/partners/{partner}/{topic.slug}.rss"
    assert [link.text for link in head.findall("link")] == [f"https://feeds.quay.example{page}"]


@every
def test_the_feed_names_the_hub_and_no_archive(partner):
    head = channel(partner, site=replace(SITE, hub="https://hub.example/"), before="2026-04")
    assert sorted(link.get("rel") for link in head.findall("a:link", NS)) == ["hub", "self"]
    assert head.find("a:link[@rel='hub']", NS).get("href") == "https://hub.example/"


@every
def test_a_reader_of_feeds_finds_every_entry_in_it(partner):
    chosen = (make_entry(), make_entry(PLAIN))
    read = feedparser.parse(document(partner, *chosen, gone=(GONE,)))
    assert not read.bozo
    assert [found.id for found in read.entries][:2] == [entry.id for entry in chosen]
    assert [found.title for found in read.entries][:2] == [FULL.title, PLAIN.title]
    assert read.feed.language == SITE.language


@every
def test_an_entry_declares_no_namespace_of_its_own(partner):
    article = replace(FULL, expires=ELEVEN)
    assert b"xmlns" not in form(partner).entry(make_entry(article), ADDRESSES)
    assert document(partner, make_entry(article), gone=(GONE,)).count(b"xmlns") == len(etree.fromstring(document(partner)).nsmap)


@every
def test_the_whole_text_is_in_it(partner):
    assert only(partner).findtext("content:encoded", None, NS) == content.html(make_entry(), SITE.zone)


@pytest.mark.parametrize(
    ("partner", "published"), [("msn", NINE), ("smartnews", TEN), ("flipboard", NINE)]
)
def test_the_date_is_that_of_the_last_change_where_a_partner_wants_it(partner, published):
    assert parsedate_to_datetime(only(partner).findtext("pubDate")) == published


@pytest.mark.parametrize(("partner", "plain"), [("msn", True), ("smartnews", False), ("flipboard", True)])
@pytest.mark.parametrize(
    ("summary", "ambiguous"),
    [("Fish & chips", False), ("“Fish” > 'chips'", False), ("<b>Fish</b>", True), ("Fish &amp; chips", True)],
)
def test_the_summary_is_plain_where_a_partner_takes_no_html_and_never_markup(partner, plain, summary, ambiguous):
    written = only(partner, replace(FULL, standfirst=summary)).findtext("description")
    assert written == (summary if plain and not ambiguous else escape(summary, quote=False))


# ---- MSN


def test_msn_hears_of_every_change_and_of_the_end():
    names = ("dcterms:modified", "dcterms:valid", "mi:expirationDate")
    assert told(only("msn"), *names) == {"dcterms:modified": "2026-05-21T10:00:00Z"}
    assert told(only("msn", replace(FULL, expires=datetime(2026, 6, 1, tzinfo=UTC))), *names) == {
        "dcterms:modified": "2026-05-21T10:00:00Z",
        "dcterms:valid": "end=2026-06-01T00:00:00Z; scheme=W3C-DTF",
        "mi:expirationDate": "2026-06-01T00:00:00Z",
    }


def test_msn_takes_an_article_down_whose_end_is_past_and_which_has_changed():
    _, gone = channel("msn", make_entry(), gone=(GONE,)).findall("item")
    assert told(gone, "guid", "title", "link", "pubDate", "dcterms:modified", "dcterms:valid", "mi:expirationDate") == {
        "guid": GONE.id,
        "title": GONE.title,
        "link": GONE.url,
        "pubDate": "Thu, 21 May 2026 09:00:00 +0000",
        "dcterms:modified": "2026-05-21T11:00:00Z",
        "dcterms:valid": "end=2026-05-21T11:00:00Z; scheme=W3C-DTF",
        "mi:expirationDate": "2026-05-21T11:00:00Z",
    }


@pytest.mark.parametrize(
    ("partner", "age", "taken"),
    [
        ("msn", timedelta(), True),
        ("msn", timedelta(days=365, seconds=-1), True),
        ("msn", timedelta(days=365), False),
        ("smartnews", timedelta(days=3650), True),
        ("flipboard", timedelta(days=3650), True),
    ],
)
def test_what_is_too_old_for_a_partner_is_left_out(partner, age, taken):
    assert form(partner).takes(make_entry(published=ELEVEN - age, updated=ELEVEN), ELEVEN) is taken


# ---- SmartNews


def test_smartnews_knows_what_is_live_and_when_the_feed_changed():
    head = channel("smartnews", make_entry())
    found = head.find("item")
    assert [status.get("state") for status in found.findall("media:status", NS)] == ["active"]
    assert found.find("media:thumbnail", NS).get("url") == PICTURE.src
    assert parsedate_to_datetime(head.findtext("pubDate")) == make_edition().updated
    assert head.findtext("snf:logo/url", None, NS) == SITE.logo


def test_smartnews_gets_no_picture_and_no_logo_where_there_is_none():
    head = channel("smartnews", make_entry(PLAIN), site=replace(SITE, logo=None))
    assert head.find("snf:logo", NS) is None
    assert head.find("item/media:thumbnail", NS) is None


def test_smartnews_deletes_an_article_whose_status_and_date_have_changed():
    _, gone = channel("smartnews", make_entry(), gone=(GONE,)).findall("item")
    assert [status.get("state") for status in gone.findall("media:status", NS)] == ["deleted"]
    assert told(gone, "guid", "link", "pubDate") == {
        "guid": GONE.id,
        "link": GONE.url,
        "pubDate": "Thu, 21 May 2026 11:00:00 +0000",
    }


# ---- taking back


@pytest.mark.parametrize(("partner", "count"), [("msn", 1), ("smartnews", 1), ("flipboard", 0)])
def test_what_is_gone_is_named_to_those_who_would_keep_it(partner, count):
    assert [found.findtext("guid") for found in channel(partner, gone=(GONE,)).findall("item")] == [GONE.id] * count


@pytest.mark.parametrize("partner", ["msn", "smartnews"])
def test_of_what_is_gone_nothing_is_told_again_but_its_title(partner):
    found = channel(partner, gone=(GONE,)).find("item")
    assert found.findtext("content:encoded", None, NS) == f"<p>{TAKEN_BACK}</p>"
    assert found.findtext("description") == TAKEN_BACK
    assert all(found.find(name, NS) is None for name in ("category", "enclosure", "dc:creator", "media:content", "media:thumbnail"))


# ---- what is in a partner's feed


@pytest.mark.parametrize(("written", "taken"), [(None, True), ("en-US", True), ("EN", True), ("cy", False)])
def test_msn_gets_one_language_and_the_newsroom_hears_of_the_others(written, taken):
    entries = (make_entry(id="urn:a"), make_entry(replace(FULL, language=written), id="urn:b"))
    feed = Feed(slug="harbour", partner="msn")
    marks = {entry.id: entry.id for entry in entries}
    (draft,) = render.feed_documents(replace(make_edition(*entries), feed=feed), entries, marks, ADDRESSES, {})
    made = draft.dated(NINE)
    ids = [guid.text for guid in etree.fromstring(made.encodings["identity"].body).iter("guid")]
    assert ids == (["urn:a", "urn:b"] if taken else ["urn:a"])
    left_out = "leaves out 1 of its articles, not in en-GB: the partner takes one language"
    assert made.warning == (None if taken else left_out)


def test_smartnews_gets_a_description_that_is_short_enough():
    for description, said in (("News for all", "News for all"), ("x" * 31, "The Quay Gazette")):
        site = replace(SITE, description=description, tagline="")
        edition = make_edition(topic=site.everything, site=site)
        assert channel("smartnews", edition=edition).findtext("description") == said


# ---- any text


@every
def test_hostile_texts_stay_texts(partner):
    entry = hostile_entry()
    tombstone = Tombstone(id=f"gone {HOSTILE}", title=HOSTILE, url="https://quay.example/?a=1&b='2'", published=NINE, since=ELEVEN)
    edition = replace(hostile_edition(entry), gone=(tombstone,))
    head = channel(partner, edition=edition)
    assert head.findtext("title") == edition.title
    found, *gone = head.findall("item")
    assert found.findtext("title") == found.findtext("guid") == HOSTILE
    assert unescape(found.findtext("description")) == HOSTILE
    assert "<script" not in found.findtext("description")
    assert "<script" not in found.findtext("content:encoded", None, NS)
    assert [(one.findtext("title"), one.findtext("guid"), one.findtext("link")) for one in gone] == [
        (HOSTILE, tombstone.id, tombstone.url)
    ] * len(gone)


tombstones = st.builds(
    Tombstone, id=texts(1), title=texts(1), url=st.just("https://quay.example/any?a=1&b=2"), published=times(), since=times()
)


@every
@settings(deadline=None, max_examples=40)
@given(entry=entries(), gone=tombstones, expires=st.none() | times())
def test_any_article_makes_a_document_in_which_its_texts_are_unchanged(partner, entry, gone, expires):
    entry = replace(entry, article=replace(entry.article, expires=expires))
    found, *taken_back = channel(partner, entry, gone=(gone,)).findall("item")
    assert found.findtext("title") == entry.article.title
    assert found.findtext("guid") == entry.id
    assert unescape(found.findtext("description")) == content.summary(entry)
    assert found.findtext("content:encoded", None, NS) == content.html(entry, SITE.zone)
    assert [creator.text for creator in found.findall("dc:creator", NS)] == list(entry.article.authors)
    assert [(one.findtext("guid"), one.findtext("title")) for one in taken_back] in ([], [(gone.id, gone.title)])
    assert document(partner, entry, gone=(gone,)) == document(partner, entry, gone=(gone,))
