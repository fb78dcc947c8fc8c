"""Reads `[feeds.<name>]` of `site.toml`. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from feedsvc.model.article import ArticleKind
from feedsvc.model.feed import Feed, Text, feed_slug, password_variable
from feedsvc.model.selection import Selection
from feedsvc.model.site import PARTNERS, RESERVED, Site
from feedsvc.model.slugs import slugify
from feedsvc.text import is_language_tag, one_line

MAX_FEEDS = 100
MAX_ENTRIES = 500
MAX_HOURS = 7 * 24
MAX_QUERY = 200
# What stands for a feed in addresses, in environment variables and in articles.
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
MAX_NAME = 60
# Names at whose addresses something else is, or that mean a partner.
_TAKEN = frozenset({*RESERVED, *PARTNERS, "author"})
_QUERY = re.compile(r"[\w.~!$'()*+,;:@/%-]+=[\w.~!$'()*+,;:@/%=-]*(?:&[\w.~!$'()*+,;:@/%-]+=[\w.~!$'()*+,;:@/%=-]*)*", re.ASCII)
_SECRET = re.compile(r"pass|secret|token|api_?key|credential", re.IGNORECASE)

Wrong = Callable[[str, str], None]  # of a key, and why; of no key where it is the whole feed


def is_secret(key: str) -> bool:
    """Whether a key would hold what only the environment may."""
    return bool(_SECRET.search(key))


def read_feed(name: str, given: Mapping[str, Any], site: Site, wrong: Wrong, unknown: Callable[[str], None]) -> Feed:
    """The feed that a table describes; `wrong` is told what is wrong with it, `unknown` the keys that mean nothing."""
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        wrong("", f'"{name}" is no name of a feed: it has small letters, digits and hyphens, at most {MAX_NAME}')
    elif name in _TAKEN:
        wrong("", f'the feed "{name}" can\'t have this name, which is reserved')
    elif topic := site.topic(name):
        wrong("", f'the feed "{name}" has the name of a topic, "{topic.name}", and so its addresses; give it another')
    values: dict[str, Any] = {}
    for key, value in given.items():
        if is_secret(key):
            wrong(key, f"{key} does not belong into this file, which many can read; set {password_variable(name)} instead")
        elif key not in _READERS:
            unknown(key)
        elif (found := _READERS[key](key, value, wrong)) is not None:
            values[key] = found
    parts = {key: values.pop(key) for key in ("any", "all", "none", "authors", "kinds", "language") if key in values}
    parts.setdefault("kinds", tuple(kind for kind in ArticleKind if kind is not ArticleKind.SPONSORED))
    chosen = _by_slug(Selection(**parts), name, site, wrong)
    values.setdefault("entries", site.entries_per_feed)
    values.setdefault("hours", site.feed_hours)
    values.setdefault("title", f"{name.replace('-', ' ').capitalize()} – {site.title}")
    return Feed(slug=feed_slug(name), chosen=chosen, **values)


def _by_slug(chosen: Selection, name: str, site: Site, wrong: Wrong) -> Selection:
    """A selection whose topics are named by their slugs; `wrong` is told of those that are none."""
    known = [slug for topic in site.topics if not topic.retired for slug in (topic.slug, *topic.aliases)]

    def slugs(key: str, names: tuple[str, ...]) -> tuple[str, ...]:
        found = []
        for one in names:
            topic = site.topic(one)
            if topic and not topic.retired:
                found.append(topic.slug)
            elif one == name:
                wrong(key, f"{key} names the feed itself; a feed is made of topics")
            elif topic:
                wrong(key, f'{key} "{one}" is a topic that has ended')
            else:
                near = get_close_matches(one, known, 1)
                hint = f'did you mean "{near[0]}"?' if near else f"add [topics.{one}] if it is one"
                wrong(key, f'{key} "{one}" is not a topic of this file; {hint}')
        return tuple(found)

    return Selection(
        any=slugs("any", chosen.any),
        all=slugs("all", chosen.all),
        none=slugs("none", chosen.none),
        authors=chosen.authors,
        kinds=chosen.kinds,
        language=chosen.language,
    )


def _line(key: str, given: Any, wrong: Wrong) -> str | None:
    if isinstance(given, str) and (text := one_line(given)):
        return text
    wrong(key, f"{key} is a text in quotes")
    return None


def _topics(key: str, given: Any, wrong: Wrong) -> tuple[str, ...] | None:
    return _list(key, given, wrong, "topics", slugify)


def _authors(key: str, given: Any, wrong: Wrong) -> tuple[str, ...] | None:
    return _list(key, given, wrong, "authors' names", one_line)


def _kinds(key: str, given: Any, wrong: Wrong) -> tuple[ArticleKind, ...] | None:
    if isinstance(given, list) and given and all(one in tuple(ArticleKind) for one in given):
        return tuple(ArticleKind(one) for one in dict.fromkeys(given))
    wrong(key, f"{key} is a list of {', '.join(ArticleKind)}, of one at least")
    return None


def _list(key: str, given: Any, wrong: Wrong, what: str, name_of: Callable[[str], str]) -> tuple[str, ...] | None:
    names = [name_of(one) if isinstance(one, str) else "" for one in given] if isinstance(given, list) else [""]
    if names and all(names):
        return tuple(dict.fromkeys(names))
    wrong(key, f"{key} is a list of {what}, of one at least")
    return None


def _language(key: str, given: Any, wrong: Wrong) -> str | None:
    if isinstance(given, str) and is_language_tag(given):
        return given
    wrong(key, f'{key} is a language tag such as "en-GB"')
    return None


def _text(key: str, given: Any, wrong: Wrong) -> Text | None:
    if given in (*Text,):
        return Text(given)
    wrong(key, f'{key} is "full" or "summary"')
    return None


def _entries(key: str, given: Any, wrong: Wrong) -> int | None:
    return _number(key, given, wrong, 1, MAX_ENTRIES)


def _hours(key: str, given: Any, wrong: Wrong) -> int | None:
    return _number(key, given, wrong, 0, MAX_HOURS)


def _number(key: str, given: Any, wrong: Wrong, least: int, most: int) -> int | None:
    if isinstance(given, int) and not isinstance(given, bool) and least <= given <= most:
        return given
    wrong(key, f"{key} is a number from {least} to {most}")
    return None


def _partner(key: str, given: Any, wrong: Wrong) -> str | None:
    if given in PARTNERS:
        return str(given)
    wrong(key, f"{key} is one of {', '.join(PARTNERS)}")
    return None


def _query(key: str, given: Any, wrong: Wrong) -> str | None:
    if isinstance(given, str) and len(given) <= MAX_QUERY and _QUERY.fullmatch(given):
        return given
    reason = f'{key} is what is added to addresses, such as "utm_source=partner": percent-encoded, at most {MAX_QUERY} characters'
    wrong(key, reason)
    return None


def _flag(key: str, given: Any, wrong: Wrong) -> bool | None:
    if isinstance(given, bool):
        return given
    wrong(key, f"{key} is true or false")
    return None


_READERS: Mapping[str, Callable[[str, Any, Wrong], Any]] = {
    "title": _line,
    "description": _line,
    "any": _topics,
    "all": _topics,
    "none": _topics,
    "authors": _authors,
    "kinds": _kinds,
    "language": _language,
    "text": _text,
    "entries": _entries,
    "hours": _hours,
    "partner": _partner,
    "link_query": _query,
    "protected": _flag,
}
KEYS = tuple(_READERS)
