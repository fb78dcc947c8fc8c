"""Revisions: which state of the articles a folder has, and whether one is older than what is published. Pure."""

from __future__ import annotations

from collections.abc import Sequence

MOST_REVISIONS = 500  # that were published and are known


def goes_back(revision: str, published: Sequence[str]) -> bool:
    """Whether a revision is older than the last of those that were published, oldest first.

    Numbers are compared. Of others, such as commits, one that was published before another is older; a new one is newer. A folder
    without a revision is older than one that had one: it is empty, or another.
    """
    if not published or revision == published[-1]:
        return False
    if revision.isdecimal() and published[-1].isdecimal():
        return int(revision) < int(published[-1])
    return not revision or revision in published


def with_revision(published: Sequence[str], revision: str) -> tuple[str, ...]:
    """The revisions that were published, when one more has been."""
    return (*(one for one in published if one != revision), revision)[-MOST_REVISIONS:]
