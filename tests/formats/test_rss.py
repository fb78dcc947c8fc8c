"""The rules of RSS 2.0 and of the RSS Advisory Board's profile, one by one."""

from __future__ import annotations

import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from html import unescape

import pytest
from hypothesis import given, settings
from lxml import etree

from feedsvc.formats import content, rss
from feedsvc.model.urls import Urls
from support.newsroom import (
    ADDRESSES,
    ALL,
    FULL,
    HOSTILE,
    NINE,
    PICTURE,
    PLAIN,
    SITE,
    entries,
    hostile_edition,
    hostile_entry,
    make_edition,
    make_entry,
)

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
RFC_822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")


def document(*chosen, addresses=ADDRESSES, **changes):
    edition = make_edition(*chosen, **changes)
    return rss.whole(edition, [rss.entry(entry, addresses) for entry in chosen], addresses)


def channel(*chosen, **changes):
    return etree.fromstring(document(*chosen, **changes))[0]


def item(article=FULL, **changes):
    return channel(make_entry(article, **changes)).find("item")


def test_the_document_is_rss_2_in_utf_8():
    assert document().startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<?xml-stylesheet ")
    root = etree.fromstring(document(make_entry()))
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("title", "Harbour – The Quay Gazette"),
        ("link", "https://feeds.quay.example/topics/harbour"),
        ("description", "Boats, tides and the quay."),
        ("language", "en-GB"),
        ("lastBuildDate", "Thu, 21 May 2026 10:05:00 +0000"),
        ("ttl", "5"),
        ("generator", "feedsvc"),
        ("copyright", "© The Quay Gazette"),
        ("managingEditor", "desk@quay.test (News desk)"),
        ("category", "Harbour"),
        ("docs", "http://www.rssboard.org/rss-specification"),
    ],
)
def test_the_channel_says_each_thing_once(name, text):
    assert [found.text for found in channel().findall(name)] == [text]


def test_the_channel_names_its_own_address():
    (link,) = channel().findall("a:link", NS)
    assert dict(link.attrib) == {
        "href": "https://feeds.quay.example/feeds/harbour.rss",
        "rel": "self",
        "type": "application/rss+xml",
    }


def test_the_feed_of_everything_leads_home_and_has_no_category():
    head = channel(topic=ALL)
    assert head.findtext("link") == "https://feeds.quay.example/"
    assert head.findtext("title") == SITE.title
    assert head.find("category") is None


def test_the_image_has_the_channels_title_and_link():
    head = channel()
    assert head.findtext("image/url") == SITE.logo
    assert head.findtext("image/title") == head.findtext("title")
    assert head.findtext("image/link") == head.findtext("link")


def test_what_the_site_leaves_open_is_left_out():
    bare = replace(SITE, logo=None, copyright="", contact="")
    assert {"image", "copyright", "managingEditor"}.isdisjoint(child.tag for child in channel(site=bare))


NO_CONTACTS = ("desk", "desk@quay.test", "Desk <desk@quay.test>", "a@b.test (x) y", "desk@quay.london (Desk)", HOSTILE)


@pytest.mark.parametrize("contact", NO_CONTACTS)
def test_a_contact_that_is_no_address_with_a_name_is_left_out(contact):
    assert channel(site=replace(SITE, contact=contact)).find("managingEditor") is None


def test_only_repeatable_elements_repeat():
    once = [child.tag for child in item() if not child.tag.endswith(("category", "creator"))]
    assert len(once) == len(set(once))
    head = [child.tag for child in channel(make_entry(), make_entry()) if child.tag not in ("category", "item")]
    assert len(head) == len(set(head))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("title", FULL.title),
        ("link", "https://feeds.quay.example/articles/ferry-later"),
        ("guid", "urn:example:ferry-later"),
        ("pubDate", "Thu, 21 May 2026 09:00:00 +0000"),
        ("description", FULL.standfirst),
        ("{http://purl.org/rss/1.0/modules/content/}encoded", content.html(make_entry(), SITE.zone)),
        ("{http://www.w3.org/2005/Atom}updated", "2026-05-21T10:00:00Z"),
    ],
)
def test_the_item_says_each_thing_once(name, text):
    assert [found.text for found in item().findall(name)] == [text]


def test_the_guid_is_no_address_and_is_the_id_as_written():
    guid = item(id="story 17").find("guid")
    assert (guid.text, guid.get("isPermaLink")) == ("story 17", "false")


