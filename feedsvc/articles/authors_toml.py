"""Reads `[authors.<slug>]` of `site.toml`. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from feedsvc.model.author import Author
from feedsvc.model.slugs import is_slug, slugify
from feedsvc.text import is_uri, is_web_url, one_line

MAX_AUTHORS = 10_000
MAX_ALIASES = 20
MAX_NAME = 200
MAX_ADDRESS = 500
KEYS = ("name", "url", "picture", "aliases", "fediverse")
_ACCOUNT = re.compile(r"@?([A-Za-z0-9_](?:[\w.-]{0,60}[A-Za-z0-9_])?)@((?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63})", re.ASCII)

Wrong = Callable[[str, str], None]  # of a key, and why; of no key where it is the whole author


def read_author(slug: str, given: Mapping[str, Any], wrong: Wrong, unknown: Callable[[str], None]) -> Author:
    """The author that a table describes; `wrong` is told what is wrong with it, `unknown` the keys that mean nothing."""
    if slugify(slug) != slug or not is_slug(slug):
        wrong("", f'"{slug}" is not an author\'s slug; "{slugify(slug) or "ada-keel"}" would be one')
    values: dict[str, Any] = {"name": slug.replace("-", " ").title()}
    for key, value in given.items():
        if key not in KEYS:
            unknown(key)
        elif key == "aliases":
            values[key] = _aliases(slug, value, wrong)
        elif not isinstance(value, str) or not one_line(value):
            wrong(key, f"{key} is a text in quotes")
        elif key == "name":
            values[key] = one_line(value)
            if len(values[key]) > MAX_NAME:
                wrong(key, f"{key} has {len(values[key])} characters; at most {MAX_NAME} are allowed")
        elif key == "fediverse":
            if account := _ACCOUNT.fullmatch(value.strip()):
                values[key] = f"@{account[1]}@{account[2]}"
            else:
                wrong(key, f'{key} is an account such as "@ada@quay.example"')
        elif is_web_url(value) and is_uri(value) and len(value) <= MAX_ADDRESS:
            values[key] = value
        else:
            wrong(key, f"{key} is an http(s) address, percent-encoded, of at most {MAX_ADDRESS} characters")
    return Author(slug=slug, **values)


def _aliases(slug: str, given: Any, wrong: Wrong) -> tuple[str, ...]:
    """The slugs of an author's other names."""
    slugs = [slugify(one) if isinstance(one, str) else "" for one in given] if isinstance(given, list) else [""]
    if not all(slugs) or len(slugs) > MAX_ALIASES:
        wrong("aliases", f"aliases is a list of names, of at most {MAX_ALIASES}")
        return ()
    return tuple(one for one in dict.fromkeys(slugs) if one != slug)


def by_every_name(authors: Mapping[str, Author], wrong: Callable[[str, str], None]) -> Iterator[Author]:
    """The authors, each with the slug of their name as another name, unless it is somebody else's; `wrong` is told by the author's
    slug of aliases that two have."""
    owners: dict[str, str] = {slug: slug for slug in authors}
    for author in authors.values():
        for alias in author.aliases:
            owner = owners.setdefault(alias, author.slug)
            if owner != author.slug:
                wrong(author.slug, f'alias "{alias}" is a name of "{owner}" already')
    for author in authors.values():
        named = slugify(author.name)
        if named and owners.setdefault(named, author.slug) == author.slug and named not in (author.slug, *author.aliases):
            author = replace(author, aliases=(*author.aliases, named))
        yield author
