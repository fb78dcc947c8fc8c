"""What in the articles folder is no article by its name, and what is said of it.

Pure: no I/O, no clock, no globals. Paths are POSIX, relative to the folder.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.media_types import FILM, LOCAL_TEXTS, SOUND
from feedsvc.model.site import SITE_FILE

MOST_ENDINGS = 20
# Sync tools: Syncthing; Dropbox, Nextcloud and ownCloud; Seafile; Proton Drive; git's merge tools; and Office's locks.
_CONFLICT = re.compile(
    r"\.sync-conflict-\d|\((?=[^()]*(?:conflict|konflikt|conflit))(?=[^()]*(?:copy|copie|copia|c\u00f3pia|kopi))[^()]*\)"
    r"|\((?:[^()]+ )?SFConflict [^()]*\)|conflict-\d{8}-\d{6}"
    r"|\[conflict[^\]]*\]|[._](?:BACKUP|LOCAL|REMOTE|BASE)[._]\d+\.|^~\$|^#.*#$",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(r"readme(?:[._-][a-z]{2}(?:[-_][a-z]{2,4})?)?\.[a-z]+", re.IGNORECASE)
# What browsers, robots and programs look for.
_SITES_OWN = re.compile(r"(?:robots|humans|ads|app-ads|security|llms|llms-full|requirements)\.txt|404\.[a-z]+", re.IGNORECASE)
_REPOSITORYS_OWN = frozenset({"LICENSE", "CONTRIBUTING", "CHANGELOG", "CODE_OF_CONDUCT", "SECURITY", "AUTHORS"})
_LAYOUTS = frozenset(
    {
        *("_layouts", "_includes", "_data", "_site", "_sass", "_templates", "_partials", "_components", "_plugins"),
        *("layouts", "archetypes", "node_modules"),
    }
)
# Pictures, recordings, and PDFs to which texts lead, lie beside their articles.
_BESIDE = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".ico", ".pdf", *SOUND, *FILM, *LOCAL_TEXTS)
_TEMPORARY = ("~", ".swp", ".tmp", ".part")
_ADVICE = {
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf", ".pages"), "save its text as Markdown (.md) or as plain text (.txt)"),
    **dict.fromkeys((".rst", ".adoc", ".asciidoc", ".org", ".textile"), "convert it to Markdown (.md) or HTML"),
}


def is_conflict(path: str) -> bool:
    """Whether a file is a sync tool's copy of another that was changed in two places, or an editor's lock."""
    return _CONFLICT.search(posixpath.basename(path)) is not None


def no_article(path: str) -> str | None:
    """Why a file with an article's ending is no article by its name; None for one that may be."""
    folder, name = posixpath.split(path)
    if is_conflict(path):
        return "is a conflict copy, and no article; take over what it changed, and delete it"
    if name.startswith("_"):
        return "is no article: a name with _ first is that of a section or a part of a page"
    if _REPOSITORY.fullmatch(name) or name.partition(".")[0] in _REPOSITORYS_OWN:
        return "is no article: it is about the folder"
    if _SITES_OWN.fullmatch(name):
        return "is no article: it is about the site"
    if _has_layouts(folder):
        return "is no article: it lies in a folder of layouts"
    if not folder and name.lower().startswith("index."):
        return "is no article: it is the site's home page"
    return None


@lru_cache(maxsize=1024)
def _has_layouts(folder: str) -> bool:
    return any(part.lower() in _LAYOUTS for part in folder.split("/"))


def hidden(path: str) -> str | None:
    """Why a file is not even looked at; None for one that is."""
    if path.startswith(".") or "/." in path:
        return "is no article: a name with a dot first is hidden"
    return "is no article: its name is that of an editor's temporary file" if path.endswith(_TEMPORARY) else None


class PassedOver:
    """What a look has passed over, by ending or reason; `files` is how many."""

    def __init__(self) -> None:
        self.files = 0
        self._number: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, path: str, reason: str | None) -> None:
        """Notes a file that is no article, for a reason or by its ending."""
        name = posixpath.basename(path)
        if reason is None and (path == SITE_FILE or name.endswith(_TEMPORARY) or name.lower().endswith(_BESIDE)):
            return
        kind = reason or posixpath.splitext(name)[1].lower()
        self.files += 1
        self._number[kind] += 1
        if kind not in self._first or path < self._first[kind]:
            self._first[kind] = path

    def faults(self) -> Iterator[Fault]:
        """A warning for each ending or reason, at its first file."""
        kinds = sorted(self._number, key=lambda kind: (-self._number[kind], kind))
        for kind in kinds[:MOST_ENDINGS]:
            number = self._number[kind]
            others = f" (and {number - 1:,} more)" if number > 1 else ""
            reason = of_ending(kind) if not kind or kind[0] == "." else kind
            yield Fault.warn(Kind.PASSED_OVER, self._first[kind], 0, f"{reason}{others}")
        if rest := kinds[MOST_ENDINGS:]:
            number = sum(self._number[kind] for kind in rest)
            reason = f"and {number - 1:,} more files of {len(rest):,} other endings are no articles"
            yield Fault.warn(Kind.PASSED_OVER, self._first[rest[0]], 0, reason)


def of_ending(ending: str) -> str:
    """What is said of a file whose ending is not an article's; "" for none."""
    shown = f"files that end in {ending}" if ending else "files without an ending"
    advice = f"; {_ADVICE[ending]}" if ending in _ADVICE else ""
    return f"is no article: {shown} are passed over{advice}"
