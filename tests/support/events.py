"""What a newsroom does to its folder, and what its readers then have; the clock stands where each test puts it."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from feedsvc.builder.build import BuildResult
from support.live import NOON, Newsroom

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
YEAR = 365 * DAY
NIGHT = NOON - 8 * HOUR  # told in the digest of this morning, at six
# The smallest of pictures: one transparent pixel.
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
DIGESTS = [f"/feeds/{slug}.{form}" for slug in ("digest", "digest/harbour") for form in ("rss", "atom", "json")]

hinted_or_scanned = pytest.mark.parametrize("hinted", [False, True], ids=["scanned", "hinted"])


def build(newsroom: Newsroom, *paths: str, hinted: bool = False, after: timedelta = MINUTE) -> BuildResult:
    """One build, of the paths that changed or of the whole folder."""
    return newsroom.build(*(paths if hinted else ()), after=after)


def build_as_scheduled(newsroom: Newsroom, *hints: str) -> list[BuildResult]:
    """A build of what the kernel tells of, and those that it asks for: of what is left, and of what is to be looked at again."""
    builds = [newsroom.build(*hints, after=SECOND)]
    for _ in range(5):
        if builds[-1].left:
            builds.append(newsroom.go_on())
        elif builds[-1].moving:
            time.sleep(0.055)  # as the schedule does, for a look at a file on a network's file system to count again
            builds.append(newsroom.build(*builds[-1].moving, after=SECOND))
        else:
            break
    return builds


def move(newsroom: Newsroom, old: str, new: str) -> None:
    """Renames a file."""
    (newsroom.articles / new).parent.mkdir(parents=True, exist_ok=True)
    (newsroom.articles / old).rename(newsroom.articles / new)


def swap(newsroom: Newsroom, one: str, other: str) -> None:
    """Lets two files change names."""
    move(newsroom, one, "aside")
    move(newsroom, other, one)
    move(newsroom, "aside", other)


def known(newsroom: Newsroom) -> dict[str, tuple[str, str]]:
    """Id and date of each live article by its title, as a reader has them."""
    return {entry["title"]: (entry["id"], entry["date_published"]) for entry in newsroom.feed()["items"]}


def published(newsroom: Newsroom, title: str) -> datetime:
    return datetime.fromisoformat(known(newsroom)[title][1])


def faults(newsroom: Newsroom) -> list[str]:
    """What the newsroom is told of its files."""
    return [str(fault) for fault, _ in newsroom.store.faults()]


def followed_back(client: FlaskClient, feed: str) -> list[str]:
    """The ids in all archives of an Atom feed, followed as RFC 5005 says."""
    found: list[str] = []
    address: str | None = feed
    while address:
        text = client.get(address).text
        if address != feed:
            found += re.findall(r"<entry>.*?<id>([^<]+)</id>", text, re.DOTALL)
        links = re.search(r'<link [^>]*rel="prev-archive"[^>]*>', text)
        address = re.search(r'href="https://[^/]+([^"]+)"', links[0])[1] if links else None
    return found


