"""Moving here from Ghost: an export comes out as it was, and what was not for everybody stays so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing import detect
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from support.live import feedsvc

QUAY = Site(title="The Quay Gazette", timezone="Europe/London", language="en-GB", url="https://quay.example/")
POST: dict[str, Any] = {
    "id": "5f1e",
    "uuid": "0b5c",
    "title": "The lock keeper’s bell",
    "slug": "bell",
    "html": '<p>It rings at <a href="__GHOST_URL__/tides/">high tide</a>.</p>',
    "feature_image": "__GHOST_URL__/content/images/bell.jpg",
    "type": "post",
    "status": "published",
    "visibility": "public",
    "published_at": "2019-05-21T09:00:00.000Z",
    "updated_at": "2019-05-22T08:00:00.000Z",
    "custom_excerpt": "A bell at the lock.",
    "canonical_url": None,
}
TABLES: dict[str, Any] = {
    "users": [{"id": "1", "name": "Ada Keel"}, {"id": "2", "name": "Tom Rudder"}],
    "tags": [
        {"id": "t1", "name": "Harbour", "visibility": "public"},
        {"id": "t2", "name": "#wide", "visibility": "internal"},
        {"id": "t3", "name": "Town", "visibility": "public"},
    ],
    "posts_authors": [
        {"post_id": "5f1e", "author_id": "2", "sort_order": 1},
        {"post_id": "5f1e", "author_id": "1", "sort_order": 0},
    ],
    "posts_tags": [
        {"post_id": "5f1e", "tag_id": "t3", "sort_order": 2},
        {"post_id": "5f1e", "tag_id": "t2", "sort_order": 1},
        {"post_id": "5f1e", "tag_id": "t1", "sort_order": 0},
    ],
    "posts_meta": [{"post_id": "5f1e", "feature_image_alt": "A bell", "feature_image_caption": "<b>A. Keel</b>"}],
}


def export(*posts: dict[str, Any], wrapped: bool = True) -> bytes:
    database = {"meta": {"version": "5.0"}, "data": {**TABLES, "posts": list(posts)}}
    return json.dumps({"db": [database]} if wrapped else database).encode()


def imported(*posts: dict[str, Any], wrapped: bool = True, site: Site = QUAY) -> detect.Batch:
    return detect.read_import("export.json", export(*posts, wrapped=wrapped), site, detect.ImportOptions())


def only(**said: Any) -> Article:
    ((_, article),) = imported(POST | said).articles
    return article


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_post_keeps_what_readers_know_it_by(wrapped: bool) -> None:
    ((_, article),) = imported(POST, wrapped=wrapped).articles
    assert (article.id, article.slug, article.link) == ("5f1e", "bell", "https://quay.example/bell/")
    assert (article.date, article.updated) == (datetime(2019, 5, 21, 9, tzinfo=UTC), datetime(2019, 5, 22, 8, tzinfo=UTC))
    assert (article.authors, article.topics) == (("Ada Keel", "Tom Rudder"), ("Harbour", "Town"))
    assert article.standfirst == "A bell at the lock."
    assert article.image is not None
    assert (article.image.src, article.image.alt) == ("https://quay.example/content/images/bell.jpg", "A bell")
    assert article.image.caption == "A. Keel"
    assert 'href="https://quay.example/tides/"' in article.body
    assert (article.draft, article.aliases) == (False, ("/bell",))


@pytest.mark.parametrize(
    "said", [{"status": "draft", "published_at": None}, {"visibility": "members"}, {"visibility": "paid"}, {"visibility": "tiers"}]
)
def test_what_was_not_for_everybody_is_a_draft(said: dict[str, Any]) -> None:
    article = only(**said)
    assert (article.draft, article.date, article.link) == (True, None, None)


def test_a_post_planned_for_later_is_embargoed() -> None:
    article = only(status="scheduled", published_at="2090-05-21T09:00:00.000Z")
    assert (article.date, article.draft) == (datetime(2090, 5, 21, 9, tzinfo=UTC), False)


def test_an_address_of_its_own_stays() -> None:
    assert only(canonical_url="https://other.example/bell").link == "https://other.example/bell"


def test_pages_are_left_out_and_counted() -> None:
    batch = imported(POST, POST | {"id": "2", "type": "page"}, POST | {"id": "3", "page": True})
    assert len(batch.articles) == 1
    (fault,) = batch.faults
    assert fault.reason == "is an export of Ghost's; only posts become articles, and 2 pages are left out"


def test_posts_for_members_are_counted() -> None:
    assert [fault.reason for fault in imported(POST | {"visibility": "paid"}).faults] == [
        "1 posts are for members alone, and become drafts"
    ]


def test_without_an_address_of_the_site_a_person_is_told() -> None:
    batch = imported(POST, site=replace(QUAY, url=None))
    assert "set url in site.toml" in batch.faults[0].reason
    ((_, article),) = batch.articles
    assert (article.link, article.image) == (None, None)


@pytest.mark.parametrize(
    "said",
    [
        {"db": []},
        {"db": [{"data": {"posts": {}}}]},
        {"db": [1]},
        {"data": []},
    ],
)
def test_what_only_looks_like_an_export_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ArticleError, match="is JSON, but no JSON Feed, and no export of Ghost's"):
        detect.read_import("export.json", json.dumps(said).encode(), QUAY, detect.ImportOptions())


def test_rows_of_any_kind_are_taken_or_refused() -> None:
    odd = POST | {"title": 3, "html": None, "plaintext": "Words.", "slug": [], "feature_image": {}}
    batch = imported(odd | {"published_at": "soon", "updated_at": 1}, {"id": "2"})
    assert batch.articles == ()
    assert [fault.reason for fault in batch.faults] == [
        'entry 1: its date "soon" can\'t be read; give it one with --date',
        "entry 2: has neither a title nor a text",
    ]


def test_the_command_imports_an_export(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "export.json").write_bytes(export(POST | {"canonical_url": "https://quay.example/bell/"}))
    result = feedsvc("import", "export.json", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["articles/harbour/2019-05-21-bell.md"]