def test_the_description_stands_before_the_content():
    names = [etree.QName(child).localname for child in item()]
    assert names.index("description") < names.index("encoded")


def test_the_description_is_html_and_never_empty():
    assert item(replace(FULL, standfirst="Fish & <chips>")).findtext("description") == "Fish &amp; &lt;chips&gt;"
    assert item(PLAIN).findtext("description") == "They hang at the lock."
    assert item(replace(PLAIN, body="<img src='x'>")).findtext("description") == PLAIN.title


def test_authors_are_creators_and_never_authors():
    assert [creator.text for creator in item().findall("dc:creator", NS)] == list(FULL.authors)
    assert item().find("author") is None


def test_categories_name_their_taxonomy():
    assert [(category.text, category.get("domain")) for category in item().findall("category")] == [
        ("Harbour", "https://feeds.quay.example/"),
        ("Council", "https://feeds.quay.example/"),
        ("Breaking", "https://feeds.quay.example/#status"),
        ("Reported", "https://feeds.quay.example/#status"),
    ]
    assert item(PLAIN, topics=(), breaking=False).find("category") is None
    assert item(replace(PLAIN, retracted="Wrong"), topics=(), breaking=False).findtext("category") == "Retracted"


def test_the_picture_is_told_with_what_is_known():
    picture = item().find("media:content", NS)
    assert dict(picture.attrib) == {
        "url": PICTURE.src,
        "medium": "image",
        "type": "image/jpeg",
        "fileSize": "98304",
        "width": "1200",
        "height": "675",
    }
    assert picture.findtext("media:credit", None, NS) == PICTURE.credit
    assert picture.findtext("media:description", None, NS) == PICTURE.alt
    unknown = replace(FULL, image=replace(PICTURE, type=None, width=None, height=None, length=None, alt="", credit=""))
    bare = item(unknown).find("media:content", NS)
    assert (dict(bare.attrib), len(bare)) == ({"url": PICTURE.src, "medium": "image"}, 0)


@pytest.mark.parametrize("unknown", ["type", "length"])
def test_an_enclosure_has_a_length_and_a_type_or_is_none(unknown):
    (enclosure,) = item().findall("enclosure")
    assert dict(enclosure.attrib) == {"url": PICTURE.src, "length": "98304", "type": "image/jpeg"}
    assert item(replace(FULL, image=replace(PICTURE, **{unknown: None}))).find("enclosure") is None


@pytest.mark.parametrize("year", [1970, 1999, 2026, 2100])
def test_dates_follow_rfc_822_with_four_digit_years(year):
    when = NINE.replace(year=year)
    written = item(published=when).findtext("pubDate")
    assert RFC_822.fullmatch(written)
    assert parsedate_to_datetime(written) == when


def test_the_bytes_depend_on_the_entry_alone():
    assert rss.entry(make_entry(), ADDRESSES) == rss.entry(make_entry(), Urls(ADDRESSES.public_url, SITE))
    assert document(make_entry()) == document(make_entry())


def test_hostile_texts_stay_texts():
    entry = hostile_entry()
    edition = hostile_edition(entry)
    head = etree.fromstring(rss.whole(edition, [rss.entry(entry, ADDRESSES)], ADDRESSES))[0]
    assert head.findtext("title") == edition.title
    assert head.findtext("description") == HOSTILE
    found = head.find("item")
    assert found.findtext("title") == found.findtext("guid") == HOSTILE
    assert unescape(found.findtext("description")) == HOSTILE
    assert [creator.text for creator in found.findall("dc:creator", NS)] == list(entry.article.authors)
    assert found.findtext("category") == HOSTILE
    assert found.find("media:content", NS).findtext("media:description", None, NS) == HOSTILE
    assert "<script" not in found.findtext("content:encoded", None, NS)


@settings(deadline=None, max_examples=60)
@given(entries())
def test_any_article_makes_a_document_in_which_its_texts_are_unchanged(entry):
    found = etree.fromstring(rss.whole(make_edition(entry), [rss.entry(entry, ADDRESSES)], ADDRESSES)).find("channel/item")
    article = entry.article
    assert found.findtext("title") == article.title
    assert found.findtext("guid") == entry.id
    assert unescape(found.findtext("description")) == content.summary(entry)
    assert found.findtext("content:encoded", None, NS) == content.html(entry, SITE.zone)
    assert [creator.text for creator in found.findall("dc:creator", NS)] == list(article.authors)
    assert parsedate_to_datetime(found.findtext("pubDate")) == entry.published.replace(microsecond=0)
