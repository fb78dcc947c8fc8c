"""Authors' pages and feeds: made when first asked for, kept, and never older than what is published."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from feedsvc.model.record import TOMBSTONE
from support.htmlpage import Page
from support.live import NOON, Newsroom, until

MONTH = timedelta(days=31)
PATHS = ("/authors/ada-keel", "/feeds/author/ada-keel.rss", "/feeds/author/ada-keel.atom", "/feeds/author/ada-keel.json")
SITE = """[site]
title = "Gazette"
entries_per_feed = 2
feed_hours = 0

[authors.ada-keel]
name = "Ada M. Keel"
url = "https://ada.example/"
picture = "https://ada.example/ada.jpg"
aliases = ["A. Keel"]
fediverse = "ada@social.example"
"""


def get(newsroom: Newsroom, path: str, **headers: str) -> TestResponse:
    return newsroom.client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def titles(newsroom: Newsroom, author: str) -> list[str]:
    """What an author's feed lists, which all formats and the page must list too."""
    feed = get(newsroom, f"/feeds/author/{author}.json")
    assert feed.status_code == 200
    found = [item["title"] for item in feed.json["items"]]
    for form, name in (("rss", ".//item/title"), ("atom", ".//{*}entry/{*}title")):
        root = etree.fromstring(get(newsroom, f"/feeds/author/{author}.{form}").data)
        assert [title.text for title in root.findall(name)] == found
    page = Page(get(newsroom, f"/authors/{author}").data)
    assert [text for path, text in page.seen if path[-3:] == ("article", "h3", "a")] == found
    return found


def write(newsroom: Newsroom, name: str, **keys: Any) -> None:
    said = {"title": name.capitalize(), "date": NOON - timedelta(hours=1), "authors": ["Ada Keel"]}
    newsroom.write(f"sport/{name}.md", **said | keys)


