"""What a file's path says of its article: the day in its name, and whether it lies among drafts. Pure."""

from __future__ import annotations

import posixpath
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feedsvc.model.article import EARLIEST_YEAR, LATEST_YEAR

_DAY = re.compile(r"(\d{4})([-_.]?)(\d\d?)\2(\d\d?)(?![0-9])", re.ASCII)
_DRAFTS = frozenset({"_drafts", "drafts", "_draft", "_unpublished"})


def day_of(path: str, zone: ZoneInfo) -> datetime | None:
    """The midnight, in UTC, with which the day at the beginning of a file's name begins; None where there is none."""
    found = _DAY.match(named_by(path))
    if found is None or (not found[2] and len(found[0]) != len("20260521")):
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    if not EARLIEST_YEAR < year <= LATEST_YEAR:
        return None
    try:
        return datetime(year, month, day, tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def named_by(path: str) -> str:
    """The part of a path that names the article: the file, or of a page bundle (`x/index.md`) its folder."""
    folder, name = posixpath.split(path)
    return posixpath.basename(folder) if name.lower().startswith("index.") and folder else name


def among_drafts(path: str) -> bool:
    """Whether a file lies in a folder of drafts, as Jekyll and Hexo call it."""
    return any(part.lower() in _DRAFTS for part in path.split("/")[:-1])
