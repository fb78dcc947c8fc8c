"""Each correction beside what plain feedgen does. If a test of feedgen's fault fails after an upgrade, the correction can go."""

from __future__ import annotations

import locale
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from feedgen.feed import FeedGenerator
from lxml import etree

from feedsvc.formats import atom, extensions, rss
from feedsvc.formats.feed_style import styled
from feedsvc.model.edition import Tombstone
from support.newsroom import ADDRESSES, ALL, FULL, HARBOUR, NINE, PICTURE, SITE, make_edition, make_entry

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def ours_rss():
    entry = make_entry()
    return etree.fromstring(rss.whole(make_edition(entry), [rss.entry(entry, ADDRESSES)], ADDRESSES))


def ours_atom():
    entry = make_entry()
    return etree.fromstring(atom.whole(make_edition(entry), [atom.entry(entry, ADDRESSES)], ADDRESSES))


def plain():
    """What one writes with feedgen's own documented calls."""
    feed = FeedGenerator()
    feed.load_extension("media")
    feed.load_extension("syndication")
    feed.id("urn:example:feed")
    feed.title("Fish & <chips>")
    feed.description("News")
    feed.link(href="https://quay.example/", rel="alternate")
    feed.link(href="https://quay.example/feed", rel="self", type="application/rss+xml")
    feed.link(href="https://hub.example/", rel="hub")
    feed.syndication.update_period("hourly")
    feed.syndication.update_frequency(1)
    for name in ("first", "second"):
        entry = feed.add_entry()
        entry.id(f"urn:example:{name}")
        entry.title("Fish & <chips>")
        entry.author([{"name": "Ada Keel"}, {"name": "Tom Rudder"}])
        entry.link(href=f"https://quay.example/{name}", rel="alternate", type="text/html")
        entry.link(href="https://quay.example/a.jpg", rel="enclosure", type="image/jpeg", length="9")
        entry.content("<p>text</p>", type="html")
        entry.media.content(url="https://quay.example/a.jpg", medium="image")
        entry.published(NINE)
        entry.updated(NINE)
    return feed


def plain_rss():
    return etree.fromstring(plain().rss_str())


def plain_atom():
    return etree.fromstring(plain().atom_str())


def test_atom_entry_links_keep_rel_and_type_issues_135_and_143():
    links = [dict(link.attrib) for link in ours_atom().findall("a:entry/a:link", NS)]
    assert [(link["rel"], link.get("type")) for link in links] == [
        ("alternate", "text/html"),
        ("related", "text/html"),
        ("enclosure", "image/jpeg"),
    ]
    assert links[1]["title"] == "Ferry fares rise"
    assert links[2]["length"] == "98304"
    assert all(set(link.attrib) == {"href"} for link in plain_atom().findall("a:entry/a:link", NS))


def test_rss_link_is_the_page_whatever_other_links_there_are_issue_122():
    assert ours_rss().findtext("channel/link") == ADDRESSES.topic("harbour")
    assert plain_rss().findtext("channel/link") == "https://hub.example/"


def test_a_hub_can_be_told_in_rss_issue_122():
    feed = rss.fill_feed(make_edition(), ADDRESSES)
    feed.extra.add(extensions.Element(f"{extensions.ATOM}link", None, {"rel": "hub", "href": "https://hub.example/"}))
    assert [link.get("rel") for link in etree.fromstring(feed.rss_str()).findall("channel/a:link", NS)] == ["self", "hub"]
    assert [link.get("rel") for link in plain_rss().findall("channel/a:link", NS)] == ["self"]


def test_every_author_is_told_in_rss_without_an_address_pull_request_57():
    assert [creator.text for creator in ours_rss().findall("channel/item/dc:creator", NS)] == ["Ada Keel", "Tom Rudder"]
    assert ours_rss().find("channel/item/author") is None
    assert "Ada Keel" not in "".join(plain_rss().itertext())
    feed = plain()
    feed.entry()[0].author([{"name": "Ada", "email": "a@quay.example"}, {"name": "Tom", "email": "t@quay.example"}], replace=True)
    assert len(etree.fromstring(feed.rss_str()).findall("channel/item[1]/author")) == 2


def test_rss_tells_when_an_article_changed():
    assert ours_rss().findtext("channel/item/a:updated", None, NS) == "2026-05-21T10:00:00Z"
    assert plain_rss().find("channel/item/a:updated", NS) is None


