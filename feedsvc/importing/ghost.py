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
from feedsvc.importing.feed_entry import FeedEntry, Source, each, paragraphs, plain
from feedsvc.importing.json_values import objects_in, text_in
from feedsvc.kinds import Kind
from feedsvc.model.article import Image
from feedsvc.model.site import Site
from feedsvc.model.urls import as_path

_HERE = "__GHOST_URL__"  # stands for the site's own address in an export
_DRAFTS = frozenset({"draft"})
_PUBLIC = frozenset({"public", ""})

Row = Mapping[str, Any]


def is_export(said: Row) -> bool:
    """Whether a JSON document is an export of Ghost's."""
    return isinstance(_tables(said).get("posts"), list)


def read_export(said: Row, site: Site, faults: Faults) -> list[Source]:
    """The posts in an export, in its order; pages are counted in a warning."""
    tables = _tables(said)
    every = objects_in(tables, "posts")
    rows = [row for row in every if text_in(row, "type") != "page" and row.get("page") not in (True, "1")]
    if pages := len(every) - len(rows):
        faults.warn(Kind.IMPORT, 0, f"is an export of Ghost's; only posts become articles, and {pages:,} pages are left out")
    if not site.url and any(_HERE in text_in(row, key) for row in rows for key in ("html", "feature_image")):
        reason = "names its own pictures and links by their place on the old site; set url in site.toml, or they are lost"
        faults.warn(Kind.IMPORT, 0, reason)
    names = {text_in(user, "id"): text_in(user, "name") for user in objects_in(tables, "users")}
    tags = {text_in(tag, "id"): tag for tag in objects_in(tables, "tags")}
    meta = {text_in(one, "post_id"): one for one in objects_in(tables, "posts_meta")}
    authors, tagged = _linked(tables, "posts_authors", "author_id"), _linked(tables, "posts_tags", "tag_id")

    def read(row: Row) -> FeedEntry:
        id = text_in(row, "id")
        wrote = [names.get(user, "") for user in authors.get(id) or [text_in(row, "author_id")]]
        topics = [text_in(tags[tag], "name") for tag in tagged.get(id, ()) if tag in tags and _is_public(tags[tag])]
        draft = _is_for_members(row) or text_in(row, "status") in _DRAFTS
        return _entry(row, meta.get(id, {}), site, filter(None, wrote), topics, draft=draft)

    if members := sum(map(_is_for_members, rows)):
        faults.warn(Kind.IMPORT, 0, f"{members:,} posts are for members alone, and become drafts")
    return each(rows, read)


def _entry(row: Row, meta: Row, site: Site, authors: Iterable[str], topics: list[str], *, draft: bool) -> FeedEntry:
    def moment(key: str) -> datetime | None:
        with suppress(ValueError):
            return read_date(text_in(row, key), site.zone)[0]
        return None

    slug = text_in(row, "slug")
    own = f"{site.url.rstrip('/')}/{slug}/" if site.url and slug else ""
    picture = _placed(text_in(row, "feature_image"), site)
    alt, caption = (text_in(meta, key) or text_in(row, key) for key in ("feature_image_alt", "feature_image_caption"))
    path = as_path(f"/{slug}/") if slug else None
    return FeedEntry(
        # Ghost's feeds call an article by this.
        id=text_in(row, "id") or text_in(row, "uuid"),
        title=text_in(row, "title"),
        content=_placed(text_in(row, "html"), site) or paragraphs(text_in(row, "plaintext")),
        summary=paragraphs(text_in(row, "custom_excerpt")),
        link=_placed(text_in(row, "canonical_url"), site) or own,
        base=own or site.url or "",
        published=moment("published_at"),
        updated=moment("updated_at"),
        undated=text_in(row, "published_at"),
        authors=tuple(dict.fromkeys(authors)),
        topics=tuple(topics),
        language=text_in(row, "locale"),
        image=Image(src=picture, alt=alt, caption=plain(caption)) if picture else None,
        slug=slug,
        aliases=(path,) if path else (),
        draft=draft,
    )


def _placed(text: str, site: Site) -> str:
    """A text with the site's own address where the export leaves it out."""
    return text.replace(_HERE, (site.url or "").rstrip("/"))


def _is_for_members(row: Row) -> bool:
    return text_in(row, "visibility") not in _PUBLIC


def _is_public(tag: Row) -> bool:
    """Whether readers see a tag; an internal one begins with #."""
    return text_in(tag, "visibility") in _PUBLIC and not text_in(tag, "name").startswith("#")


def _linked(tables: Row, name: str, key: str) -> dict[str, list[str]]:
    """The ids that are tied to each article, in their order."""
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in objects_in(tables, name):
        order = text_in(row, "sort_order")
        number = int(order) if re.fullmatch("[0-9]{1,9}", order) else 0
        found[text_in(row, "post_id")].append((number, text_in(row, key)))
    return {id: [other for _, other in sorted(linked, key=lambda one: one[0])] for id, linked in found.items()}


def _tables(said: Row) -> Row:
    """The tables of an export: of its first database, where it names several."""
    databases = said.get("db")
    first = databases[0] if isinstance(databases, list) and databases else said
    data = first.get("data") if isinstance(first, dict) else None
    return data if isinstance(data, dict) else {}
