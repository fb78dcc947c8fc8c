"""Files by their names alone, for links that name an article in whatever folder it lies, as `ref` and `post_url` do.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

from feedsvc.articles.parsers.local_links import ANYWHERE

_DAY = re.compile(r"\d{4}-\d\d-\d\d-")


def names_of(path: str) -> tuple[str, ...]:
    """The names by which a link may mean a file, or the folder of a page bundle: with ending and day, or without."""
    folder, file = posixpath.split(path)
    stem = posixpath.splitext(file)[0]
    if stem.lower() == "index":
        file = stem = posixpath.basename(folder)
    return tuple(dict.fromkeys((file, stem, _DAY.sub("", stem, count=1))))


def anywhere(path: str) -> tuple[str, ...]:
    """What links are kept under that may lead to a file: its path, and its names in any folder."""
    return (path, *(ANYWHERE + name for name in names_of(path)))


def finder(paths: Callable[[], Iterable[str]]) -> Callable[[str], str | None]:
    """Gives the path of the only file of a name; `paths` is asked for all of them when a name is first looked for."""
    known: dict[str, str | None] = {}

    def named(name: str) -> str | None:
        if not known:
            for path in paths():
                for one in names_of(path):
                    known[one] = None if known.get(one, path) != path else path
        return known.get(name)

    return named