def test_a_single_picture_stands_without_a_group_pull_request_58():
    assert ours_rss().find("channel/item/media:content", NS) is not None
    assert ours_rss().find(".//media:group", NS) is None
    assert plain_rss().find("channel/item/media:content", NS) is None
    assert plain_rss().find("channel/item/media:group/media:content", NS) is not None


def test_the_update_period_is_spelt_as_its_module_says_pull_request_29():
    assert ours_rss().findtext("channel/sy:updatePeriod", None, NS) == "hourly"
    assert ours_rss().findtext("channel/sy:updateFrequency", None, NS) == "12"
    assert plain_rss().find("channel/sy:updatePeriod", NS) is None
    assert plain_rss().findtext("channel/sy:UpdatePeriod", None, NS) == "hourly"


def test_titles_use_hexadecimal_references():
    entry = make_entry(replace(FULL, title="Fish & <chips>", body="<title>&amp;</title>"))
    assert b"<title>Fish &#x26; &#x3C;chips&#x3E;</title>" in rss.entry(entry, ADDRESSES)
    assert b"&lt;title&gt;&amp;amp;&lt;/title&gt;" in rss.entry(entry, ADDRESSES)
    assert b"<title>Fish &amp; &lt;chips&gt;</title>" in plain().rss_str()


def test_all_plain_text_uses_them_and_html_does_not():
    article = replace(FULL, standfirst="A < B", authors=("A & B",), image=replace(PICTURE, alt="A > B", credit="A & B"))
    entry = make_entry(article, id="A & B", topics=(replace(HARBOUR, name="A & B"),))
    site = replace(SITE, title="A & B", description="A & B", copyright="A & B")
    document = rss.whole(make_edition(entry, site=site, topic=ALL), [rss.entry(entry, ADDRESSES)], ADDRESSES)
    for name in (b"title", b"description", b"copyright", b"guid isPermaLink=\"false\"", b"dc:creator", b"media:credit"):
        assert b"<%s>A &#x26; B</" % name in document
    assert b">A &#x26; B</category>" in document
    assert b"<media:description>A &#x3E; B</" in document
    assert b"<description>A &amp;lt; B</description>" in document
    assert b"&lt;p&gt;The last boat" in document


def test_nothing_is_dated_now():
    now = str(datetime.now(UTC).year).encode()
    far = make_entry(published=NINE.replace(year=2001), updated=NINE.replace(year=2001), article=FULL)
    edition = make_edition(far, updated=NINE.replace(year=2002))
    for form in (rss, atom):
        document = form.whole(edition, [form.entry(far, ADDRESSES)], ADDRESSES)
        assert document == form.whole(edition, [form.entry(far, ADDRESSES)], ADDRESSES)
        assert b"2002" in document
        assert now not in document.replace(b"2026-05-21T23:30", b"").replace(b"22 May 2026", b"")
    before = datetime.now(UTC).replace(microsecond=0)
    undated = FeedGenerator()
    undated.id("urn:example:feed")
    undated.title("News")
    undated.description("News")
    undated.link(href="https://quay.example/")
    told = etree.fromstring(undated.rss_str()).findtext("channel/lastBuildDate")
    assert before <= parsedate_to_datetime(told) <= datetime.now(UTC)
    assert before <= datetime.fromisoformat(etree.fromstring(undated.atom_str()).findtext("a:updated", None, NS))


def test_content_is_typed_html_pull_request_123():
    assert ours_atom().find("a:entry/a:content", NS).get("type") == "html"
    feed = plain()
    feed.entry()[0].content("<p>text</p>", type="CDATA")
    assert etree.fromstring(feed.atom_str()).find("a:entry/a:content", NS).get("type") == "CDATA"


def test_entries_stand_in_the_order_given_pull_request_70():
    entries = [make_entry(id=f"urn:example:{number}") for number in (1, 2, 3)]
    document = rss.whole(make_edition(*entries), [rss.entry(entry, ADDRESSES) for entry in entries], ADDRESSES)
    assert [guid.text[-1] for guid in etree.fromstring(document).iter("guid")] == ["1", "2", "3"]
    assert [guid.text for guid in plain_rss().iter("guid")] == ["urn:example:second", "urn:example:first"]


