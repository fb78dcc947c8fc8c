"""What a look at the folder finds: files to read, and files that are gone.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Set

from feedsvc.articles.look import FoundFile, Look
from feedsvc.model.publication import File
from feedsvc.model.site import SITE_FILE

_WAITS = " waits for "


def to_read(
    look: Look, files: Mapping[str, File], context: str, stale: Set[str], held: Callable[[str], bool]
) -> list[FoundFile]:
    """The files that have changed since they were read, or are `stale`, or were read with another `context`.

    Files that wait for a slug which is no longer `held` are read too.
    """
    return [one for one in look.found_files if one.path in stale or not _is_read(files.get(one.path), marked(one, context), held)]


def _is_read(file: File | None, mark: str, held: Callable[[str], bool]) -> bool:
    if file is None:
        return False
    slug = waits_for(file)
    return file.mark == (f"{mark}{_WAITS}{slug}" if slug else mark) and (slug is None or held(slug))


def waits_for(file: File) -> str | None:
    """The slug that the article in a file asks for and another has."""
    return file.mark.partition(_WAITS)[2] or None


def waiting_for(mark: str, slug: str) -> str:
    """The mark of a file whose article asks for a slug that another has."""
    return f"{mark}{_WAITS}{slug}"


def marked(found: FoundFile, context: str) -> str:
    """A text that changes when the file does, or when the context of parsing does."""
    return f"{found.mark} {context}"


def in_one_step(changed: Iterable[FoundFile], files: Mapping[str, File], most: int) -> list[FoundFile]:
    """The new files and those with another content, if there are both: an article may have moved from one to another.

    More than `most` are no step of an editor, and a correction among them must not wait for all.
    """
    new: list[FoundFile] = []
    edited: list[FoundFile] = []
    for one in changed:
        if one.path not in files:
            new.append(one)
        elif not files[one.path].mark.startswith(f"{one.mark} "):
            edited.append(one)
    return new + edited if new and edited and len(new) + len(edited) <= most else []


def gone(look: Look, files: Mapping[str, File], folders: Collection[str], wanted: Callable[[str], bool]) -> list[str]:
    """The paths of known files that a look should have found and did not; `folders` are those that have known files."""
    seen = {found.path for found in look.found_files}
    seen.update(fault.path for fault in look.faults)
    # A hint mostly names one file; all known files are checked only if it names a folder.
    was_folder = look.scope is not None and any(part.endswith("/") and part[:-1] in folders for part in look.scope)
    near = files if look.scope is None or was_folder else look.scope & files.keys()
    missing = (path for path in near if path not in seen and path != SITE_FILE and look.covers(path))
    # A picture is not an article, and what is not an article but has a fault is mostly a folder.
    return [path for path in missing if wanted(path) or files[path].faults]


def next_in_turn(look: Look, last: str, most: int) -> tuple[set[str], str]:
    """The next files after a path, to be read although they look unchanged, and the last of them; "" at the end of the list."""
    paths = sorted(one.path for one in look.found_files)
    begin = bisect_right(paths, last)
    chosen = paths[begin : begin + most]
    return set(chosen), chosen[-1] if begin + most < len(paths) else ""


