"""The revision of the articles folder: what its deployment wrote there, else the commit that is checked out."""

from __future__ import annotations

import re

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.text import one_line

REVISION_FILE = ".revision"
MAX_REVISION = 100  # characters
MAX_PACKED_REFS = 4_000_000
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")  # of SHA-1 or SHA-256
_BRANCH = re.compile(r"ref: (refs/(?:[\w-][\w.-]*/)*[\w-][\w.-]*)")


def revision_of(folder: ArticlesFolder, *, commits: bool) -> str:
    """What the file `.revision` says, else, with `commits`, the commit of a clone; empty if neither is there."""
    return _read(folder, REVISION_FILE) or (_commit(folder) if commits else "")


def _commit(folder: ArticlesFolder) -> str:
    """The commit of `.git/HEAD`, by way of its branch (gitrepository-layout(5))."""
    head = _read(folder, ".git/HEAD")
    if branch := _BRANCH.fullmatch(head):
        head = _read(folder, f".git/{branch[1]}") or _packed(folder, branch[1])
    return head if _COMMIT.fullmatch(head) else ""


def _packed(folder: ArticlesFolder, branch: str) -> str:
    lines = folder.head(".git/packed-refs", MAX_PACKED_REFS).decode("utf-8", "replace").splitlines()
    return next((line.partition(" ")[0] for line in lines if line.endswith(f" {branch}")), "")


def _read(folder: ArticlesFolder, path: str) -> str:
    return one_line(folder.head(path, 4 * MAX_REVISION).decode("utf-8", "replace"))[:MAX_REVISION]
