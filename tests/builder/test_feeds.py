"""Feeds that site.toml defines: what is in them, in which form, and that nobody else's feed changes for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from support.live import Newsroom

SITE = """[site]
title = "The Quay"
hub = "https://hub.example/"
[topics.sport]
[topics.opinion]
[topics.water]
any = ["harbour"]
[feeds.sport-full]
title = "Sport for the ferry"
any = ["sport", "water"]
none = ["opinion"]
link_query = "utm_source=ferry"
[feeds.heads]
text = "summary"
entries = 2
hours = 0
[feeds.german]
language = "de"
[feeds.adas]
authors = ["ada keel"]
[feeds.closed]
protected = true
[feeds.wire]
any = ["sport"]
partner = "smartnews"
"""
FORMS = ("/feeds/{}.rss", "/feeds/{}.atom", "/feeds/{}.json", "/headlines/{}.json")


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path_factory.mktemp("feeds"))
    newsroom.write("site.toml", SITE)
    newsroom.write("match.md", topics=["sport"], key_points=["Two to one"], standfirst="They won.", authors=["Ada Keel"])
    newsroom.write("comment.md", topics=["sport", "opinion"], date="2026-05-21T09:00:00Z")
    newsroom.write("tide.md", topics=["harbour"], date="2026-05-21T08:00:00Z", language="de-AT")
    newsroom.write("fair.md", topics=["closed"], date="2026-05-21T07:00:00Z")
    newsroom.build()
    yield newsroom
    newsroom.close()


def body(newsroom: Newsroom, path: str) -> bytes:
    document = newsroom.document(path)
    assert document and document.status == 200, path
    return document.encodings["identity"].body


def titles(newsroom: Newsroom, name: str) -> list[str]:
    """What a feed lists; all of its formats list the same."""
    rss, atom = (etree.fromstring(body(newsroom, path.format(name))) for path in FORMS[:2])
    feed, headlines = (json.loads(body(newsroom, path.format(name))) for path in FORMS[2:])
    listed = [item.findtext("title") for item in rss.iter("item")]
    assert listed == [entry.findtext("{*}title") for entry in atom.iter("{*}entry")]
    assert listed == [item["title"] for item in feed["items"]] == [item["title"] for item in headlines["headlines"]]
    return [str(title) for title in listed]


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("sport-full", ["Match", "Tide"]),  # made of a topic that is made of others, too
        ("heads", ["Match", "Comment"]),
        ("german", ["Tide"]),
        ("adas", ["Match"]),
        ("closed", ["Match", "Comment", "Tide", "Fair"]),
        ("wire", ["Match", "Comment"]),
    ],
)
def test_a_feed_lists_what_it_asks_for(newsroom: Newsroom, name: str, listed: list[str]) -> None:
    assert titles(newsroom, name) == listed


def test_it_has_a_title_and_addresses_of_its_own_and_neither_page_nor_archives_nor_digest(newsroom: Newsroom) -> None:
    feed = json.loads(body(newsroom, "/feeds/sport-full.json"))
    assert (feed["title"], feed["description"]) == ("Sport for the ferry",) * 2
    assert (feed["feed_url"], feed["home_page_url"]) == ("https://feeds.example/feeds/sport-full.json", "https://feeds.example/")
    assert b"prev-archive" in body(newsroom, "/feeds/sport.atom") and b"prev-archive" not in body(newsroom, "/feeds/heads.atom")
    assert not [path for path in newsroom.store.paths() if "feed/" in path]
    for path in ("/topics/sport-full", "/feeds/digest/sport-full.rss", "/feeds/feed/sport-full.rss"):
        assert newsroom.document(path) is None, path


def test_what_is_added_to_links_is_in_no_id_and_in_no_other_feed(newsroom: Newsroom) -> None:
    ours, alls = (json.loads(body(newsroom, f"/feeds/{name}.json"))["items"][0] for name in ("sport-full", "all"))
    assert ours.pop("url") == f"{alls.pop('url')}?utm_source=ferry" and ours == alls
    for path in FORMS:
        assert body(newsroom, path.format("sport-full")).count(b"?utm_source=ferry") == 2
        assert b"utm_source" not in body(newsroom, path.format("all").replace("/headlines/all", "/headlines"))


def test_a_summary_is_no_more_than_that(newsroom: Newsroom) -> None:
    item = json.loads(body(newsroom, "/feeds/heads.json"))["items"][0]
    assert item["content_text"] == "They won.\n\nRead the whole article" and "key_points" not in item["_newsroom"]
    assert b"the tide went out" in body(newsroom, "/feeds/all.rss") and b"Two to one" not in body(newsroom, "/feeds/heads.rss")


def test_a_partners_rules_hold_in_a_feed_for_it(newsroom: Newsroom) -> None:
    wire, usual = body(newsroom, "/feeds/wire.rss"), body(newsroom, "/feeds/wire.atom")
    assert b'state="active"' in wire and b"smartnews" not in usual and b"/feeds/wire.rss" in wire


def test_a_protected_feed_is_named_nowhere_and_no_hub_knows_it(newsroom: Newsroom) -> None:
    protected = {path.format("closed") for path in FORMS}
    for path in newsroom.store.paths():
        document = newsroom.document(path)
        if document and document.kept is None:
            assert bool(document.protected) == (path in protected)
            assert path in protected or b"/closed" not in document.encodings["identity"].body, path
    announced = {path for path, _, links in newsroom.store.links_since(0) if any("hub" in link for link in links)}
    assert "/feeds/german.rss" in announced and announced.isdisjoint(protected)
    opml = body(newsroom, "/feeds.opml")
    assert b"Sport for the ferry" in opml and b"/feeds/german.rss" in opml and b"losed" not in opml


def test_a_topic_with_the_name_of_a_feed_is_left_out_with_a_warning(newsroom: Newsroom) -> None:
    fair = json.loads(body(newsroom, "/feeds/all.json"))["items"][3]
    assert fair["title"] == "Fair" and "tags" not in fair
    reasons = [fault.reason for fault, _ in newsroom.store.faults() if fault.path == "fair.md"]
    assert 'the topic "closed" is left out: site.toml has a feed of that name; give one of them another' in reasons


def test_feeds_come_change_and_go_with_what_site_toml_says(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("match.md", topics=["ferry"])
    newsroom.build()
    assert newsroom.document("/topics/ferry") and newsroom.document("/partners/msn/ferry.rss") is None
    newsroom.write("site.toml", "[feeds.ferry]\nentries = 1\n")  # in the place of a topic
    newsroom.build()
    assert titles(newsroom, "ferry") == ["Match"] and newsroom.document("/topics/ferry") is None
    assert newsroom.document("/feeds/digest/ferry.rss") is None
    newsroom.write("site.toml", '[site]\ntitle = "Quay"\n')  # and back
    newsroom.build()
    assert newsroom.document("/topics/ferry") and b"<title>ferry " in body(newsroom, "/feeds/ferry.rss")
    newsroom.write("match.md", topics=["quay"])
    newsroom.write("site.toml", "[feeds.other]\n")
    newsroom.build()
    newsroom.write("site.toml", "")
    newsroom.build()
    assert not [path for path in newsroom.store.paths() if "other" in path and newsroom.document(path)]
    newsroom.close()
