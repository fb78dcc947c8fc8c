"""`Selection`: which articles a listing takes, by what they say of themselves.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from feedsvc.model.article import ArticleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an article must have: one of `any`, each of `all` and none of `none` of these topics, one of the `authors`, one of the
    `kinds`, and the `language`, or one of its dialects. What is empty asks for nothing."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    kinds: tuple[ArticleKind, ...] = ()
    language: str | None = None

    @property
    def by_language_alone(self) -> bool:
        """Whether it asks for a language, and for nothing else of what tells articles apart."""
        usual = frozenset(ArticleKind) - {ArticleKind.SPONSORED}
        return self.language is not None and not (self.topics or self.authors) and (not self.kinds or usual <= {*self.kinds})

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that it names."""
        return (*self.any, *self.all, *self.none)

    def takes(self, topics: Collection[str], authors: Collection[str], kind: ArticleKind, language: str) -> bool:
        """Whether it takes an article of these topics, by these authors, of this kind, in this language."""
        return (
            (not self.any or any(slug in topics for slug in self.any))
            and all(slug in topics for slug in self.all)
            and not any(slug in topics for slug in self.none)
            and (not self.authors or any(_folded(author) in map(_folded, authors) for author in self.authors))
            and (not self.kinds or kind in self.kinds)
            and (self.language is None or speaks(language, self.language))
        )


def speaks(language: str, asked: str) -> bool:
    """Whether a language tag is the one that is asked for, or one of its dialects: `de-AT` is `de` (RFC 4647, 3.3.1)."""
    return f"{language}-".casefold().startswith(f"{asked}-".casefold())


def common(tags: Collection[str]) -> str | None:
    """The language that is true of all of some tags: what they begin with, all of them; None if that is nothing."""
    first = next(iter(tags)).split("-")
    for length in range(len(first), 0, -1):
        asked = "-".join(first[:length])
        if all(speaks(tag, asked) for tag in tags):
            return asked
    return None


def _folded(name: str) -> str:
    return name.casefold()
