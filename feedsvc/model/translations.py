"""Which articles are one another's translations.

An article names the one that it translates, by id or slug, or a word that all versions share; the name of its file may say so too.
Who names the same, and who is named, belong together, however long the chain.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from feedsvc.model.record import Record
from feedsvc.model.site import Site
from feedsvc.model.slugs import slug_from_stem
from feedsvc.model.urls import Urls

MOST = 100  # versions of one article: of more, none leads to another


@dataclass(frozen=True, slots=True)
class Translation:
    """One of an article's versions: in which language, where, and what it is called there."""

    language: str
    url: str
    title: str


def keys_of(record: Record) -> tuple[str, ...]:
    """What others name where they name this article."""
    return record.id, record.slug, path_key(record.path.rpartition(".")[0])


def path_key(path: str) -> str:
    """What files share that are versions of one article: their path, without the language and the ending."""
    return f"/{path}"


def is_written(key: str) -> bool:
    """Whether the article itself names what it translates, and not its file's name."""
    return not key.startswith("/")


def slug_of(key: str) -> str:
    """The slug of the article that is named, if one is; that of a page bundle is its folder's."""
    if is_written(key):
        return key
    folder, name = posixpath.split(key)
    return slug_from_stem(posixpath.basename(folder) if name.lower() == "index" else name)


def is_named(record: Record, key: str) -> bool:
    """Whether an article is the one that a name means."""
    return key in keys_of(record)


def versions(record: Record, near: Callable[[Record, int], Collection[Record]], most: int = MOST) -> list[Record]:
    """An article and its versions, by what `near` finds of one: those that name it or what it names, and what it names; so many of
    these at most, and none where there are more."""
    found, open_ones = {record.id: record}, [record]
    while open_ones:
        close = near(open_ones.pop(), most)
        new = {one.id: one for one in close if one.id not in found}
        found |= new
        if len(found) > most:
            return [record]
        open_ones += new.values()
    return list(found.values())


def translations_of(record: Record, live: Iterable[Record], addresses: Urls) -> tuple[Translation, ...]:
    """What an article's page says of its versions, itself among them; nothing where there is no other language.

    Of several in one language the first published counts, and the others say nothing: all pages must say the same of each other.
    """
    site = addresses.site
    by_language: dict[str, Record] = {}
    for one in sorted({one.id: one for one in (*live, record)}.values(), key=lambda one: (one.published, one.id)):
        by_language.setdefault(language_of(one, site).lower(), one)
    if len(by_language) == 1 or record.id not in {one.id for one in by_language.values()}:
        return ()
    found = (Translation(language_of(one, site), addresses.of(one), one.title) for one in by_language.values())
    return tuple(sorted(found, key=lambda one: one.language))


def language_of(record: Record, site: Site) -> str:
    """The language of an article."""
    return record.language or site.language
