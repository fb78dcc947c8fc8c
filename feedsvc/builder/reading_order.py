"""In which order a folder is read that holds more than one build takes.

Pure: no I/O, no clock, no globals. What decides is a glimpse at each file: the day that its front matter says, else the one in its
name, else the file's own; and the topics that it seems to be in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feedsvc.articles.look import FoundFile

GLIMPSE_BYTES = 2_000  # of a file, in which its front matter says when it was written

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
    """What a file seems to hold: `when` it was written, to be compared as text, and the topics that it names."""

    when: str
    topics: tuple[str, ...]


def glimpse(found: FoundFile, head: bytes) -> Glimpse:
    """What the first bytes of a file, its name and its time tell of it."""
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
    """Files in the order in which they are read, and how many of them must be read for every topic's newest to be right.

    Those come first: for each topic the newest, as many as a feed shows.
    """
    in_time = sorted(files, key=lambda one: (glimpses[one.path].when, one.path), reverse=True)
    today = now.isoformat()[:19]
    seen: Counter[str] = Counter()
    front: list[FoundFile] = []
    rest: list[FoundFile] = []
    for one in in_time:
        topics = ("", *glimpses[one.path].topics)
        (front if any(seen[topic] < shown for topic in topics) else rest).append(one)
        if glimpses[one.path].when <= today:  # an embargoed one is shown in no feed
            seen.update(topics)
    return [*front, *rest], len(front)
