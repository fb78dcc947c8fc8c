"""`site.toml` as it is in the articles folder now, for commands that write there."""

from __future__ import annotations

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.site_toml import read_site
from feedsvc.errors import SourceError, UsageError
from feedsvc.model.site import SITE_FILE, Site


def site_in(folder: ArticlesFolder) -> Site:
    """What it says, or what counts without it; raises `UsageError` if it can't be read."""
    found = folder.find(SITE_FILE)
    if found is None:
        return Site()
    try:
        # Whoever asks also writes the folder, so there is no need to wait for files that are being written.
        return read_site(folder.read_as_known(found) or b"")[0]
    except SourceError as error:
        raise UsageError(f"{folder.path}/{error.faults[0]}") from error
