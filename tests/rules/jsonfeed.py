"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) as a JSON Schema of ours, and what a schema can't say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from rules.rule import TAG, html_fault, rfc3339, uri

_TEXT = {"type": "string", "minLength": 1}
_URL = {"type": "string", "format": "uri"}
_DATE = {"type": "string", "format": "date"}
_LANGUAGE = {"type": "string", "pattern": TAG}


def _object(required: str = "", **known: object) -> dict[str, object]:
    """An object of known fields; others are extensions, which begin with an underscore and hold objects."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": known,
        "patternProperties": {"^_[A-Za-z]": {"type": "object", "properties": {"about": _URL}}},
        "additionalProperties": False,
    }


_AUTHORS = {
    "type": "array",
    "minItems": 1,
    "items": {**_object(name=_TEXT, url=_URL, avatar=_URL), "anyOf": [{"required": [key]} for key in ("name", "url", "avatar")]},
}
_ATTACHMENT = _object(
    "url mime_type",
    url=_URL,
    mime_type=_TEXT,
    title=_TEXT,
    size_in_bytes={"type": "integer", "minimum": 0},
    duration_in_seconds={"type": "number", "minimum": 0},
)
_ITEM = {
    **_object(
        "id",
        id=_TEXT,
        url=_URL,
        external_url=_URL,
        title=_TEXT,
        content_html=_TEXT,
        content_text=_TEXT,
        summary=_TEXT,
        image=_URL,
        banner_image=_URL,
        date_published=_DATE,
        date_modified=_DATE,
        authors=_AUTHORS,
        tags={"type": "array", "minItems": 1, "uniqueItems": True, "items": _TEXT},
        language=_LANGUAGE,
        attachments={"type": "array", "minItems": 1, "items": _ATTACHMENT},
    ),
    "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
}
SCHEMA = _object(
    "version title items",
    version={"const": "https://jsonfeed.org/version/1.1"},
    title=_TEXT,
    home_page_url=_URL,
    feed_url=_URL,
    description=_TEXT,
    user_comment=_TEXT,
    next_url=_URL,
    icon=_URL,
    favicon=_URL,
    authors=_AUTHORS,
    language=_LANGUAGE,
    expired={"type": "boolean"},
    hubs={"type": "array", "minItems": 1, "items": _object("type url", type=_TEXT, url=_URL)},
    items={"type": "array", "items": _ITEM},
)
_FORMATS = FormatChecker(())
_FORMATS.checks("uri")(lambda value: not isinstance(value, str) or uri(value))
_FORMATS.checks("date")(lambda value: not isinstance(value, str) or rfc3339(value))
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=_FORMATS)

GOOD: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour",
    "home_page_url": "https://feeds.example/topics/harbour",
    "feed_url": "https://feeds.example/feeds/harbour.json",
    "next_url": "https://feeds.example/feeds/harbour/2026-04.json",
    "authors": [{"name": "The Gazette", "url": "https://quay.example/"}],
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "language": "en-GB",
    "items": [
        {
            "id": "urn:example:ferry",
            "url": "https://feeds.example/articles/ferry",
            "title": "Ferry to run later",
            "content_html": "<p>At eleven.</p>",
            "content_text": "At eleven.",
            "date_published": "2026-05-21T09:00:00Z",
            "tags": ["Boats"],
            "attachments": [{"url": "https://feeds.example/media/dusk.jpg", "mime_type": "image/jpeg", "size_in_bytes": 98304}],
            "_newsroom": {"about": "https://feeds.example/", "claim": "reported"},
        },
        {"id": "17", "content_text": "Out now."},
    ],
}

# What a complaint names, and the change of the good feed that brings it about: a path, and what is put there (None takes it away).
BREAKS: tuple[tuple[str, str, Any], ...] = (
    ("version", "version", "https://jsonfeed.org/version/1"),
    ("'title' is a required property", "title", None),
    ("'items' is a required property", "items", None),
    ("title", "title", ""),
    ("feed_url", "feed_url", "/feeds/harbour.json"),
    ("next_url", "next_url", "https://feeds.example/feeds/harbour.json"),
    ("authors.0", "authors.0", {}),
    ("authors", "authors", []),
    ("language", "language", "en_GB"),
    ("'feed_title' does not match", "feed_title", "Harbour"),
    ("hubs.0", "hubs.0", {"type": "WebSub"}),
    ("items.0: 'id' is a required property", "items.0.id", None),
    ("items.1.id", "items.1.id", 17),
    ("items.1.id: urn:example:ferry again", "items.1.id", "urn:example:ferry"),
    ("items.1", "items.1.content_text", None),
    ("items.0.url", "items.0.url", "https://feeds.example/articles/été"),
    ("items.0.content_html", "items.0.content_html", "<p onclick='x()'>At eleven.</p>"),
    ("items.0.date_published", "items.0.date_published", "2026-05-21 09:00"),
    ("items.0.tags", "items.0.tags", ["Boats", "Boats"]),
    ("items.0.attachments.0", "items.0.attachments.0.mime_type", None),
    ("items.0._newsroom", "items.0._newsroom", "reported"),
    ("items.0: 'summary_html' does not match", "items.0.summary_html", "<p>"),
    ("null at items.0.image", "items.0.image", ...),
)


def complaints(document: bytes) -> list[str]:
    """Everything that is wrong with a JSON Feed."""
    feed = json.loads(document, object_pairs_hook=_unique)
    return [*_schema(feed), *_nulls(feed), *_beyond(feed)]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), "RFC 8259, 4: names are unique"
    return dict(pairs)


def _schema(feed: Any) -> Iterator[str]:
    for error in _VALIDATOR.iter_errors(feed):
        if error.instance is not None:
            yield f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def _nulls(value: Any, path: str = "") -> Iterator[str]:
    """What is unknown is left out: the specification has no null."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in pairs:
        place = f"{path}.{key}".strip(".")
        yield from [f"null at {place}"] if one is None else _nulls(one, place)


def _beyond(feed: Any) -> Iterator[str]:
    """Ids are unique, the next part is another, and content is HTML that may be shown."""
    entries = feed.get("items", [])
    ids = Counter(str(entry.get("id")) for entry in entries)
    for number, entry in enumerate(entries):
        if ids[str(entry.get("id"))] > 1 and number:
            yield f"items.{number}.id: {entry['id']} again"
        if fault := html_fault(entry.get("content_html", "")):
            yield f"items.{number}.content_html: {fault}"
    if feed.get("next_url", "") == feed.get("feed_url"):
        yield "next_url: the feed itself"