def test_an_author_has_a_page_and_feeds_as_soon_as_an_article_of_theirs_is_live(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "Gazette"\n')
    write(newsroom, "win")
    write(newsroom, "coming", authors=["Ben Oar"], date=NOON + MONTH)
    newsroom.build()
    assert titles(newsroom, "ada-keel") == ["Win"]
    assert {get(newsroom, path).status_code for path in PATHS} == {200}
    for nobody in ("ben-oar", "nobody", "Ada-Keel", "ada-keel.exe", "%00", "2026-05"):
        assert get(newsroom, f"/authors/{nobody}").status_code == 404, nobody
        assert get(newsroom, f"/feeds/author/{nobody}.rss").status_code == 404, nobody
    newsroom.now = NOON + MONTH
    newsroom.build()
    assert titles(newsroom, "ben-oar") == ["Coming"]


def test_they_are_kept_and_are_made_anew_when_something_in_them_changes(newsroom: Newsroom) -> None:
    write(newsroom, "win")
    newsroom.write("sport/else.md", title="Else", authors=["Ben Oar"])
    newsroom.build()
    before = {path: get(newsroom, path) for path in PATHS}
    until(lambda: {*PATHS} <= set(newsroom.store.paths()))
    newsroom.now += timedelta(minutes=5)
    newsroom.write("sport/else.md", title="Else again", authors=["Ben Oar"])
    newsroom.build()
    assert {*PATHS} <= set(newsroom.store.paths()), "what nobody of this name wrote makes them anew"
    newsroom.now += timedelta(minutes=5)
    write(newsroom, "win", standfirst="Again.")
    newsroom.build()
    assert {*PATHS}.isdisjoint(newsroom.store.paths())
    for path, old in before.items():
        new = get(newsroom, path)
        assert new.headers["ETag"] != old.headers["ETag"] and new.last_modified > old.last_modified, path
        assert get(newsroom, path, If_None_Match=old.headers["ETag"]).status_code == 200
        assert get(newsroom, path, If_Modified_Since=old.headers["Last-Modified"]).status_code == 200
        assert get(newsroom, path, If_None_Match=new.headers["ETag"]).status_code == 304
        assert get(newsroom, path, If_Modified_Since=new.headers["Last-Modified"]).status_code == 304
        head = newsroom.client().head(path)
        assert head.status_code == 200 and head.data == b"" and head.headers["ETag"] == new.headers["ETag"]


def test_the_same_bytes_keep_their_date(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    write(newsroom, "win")
    newsroom.build()
    before = {path: get(newsroom, path) for path in PATHS}
    until(lambda: {*PATHS} <= set(newsroom.store.paths()))
    newsroom.now += timedelta(minutes=5)
    newsroom.write("site.toml", SITE.replace("feed_hours = 0", "feed_hours = 1"))
    newsroom.build()
    assert {*PATHS}.isdisjoint(newsroom.store.paths())
    for path, old in before.items():
        new = get(newsroom, path)
        assert (new.headers["ETag"], new.last_modified) == (old.headers["ETag"], old.last_modified), path


def test_what_is_withdrawn_is_gone_at_once_and_atom_says_so(newsroom: Newsroom) -> None:
    write(newsroom, "win", id="urn:x:win")
    write(newsroom, "loss")
    newsroom.build()
    assert titles(newsroom, "ada-keel") == ["Loss", "Win"] or titles(newsroom, "ada-keel") == ["Win", "Loss"]
    newsroom.now += timedelta(minutes=5)
    write(newsroom, "win", id="urn:x:win", retracted="It was not so.")
    newsroom.build()
    assert titles(newsroom, "ada-keel") == ["Loss"]
    root = etree.fromstring(get(newsroom, PATHS[2]).data)
    assert [one.get("ref") for one in root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")] == ["urn:x:win"]
    newsroom.now += TOMBSTONE + timedelta(minutes=1)
    newsroom.build()
    assert b"deleted-entry" not in get(newsroom, PATHS[2]).data
    (newsroom.articles / "sport/loss.md").unlink()
    newsroom.build()
    assert {get(newsroom, path).status_code for path in PATHS} == {404}


def test_an_expiry_and_a_change_of_authors_take_an_article_out(newsroom: Newsroom) -> None:
    write(newsroom, "win", expires=NOON + timedelta(hours=1), authors=["Ada Keel", "Ben Oar"])
    write(newsroom, "loss", authors=["Ada Keel", "Ben Oar"])
    newsroom.build()
    assert sorted(titles(newsroom, "ben-oar")) == ["Loss", "Win"]
    newsroom.now += timedelta(hours=1)
    newsroom.build()
    assert titles(newsroom, "ben-oar") == ["Loss"]
    write(newsroom, "loss", authors=["Ada Keel"])
    newsroom.build()
    assert get(newsroom, "/authors/ben-oar").status_code == 404
    assert titles(newsroom, "ada-keel") == ["Loss"]


def test_who_is_in_site_toml_is_the_same_in_every_document_by_every_name(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    newsroom.build()
    assert titles(newsroom, "ada-keel") == []
    write(newsroom, "win", authors=["a. keel", "ADA KEEL", "Ada M. Keel", "Ben Oar"])
    newsroom.build()
    assert titles(newsroom, "ada-keel") == titles(newsroom, "ben-oar") == ["Win"]
    feed = get(newsroom, "/feeds/all.json").json["items"][0]
    ada = {"name": "Ada M. Keel", "url": "https://ada.example/", "avatar": "https://ada.example/ada.jpg"}
    assert feed["authors"] == [ada, {"name": "Ben Oar", "url": "https://feeds.example/authors/ben-oar"}]
    assert get(newsroom, PATHS[3]).json["authors"] == [ada] and get(newsroom, PATHS[3]).json["icon"] == ada["avatar"]
    atom = etree.fromstring(get(newsroom, "/feeds/all.atom").data)
    written = [(one.findtext("{*}name"), one.findtext("{*}uri")) for one in atom.findall("{*}entry/{*}author")]
    assert written == [("Ada M. Keel", "https://ada.example/"), ("Ben Oar", "https://feeds.example/authors/ben-oar")]
    rss = etree.fromstring(get(newsroom, "/feeds/all.rss").data)
    assert [one.text for one in rss.iter("{http://purl.org/dc/elements/1.1/}creator")] == ["Ada M. Keel", "Ben Oar"]
    page = Page(get(newsroom, "/articles/win").data)
    assert [meta["content"] for meta in page.all("meta", name="fediverse:creator")] == ["@ada@social.example"]
    assert page.all("a", href="/authors/ada-keel") and page.all("a", href="/authors/ben-oar")
    assert page.all("link", rel="alternate", href="https://feeds.example/feeds/author/ada-keel.rss")
    assert Page(get(newsroom, "/").data).all("a", href="/authors/ada-keel")
    person = next(one for one in json_ld(get(newsroom, "/articles/win").text) if one["@type"] == "NewsArticle")["author"][0]
    assert person == {"@type": "Person", "name": "Ada M. Keel", "url": "https://ada.example/", "image": "https://ada.example/ada.jpg"}
    profile = next(one for one in json_ld(get(newsroom, PATHS[0]).text) if one["@type"] == "ProfilePage")
    assert profile["mainEntity"]["url"] == "https://feeds.example/authors/ada-keel"
    assert profile["mainEntity"]["sameAs"] == ["https://ada.example/"]


def json_ld(page: str) -> list[dict[str, Any]]:
    parts = page.split('<script type="application/ld+json">')[1:]
    return [json.loads(part.partition("</script>")[0]) for part in parts]


def test_another_name_of_an_author_leads_to_theirs(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    write(newsroom, "win")
    newsroom.build()
    for old, new in (
        ("/authors/a-keel", "/authors/ada-keel"),
        ("/authors/a-keel/2026-05", "/authors/ada-keel/2026-05"),
        ("/feeds/author/a-keel.atom", "/feeds/author/ada-keel.atom"),
        ("/authors/ada-keel/", "/authors/ada-keel"),
    ):
        answer = get(newsroom, old)
        assert (answer.status_code, answer.headers["Location"]) == (301, f"https://feeds.example{new}")


def test_older_articles_are_by_months(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    for ago in range(4):
        write(newsroom, f"n{ago}", date=NOON - ago * MONTH, authors=["Ada Keel"] if ago % 2 else ["A. Keel"])
    write(newsroom, "n3-too", date=NOON - 3 * MONTH - timedelta(hours=1))
    newsroom.build()
    page = Page(get(newsroom, "/authors/ada-keel").data)
    assert page.all("a", href="/authors/ada-keel/2026-04") and titles(newsroom, "ada-keel") == ["N0", "N1"]
    march = Page(get(newsroom, "/authors/ada-keel/2026-03").data)
    assert [one["href"] for one in march.all("a", rel="prev")] == ["/authors/ada-keel/2026-02"]
    assert [one["href"] for one in march.all("a", rel="next")] == ["/authors/ada-keel/2026-04"]
    february = Page(get(newsroom, "/authors/ada-keel/2026-02").data)
    assert "N3 N3-too" not in february.text and "N3-too" in february.text and not february.all("a", rel="prev")
    for month in ("2026-01", "2026-02-2", "2026-13", "x"):
        assert get(newsroom, f"/authors/ada-keel/{month}").status_code == 404, month
    (newsroom.articles / "sport/n2.md").unlink()
    newsroom.now += timedelta(minutes=1)
    newsroom.build()
    assert get(newsroom, "/authors/ada-keel/2026-03").status_code == 404
    april = get(newsroom, "/authors/ada-keel/2026-04")
    assert [one["href"] for one in Page(april.data).all("a", rel="prev")] == ["/authors/ada-keel/2026-02"]
    assert get(newsroom, "/authors/ada-keel/2026-04", If_None_Match=april.headers["ETag"]).status_code == 304


def test_a_big_month_has_parts(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedsvc.web.author_pages.PART_ENTRIES", 2)
    for number in range(5):
        write(newsroom, f"n{number}", date=NOON - timedelta(hours=number))
    write(newsroom, "old", date=NOON - MONTH)
    write(newsroom, "older", date=NOON - MONTH * 2)
    newsroom.build()
    second = Page(get(newsroom, "/authors/ada-keel/2026-05-2").data)
    assert "N1" in second.text and "N2" in second.text and "N0" not in second.text
    assert [one["href"] for one in second.all("a", rel="prev")] == ["/authors/ada-keel/2026-05"]
    assert [one["href"] for one in second.all("a", rel="next")] == ["/authors/ada-keel/2026-05-3"]
    assert [one["href"] for one in Page(get(newsroom, "/authors/ada-keel/2026-04").data).all("a", rel="next")] == [
        "/authors/ada-keel/2026-05"
    ]


def test_everything_of_the_last_hours_is_in_an_authors_feed(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE.replace("feed_hours = 0", "feed_hours = 24"))
    for number in range(5):
        write(newsroom, f"n{number}", date=NOON - timedelta(hours=number * 8))
    newsroom.build()
    feed = get(newsroom, "/feeds/author/ada-keel.json").json["items"]
    assert [item["title"] for item in feed] == ["N0", "N1", "N2"]
    newsroom.now += timedelta(hours=1)
    write(newsroom, "back", date=NOON - MONTH)
    newsroom.build()
    feed = get(newsroom, "/feeds/author/ada-keel.json").json["items"]
    assert [item["title"] for item in feed] == ["N0", "N1", "N2", "Back"], "what is dated back is new to readers too"
    page = Page(get(newsroom, "/authors/ada-keel").data)
    assert "N2" not in page.text


def test_rights_are_those_of_the_portals_own_feeds(newsroom: Newsroom) -> None:
    write(newsroom, "win", syndicate=False, body="Only for readers.", standfirst="What happened.")
    write(newsroom, "paid", kind="sponsored")
    newsroom.build()
    for path in PATHS[1:]:
        feed = get(newsroom, path).text
        assert "Only for readers." not in feed and "What happened." in feed and "sponsored" in feed.lower()


def test_ten_thousand_authors_cost_nothing_until_somebody_asks(newsroom: Newsroom) -> None:
    for number in range(200):
        write(newsroom, f"n{number}", authors=[f"Author {number * 50 + one}" for one in range(50)], age=7200)
    newsroom.build()
    assert not [path for path in newsroom.store.paths() if "author" in path]
    for author in (0, 4_999, 9_999):
        assert titles(newsroom, f"author-{author}") == [f"N{author // 50}"]
    assert get(newsroom, "/authors/author-10000").status_code == 404
    path = "/feeds/author/author-4999.rss"
    until(lambda: path in newsroom.store.paths())
    write(newsroom, "n0", authors=["Author 0"])
    newsroom.build()
    assert path in newsroom.store.paths(), "an article touches its own authors alone"
    assert get(newsroom, "/authors/author-1").status_code == 404


def test_a_topic_may_be_called_author(newsroom: Newsroom) -> None:
    write(newsroom, "win", topics=["Author"])
    newsroom.build()
    assert get(newsroom, "/feeds/author.rss").status_code == 200
    assert get(newsroom, "/feeds/author/2026-05.rss").status_code == 200
    assert get(newsroom, "/feeds/author/ada-keel.rss").status_code == 200


def test_a_hostile_name_is_only_text(newsroom: Newsroom) -> None:
    name = '<script>alert("x")</script> & "Ada"'
    write(newsroom, "win", authors=[name, "???"])
    newsroom.build()
    page = Page(get(newsroom, "/articles/win").data)
    links = [one["href"] for one in page.all("a") if one.get("href", "").startswith("/authors/")]
    author = links[0].partition("#")[0]
    assert get(newsroom, author).status_code == 200 and "<script>alert" not in get(newsroom, author).text
    assert get(newsroom, f"/feeds{author.replace('authors', 'author')}.rss").status_code == 200
