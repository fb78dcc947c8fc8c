"""Anchors: the places in an article to which its own links lead. Pure.

Whoever writes Markdown links to a heading by its words, as GitHub, Jekyll and Hugo make them. How they spell such an anchor
differs, so it is found by what it has in common with its heading.
"""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import unquote

from feedsvc.articles.parsers.markup import Tag, tags, texts
from feedsvc.model.slugs import slugify
from feedsvc.text import one_line

_LINK_INSIDE = re.compile(r"""\bhref\s*=\s*["']?\s*#""", re.IGNORECASE)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ID = re.compile(r"[^\s\"'<>&]{1,200}")
_NUMBER = re.compile(r"-\d+\Z")
# What the page around an article calls its own parts.
_TAKEN = frozenset({"main", "points", "why", "you", "corrections", "related", "follow"})


def anchor(written: str) -> str | None:
    """An id as it may stand in an article; None where it is none."""
    if not _ID.fullmatch(written):
        return None
    return f"{written}-1" if written in _TAKEN else written


def leads_inside(html: str) -> bool:
    """Whether a link of an article's HTML leads to a place in it."""
    return "#" in html and _LINK_INSIDE.search(html) is not None


def with_anchors(html: str) -> tuple[str, frozenset[str] | None]:
    """HTML in which a heading has the id by which a link looks for it, and the ids to which its links may lead.

    These are None where no link leads to a place in it. Raises `MarkupError`.
    """
    if not leads_inside(html):
        return html, None
    found = list(tags(html))
    wanted = dict.fromkeys(
        unquote(tag.attributes["href"].strip()[1:])
        for tag in found
        if tag.name == "a" and not tag.closing and tag.attributes.get("href", "").strip().startswith("#")
    )
    there = {attributes.get("id") or attributes.get("name", "") for tag in found if (attributes := _named(tag))}
    if missing := [fragment for fragment in wanted if fragment and fragment not in there]:
        html, made = _with_ids(html, found, missing)
        there |= made
    return html, frozenset(there & wanted.keys())


def _named(tag: Tag) -> dict[str, str]:
    if tag.closing or ("id" not in tag.written_attributes.lower() and "name" not in tag.written_attributes.lower()):
        return {}
    attributes = tag.attributes
    return {key: attributes[key] for key in ("id", "name") if key in attributes and (key == "id" or tag.name == "a")}


def _with_ids(html: str, found: list[Tag], missing: list[str]) -> tuple[str, set[str]]:
    places: dict[str, list[int]] = {}
    only = [tag for tag in found if tag.name in _HEADINGS]
    for tag, end in pairwise(only):
        if not tag.closing and end.closing and "id" not in _named(tag):
            words = one_line("".join(texts(html[tag.end : end.start])))[:1_000]
            for key in {slugify(words), _letters(words)}:
                places.setdefault(key, []).append(tag.start + 1 + len(tag.name))
    given: dict[int, str] = {}
    for fragment in missing:
        slug = slugify(fragment[:1_000])
        bare = _NUMBER.sub("", slug)
        for key in (slug, _letters(slug), bare, _letters(bare)):
            free = [place for place in places.get(key, ()) if place not in given]
            if free and _ID.fullmatch(fragment):
                given[free[0]] = fragment
                break
    parts, position = [], 0
    for place in sorted(given):
        parts += [html[position:place], f' id="{given[place]}"']
        position = place
    return "".join((*parts, html[position:])), set(given.values())


def _letters(text: str) -> str:
    """What all spellings of an anchor have in common: its letters and digits."""
    return "".join(char for char in text.casefold() if char.isalnum())
