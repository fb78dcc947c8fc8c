"""`FileNotes`: what a build learns about files, on top of what was known."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from feedsvc.kinds import TOLD_IN_FULL
from feedsvc.model.publication import File

log = logging.getLogger("feedsvc.articles")


class FileNotes:
    """The files as last read, with those of this build in `new`; `folder` is named before a path in the log."""

    def __init__(self, known: Mapping[str, File], new: dict[str, File], folder: Path) -> None:
        self._known = known
        self.new = new
        self._folder = folder

    def get(self, path: str) -> File | None:
        """What is known of a file now."""
        return self.new.get(path) or self._known.get(path)

    def note(self, file: File) -> None:
        """Records a file as read now, and logs faults that are new."""
        known = self.get(file.path)
        if file == known:
            return
        self.new[file.path] = file
        for fault in file.faults if known is None or known.faults != file.faults else ():
            level = logging.WARNING if fault.warning else logging.ERROR
            each = not fault.warning or fault.kind in TOLD_IN_FULL  # of other warnings some a minute, and then how many more
            log.log(level, "%s/%s", self._folder, fault, extra={"each": each})
