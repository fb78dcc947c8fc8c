"""newsboat, a reader for terminals, subscribing to a served instance: what lies in its cache after each reload.

It takes a guid for one article whatever the feed (its issues 210 and 898), so that who subscribes to several topics reads it once.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from support.gazette import ANCHOR, ARTICLES, EDITED, FEEDS, NEW, RENAMED, RETRACTED, TIDES, Written, found, ids, wait
from support.live import SLOW, Service
from support.proxy import recording_proxy


@dataclass
class Newsboat:
    """One reader's newsboat, with a folder of its own for what it subscribes to and what it has seen."""

    home: Path

    def __post_init__(self) -> None:
        self.home.mkdir()
        (self.home / "config").touch()
        (self.home / "urls").touch()

    def run(self, *words: str) -> None:
        files = ("-u", self.home / "urls", "-c", self.home / "cache.db", "-C", self.home / "config")
        environment = {**os.environ, "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        subprocess.run(["newsboat", *files, *words], env=environment, check=True, capture_output=True, timeout=SLOW)

    def subscribe(self, *urls: str) -> None:
        with (self.home / "urls").open("a") as listed:
            listed.writelines(f"{url}\n" for url in urls)

    def rows(self, query: str) -> list[tuple]:
        with closing(sqlite3.connect(self.home / "cache.db")) as cache:
            return cache.execute(query).fetchall()

    def articles(self) -> list[tuple]:
        return self.rows("SELECT guid, title, author, url, pubDate FROM rss_item ORDER BY pubDate DESC")

    def unread(self) -> list[str]:
        return [title for (title,) in self.rows("SELECT title FROM rss_item WHERE unread ORDER BY pubDate DESC")]

    def read_everything(self) -> None:
        seen = self.home / "seen"
        seen.write_text("".join(f"{guid}\n" for (guid,) in self.rows("SELECT guid FROM rss_item")))
        self.run("-I", str(seen))


@pytest.fixture
def newsboat(tmp_path: Path) -> Newsboat:
    return Newsboat(tmp_path / "newsboat")


def as_written(service: Service, articles: Iterable[Written]) -> list[tuple]:
    known = ids(service)
    return [
        (known[one.title], one.title, ", ".join(one.authors), f"{service.url}/articles/{one.slug}", int(one.published.timestamp()))
        for one in articles
    ]


def test_it_imports_the_opml_and_sees_every_article_once(printed: Service, newsboat: Newsboat, tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_bytes(printed.get("/feeds.opml").body)
    newsboat.run("-i", str(tmp_path / "feeds.opml"))
    lines = (newsboat.home / "urls").read_text().splitlines()
    topics = ("all", "food", "harbour", "story/anchor")
    assert sorted(line.split()[0] for line in lines) == [f"{printed.url}/feeds/{topic}.rss" for topic in topics]
    newsboat.subscribe(f"{printed.url}/feeds/harbour.atom")
    newsboat.run("-x", "reload")
    assert newsboat.articles() == as_written(printed, ARTICLES)  # as the feed reloaded last has them
    titles = dict(newsboat.rows("SELECT rssurl, title FROM rss_feed"))
    assert titles[f"{printed.url}/feeds/food.rss"] == "Food & Drink – The Quay Gazette"


def test_it_sees_all_of_every_article_in_every_feed(printed: Service, tmp_path: Path) -> None:
    for number, (topic, articles) in enumerate(FEEDS.items()):
        for suffix in ("rss", "atom"):
            newsboat = Newsboat(tmp_path / f"newsboat-{number}-{suffix}")
            newsboat.subscribe(f"{printed.url}/feeds/{topic}.{suffix}")
            newsboat.run("-x", "reload")
            # Of several dc:creator elements it shows the last.
            shown = [replace(one, authors=one.authors[-1:]) for one in articles] if suffix == "rss" else articles
            assert newsboat.articles() == as_written(printed, shown)
            contents = newsboat.rows("SELECT content FROM rss_item ORDER BY pubDate DESC")
            for article, (content,) in zip(articles, contents, strict=True):
                assert article.passage in content
                assert not [bad for bad in ("<script", "style=", "class=", "onclick", 'href="menu') if bad in content]


def test_a_further_reload_brings_nothing_and_is_a_304(printed: Service, newsboat: Newsboat) -> None:
    with recording_proxy(printed.port) as (port, statuses):
        newsboat.subscribe(*(f"http://127.0.0.1:{port}/feeds/harbour.{suffix}" for suffix in ("rss", "atom")))
        newsboat.run("-x", "reload")
        before = newsboat.articles()
        newsboat.read_everything()
        newsboat.run("-x", "reload")  # it notes the validators of feeds that it knows, and so asks with them from the third time on
        newsboat.run("-x", "reload")
        assert statuses == [200, 200, 200, 200, 304, 304]
    assert (newsboat.articles(), newsboat.unread()) == (before, [])


def test_what_is_edited_renamed_or_taken_back_is_never_new_again(
    serve: Callable[..., Service], newsboat: Newsboat, tmp_path: Path
) -> None:
    found(tmp_path)
    service = serve("--interval", "3600").start()
    newsboat.subscribe(f"{service.url}/feeds/all.rss", f"{service.url}/feeds/harbour.atom")
    newsboat.run("-x", "reload")
    newsboat.read_everything()
    guids = [article[0] for article in newsboat.articles()]

    EDITED.save(tmp_path)
    (tmp_path / "articles" / ANCHOR.path).rename(tmp_path / "articles" / RENAMED.path)
    wait(service, TIDES, EDITED, RENAMED)
    newsboat.run("-x", "reload")
    assert newsboat.articles() == as_written(service, (TIDES, EDITED, RENAMED))
    assert [article[0] for article in newsboat.articles()] == guids
    assert newsboat.rows("SELECT content FROM rss_item WHERE title LIKE 'Café%'") == [(f"<p>{EDITED.passage}</p>",)]
    assert newsboat.unread() == []

    RETRACTED.save(tmp_path)
    wait(service, EDITED, RENAMED)
    newsboat.run("-x", "reload")
    TIDES.save(tmp_path)
    NEW.save(tmp_path)
    wait(service, NEW, TIDES, EDITED, RENAMED)
    newsboat.run("-x", "reload")
    assert newsboat.unread() == [NEW.title]
    assert newsboat.articles() == as_written(service, (NEW, TIDES, EDITED, RENAMED))
