"""Ghost's export files (JSON, https://ghost.org/help/exports/) as feed entries. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from feedsvc.articles.parsers.dates import read_date
from feedsvc.articles.parsers.faults import Faults
from feedsvc.importing.feed_entry import FeedEntry, paragraphs, plain
from feedsvc.model.article import Image
from feedsvc.model.site import Site
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import as_path

_HERE = "__GHOST_URL__"  # stands for the site's own address in an export
_DRAFTS = frozenset({"draft"})
_PUBLIC = frozenset({"public", ""})

Row = Mapping[str, Any]


def is_export(said: Row) -> bool:
    """Whether a JSON document is an export of Ghost's."""
    return isinstance(_tables(said).get("posts"), list)


def read_export(said: Row, site: Site, faults: Faults) -> list[FeedEntry]:
    """The posts in an export, in its order; pages are counted in a warning."""
    tables = _tables(said)
    every = _rows(tables, "posts")
    rows = [row for row in every if _text(row, "type") != "page" and row.get("page") not in (True, "1")]
    if pages := len(every) - len(rows):
        faults.warn(0, f"is an export of Ghost's; only posts become articles, and {pages:,} pages are left out")
    if not site.url and any(_HERE in _text(row, key) for row in rows for key in ("html", "feature_image")):
        faults.warn(0, "names its own pictures and links by their place on the old site; set url in site.toml, or they are lost")
    names = {_text(user, "id"): _text(user, "name") for user in _rows(tables, "users")}
    tags = {_text(tag, "id"): tag for tag in _rows(tables, "tags")}
    meta = {_text(one, "post_id"): one for one in _rows(tables, "posts_meta")}
    authors, tagged = _linked(tables, "posts_authors", "author_id"), _linked(tables, "posts_tags", "tag_id")
    members = 0
    entries = []
    for row in rows:
        id = _text(row, "id")
        wrote = [names.get(user, "") for user in authors.get(id) or [_text(row, "author_id")]]
        topics = [_text(tags[tag], "name") for tag in tagged.get(id, ()) if tag in tags and _is_public(tags[tag])]
        for_members = _text(row, "visibility") not in _PUBLIC
        members += for_members
        draft = for_members or _text(row, "status") in _DRAFTS
        entries.append(_entry(row, meta.get(id, {}), site, filter(None, wrote), topics, draft=draft))
    if members:
        faults.warn(0, f"{members:,} posts are for members alone, and become drafts")
    return entries


def _entry(row: Row, meta: Row, site: Site, authors: Iterable[str], topics: list[str], *, draft: bool) -> FeedEntry:
    def moment(key: str) -> datetime | None:
        with suppress(ValueError):
            return read_date(_text(row, key), site.zone)[0]
        return None

    slug = _text(row, "slug")
    own = f"{site.url.rstrip('/')}/{slug}/" if site.url and slug else ""
    picture = _placed(_text(row, "feature_image"), site)
    alt, caption = (_text(meta, key) or _text(row, key) for key in ("feature_image_alt", "feature_image_caption"))
    fields: dict[str, Any] = {"draft": True} if draft else {}
    if slugify(slug):
        fields["slug"] = slugify(slug)
    if not draft and (path := as_path(f"/{slug}/")) and path != "/":
        fields["aliases"] = (path,)
    return FeedEntry(
        # Ghost's feeds call an article by this.
        id=_text(row, "id") or _text(row, "uuid"),
        title=_text(row, "title"),
        content=_placed(_text(row, "html"), site) or paragraphs(_text(row, "plaintext")),
        summary=paragraphs(_text(row, "custom_excerpt")),
        link="" if draft else _placed(_text(row, "canonical_url"), site) or own,
        base=own or site.url or "",
        published=None if draft else moment("published_at"),
        updated=None if draft else moment("updated_at"),
        undated="" if draft else _text(row, "published_at"),
        authors=tuple(dict.fromkeys(authors)),
        topics=tuple(topics),
        language=_text(row, "locale"),
        image=Image(src=picture, alt=alt, credit=plain(caption)) if picture else None,
        fields=fields,
    )


def _placed(text: str, site: Site) -> str:
    """A text with the site's own address where the export leaves it out."""
    return text.replace(_HERE, (site.url or "").rstrip("/"))


def _is_public(tag: Row) -> bool:
    """Whether readers see a tag; an internal one begins with #."""
    return _text(tag, "visibility") in _PUBLIC and not _text(tag, "name").startswith("#")


def _linked(tables: Row, name: str, key: str) -> dict[str, list[str]]:
    """The ids that are tied to each article, in their order."""
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in _rows(tables, name):
        order = _text(row, "sort_order")
        number = int(order) if re.fullmatch("[0-9]{1,9}", order) else 0
        found[_text(row, "post_id")].append((number, _text(row, key)))
    return {id: [other for _, other in sorted(linked, key=lambda one: one[0])] for id, linked in found.items()}


def _tables(said: Row) -> Row:
    """The tables of an export: of its first database, where it names several."""
    databases = said.get("db")
    first = databases[0] if isinstance(databases, list) and databases else said
    data = first.get("data") if isinstance(first, dict) else None
    return data if isinstance(data, dict) else {}


def _rows(tables: Row, name: str) -> list[Row]:
    rows = tables.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return value.strip() if isinstance(value, str) else ""
