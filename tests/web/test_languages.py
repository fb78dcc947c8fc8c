"""Languages: what a channel says is true of all that it holds, and pages lead first to the feeds in their own language."""

from __future__ import annotations

import pytest
from lxml import etree

from feedsvc.model.selection import common
from support.htmlpage import Page
from support.live import NOON, Newsroom

SITE = """[site]
title = "Gazette"
language = "en-GB"
[topics.sport]
[feeds.cymraeg]
title = "Y Gazette"
language = "cy"
[feeds.cymraeg-agored]
language = "cy"
link_query = "from=partner"
[feeds.cymraeg-sport]
language = "cy"
any = ["sport"]
[feeds.english]
language = "en"
"""
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DC = "{http://purl.org/dc/elements/1.1/}language"


def said(newsroom: Newsroom, slug: str) -> tuple[str | None, list[str | None], str | None, str | None]:
    """The language of a channel in RSS, of its entries, and of the feed in Atom and JSON Feed."""
    client = newsroom.client()
    channel = etree.fromstring(client.get(f"/feeds/{slug}.rss").data)[0]
    atom = etree.fromstring(client.get(f"/feeds/{slug}.atom").data)
    entries = [item.findtext(DC) for item in channel.findall("item")]
    json = client.get(f"/feeds/{slug}.json").json
    assert [entry.get(XML_LANG, atom.get(XML_LANG)) for entry in atom.findall("{*}entry")] == [
        item.get("language", json["language"]) for item in json["items"]
    ]
    return channel.findtext("language"), entries, atom.get(XML_LANG), json["language"]


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        (["cy"], "cy"),
        (["en-GB", "en-US"], "en"),
        (["en-GB", "EN-gb"], "en-GB"),
        (["en", "en-GB"], "en"),
        (["zh-Hant-TW", "zh-Hant-HK"], "zh-Hant"),
        (["en", "cy"], None),
        (["de", "den"], None),
    ],
)
def test_what_some_tags_have_in_common(tags: list[str], language: str | None) -> None:
    assert common(tags) == language


def test_a_channel_says_what_is_true_of_all_that_it_holds(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.build()
    assert said(newsroom, "sport") == ("en-GB", [], "en-GB", "en-GB")
    newsroom.write("sport/win.md", title="Buddugoliaeth", language="cy", date=NOON)
    newsroom.build()
    assert said(newsroom, "sport") == ("cy", ["cy"], "cy", "cy")
    newsroom.write("sport/loss.md", title="Loss", date=NOON)
    newsroom.build()
    channel, entries, *_ = said(newsroom, "sport")
    assert channel is None and sorted(map(str, entries)) == ["cy", "en-GB"]
    newsroom.write("sport/win.md", title="Win", language="en-US", date=NOON)
    newsroom.build()
    assert said(newsroom, "sport")[0] == "en"
    assert said(newsroom, "cymraeg") == ("cy", [], "cy", "cy")
    assert said(newsroom, "english")[0] == "en"


def test_a_page_leads_first_to_the_feed_in_its_own_language(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.write("sport/win.md", title="Buddugoliaeth", language="cy", date=NOON, authors="Ada Keel")
    newsroom.write("sport/loss.md", title="Loss", date=NOON)
    newsroom.build()

    def found(path: str) -> list[tuple[str, str]]:
        links = Page(newsroom.client().get(path).data).all("link", rel="alternate", type="application/rss+xml")
        return [(link["href"].removeprefix("https://feeds.example/feeds/"), link.get("hreflang", "")) for link in links]

    welsh, english = ("cymraeg.rss", "cy"), ("english.rss", "en")
    sport, author, all_of_it = ("sport.rss", ""), ("author/ada-keel.rss", ""), ("all.rss", "")
    assert found("/articles/win") == [welsh, sport, author, all_of_it]
    assert found("/articles/loss") == [english, sport, all_of_it]
    assert found("/") == [english, all_of_it] and found("/topics/sport") == [sport, english, all_of_it]
