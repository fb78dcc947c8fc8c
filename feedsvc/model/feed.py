"""`Feed`: a feed as somebody gets it. A topic's own feeds are one, a partner's of a topic is one, and `site.toml` defines others.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from feedsvc.model.selection import Selection

EVERYTHING = Selection()
_DEFINED = "feed/"


class Text(StrEnum):
    """How much of an article a feed gives."""

    FULL = "full"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed lists, by the `slug` of a topic, a story, or of what `chosen` says; how many entries at least, and of how
    many hours all; and in which form.

    `partner` is whose rules it follows, `link_query` is added to the addresses that it leads to, and a `protected` one has a
    password, which is in the environment.
    """

    slug: str
    title: str = ""
    description: str = ""
    chosen: Selection = EVERYTHING
    partner: str | None = None
    text: Text = Text.FULL
    entries: int = 30
    hours: int = 24
    link_query: str = ""
    protected: bool = False

    @property
    def is_defined(self) -> bool:
        """Whether `site.toml` defines it."""
        return is_feed(self.slug)

    @property
    def name(self) -> str:
        """The name under which `site.toml` defines it."""
        return self.slug.removeprefix(_DEFINED)

    @property
    def form(self) -> str:
        """What of it changes an entry: entries of feeds that are alike in this are the same bytes."""
        return f"{self.text}?{self.link_query}" if self.link_query or self.text is not Text.FULL else ""

    def leads_to(self, url: str) -> str:
        """An address as this feed gives it."""
        if not self.link_query:
            return url
        parts = urlsplit(url)
        return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, self.link_query)))))


def feed_slug(name: str) -> str:
    """The slug of a feed that `site.toml` defines; no topic can have it."""
    return _DEFINED + name


def is_feed(slug: str) -> bool:
    """Whether a slug is that of a feed that `site.toml` defines."""
    return slug.startswith(_DEFINED)


def published_name(slug: str) -> str:
    """What stands for a slug in addresses: a defined feed has its name there, where topics have their slugs."""
    return slug.removeprefix(_DEFINED)


def password_variable(name: str) -> str:
    """The environment variable with the password of a protected feed."""
    return f"FEEDSVC_FEED_PASSWORD_{name.upper().replace('-', '_')}"
