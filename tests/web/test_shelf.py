"""What stays in memory where there is no room for everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.model.document import Document, weight
from feedsvc.web import cache as limits
from feedsvc.web.cache import DocumentCache
from feedsvc.web.shelf import Shelf
from support.asking import FEED
from support.live import Newsroom


def document(number: int) -> Document:
    return replace(FEED, path=f"/{number}")


def put(shelf: Shelf, *numbers: int) -> None:
    for number in numbers:
        shelf.put(f"/{number}", document(number))


def held(shelf: Shelf) -> list[str]:
    return sorted(shelf.documents)


def test_what_is_asked_for_stays() -> None:
    shelf = Shelf(3 * weight(FEED))
    put(shelf, 1, 2, 3)
    assert shelf.get("/1") and not shelf.get("/9")
    put(shelf, 4)
    assert held(shelf) == ["/1", "/3", "/4"]
    put(shelf, 5, 6)
    assert held(shelf) == ["/1", "/5", "/6"]
    put(shelf, 7)  # that it was asked for counts once
    assert held(shelf) == ["/5", "/6", "/7"]


def test_where_all_are_asked_for_the_oldest_goes() -> None:
    shelf = Shelf(3 * weight(FEED))
    put(shelf, 1, 2, 3)
    assert all(shelf.get(f"/{number}") for number in (1, 2, 3))
    put(shelf, 4)
    assert held(shelf) == ["/2", "/3", "/4"]


def test_one_in_anothers_place_takes_no_room_twice() -> None:
    shelf = Shelf(2 * weight(FEED))
    put(shelf, 1, 1, 1, 2)
    assert held(shelf) == ["/1", "/2"]
    shelf.drop("/1")
    put(shelf, 3)
    assert held(shelf) == ["/2", "/3"]
    shelf.clear()
    put(shelf, 4, 5)
    assert held(shelf) == ["/4", "/5"]


def test_what_is_too_large_for_all_the_room_is_not_held() -> None:
    shelf = Shelf(weight(FEED) - 1)
    put(shelf, 1)
    assert held(shelf) == []


def test_pictures_push_no_feed_out(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PICTURE_BYTES", 50_000)
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\x20\0\0\2\x58\x08\x06\0\0\0"
    for number in range(5):
        (newsroom.articles / f"{number}.png").write_bytes(head + bytes(20_000))
        newsroom.write(f"{number}.md", image=f"{number}.png")
    newsroom.build()
    cache = DocumentCache(newsroom.store, newsroom.public_url)
    cache.refresh(newsroom.store.generation())
    assert cache.find("/feeds/all.rss")
    assert all(cache.find(f"/media/{number}.png") for number in range(5))
    assert cache.at_hand("/feeds/all.rss")
    assert [number for number in range(5) if cache.at_hand(f"/media/{number}.png")] == [3, 4]
