"""The ticker's JSON, version 1: fields may be added to it, never changed or removed.

Pure: no I/O, no clock, no globals. The order is the edition's.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import json

from feedsvc.formats.dates import rfc3339
from feedsvc.model.cache_control import HEADLINES, HEADLINES_BREAKING
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.feed import published_name
from feedsvc.model.urls import Urls

VERSION = 1
MOST = 20
TYPE = "application/json; charset=utf-8"
REFRESH_SECONDS = 60
REFRESH_BREAKING_SECONDS = 15


def entry(entry: Entry, addresses: Urls) -> bytes:
    """An entry as one headline; `claim` is null if the newsroom makes none, and `breaking_until` unless it is breaking."""
    return json.encode(
        {
            "id": entry.id,
            "title": entry.article.title,
            "url": entry.url,
            "published": rfc3339(entry.published),
            "updated": rfc3339(entry.updated),
            "breaking": entry.breaking,
            "claim": entry.article.claim,
            "topics": [topic.slug for topic in entry.topics],
            "breaking_until": rfc3339(entry.breaking_until) if entry.breaking and entry.breaking_until else None,
            "kind": entry.article.kind,
        }
    )


def whole(edition: Edition, entries: Sequence[bytes], addresses: Urls) -> bytes:
    """An edition's headlines, spliced from its entries."""
    head = {
        "version": VERSION,
        "title": edition.title,
        "topic": published_name(edition.topic.slug),
        "home": addresses.topic(edition.topic.slug),
        "updated": rfc3339(edition.updated),
        "refresh": REFRESH_BREAKING_SECONDS if breaks(edition) else REFRESH_SECONDS,
    }
    return json.encode(head)[:-1] + b',"headlines":[' + b",".join(entries) + b"]}"


def max_age(edition: Edition) -> int:
    """How long caches may keep an edition's headlines, in seconds: less while something breaks."""
    return HEADLINES_BREAKING if breaks(edition) else HEADLINES


def breaks(edition: Edition) -> bool:
    """Whether any of an edition's headlines is breaking news."""
    return any(entry.breaking for entry in edition.entries)
