"""ArticlesFolder: looks at the articles folder and reads its files, safely.

Only regular files inside the folder are ever opened: no symbolic link is followed on any part of a path, and nothing that
could block is opened. Paths are POSIX, relative to the folder.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unicodedata import normalize

from feedsvc.articles.look import FoundFile, Look
from feedsvc.articles.passed_over import hidden, is_conflict, no_article
from feedsvc.errors import ArticleError, Fault, UsageError
from feedsvc.kinds import Kind
from feedsvc.model.article import MAX_BYTES

STILL_NS = 2_000_000_000
LOOKS_APART_NS = 50_000_000
HELD_OPEN_NS = 60_000_000_000
MAX_DEPTH = 64  # folders in folders: each level of a walk holds one open
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)


class ArticlesFolder:
    """The way into one articles folder, for files whose names end in one of the `suffixes`."""

    def __init__(self, path: Path, suffixes: Iterable[str]) -> None:
        self.path = path
        self.suffixes = tuple(suffixes)
        self._first_looks: dict[str, tuple[str, int]] = {}

    def check(self) -> None:
        """Raises `UsageError` where the folder is missing or can't be listed."""
        try:
            with self._root() as root:
                os.listdir(root)
        except OSError as error:
            raise UsageError(f"articles folder {self.path}: {_reason(error)}") from error

    def inside(self, path: Path) -> str:
        """A path that somebody typed as the folder knows it; it may be given from where they are, or from the folder.

        Raises `UsageError` where nothing is there.
        """
        folder = self.path.absolute()
        for candidate in (path.absolute(), folder / path):
            if candidate.is_relative_to(folder) and (candidate.exists() or candidate.is_symlink()):
                return candidate.relative_to(folder).as_posix()
        raise UsageError(f"{path}: there is no such file in the articles folder {self.path}")

    def look(self, paths: Iterable[str] | None = None) -> Look:
        """Looks at the whole folder, or at some paths in it, files and folders.

        Raises `OSError` where the folder itself can't be listed.
        """
        look = Look()
        with self._root() as root:
            if paths is None:
                look.found_files.extend(self._walk(root, "", look))
                look.faults.extend(look.passed_over.faults())
            else:
                look.scope = set()
                for path in sorted(set(paths)):
                    self._look_at(root, path, look)
        return look

    def wanted(self, path: str) -> bool:
        """Whether a path is an article's by its name: not hidden, no editor's temporary file, with a known ending."""
        return self._has_ending(path) and hidden(path) is None and no_article(path) is None

    def read(self, found_file: FoundFile, *, now_ns: int, monotonic_ns: int, most: int = MAX_BYTES) -> bytes | None:
        """The bytes of a file as it was sighted, None while it is being written.

        The kernel is asked whether anybody has it open for writing, by a read lease that is held while we read (fcntl(2),
        F_SETLEASE). Where it can't tell, as on a network's file system, a file is whole when it is older than 2 s or
        when two looks 50 ms apart found it the same; so is an empty one, which may be about to be written.
        Raises `ArticleError` where it is not a regular file, can't be read, or holds more than `most` bytes.
        """
        path = found_file.path
        try:
            with self._opened(path) as file:
                found = os.fstat(file)
                if fault := _unfit(path, found, most):
                    raise ArticleError(fault)
                written = _lease(file)
                quiet_ns = now_ns - found.st_mtime_ns
                if written and quiet_ns < HELD_OPEN_NS:
                    return None
                if (written is None or not found.st_size) and not self._still(found_file, quiet_ns, monotonic_ns):
                    return None
                data = _content(file, found_file.size)
                if _found_file(path, os.fstat(file)) != found_file:
                    return None
                self._first_looks.pop(path, None)
                return data
        except OSError as error:
            if error.errno in _GONE and error.errno != errno.ELOOP:
                return None
            raise ArticleError(Fault(path, 0, f"can't be read: {_reason(error)}")) from error

    def read_now(self, found_file: FoundFile, most: int = MAX_BYTES) -> bytes | None:
        """The bytes of a file at this moment, as `read` gives them."""
        return self.read(found_file, now_ns=time.time_ns(), monotonic_ns=time.monotonic_ns(), most=most)

    def read_as_known(self, found_file: FoundFile, most: int = MAX_BYTES) -> bytes | None:
        """The bytes of a file that is known to be whole, None where it has changed since it was found."""
        return self.read(found_file, now_ns=found_file.mtime + HELD_OPEN_NS, monotonic_ns=0, most=most)

    def read_part(self, found_file: FoundFile, start: int, size: int) -> bytes | None:
        """Some bytes of a file as it was sighted, None while it is being written, or when it has changed.

        Raises `ArticleError` where it is not a regular file or can't be read.
        """
        try:
            with self._opened(found_file.path) as file:
                found = os.fstat(file)
                if _found_file(found_file.path, found) != found_file:
                    return None
                written, quiet_ns = _lease(file), time.time_ns() - found.st_mtime_ns
                if (written and quiet_ns < HELD_OPEN_NS) or (written is None and quiet_ns < STILL_NS):
                    return None
                return os.pread(file, size, start)
        except OSError as error:
            raise ArticleError(Fault(found_file.path, 0, f"can't be read: {_reason(error)}")) from error

    def head(self, path: str, size: int) -> bytes:
        """The first bytes of a file as far as they can be read at once, for a guess at what is in it."""
        try:
            with self._opened(path) as file:
                return os.read(file, size) if stat.S_ISREG(os.fstat(file).st_mode) else b""
        except OSError:
            return b""

    def find(self, path: str) -> FoundFile | None:
        """A look at one regular file in the folder, whatever its name; None where there is none."""
        try:
            with self._root() as root:
                found = self._stat(root, path)
        except (OSError, ValueError):  # a ValueError is a name that no file can have
            return None
        return _found_file(path, found) if stat.S_ISREG(found.st_mode) else None

    def find_named(self, path: str) -> FoundFile | None:
        """A look at the file that a text names: letters with accents are the same composed and decomposed, as a Mac has them."""
        return next((found for spelled in _spellings(path) if (found := self.find(spelled))), None)

    def _still(self, found_file: FoundFile, quiet_ns: int, monotonic_ns: int) -> bool:
        mark, when = self._first_looks.setdefault(found_file.path, (found_file.mark, monotonic_ns))
        if mark != found_file.mark:
            self._first_looks[found_file.path] = (found_file.mark, monotonic_ns)
            return False
        return quiet_ns > STILL_NS or monotonic_ns - when >= LOOKS_APART_NS

    def _look_at(self, root: int, path: str, look: Look) -> None:
        scope = look.scope if look.scope is not None else set()
        try:
            found = self._stat(root, path)
        except OSError as error:
            # Gone, or a part of its path is no longer a folder: there is nothing there or below.
            if error.errno in _GONE:
                scope |= {path, f"{path}/"}
            return
        if stat.S_ISDIR(found.st_mode):
            try:
                folder = self._open(root, path, _FOLDER)
            except OSError:
                return
            scope |= {path, f"{path}/"}
            try:
                look.found_files.extend(self._walk(folder, f"{path}/", look))
            except OSError:
                look.unseen |= {path, f"{path}/"}  # the next scan says why
            finally:
                os.close(folder)
        elif self.wanted(path):
            scope |= {path, f"{path}/"}
            look.found_files.extend(self._fit(path, found, look))
        else:
            if stat.S_ISREG(found.st_mode) and self._is_conflict(path):
                look.faults.append(_conflict(path))
            scope.add(path)  # it may be a picture of an article

    def _pass_over(self, path: str, look: Look) -> None:
        """Notes a file that is no article: conflict copies by name, others by their ending or the reason."""
        if self._is_conflict(path):
            look.faults.append(_conflict(path))
        else:
            look.passed_over.add(path, no_article(path) if self._has_ending(path) else None)

    def _is_conflict(self, path: str) -> bool:
        return self._has_ending(path) and is_conflict(path)

    def _has_ending(self, path: str) -> bool:
        return path.lower().endswith(self.suffixes)

    def _walk(self, folder: int, prefix: str, look: Look) -> Iterator[FoundFile]:
        if prefix.count("/") > MAX_DEPTH:
            raise OSError(errno.EMFILE, f"lies more than {MAX_DEPTH} folders deep")
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            path = prefix + entry.name
            if entry.name.startswith("."):
                continue
            if not _is_utf8(entry.name):
                shown = prefix + os.fsencode(entry.name).decode("utf-8", "backslashreplace")
                look.faults.append(Fault(shown, 0, "has a name that is not UTF-8"))
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    below = os.open(entry.name, _FOLDER, dir_fd=folder)
                    try:
                        yield from self._walk(below, f"{path}/", look)
                    finally:
                        os.close(below)
                elif self.wanted(path):
                    yield from self._fit(path, os.stat(entry.name, dir_fd=folder, follow_symlinks=False), look)
                elif entry.is_file(follow_symlinks=False):
                    self._pass_over(path, look)
            except OSError as error:
                if error.errno not in _GONE:
                    look.unseen |= {path, f"{path}/"}
                    look.faults.append(Fault(path, 0, f"can't be examined: {_reason(error)}"))

    @staticmethod
    def _fit(path: str, status: os.stat_result, look: Look) -> Iterator[FoundFile]:
        if fault := _unfit(path, status, MAX_BYTES):
            look.faults.append(fault)
            look.unseen.add(path)
        else:
            yield _found_file(path, status)

    @contextmanager
    def _root(self) -> Iterator[int]:
        root = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield root
        finally:
            os.close(root)

    @contextmanager
    def _opened(self, path: str) -> Iterator[int]:
        with self._root() as root:
            file = self._open(root, path, _FILE)
        try:
            yield file
        finally:
            os.close(file)

    def _stat(self, root: int, path: str) -> os.stat_result:
        parent, _, name = path.rpartition("/")
        if not parent:
            return os.stat(name, dir_fd=root, follow_symlinks=False)
        folder = self._open(root, parent, _FOLDER)
        try:
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        finally:
            os.close(folder)

    @staticmethod
    def _open(root: int, path: str, flags: int) -> int:
        """Opens a path part by part, so that no link on the way leads out of the folder."""
        parts = path.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        folder = root
        try:
            for part in parts[:-1]:
                below = os.open(part, _FOLDER, dir_fd=folder)
                if folder != root:
                    os.close(folder)
                folder = below
            return os.open(parts[-1], flags, dir_fd=folder)
        finally:
            if folder != root:
                os.close(folder)


