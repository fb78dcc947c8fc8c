"""`Announcement`: what one publication changed, as other machines are told of it. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.model.target import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleNews:
    """What is told of an article: nothing that its readers do not see, or have not seen."""

    id: str
    url: str
    title: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """The paths whose answers are others now, the keys under which caches have them, and the articles by what happened to them.

    `generation` is that of the publication, 0 until it has one; `at` is the moment of its build; `id` is its mark, which is given
    only once.
    """

    at: datetime
    paths: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    articles: dict[Event, tuple[ArticleNews, ...]] = field(default_factory=dict)
    generation: int = 0
    id: str = ""
