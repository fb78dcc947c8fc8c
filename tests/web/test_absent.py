"""Where nothing is published: that is remembered until something is, since scanners and old subscriptions ask for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from feedsvc.web.cache import LONGEST_PATH, MOST_ABSENT, DocumentCache
from support.asking import PAGE
from support.live import Newsroom, until

PATHS = ("/articles/final", "/feeds/chess.rss", "/feeds/chess/2026-05.atom", "/topics/chess", "/headlines/chess.json")


@pytest.fixture
def cache(newsroom: Newsroom) -> Iterator[DocumentCache]:
    newsroom.write("sport/win.md")
    newsroom.build()
    cache = DocumentCache(newsroom.store, newsroom.public_url)
    cache.refresh(newsroom.store.generation())
    yield cache


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_it_is_answered_from_memory_as_before(newsroom: Newsroom, method: str) -> None:
    newsroom.write("sport/win.md")
    newsroom.build()
    client = newsroom.client()
    for path in (*PATHS, "//feeds/all.rss", "/%C3%A9"):
        first, again = (client.open(path, method=method) for _ in range(2))
        assert (first.status, first.headers, first.data) == (again.status, again.headers, again.data)
        assert (first.status_code, first.headers["Cache-Control"], "ETag" in first.headers) == (404, "no-store", False)
        assert len(first.data) == (0 if method == "HEAD" else int(first.headers["Content-Length"]))


def test_what_is_published_is_there_at_once_where_nothing_was(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md")
    newsroom.build()
    client = newsroom.client()
    assert [client.get(path).status_code for path in PATHS * 2] == [404] * len(PATHS) * 2
    newsroom.write("chess/final.md", date="2026-05-20T09:30:00Z")
    newsroom.write("site.toml", '[site]\ntitle = "The Other Post"\n')
    newsroom.build(after=timedelta(seconds=1))
    until(lambda: client.get("/headlines/chess.json").status_code == 200)
    assert [client.get(path).status_code for path in PATHS] == [200] * len(PATHS)
    assert "The Other Post" in client.get("/nothing").text


def test_what_a_publication_came_into_is_not_remembered(newsroom: Newsroom, cache: DocumentCache) -> None:
    before = cache.generation
    newsroom.write("chess/final.md")
    newsroom.build(after=timedelta(seconds=1))
    cache.refresh(newsroom.store.generation())
    assert cache.absent("/feeds/chess.rss", before, lambda: PAGE) is PAGE
    assert cache.in_memory("/feeds/chess.rss") is None
    cache.absent("/feeds/dance.rss", cache.generation, lambda: PAGE)
    assert cache.in_memory("/feeds/dance.rss") is PAGE and cache.find("/feeds/dance.rss") is None


def test_who_asks_for_ever_else_does_not_fill_the_memory(cache: DocumentCache) -> None:
    long = "/" + "x" * LONGEST_PATH
    for path in (long, *(f"/{number}" for number in range(MOST_ABSENT + 5))):
        cache.absent(path, cache.generation, lambda: PAGE)
    assert cache.in_memory(long) is None
    assert [path for path in range(MOST_ABSENT + 5) if cache.in_memory(f"/{path}") is None] == [0, 1, 2, 3, 4]