def test_an_entry_in_another_language_says_so():
    entry = make_entry(replace(FULL, language="cy"))
    document = atom.whole(make_edition(entry), [atom.entry(entry, ADDRESSES)], ADDRESSES)
    assert etree.fromstring(document).find("a:entry", NS).get(extensions.XML_LANG) == "cy"
    assert b"<dc:language>cy</dc:language>" in rss.entry(entry, ADDRESSES)
    same = make_entry(replace(FULL, language=SITE.language))
    assert b"lang" not in atom.entry(same, ADDRESSES).replace(b"language", b"")
    assert b"<dc:language>en-GB</dc:language>" in rss.entry(same, ADDRESSES), "for a channel may say none"


def test_a_character_that_xml_forbids_costs_its_own_entry_alone():
    bad, good = make_entry(replace(FULL, title="\x01")), make_entry()
    for form in (rss, atom):
        with pytest.raises(ValueError, match="XML"):
            form.entry(bad, ADDRESSES)
        assert etree.fromstring(form.whole(make_edition(good), [form.entry(good, ADDRESSES)], ADDRESSES)) is not None
    feed = plain()
    feed.entry()[0].title("\x01")
    for write in (feed.rss_str, feed.atom_str):
        with pytest.raises(ValueError, match="XML"):
            write()


def test_dates_are_written_under_the_processes_locale_issue_26(monkeypatch):
    """feedgen sets the locale of the whole process for each date of RSS, and back: the builder writes feeds in one thread."""
    asked = []
    monkeypatch.setattr(locale, "setlocale", lambda category, name=None: asked.append(name) or "C")
    rss.entry(make_entry(), ADDRESSES)
    assert asked == [None, "C", "C"]
    asked.clear()
    atom.entry(make_entry(), ADDRESSES)
    assert asked == []


def test_a_namespace_that_validators_do_not_know_is_declared_where_it_is_used():
    gone = Tombstone(id="urn:example:gone", title="Gone", url="https://quay.example/gone", published=NINE, since=NINE)
    assert set(ours_atom().nsmap) == {None, "media"}
    assert set(ours_rss().nsmap) == {"atom", "content", "dc", "media", "sy"}
    assert set(etree.fromstring(atom.whole(make_edition(gone=(gone,)), [], ADDRESSES)).nsmap) == {None, "media", "at"}
    archive = make_edition(archive="2026-04")
    assert set(etree.fromstring(atom.whole(archive, [], ADDRESSES)).nsmap) == {None, "media", "fh"}
    assert "fh" in etree.fromstring(rss.whole(archive, [], ADDRESSES)).nsmap


@pytest.mark.parametrize(
    ("logo", "shown"),
    [
        ("https://quay.example/logo.png", True),
        ("https://quay.example/logo.JPEG?v=2", True),
        ("https://quay.example/v1.2/logo", True),
        ("https://quay.example/logo.svg", False),
        ("https://quay.example/logo.webp", False),
    ],
)
def test_the_image_of_a_channel_is_a_gif_jpeg_or_png(logo, shown):
    site = replace(SITE, logo=logo)
    assert (etree.fromstring(rss.whole(make_edition(site=site), [], ADDRESSES)).find("channel/image") is not None) == shown
    assert etree.fromstring(atom.whole(make_edition(site=site), [], ADDRESSES)).findtext("a:logo", None, NS) == logo


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_spliced_rss_document_is_feedgens_own(count):
    entries = [make_entry(id=f"urn:example:{number}") for number in range(count)]
    feed = rss.fill_feed(make_edition(*entries), ADDRESSES)
    feed.entry([rss.fill_entry(entry, ADDRESSES) for entry in entries])
    spliced = rss.whole(make_edition(*entries), [rss.entry(entry, ADDRESSES) for entry in entries], ADDRESSES)
    assert spliced == styled(rss.hexadecimal(feed.rss_str()), ADDRESSES)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_spliced_atom_document_is_feedgens_own(count):
    entries = [make_entry(id=f"urn:example:{number}") for number in range(count)]
    feed = atom.fill_feed(make_edition(*entries), ADDRESSES)
    feed.entry([atom.fill_entry(entry, ADDRESSES) for entry in entries])
    spliced = atom.whole(make_edition(*entries), [atom.entry(entry, ADDRESSES) for entry in entries], ADDRESSES)
    assert spliced == styled(feed.atom_str(), ADDRESSES)
