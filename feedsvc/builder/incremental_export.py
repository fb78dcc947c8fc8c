"""Only what has changed since an earlier publication, as plain files, for whoever keeps an object store the same as a folder.

The manifest is written last: a folder whose manifest names a publication has all of its files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from feedsvc.builder.export import LIST, file_names, replace_file, write_document
from feedsvc.errors import UsageError
from feedsvc.storage.facts import GENERATION, MARK, MARKS
from feedsvc.storage.store import Store

MANIFEST = "manifest.json"


class Manifest(msgspec.Struct, frozen=True):
    """What the last export did: from which publication to which, and the names of files that it wrote and removed."""

    generation: int = 0
    mark: str = ""
    since: int = 0
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def export_since(store: Store, folder: Path, since: int | None = None) -> Manifest:
    """Writes what was published after a generation, by default the last one that the folder has, and removes what is no more.

    A folder of another database, or of one that has gone back, is made anew. Raises `UsageError` if the folder can't be written, or
    has a manifest that is none, and `StoreError`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        last, names = _last(folder)
        facts = store.facts(GENERATION, MARK, MARKS)
        begins = last.mark not in MARKS.read(facts)
        since = 0 if begins else last.generation if since is None else min(since, last.generation)
        generation, changed = store.changed_since(since, ())
        written: set[str] = set()
        gone = set(names) if begins else set()
        for path, _ in changed:
            gone.update(names & set(file_names(path)))
            document = store.document(path)
            if document is not None:
                written.update(write_document(document, folder, store.piece))
        removed = sorted(gone - written)
        for name in removed:
            (folder / name).unlink(missing_ok=True)
        made = Manifest(generation, MARK.read(facts), since, tuple(sorted(written)), tuple(removed))
        replace_file(folder / LIST, ["".join(f"{name}\n" for name in sorted((names - gone) | written)).encode()])
        replace_file(folder / MANIFEST, [msgspec.json.encode(made), b"\n"])
    except OSError as error:
        raise UsageError(f"folder {folder} can't be written: {error.strerror or error}") from error
    return made


def _last(folder: Path) -> tuple[Manifest, set[str]]:
    """The manifest of a folder, and the names of the files that are ours."""
    manifest, listed = folder / MANIFEST, folder / LIST
    try:
        last = _decode(manifest.read_bytes()) if manifest.exists() else Manifest()
    except msgspec.MsgspecError as error:
        raise UsageError(f"{manifest} is no manifest of feedsvc: export into another folder, or delete it") from error
    return last, set(_safe(listed.read_text("utf-8").splitlines())) if listed.exists() else set()


def _safe(names: list[str]) -> Iterator[str]:
    return (name for name in names if name and ".." not in Path(name).parts and not Path(name).is_absolute())


_decode = msgspec.json.Decoder(Manifest).decode
