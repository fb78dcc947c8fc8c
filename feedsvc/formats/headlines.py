"""The ticker's JSON, version 1: fields may be added to it, never changed or removed.

Pure: no I/O, no clock, no globals. The order is the edition's.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import json

from feedsvc.formats.dates import rfc3339
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.urls import Urls

VERSION = 1
MOST = 20
TYPE = "application/json; charset=utf-8"
REFRESH_SECONDS = 60


def entry(entry: Entry, addresses: Urls) -> bytes:
    """An entry as one headline; `claim` is null if the newsroom makes none."""
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
        }
    )


def whole(edition: Edition, entries: Sequence[bytes], addresses: Urls) -> bytes:
    """An edition's headlines, spliced from its entries."""
    head = {
        "version": VERSION,
        "title": edition.title,
        "topic": edition.topic.slug,
        "home": addresses.topic(edition.topic.slug),
        "updated": rfc3339(edition.updated),
        "refresh": REFRESH_SECONDS,
    }
    return json.encode(head)[:-1] + b',"headlines":[' + b",".join(entries) + b"]}"
