"""`check`: what is looked at before a service starts, in a process that has imported what that takes."""

from __future__ import annotations

from typing import Any

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.logs import set_up_logging
from feedsvc.settings import Settings
from feedsvc.storage.recovery import open_store


def check(given: dict[str, Any], awaited: bool) -> None:
    """Looks whether the folder is there, where it is needed, and the database can be opened, and sets aside one that is damaged.

    `given` are the settings by name. Raises `UsageError` or `StoreError`; a server that can't be reached is no error if it is
    `awaited`.
    """
    settings = Settings(**given)
    set_up_logging(settings.log_format)
    if settings.builds:
        ArticlesFolder(settings.articles, SUFFIXES).check()
    if settings.builds or not settings.database_read:
        open_store(settings.database, awaited=awaited).close()
