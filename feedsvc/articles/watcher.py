"""`Watcher`: hears from the kernel which paths in a folder change, and says when it has not heard all (inotify(7))."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from inotify_simple import INotify, flags

from feedsvc.files import identity

HEAR_MS = 100  # after which somebody who waits may end, and the folder is looked at
GATHER_MS = 2  # one save is several events
_CHANGES = flags.MODIFY | flags.ATTRIB | flags.CLOSE_WRITE | flags.MOVED_FROM | flags.MOVED_TO | flags.CREATE | flags.DELETE
_ROOT = _CHANGES | flags.ONLYDIR | flags.DELETE_SELF | flags.MOVE_SELF
_BELOW = _CHANGES | flags.ONLYDIR | flags.DONT_FOLLOW
_ENDED = flags.DELETE_SELF | flags.MOVE_SELF | flags.UNMOUNT | flags.IGNORED
_PASSED_OVER = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES)  # gone by now, or of which the scan tells


class Watcher:
    """Hears of changes in a folder and the folders in it, hidden ones apart, from when it is made.

    Raises `OSError` where the folder can't be watched, or the system's limits are reached. `lost` says that more happened than
    the kernel keeps, `over` that another folder lies at the path now: in both cases what is to come is heard by a new one alone.
    """

    def __init__(self, folder: Path) -> None:
        self.lost = self.over = False
        self._folder = folder
        self._identity = identity(folder)
        self._kernel = INotify()
        self._prefixes: dict[int, str] = {}
        try:
            self._add("")
        except OSError:
            self._kernel.close()
            raise

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._kernel.close()

    def hear(self) -> set[str]:
        """Waits for changes, for a moment; the paths of what changed in the folder, of a folder as a whole where it is new.

        Raises `OSError` as a new one does.
        """
        found: set[str] = set()
        for number, mask, _, name in self._kernel.read(HEAR_MS, GATHER_MS):
            self.lost |= bool(mask & flags.Q_OVERFLOW)
            prefix = self._prefixes.get(number)
            if prefix is not None and mask & _ENDED:
                self.over |= not prefix
                self._prefixes.pop(number)
            elif prefix is not None and name and not name.startswith("."):
                path = prefix + name
                if mask & flags.ISDIR and mask & flags.MOVED_FROM:
                    self._drop(f"{path}/")
                elif mask & flags.ISDIR and mask & (flags.CREATE | flags.MOVED_TO | flags.ATTRIB):
                    self._add(f"{path}/")  # before it is looked at, so that nothing falls between the two
                found.add(path)
        if not found and identity(self._folder) != self._identity:
            self.over = True  # it may have been mounted over, which the kernel does not tell
        return {path for path in found if _is_utf8(path)}  # of others the scan tells

    def _add(self, prefix: str) -> None:
        waiting = [prefix]
        while waiting:
            prefix = waiting.pop()
            path = os.path.join(self._folder, prefix)
            try:
                self._prefixes[self._kernel.add_watch(path, _BELOW if prefix else _ROOT)] = prefix
                with os.scandir(path) as entries:
                    folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
            except OSError as error:
                if error.errno == errno.ENOSPC:  # "No space left on device", by the system's own words
                    raise OSError(error.errno, "the user's limit of watches is reached") from error
                if not prefix or error.errno not in _PASSED_OVER:
                    raise
            else:
                waiting.extend(f"{prefix}{name}/" for name in folders if not name.startswith("."))

    def _drop(self, prefix: str) -> None:
        for number in [number for number, found in self._prefixes.items() if found.startswith(prefix)]:
            self._prefixes.pop(number)
            with suppress(OSError):  # the folder may be deleted by now
                self._kernel.rm_watch(number)


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
