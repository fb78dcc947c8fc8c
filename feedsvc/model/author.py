"""`Author`: who writes, as `site.toml` names them, and `Credit`: an author as documents name them.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

_AUTHOR = "author/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Somebody who writes for the portal: `url` is a page about them elsewhere, `aliases` are slugs of other names that articles
    give them, and `fediverse` is their account there, such as `@ada@quay.example`."""

    slug: str
    name: str
    url: str | None = None
    picture: str | None = None
    aliases: tuple[str, ...] = ()
    fediverse: str | None = None


class Credit(NamedTuple):
    """An author of an article: `url` is a page about them, of the portal's own where there is no other, and None for a name of
    which no slug can be made; `written` is whether the article gives it itself."""

    name: str
    slug: str
    url: str | None = None
    written: bool = False
    picture: str | None = None
    fediverse: str | None = None


def author_slug(slug: str) -> str:
    """The slug under which an author's articles are published; no topic can have it."""
    return _AUTHOR + slug


def is_author(slug: str) -> bool:
    """Whether a slug is that of an author's articles."""
    return slug.startswith(_AUTHOR)
