"""The order in which the files of a big folder are read, if they are too many for one build.

Pure: no I/O, no clock, no globals. It is decided by the first bytes of each file: the day in its front matter, or in its
name, or of the file itself; and the topics that it seems to be in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feedsvc.articles.look import FoundFile

GLIMPSE_BYTES = 2_000  # of a file, which include the date in its front matter

_IN_NAME = re.compile(r"(?:^|[/_-])((?:19|20)\d\d[-/_](?:0[1-9]|1[0-2])(?:[-/_][0-3]\d)?)(?![\d])")
_DATE = re.compile(
    rb"^[\"']?(?:date|publish_?date|pub_?date|created)[\"']?[ \t]*[:=][ \t]*"
    rb"[\"']?(\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)",
    re.MULTILINE | re.IGNORECASE,
)
_TOPICS = re.compile(rb"^[\"']?(?:topics?|categor(?:y|ies))[\"']?[ \t]*[:=][ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_NAMES = re.compile(rb"[^\[\],\"'\r\n]+")


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a file seems to contain: `when` it was written, comparable as text, and the topics that it names."""

    when: str
    topics: tuple[str, ...]


def glimpse(found: FoundFile, head: bytes) -> Glimpse:
    """What a file's first bytes, its name and its time say."""
    folder = found.path.partition("/")[0] if "/" in found.path else ""
    listed = _TOPICS.search(head)
    named = [name.decode("utf-8", "replace").strip().casefold() for name in _NAMES.findall(listed[1])] if listed else []
    topics = tuple(dict.fromkeys(name for name in (folder.casefold(), *named) if name))
    if dated := _DATE.search(head):
        return Glimpse(dated[1].decode().replace("/", "-").replace(" ", "T"), topics)
    if in_name := _IN_NAME.search(found.path):
        return Glimpse(re.sub("[/_]", "-", in_name[1]), topics)
    return Glimpse(datetime.fromtimestamp(max(found.mtime, 0) // 1_000_000_000, UTC).isoformat()[:19], topics)


def newest_first(
    files: Sequence[FoundFile], glimpses: Mapping[str, Glimpse], shown: int, now: datetime
) -> tuple[list[FoundFile], int]:
    """Files in reading order, and how many of them must be read until every topic's newest articles are right.

    Those come first: each topic's newest, as many as a feed shows.
    """
    in_time = sorted(files, key=lambda one: (glimpses[one.path].when, one.path), reverse=True)
    today = now.isoformat()[:19]
    seen: Counter[str] = Counter()
    front: list[FoundFile] = []
    rest: list[FoundFile] = []
    for one in in_time:
        topics = ("", *glimpses[one.path].topics)
        (front if any(seen[topic] < shown for topic in topics) else rest).append(one)
        if glimpses[one.path].when <= today:  # an embargoed article is in no feed
            seen.update(topics)
    return [*front, *rest], len(front)
