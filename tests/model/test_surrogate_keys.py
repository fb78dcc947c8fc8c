"""The keys of a document follow from its path, and what changes is forgotten by keys that its document has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.formats import render
from feedsvc.model import urls as at
from feedsvc.model.surrogate_keys import changed_keys, keys_of


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/feeds/all.rss", ("topic-all", "format-rss")),
        ("/feeds/sport.json", ("topic-sport", "format-json")),
        ("/feeds/digest.atom", ("topic-all", "format-atom")),
        ("/feeds/digest/sport.atom", ("topic-sport", "format-atom")),
        ("/feeds/story/flood.rss", ("story-flood", "format-rss")),
        ("/feeds/author/ada.rss", ("author-ada", "format-rss")),
        ("/feeds/sport/2026-05-2.atom", ("archive-sport-2026-05-2", "format-atom")),
        ("/feeds/story/flood/2026-05.atom", ("archive-story-flood-2026-05", "format-atom")),
        ("/headlines.json", ("topic-all", "format-headlines")),
        ("/headlines/sport.json", ("topic-sport", "format-headlines")),
        ("/", ("topic-all", "format-html")),
        ("/topics/sport", ("topic-sport", "format-html")),
        ("/stories/flood", ("story-flood", "format-html")),
        ("/articles/win", ("article-win", "format-html")),
        ("/authors/ada", ("author-ada", "format-html")),
        ("/authors/ada/2026-05", ("author-ada", "format-html")),
        ("/articles/d%C3%A9j%C3%A0", ("article-d%c3%a9j%c3%a0", "format-html")),
        ("/partners/msn/sport.rss", ("topic-sport", "format-rss")),
        ("/feeds.opml", ("site",)),
        ("/sitemap-news.xml", ("site",)),
        ("/embed/ticker", ("embed", "format-html")),
    ],
)
def test_the_keys_of_a_path(path: str, keys: tuple[str, ...]) -> None:
    assert keys_of(path) == keys


@pytest.mark.parametrize("slug", ["all", "sport", "digest/all", "digest/sport", "story/flood"])
def test_every_document_of_a_topic_has_its_key(slug: str) -> None:
    topic = slug.removeprefix("digest/")
    key = "story-flood" if slug == "story/flood" else f"topic-{topic}"
    assert all(key in keys_of(path) for path in render.topic_paths(topic))


@given(st.text(min_size=1, max_size=300))
def test_a_key_is_what_a_header_and_a_list_can_hold(slug: str) -> None:
    for path in (at.article_path(slug), at.feed_path(slug, "rss"), at.media_path(slug)):
        for key in keys_of(path):
            assert key.isascii() and key.isprintable() and not {" ", ","} & {*key} and len(key) < 300 and key == key.lower()


def test_what_changed_is_forgotten_and_no_whole_format() -> None:
    assert changed_keys(["/feeds/sport.rss", "/articles/win"]) == ("article-win", "topic-sport")
    assert changed_keys(["/headlines/sport.json"]) == ("embed", "topic-sport")
    assert changed_keys([], ["/articles/"]) == ("format-html",)
