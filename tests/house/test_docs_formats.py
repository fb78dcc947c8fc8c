"""docs/formats.md is true: every key of an article and of its site goes where the tables say, and nowhere else."""

from __future__ import annotations

import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from feedsvc.builder.listings import MOST_GONE
from feedsvc.formats import content, headlines, render, sitemap
from feedsvc.model import archive, daily_digest
from feedsvc.model.record import TOMBSTONE
from feedsvc.model.site import PARTNERS, Site
from support.docs import ROOT, columns, doc, named, rows, spans
from support.key_samples import SAMPLES, SITE_SAMPLES, places_of_key, places_of_site_key
from support.live import Newsroom, until

PAGE = "docs/formats.md"


def key_of(row: dict[str, str]) -> str:
    return next(iter(spans(row["key"])), row["key"])


ARTICLES = {key_of(row): row for row in columns(PAGE, "Articles in feeds")}
ELSEWHERE = {key_of(row): row for row in columns(PAGE, "Articles elsewhere")}
SITE = {key_of(row): row for row in columns(PAGE, "The site")}


def places(row: dict[str, str]) -> dict[str, set[str]]:
    assert all(spans(cell) or cell == "–" or cell.startswith("not in ") for name, cell in row.items() if name != "key")
    return {name: set(spans(cell)) for name, cell in row.items() if name not in ("key", "partners")}


def partners_places(row: dict[str, str]) -> dict[str, set[str]]:
    """The places in each partner's feed: those in RSS, and those followed by its name; none in one from which it is left out."""
    left_out = re.findall(r"not in (\w+)", row["partners"])
    besides = re.findall(r"`([^`]+)` \(([^)]+)\)", row["partners"])
    rss = set(spans(row["RSS"]))
    return {
        name: rss | {place for place, named in besides if name in named.split(", ")} for name in PARTNERS if name not in left_out
    } | {name: set() for name in left_out}


@pytest.mark.parametrize("key", SAMPLES)
def test_a_key_of_an_article_goes_where_the_tables_say(key: str, tmp_path: Path) -> None:
    found = places_of_key(SAMPLES[key], tmp_path)
    assert found == places(ARTICLES[key]) | partners_places(ARTICLES[key]) | places(ELSEWHERE[key])


@pytest.mark.parametrize("key", SITE_SAMPLES)
def test_a_key_of_the_site_goes_where_the_table_says(key: str, tmp_path: Path) -> None:
    assert places_of_site_key(SITE_SAMPLES[key], tmp_path) == places(SITE[key])


def test_every_key_is_in_the_tables_and_has_a_sample() -> None:
    holds = {spans(row[0])[0]: spans(row[1]) for row in rows("docs/articles.md", "Keys")}
    parts = {"authors.url", *(f"{key}.{part}" for key in ("image", "corrections", "audio") for part in holds[key])}
    parts |= {f"images.{part}" for part in holds["image"]} | {"video.src", "video.poster"}
    parts -= {"audio.poster"}  # whose places are those of a film
    written = {span for row in ARTICLES.values() for span in spans(row["key"])}
    assert written == named("docs/articles.md", "Keys") - {"image", "images", "audio", "video", "corrections"} | parts
    assert list(ARTICLES) == list(ELSEWHERE) == list(SAMPLES)
    tables = ("topics", "feeds", "authors", "redirects", "webhooks", "purges")
    assert list(SITE) == list(SITE_SAMPLES) == [field.name for field in fields(Site) if field.init and field.name not in tables]


def test_the_formats_page_knows_every_limit() -> None:
    said = " ".join(doc(PAGE).split())
    limits = (
        f"at most {render.MAX_FEED_BYTES:,} bytes",
        f"more than {render.MAX_ENTRY_BYTES:,} bytes in a feed",
        f"more than {archive.PART_ENTRIES} articles or {archive.PART_BYTES:,} bytes",
        f"{daily_digest.DAYS} days; {daily_digest.LINES} articles a day",
        f"at most {headlines.MOST}, breaking",
        f"last {sitemap.HOURS} hours, at most {sitemap.MOST:,}",
        f"for at most {MOST_GONE} articles",
        f"for {TOMBSTONE.days} days",
        f"{content.EXCERPT} characters",
        f"{Site().entries_per_feed} entries",
    )
    assert [limit for limit in limits if limit not in said] == []


def test_every_path_is_fresh_for_as_long_as_the_docs_say(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.write("site.toml", '[site]\ntitle = "Gazette"\npartners = ["msn"]\n')
    newsroom.write("sport/win.md", story="Cup", image="quay.png", authors="Ada Keel", date="2026-05-20T09:00:00Z")
    shutil.copy(ROOT / "tests/data/newsroom/today/harbour/quay.png", newsroom.articles / "sport")
    newsroom.build()
    client = newsroom.client()
    made = {"/articles/win", "/feeds/sport/2026-05.atom", "/feeds/story/cup/2026-05.json", "/sitemap/2026-05.xml"}
    made |= {"/topics/sport/2026-05", "/stories/cup/2026-05", "/authors/ada-keel", "/feeds/author/ada-keel.atom"}
    assert {client.get(path).status_code for path in made} == {200}
    until(lambda: made <= set(newsroom.store.paths()))  # they are kept a moment later
    known = {path: document for path in newsroom.store.paths() if (document := newsroom.document(path)).status == 200}
    newsroom.close()
    used = set()
    for row in columns(PAGE, "Documents"):
        for pattern in spans(row["path"]):
            fit = re.compile(re.sub("<.*?>", "[^/]+", pattern.replace(".", "[.]").replace("<file>", ".+")))
            found = {path: document.max_age for path, document in known.items() if fit.fullmatch(path)}
            assert found and {f"{age} s" for age in found.values()} == {row["fresh for"]}, pattern
            used |= found.keys()
    assert used == known.keys()