def _spellings(path: str) -> Iterable[str]:
    """A path as written, and with its folders and its name composed or decomposed (UAX 15)."""
    if path.isascii():
        return (path,)
    folder, slash, name = path.rpartition("/")
    forms = [(one, normalize("NFC", one), normalize("NFD", one)) for one in (folder, name)]
    return dict.fromkeys((path, *(f"{one}{slash}{other}" for one in forms[0] for other in forms[1])))


def _lease(descriptor: int) -> bool | None:
    """Whether anybody has the file open for writing, None where the kernel can't tell.

    The lease ends with the descriptor; till then a writer who opens the file waits for us, for the length of one read.
    """
    try:
        # The signal that tells of such a writer is SIGIO, which would end the process; SIGURG is ignored by default.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except (OSError, AttributeError) as error:
        return True if isinstance(error, OSError) and error.errno == errno.EAGAIN else None
    return False


def _content(descriptor: int, size: int) -> bytes:
    data = os.read(descriptor, size)
    while len(data) < size and (more := os.read(descriptor, size - len(data))):
        data += more
    return data


def _found_file(path: str, status: os.stat_result) -> FoundFile:
    return FoundFile(path, status.st_size, status.st_mtime_ns, status.st_ino)


def _conflict(path: str) -> Fault:
    return Fault.warn(Kind.CONFLICT_COPY, path, 0, no_article(path) or "")


def _unfit(path: str, status: os.stat_result, most: int) -> Fault | None:
    """Why what lies at a path can't be an article."""
    if stat.S_ISLNK(status.st_mode):
        return Fault(path, 0, "is a symbolic link; put the article itself into the folder")
    if not stat.S_ISREG(status.st_mode):
        return Fault(path, 0, "is not a regular file")
    if status.st_size > most:
        return Fault(path, 0, f"is larger than {most:,} bytes")
    return None


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
