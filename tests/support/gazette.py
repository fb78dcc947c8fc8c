"""A small newspaper for the tests with real readers: what was written, saved into the folder of a served instance.

All dates are relative to the clock, for the service's own is real: nothing here is under embargo.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.live import Service, until

NOW = datetime.now(UTC).replace(microsecond=0)
SITE = """[site]
title = "The Quay Gazette"
language = "en-GB"
timezone = "Europe/London"
url = "https://quay.example/"
{site}
[topics.harbour]
name = "Harbour"

[topics.food]
name = "Food & Drink"
"""


@dataclass(frozen=True)
class Written:
    """An article as its writer saved it; `passage` are words of its text that every reader must see."""

    path: str
    title: str
    published: datetime
    body: str
    passage: str
    authors: tuple[str, ...] = ()
    keys: dict[str, Any] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return Path(self.path).stem

    def save(self, folder: Path) -> Path:
        """Writes it as editors save: beside, then moved over."""
        file = folder / "articles" / self.path
        file.parent.mkdir(parents=True, exist_ok=True)
        keys = {"title": self.title, "date": self.published.isoformat(), "authors": self.authors, **self.keys}
        front = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items() if value)
        beside = file.with_name(f".{file.name}.tmp")
        beside.write_text(f"---\n{front}---\n{self.body}\n", "utf-8")
        os.replace(beside, file)
        return file


ANCHOR = Written(
    "harbour/anchor.md",
    "Penny & Sons <reopen> the 'Anchor' – at last",
    NOW - timedelta(days=2, hours=3),
    "It opens on *Friday*. See the [menu](menu.html) & a [map](https://maps.example/?a=1&b=2).\n\n<script>alert(1)</script>\n",
    "Nobody had soup",
    ("Ada Quay", "Ben Strand"),
    {
        "topics": ["Harbour", "Food"],
        "story": "Anchor",
        "standfirst": "Soup first, then the sea.",
        "key_points": ["It opens on Friday", "Tea & cake < £3"],
        "why_it_matters": "Nobody had soup.",
    },
)
LICENCE = Written(
    "harbour/licence.md",
    "Café “Zum Anker” 日本 gets its licence",
    NOW - timedelta(days=1, hours=2),
    'The council said yes. <p style="color:red" class="big" onclick="x()">Twice, in fact.</p>',
    "Twice, in fact.",
    ("Carl Weir",),
    {"story": "Anchor", "id": "tag:quay.example,2026:licence", "standfirst": "Yes, twice."},
)
TIDES = Written(
    "tides.md",
    "Tide tables are out",
    NOW - timedelta(hours=1),
    "They hang at the lock; 2 < 3 &amp; 5 > 4.",
    "They hang at the lock",
)
ARTICLES = (TIDES, LICENCE, ANCHOR)  # newest first, as feeds have them
HARBOUR, FOOD, ANCHOR_STORY = (LICENCE, ANCHOR), (ANCHOR,), (LICENCE, ANCHOR)
FEEDS = {"all": ARTICLES, "harbour": HARBOUR, "food": FOOD, "story/anchor": ANCHOR_STORY}


# What a newsroom does afterwards: another text, another name, another author; another file name; a new article.
EDITED = replace(LICENCE, title="Café “Zum Anker” loses it", body="No, it said.", passage="No, it said.", authors=("Dora Lock",))
RENAMED = replace(ANCHOR, path="harbour/anchor-reopened.md")
RETRACTED = replace(TIDES, keys={"retracted": "They are last year's."})
NEW = Written("harbour/new.md", "A new boat", NOW - timedelta(minutes=1), "It floats.", "It floats.")


def found(folder: Path, articles: Iterable[Written] = ARTICLES, site: str = "") -> None:
    """Writes `site.toml`, with further lines for `[site]`, and all articles."""
    (folder / "articles").mkdir(exist_ok=True)
    (folder / "articles/site.toml").write_text(SITE.format(site=site), "utf-8")
    for article in articles:
        article.save(folder)


def entries(service: Service, topic: str = "all") -> list[dict[str, Any]]:
    """A topic's JSON Feed as served."""
    listed: list[dict[str, Any]] = json.loads(service.get(f"/feeds/{topic}.json").body)["items"]
    return listed


def ids(service: Service) -> dict[str, str]:
    """The id of each live article, by its title."""
    return {entry["title"]: entry["id"] for entry in entries(service)}


def wait(service: Service, *shown: Written) -> None:
    """Until the articles served are these, newest first."""
    expected = [(article.title, f"{service.url}/articles/{article.slug}") for article in shown]
    until(lambda: [(entry["title"], entry["url"]) for entry in entries(service)] == expected)
