"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import json

from feedsvc.formats import categories, content
from feedsvc.formats.credits import credits_of
from feedsvc.formats.dates import rfc3339
from feedsvc.model.article import ArticleKind, Recording
from feedsvc.model.author import Credit
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.urls import Urls

LONGEST_TWICE = 500_000  # longer content is given only as HTML


def entry(entry: Entry, addresses: Urls) -> bytes:
    """An entry as one JSON Feed item; what isn't known is left out, as the specification asks."""
    article, site = entry.article, addresses.site
    markup = content.html(entry, site.zone)
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": article.title,
        "content_html": markup,
        "content_text": content.plain(markup) if len(markup) <= LONGEST_TWICE else None,
        "summary": content.summary(entry),
        "image": article.image.src if article.image else None,
        "date_published": rfc3339(entry.published),
        "date_modified": rfc3339(entry.updated),
        "authors": [_author(credit) for credit in credits_of(article, addresses)],
        "tags": list(dict.fromkeys((*(topic.name for topic in entry.topics), *categories.tags(entry)))),
        "language": article.language if article.language != site.language else None,
        "attachments": [_attachment(recording) for recording in article.recordings],
        "_newsroom": _newsroom(entry, addresses),
    }
    return json.encode(_known(item))


def whole(edition: Edition, entries: Sequence[bytes], addresses: Urls) -> bytes:
    """An edition's JSON Feed, spliced from its entries."""
    site, slug = edition.site, edition.topic.slug
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": edition.title,
        "home_page_url": addresses.topic(slug),
        "feed_url": addresses.feed(slug, "json", edition.archive),
        "next_url": addresses.feed(slug, "json", edition.before) if edition.before else None,
        "description": edition.description,
        "icon": (edition.author.picture if edition.author else None) or site.logo,
        "authors": [_author(edition.author) if edition.author else {"name": site.title, "url": addresses.home()}],
        "language": edition.main_language,
        "hubs": [{"type": "WebSub", "url": edition.hub}] if edition.hub else None,
    }
    return b"".join((json.encode(_known(head))[:-1], b',"items":[', b",".join(entries), b"]}"))


def _author(credit: Credit) -> dict[str, Any]:
    return _known({"name": credit.name, "url": credit.url, "avatar": credit.picture})


def _attachment(recording: Recording) -> dict[str, Any]:
    return _known(
        {
            "url": recording.src,
            "mime_type": recording.type,
            "title": recording.title,
            "size_in_bytes": recording.length,
            "duration_in_seconds": recording.duration,
        }
    )


def _newsroom(entry: Entry, addresses: Urls) -> dict[str, Any]:
    """What JSON Feed has no field for, in an object of our own with the address of its description ("Extensions")."""
    article = entry.article
    return _known(
        {
            "about": addresses.topic("all"),
            "status": "live" if article.retracted is None else "retracted",
            "retracted": article.retracted,
            "breaking": entry.breaking,
            "claim": article.claim,
            "kind": article.kind if article.kind is not ArticleKind.NEWS else None,
            "story": article.story,
            "key_points": article.key_points,
            "why_it_matters": article.why_it_matters,
            "what_it_means": article.what_it_means,
            "corrections": [{"date": rfc3339(correction.date), "text": correction.text} for correction in article.corrections],
            "related": [{"title": title, "url": url} for title, url in entry.related],
        }
    )


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value or value is False}
