"""sfeed, a strict reader of RSS and Atom in C, given what is served: one line an entry, in fields parted by tabs."""

from __future__ import annotations

import re
import subprocess

import pytest

from support.gazette import FEEDS, ids
from support.live import SLOW, Service

UNESCAPED = {"\\t": "\t", "\\n": "\n", "\\\\": "\\"}


def read(feed: bytes) -> list[list[str]]:
    """Each entry as sfeed(5) has it: time, title, link, content, its type, id, author, enclosure, categories."""
    ended = subprocess.run(["sfeed"], input=feed, capture_output=True, check=True, timeout=SLOW)
    assert ended.stderr == b""
    lines = [line.split("\t") for line in ended.stdout.decode().splitlines()]
    return [[re.sub(r"\\[tn\\]", lambda found: UNESCAPED[found[0]], cell) for cell in line] for line in lines]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
@pytest.mark.parametrize("topic", FEEDS)
def test_it_sees_every_article(printed: Service, topic: str, suffix: str) -> None:
    known = ids(printed)
    rows = read(printed.get(f"/feeds/{topic}.{suffix}").body)
    for row, article in zip(rows, FEEDS[topic], strict=True):
        time, title, link, content, kind, id, author, enclosure, _ = row
        assert (int(time), title, kind, enclosure) == (int(article.published.timestamp()), article.title, "html", "")
        assert (id, link) == (known[article.title], f"{printed.url}/articles/{article.slug}")
        assert author == (article.authors or ("",))[0]  # it keeps the first of several
        assert article.passage in content


def test_both_formats_say_the_same_to_the_byte(printed: Service) -> None:
    rss, atom = (read(printed.get(f"/feeds/all.{suffix}").body) for suffix in ("rss", "atom"))
    # The last field: RSS categories are names, Atom's are terms.
    assert [row[:-1] for row in rss] == [row[:-1] for row in atom]
