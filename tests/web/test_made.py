"""What is made on request: nobody waits for its being kept, and what is asked for again is made once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from werkzeug.test import Client

from feedsvc.errors import StoreError
from feedsvc.model.document import Document
from feedsvc.web import page_writer
from feedsvc.web.article_pages import ArticlePages
from feedsvc.web.page_writer import PageWriter
from support.asking import PAGE
from support.live import Newsroom, until

SECOND = timedelta(seconds=1)


@contextmanager
def write_lock(newsroom: Newsroom) -> Iterator[None]:
    """Holds the lock that everybody needs who writes."""
    with closing(sqlite3.connect(newsroom.store.engine.url.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slugs of which something was made."""
    slugs: list[str] = []
    find = ArticlePages.find

    def counted(self: ArticlePages, slug: str) -> Document | None:
        slugs.append(slug)
        return find(self, slug)

    monkeypatch.setattr(ArticlePages, "find", counted)
    return slugs


@pytest.fixture
def client(newsroom: Newsroom) -> Client:
    """A service of a live article, one with a former slug, and one that was taken back."""
    newsroom.write("win.md")
    newsroom.write("old.md", title="Old", slug="old")
    newsroom.write("gone.md")
    newsroom.build()
    newsroom.write("old.md", title="Old", slug="new")
    newsroom.write("gone.md", retracted="It was wrong.")
    newsroom.build(after=SECOND)
    return newsroom.client()


def test_no_reader_waits_for_what_serves_the_next_one(newsroom: Newsroom, client: Client) -> None:
    with write_lock(newsroom):
        begun = time.monotonic()
        assert client.get("/articles/win").status_code == 200
        assert time.monotonic() - begun < 5  # who waits for the lock does so for ten
        assert newsroom.document("/articles/win") is None
    assert until(lambda: newsroom.document("/articles/win")).status == 200


@pytest.mark.parametrize(("slug", "status"), [("win", 200), ("old", 301), ("gone", 410)])
def test_it_is_made_once_until_something_is_published(
    newsroom: Newsroom, client: Client, made: list[str], slug: str, status: int
) -> None:
    answers = [client.get(f"/articles/{slug}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status] * 3
    assert len({(answer.data, str(answer.headers)) for answer in answers}) == 1 and "ETag" in answers[0].headers
    assert made == [slug]
    newsroom.write("other.md")
    newsroom.build(after=SECOND)
    until(lambda: client.get("/articles/other").status_code == 200)
    assert client.get(f"/articles/{slug}").status_code == status


def test_what_was_taken_back_is_live_again_at_once(newsroom: Newsroom, client: Client) -> None:
    assert client.get("/articles/gone").status_code == 410
    newsroom.write("gone.md")
    newsroom.build(after=SECOND)
    until(lambda: client.get("/articles/gone").status_code == 200)


def test_a_former_slug_leads_on(client: Client) -> None:
    answer = client.get("/articles/old")
    assert answer.headers["Location"] == "https://feeds.example/articles/new"


class Failing:
    """A store that can't be written, until it can."""

    def __init__(self) -> None:
        self.works = False
        self.kept: list[str] = []

    def keep(self, document: Document, generation: int) -> None:
        if not self.works:
            raise StoreError("the database can't be written: disk full")
        self.kept.append(document.path)


def test_what_can_not_be_kept_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    store = Failing()
    writer = PageWriter(store.keep)  # type: ignore[arg-type]
    for _ in range(3):
        writer.put(PAGE, 1)
        until(lambda: not writer._waiting)
    assert len(caplog.records) == 1 and "pages can't be kept" in caplog.text and "disk full" in caplog.text
    store.works = True
    writer.put(PAGE, 1)
    until(lambda: store.kept == [PAGE.path])


def test_what_waits_to_be_kept_has_a_bound(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr(page_writer, "MAX_WAITING_BYTES", 0)
    assert [client.get("/articles/win").status_code for _ in range(2)] == [200, 200]
    assert newsroom.document("/articles/win") is None
