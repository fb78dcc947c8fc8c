"""What stays in memory where there is no room for everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.model.document import Document, weight
from feedsvc.web import cache as limits
from feedsvc.web.bounded_cache import BoundedCache
from feedsvc.web.cache import DocumentCache
from support.asking import FEED
from support.live import Newsroom
from support.pictures import heavy


def document(number: int) -> Document:
    return replace(FEED, path=f"/{number}")


def put(cache: BoundedCache, *numbers: int) -> None:
    for number in numbers:
        cache.put(f"/{number}", document(number))


def held(cache: BoundedCache) -> list[str]:
    return sorted(cache.documents)


def test_what_is_asked_for_stays() -> None:
    cache = BoundedCache(3 * weight(FEED))
    put(cache, 1, 2, 3)
    assert cache.get("/1") and not cache.get("/9")
    put(cache, 4)
    assert held(cache) == ["/1", "/3", "/4"]
    put(cache, 5, 6)
    assert held(cache) == ["/1", "/5", "/6"]
    put(cache, 7)  # that it was asked for counts once
    assert held(cache) == ["/5", "/6", "/7"]


def test_where_all_are_asked_for_the_oldest_goes() -> None:
    cache = BoundedCache(3 * weight(FEED))
    put(cache, 1, 2, 3)
    assert all(cache.get(f"/{number}") for number in (1, 2, 3))
    put(cache, 4)
    assert held(cache) == ["/2", "/3", "/4"]


def test_one_in_anothers_place_takes_no_room_twice() -> None:
    cache = BoundedCache(2 * weight(FEED))
    put(cache, 1, 1, 1, 2)
    assert held(cache) == ["/1", "/2"]
    cache.drop("/1")
    put(cache, 3)
    assert held(cache) == ["/2", "/3"]
    cache.clear()
    put(cache, 4, 5)
    assert held(cache) == ["/4", "/5"]


def test_what_is_too_large_for_all_the_room_is_not_held() -> None:
    cache = BoundedCache(weight(FEED) - 1)
    put(cache, 1)
    assert held(cache) == []


def test_pictures_push_no_feed_out(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PICTURE_BYTES", 50_000)
    for number in range(5):
        (newsroom.articles / f"{number}.gif").write_bytes(heavy(20_000, number))
        newsroom.write(f"{number}.md", image=f"{number}.gif")
    newsroom.build()
    cache = DocumentCache(newsroom.store, newsroom.public_url)
    cache.refresh(newsroom.store.generation())
    assert cache.find("/feeds/all.rss")
    paths = [str(cache.find(f"/media/{number}.gif").location).removeprefix(newsroom.public_url) for number in range(5)]
    assert all(map(cache.find, paths))
    assert cache.in_memory("/feeds/all.rss")
    assert [number for number, path in enumerate(paths) if cache.in_memory(path)] == [3, 4]
