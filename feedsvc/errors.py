"""The error tree. An error is a sentence for a person: it names the file, the line and the reason.

    FeedsvcError
    ├── UsageError         a wrong setting, flag or environment; ends the command with exit code 2
    ├── ReloadRefused      the processes of a reload did not start; the service continues as before
    ├── TokenError         the status token can't be read or made; affects only the status pages
    ├── SourceError        one file that the newsroom wrote is wrong; holds its faults
    │   ├── ArticleError   an article; affects only itself
    │   └── SiteError      site.toml; the last good one stays in use
    ├── OutdatedArticles   the articles folder is older than what is published; nothing is built from it
    ├── RequestError       a request can't be understood; affects only its connection
    └── StoreError         the database can't be opened, read or written
        ├── DatabaseAway   its server can't be reached
        ├── NothingPublished  there is no database yet, or an empty one
        ├── SchemaError    it was written by another version of feedsvc
        ├── DamagedStore   its file is broken, or is no database, or is gone while it is used
        └── LeaseLost      another builder has taken over; this build must not be published
"""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc.kinds import Kind


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong at one place in one file; `line` counts from 1, 0 if there is no line, and a warning has its `Kind`."""

    path: str
    line: int
    reason: str
    warning: bool = False
    kind: str = ""

    @classmethod
    def warn(cls, kind: Kind, path: str, line: int, reason: str) -> Fault:
        """A warning: what does no harm to the article."""
        return cls(path, line, reason, True, kind)

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {'warning: ' if self.warning else ''}{self.reason}"


class FeedsvcError(Exception):
    """The root of every error that feedsvc raises on purpose."""


class UsageError(FeedsvcError):
    """The command can't run with these settings."""


class ReloadRefused(FeedsvcError):
    """The processes of a reload did not start."""


class TokenError(FeedsvcError):
    """The status token can't be read or made."""


class SourceError(FeedsvcError):
    """A file of the newsroom can't be used; `faults` says where and why, at least one."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class ArticleError(SourceError):
    """An article can't be read."""


class SiteError(SourceError):
    """`site.toml` can't be used."""


class OutdatedArticles(FeedsvcError):
    """The articles folder is older than what is published."""


class RequestError(FeedsvcError):
    """A request is not HTTP/1.1, or exceeds a limit; `status` is the answer to it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered {status}")
        self.status = status


class StoreError(FeedsvcError):
    """The database can't be opened, read or written."""


class DatabaseAway(StoreError):
    """The database's server can't be reached."""


class NothingPublished(StoreError):
    """There is no database yet, or nothing in it."""


class SchemaError(StoreError):
    """The database was written by another version of feedsvc."""


class DamagedStore(StoreError):
    """The database's file is broken, or gone."""


class LeaseLost(StoreError):
    """Another builder holds the lease."""
