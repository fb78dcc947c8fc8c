"""Folders as other makers of sites leave them, built and checked as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from support.live import Newsroom

SITE = '[site]\ntitle = "The Tideway Post"\nlanguage = "en-GB"\nurl = "https://tideway.example/"\n'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636800000082008177cd72b60000000049"
    "454e44ae426082"
)
# Where a text is looked for, and what for: "titles", "json", "rss" or "said", which are the warnings and faults; "no" before it for
# what may not be there.
Expected = tuple[str, str]


def found_wrong(newsroom: Newsroom, files: Mapping[str, str | bytes], expected: Sequence[Expected]) -> list[str]:
    """What of the expected does not hold once the files are built."""
    for path, data in {"site.toml": SITE, **files}.items():
        file = newsroom.articles / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
    newsroom.build()
    feed = json.loads(newsroom.body("/feeds/all.json"))
    said = "\n".join(str(fault) for fault, _ in newsroom.store.faults())
    places = {
        "titles": "\n".join(item["title"] for item in feed["items"]),
        "json": json.dumps(feed, ensure_ascii=False, separators=(",", ":")).replace('\\"', "'"),
        "rss": newsroom.body("/feeds/all.rss"),
        "said": said,
    }
    wrong = []
    for where, pattern in expected:
        wanted = not where.startswith("no ")
        text = places[where.removeprefix("no ")]
        if bool(re.search(pattern, text, re.MULTILINE)) is not wanted:
            wrong.append(f"{where}: {pattern}\n{text}")
    return wrong
