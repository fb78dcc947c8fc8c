"""Published documents as plain files, with `.gz` and `.br` beside each, for any server of static files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from feedsvc.errors import StoreError, UsageError
from feedsvc.model.document import HTML, Document, Kept
from feedsvc.model.file_copy import PIECE_BYTES

LIST = ".feedsvc"
_ENDINGS = {"identity": "", "gzip": ".gz", "br": ".br"}


ReadPiece = Callable[[str, int], bytes | None]


def export(documents: Iterable[Document], folder: Path, piece: ReadPiece) -> int:
    """Writes documents that everybody may have, and deletes what an earlier export wrote and is no longer published.

    Gives the number of documents written. `piece` reads what is kept in pieces. Each file is replaced atomically. Raises
    `UsageError` if the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = set()
        count = 0
        for document in documents:
            names = write_document(document, folder, piece)
            count += bool(names)
            written.update(names)
        listed = folder / LIST
        before = set(listed.read_text("utf-8").splitlines()) if listed.exists() else set()
        for name in before - written:
            if ".." not in Path(name).parts:
                (folder / name).unlink(missing_ok=True)
        replace_file(listed, ["".join(f"{name}\n" for name in sorted(written)).encode()])
    except OSError as error:
        raise UsageError(f"folder {folder} can't be written: {error.strerror or error}") from error
    return count


def write_document(document: Document, folder: Path, piece: ReadPiece) -> list[str]:
    """Writes the files of a document that everybody may have; their names.

    Raises `OSError`.
    """
    if document.status != 200 or document.protected:  # a server of static files knows no passwords
        return []
    names = []
    for name, body in _files(document, piece):
        replace_file(folder / name, body)
        names.append(name)
    return names


def file_names(path: str) -> list[str]:
    """The names that the files of a document at a path may have."""
    name = unquote(path).lstrip("/") or "index"
    return [f"{name}{page}{ending}" for page in ("", ".html") for ending in _ENDINGS.values()]


def _files(document: Document, piece: ReadPiece) -> Iterator[tuple[str, Iterable[bytes]]]:
    name = unquote(document.path).lstrip("/") or "index"
    if document.content_type == HTML:
        name += ".html"
    for coding, encoded in document.encodings.items():
        yield name + _ENDINGS[coding], _pieces(document.kept, piece) if document.kept else [encoded.body]


def _pieces(kept: Kept, piece: ReadPiece) -> Iterator[bytes]:
    for number in range(-(-kept.size // PIECE_BYTES)):
        found = piece(kept.copy, number)
        if found is None:
            raise StoreError(f"piece {number} of the copy {kept.copy} is gone")
        yield found


def replace_file(path: Path, body: Iterable[bytes]) -> None:
    """Writes a file beside its place, and then moves it there.

    Raises `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part"[:255])
    with temporary.open("wb") as file:
        file.writelines(body)
    os.replace(temporary, path)
