"""`FileCopier`: copies recordings from the articles folder into the database, some of them in each build.

A film takes longer to copy than news may wait, so that a build copies no more than `COPIED_BYTES`. The next one goes on, as long as
the file stays as it was found; until a copy is complete, nothing leads to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile
from feedsvc.errors import ArticleError
from feedsvc.model.edition import EPOCH
from feedsvc.model.file_copy import PIECE_BYTES, FileCopy
from feedsvc.model.hashing import digest
from feedsvc.model.urls import copy_path
from feedsvc.storage.store import Store

COPIED_BYTES = 8_000_000  # in one build: a twentieth of a second
PIECES_AT_ONCE = 16  # in one transaction: other writers must not wait
REPLACED_FOR = timedelta(days=1)  # a file that was replaced answers for so long at its old address


@dataclass(slots=True)
class _Unfinished:
    copy: FileCopy
    pieces: int = 0
    done: int = 0
    digest: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))


class FileCopier:
    """The copies of one database, as far as this builder knows them."""

    def __init__(self, store: Store, folder: ArticlesFolder) -> None:
        self._store = store
        self._folder = folder
        self._copies: dict[str, FileCopy] | None = None
        self._unfinished: dict[str, _Unfinished] = {}
        self._left = 0
        self._trim = True
        self._gone: list[str] = []
        self._now = EPOCH

    def begin(self, now: datetime) -> None:
        """A new build may copy its share. What another builder left unfinished is removed."""
        self._now = now
        self._left = COPIED_BYTES
        if self._copies is None:
            found = self._store.copies()
            self._store.drop_copies(copy.name for copy in found if not copy.digest)
            self._copies = {copy.name: copy for copy in found if copy.digest}

    def of(self, file: str) -> list[FileCopy]:
        """The complete copies of a file, the one that counts last."""
        copies = [copy for copy in (self._copies or {}).values() if copy.file == file]
        return sorted(copies, key=lambda copy: copy.replaced is None)

    def copied(self, found: FoundFile, type: str) -> FileCopy | None:
        """The copy of a file as it was found; None where it is not complete yet, or the file is being written."""
        for copy in self.of(found.path):
            if copy.replaced is None and (copy.mark, copy.type) == (found.mark, type):
                return copy
        unfinished = self._unfinished.get(found.path)
        if unfinished is None or (unfinished.copy.mark, unfinished.copy.type) != (found.mark, type):
            self._give_up(found.path)
            if self._left <= 0:
                return None
            name = digest(found.path, found.mark, type, self._now.isoformat())[:16]
            unfinished = _Unfinished(FileCopy(name=name, file=found.path, mark=found.mark, type=type, size=found.size))
            self._unfinished[found.path] = unfinished
            self._store.put_copy(unfinished.copy)
        return self._go_on(found, unfinished)

    def clean(self, is_used: Callable[[str], bool], now: datetime) -> set[str]:
        """Forgets the copies of files that no article names any more, and of those that were replaced long ago; gives the paths at
        which nothing is left."""
        copies = self._copies or {}
        if self._gone:
            self._store.drop_copies(self._gone)
            self._gone, self._trim = [], True
        gone = [copy for copy in copies.values() if not is_used(copy.file) or _is_over(copy, now)]
        for file in [file for file in self._unfinished if not is_used(file)]:
            self._give_up(file)
        for copy in gone:
            del copies[copy.name]
            self._gone.append(copy.name)  # until the next build: what is published leads to it till this one is
        if self._trim:
            self._trim = self._store.trim_pieces()
        return {copy_path(copy) for copy in gone} - {copy_path(copy) for copy in copies.values()}

    def _go_on(self, found: FoundFile, unfinished: _Unfinished) -> FileCopy | None:
        share = min(self._left, COPIED_BYTES // 2)  # so that a long film leaves something for what is short
        while share > 0 and unfinished.done < found.size:
            try:
                data = self._folder.read_part(found, unfinished.done, PIECE_BYTES * PIECES_AT_ONCE)
            except ArticleError:
                data = None
            if not data:
                self._give_up(found.path)
                return None
            pieces = [data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES)]
            self._store.add_pieces(unfinished.copy.name, unfinished.pieces, pieces)
            unfinished.digest.update(data)
            unfinished.pieces += len(pieces)
            unfinished.done += len(data)
            self._left -= len(data)
            share -= len(data)
        return self._finish(found, unfinished) if unfinished.done == found.size else None

    def _finish(self, found: FoundFile, unfinished: _Unfinished) -> FileCopy:
        copy = replace(unfinished.copy, digest=unfinished.digest.hexdigest())
        others = self.of(found.path)
        if twin := next((one for one in others if (one.digest, one.type) == (copy.digest, copy.type)), None):
            # What is published at its address leads to the copy that is there already.
            self._give_up(found.path)
            copy = replace(twin, mark=found.mark, replaced=None)
        else:
            del self._unfinished[found.path]
            self._store.check_pieces(copy.name, unfinished.pieces)
        self._put(copy)
        for other in others:
            if other.replaced is None and other.name != copy.name:
                self._put(replace(other, replaced=self._now))
        return copy

    def _put(self, copy: FileCopy) -> None:
        self._store.put_copy(copy)
        if self._copies is not None:
            self._copies[copy.name] = copy

    def _give_up(self, file: str) -> None:
        if unfinished := self._unfinished.pop(file, None):
            self._store.drop_copies([unfinished.copy.name])
            self._trim = True


def _is_over(copy: FileCopy, now: datetime) -> bool:
    return copy.replaced is not None and copy.replaced + REPLACED_FOR <= now
