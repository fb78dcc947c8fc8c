"""The authors of an article, as texts, tables or lists of them; an e-mail address is never published. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from feedsvc.articles.parsers.checks import Checks, Key, is_empty
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.links import web_link
from feedsvc.kinds import Kind

_NAMES = ("name", "display_name", "displayname", "full_name", "fullname", "title")
_URLS = ("url", "website", "link", "homepage", "web", "uri", "href", "permalink", "author_url", "authorurl")
_EMAIL = re.compile(r"[^\s<>()@,;]++@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+")
_EMAIL_IN_URL = re.compile(r"[^/@](?:@|%40)[A-Za-z0-9-]+\.")  # not /@ada.keel, as messages on other sites are signed
_AROUND = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")


class Author(NamedTuple):
    """Who wrote an article, and the address of a page about them."""

    name: str
    url: str | None = None


def authors_of(key: str, value: Value, checks: Checks) -> tuple[Author, ...] | None:
    """The authors in their order; None where the key is refused."""
    if isinstance(value.content, Mapping) and _name_in(value.content) is None and value.content:
        tables = tuple(one for one in value.content.values() if isinstance(one.content, Mapping) and _name_in(one.content))
        value = Value(value.line, tables or (value,))
    if (listed := checks.listed(key, value)) is None:
        return None
    authors: list[Author] = []
    for one in listed:
        shown = key if one is value else f"one of {key}"
        url = None
        if isinstance(one.content, Mapping):
            if (named := _name_in(one.content)) is None:
                checks.faults.warn(Kind.VALUE, one.line, f"{shown} has no name, and is left out")
                continue
            url = _url_in(one.content, checks)
            one = named
        if (name := checks.words(shown, one)) is None:
            continue
        if name := _without_email(name, one.line, shown, checks):
            authors.append(Author(name, url))
    return tuple(authors)


def with_url(authors: Sequence[Author], keys: Sequence[Key], checks: Checks) -> Sequence[Author]:
    """The authors, the only one with the address that a key of its own gives."""
    if len(authors) != 1 or not keys or is_empty(keys[0].value) or authors[0].url:
        return authors
    return [authors[0]._replace(url=_url(*keys[0], checks))]


def _name_in(table: Mapping[str, Value]) -> Value | None:
    return _first(table, _NAMES)


def _url_in(table: Mapping[str, Value], checks: Checks) -> str | None:
    value = _first(table, _URLS)
    return _url("an author's address", value, checks) if value else None


def _first(table: Mapping[str, Value], names: Sequence[str]) -> Value | None:
    lower = {key.lower(): value for key, value in table.items()}
    return next((lower[name] for name in names if name in lower and not is_empty(lower[name])), None)


def _url(key: str, value: Value, checks: Checks) -> str | None:
    """A page of the web; one that starts with a slash is the portal's. Mail is not published, so it is no such page."""
    written = value.content.strip() if isinstance(value.content, str) else ""
    url = web_link(written, checks.addresses.site.url or "" if written.startswith("/") else "")
    if url is None or _EMAIL_IN_URL.search(url):
        checks.faults.warn(Kind.VALUE, value.line, f"{key} is left out, since it is not an http(s) address")
        return None
    return url


def _without_email(name: str, line: int, key: str, checks: Checks) -> str:
    bare, found = _EMAIL.subn("", name)
    if not found:
        return name
    bare = " ".join(_AROUND.sub("", bare).split())
    bare = bare.removeprefix("(").removesuffix(")").strip() if bare.startswith("(") else bare
    if not bare:
        checks.faults.warn(Kind.VALUE, line, f"{key} is an e-mail address, which is not published; give a name")
    return bare
