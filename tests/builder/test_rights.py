"""Who gets an article: one without rights is planted, and looked for in every document; a right that goes takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.model.site import PARTNERS
from support.live import Newsroom, until

SITE = f"""[site]
digest_hour = 10
partners = {list(PARTNERS)}
[topics.sport]
[topics.wide]
any = ["sport"]
[feeds.ferry]
any = ["sport"]
[feeds.paid]
kinds = ["sponsored"]
[feeds.wire]
partner = "smartnews"
"""
ID = "urn:example:planted"
PLANTED = {"title": "zTitlez", "standfirst": "zSummaryz", "body": "zBodyz", "topics": ["sport"], "id": ID, "story": "Cup"}
PLACES = {
    "page": "/articles/.*",
    "lists": "/|/topics/.*|/stories/.*|/headlines(?!/ferry|/paid|/wire).*|/embed.*",
    "feeds": r"/feeds/(?!ferry|paid|wire|digest)[^/]*\..*|/feeds/story/.*|/feeds/.*/\d{4}-\d\d\..*",
    "digests": "/feeds/digest.*",
    "sitemap": "/sitemap-news.xml",
    **{partner: f"/partners/{partner}/.*" for partner in PARTNERS},
    **{name: f"/(feeds|headlines)/{name}[.].*" for name in ("ferry", "paid", "wire")},
}


def documents(newsroom: Newsroom) -> Iterator[tuple[str, str]]:
    """Every document there is, what is made on request too."""
    client = newsroom.client()
    asked = {"/articles/planted", *(f"/feeds/{slug}/2026-05.json" for slug in ("all", "sport", "wide", "story/cup"))}
    assert {client.get(path).status_code for path in asked} == {200}
    until(lambda: asked <= set(newsroom.store.paths()))
    for path in newsroom.store.paths():
        if (document := newsroom.document(path)) and document.status == 200 and document.kept is None:
            yield path, document.encodings["identity"].body.decode("utf-8", "replace")


def places_of(newsroom: Newsroom, word: str) -> set[str]:
    """The kinds of documents that have a word; each document is of one kind."""
    found = set()
    for path, text in documents(newsroom):
        if word in text:
            (place,) = (name for name, pattern in PLACES.items() if re.fullmatch(pattern, path))
            found.add(place)
    return found


OURS = {"page", "lists", "feeds", "digests", "sitemap"}


@pytest.mark.parametrize(
    ("keys", "site", "titles", "bodies"),
    [
        ({}, "", OURS | {*PARTNERS, "ferry", "wire"}, {"page", "feeds", *PARTNERS, "ferry", "wire"}),
        ({"syndicate": False}, "", OURS, {"page"}),
        ({"syndicate": ["ferry", "msn"]}, "", OURS | {"ferry", "msn"}, {"page", "ferry", "msn"}),
        ({"kind": "sponsored"}, "", {"page", "lists", "feeds", "paid"}, {"page", "feeds", "paid"}),
        ({"kind": "sponsored"}, 'sponsored = ["msn", "sitemap"]\n', {"page", "lists", "feeds", "paid", "msn", "sitemap"}, None),
        ({"kind": "sponsored"}, 'sponsored = ["digest"]\n', {"page", "lists", "feeds", "paid", "digests"}, None),
        ({"kind": "sponsored", "syndicate": False}, 'sponsored = ["msn"]\n', {"page", "lists", "feeds"}, {"page"}),
    ],
)
def test_a_planted_article_is_where_it_may_be_and_nowhere_else(
    keys: dict[str, object], site: str, titles: set[str], bodies: set[str] | None, tmp_path: Path
) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", SITE.replace("[topics.sport]", f"{site}[topics.sport]", 1))
    newsroom.write("planted.md", **{**PLANTED, "date": "2026-05-21T09:00:00Z", **keys})
    newsroom.write("other.md", topics=["sport"], date="2026-05-21T08:00:00Z")
    newsroom.build()
    assert places_of(newsroom, "zTitlez") == titles
    if bodies is not None:
        assert places_of(newsroom, "zBodyz") == bodies
    newsroom.close()


def text(newsroom: Newsroom, path: str) -> str:
    document = newsroom.document(path)
    assert document and document.status == 200, path
    return document.encodings["identity"].body.decode(errors="replace")


@pytest.mark.parametrize(("key", "value"), [("syndicate", False), ("syndicate", ["paid"]), ("kind", "sponsored")])
def test_a_right_that_goes_takes_the_article_back_as_a_retraction_does(key: str, value: object, tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", SITE)
    newsroom.write("planted.md", **PLANTED)
    newsroom.build()
    assert "zBodyz" in text(newsroom, "/partners/msn/sport.rss") and "zBodyz" in text(newsroom, "/feeds/ferry.atom")
    newsroom.write("planted.md", **PLANTED, **{key: value})
    newsroom.build("planted.md", after=timedelta(hours=1))
    msn, smart, google = (text(newsroom, f"/partners/{name}/wide.rss") for name in ("msn", "smartnews", "flipboard"))
    assert ID in msn and "end=2026-05-21T13:00:00Z" in msn and "zBodyz" not in msn
    assert ID in smart and 'state="deleted"' in smart and "zBodyz" not in smart
    assert ID not in google
    ferry, wire = text(newsroom, "/feeds/ferry.atom"), text(newsroom, "/feeds/wire.rss")
    assert f'deleted-entry ref="{ID}" when="2026-05-21T13:00:00Z"' in ferry and "zTitlez" not in ferry
    assert ID in wire and 'state="deleted"' in wire
    ours = text(newsroom, "/feeds/sport.atom")
    assert "zTitlez" in ours and "deleted-entry" not in ours
    newsroom.begin()  # the ledger alone knows it
    newsroom.build(after=timedelta(days=29))
    assert ID in text(newsroom, "/partners/msn/sport.rss")
    newsroom.build(after=timedelta(days=2))
    for path in ("/partners/msn/sport.rss", "/partners/smartnews/sport.rss", "/feeds/ferry.atom", "/feeds/wire.rss"):
        assert ID not in text(newsroom, path)
    newsroom.close()


def test_a_right_that_is_given_again_brings_it_back(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", SITE)
    newsroom.write("planted.md", **PLANTED)
    newsroom.build()
    newsroom.write("planted.md", **PLANTED, syndicate=False)
    newsroom.build(after=timedelta(hours=1))
    newsroom.write("planted.md", **PLANTED)
    newsroom.build(after=timedelta(hours=1))
    for path in ("/partners/smartnews/sport.rss", "/feeds/ferry.atom"):
        assert "zBodyz" in text(newsroom, path) and "deleted" not in text(newsroom, path)
    newsroom.write("planted.md", **PLANTED, syndicate=["ferry"], draft=True)  # and whatever it says while nobody sees it
    newsroom.build(after=timedelta(hours=1))
    newsroom.write("planted.md", **PLANTED, syndicate=["ferry"])
    newsroom.build(after=timedelta(hours=1))
    assert "deleted" in text(newsroom, "/partners/smartnews/sport.rss") and "zBodyz" in text(newsroom, "/feeds/ferry.atom")
    newsroom.close()


def test_a_name_that_is_nobodys_is_a_warning(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", SITE)
    newsroom.write("planted.md", **PLANTED, syndicate=["fery"])
    newsroom.build()
    (fault,) = (fault for fault, _ in newsroom.store.faults())
    assert fault.reason == 'syndicate names "fery", which is no feed of site.toml and no partner'
    newsroom.close()
