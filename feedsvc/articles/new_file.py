"""Writes a file that was not there before into the articles folder; nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path

from feedsvc.errors import UsageError


def write_new(folder: Path, path: str, text: str) -> bool:
    """Writes a text at a path in the folder, with its folders; whether it did, for it does not where something is there already.

    Raises `UsageError` where it can't be written.
    """
    file = folder / path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if file.parent != folder:
            file.parent.mkdir(exist_ok=True)
            if file.parent.is_symlink():
                raise UsageError(f"{file.parent} is a symbolic link, and articles behind one are not read")
        with file.open("x", encoding="utf-8") as made:
            made.write(text)
    except FileExistsError:
        if not file.parent.is_dir():
            raise UsageError(f"{file.parent} is no folder") from None
        return False
    except OSError as error:
        raise UsageError(f"{file} can't be written: {(error.strerror or str(error)).lower()}") from error
    return True
