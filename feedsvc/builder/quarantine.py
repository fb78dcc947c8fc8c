"""Keeps the files in quarantine as they are, so that a preview can show them: the readers' side opens no article file."""

from __future__ import annotations

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile
from feedsvc.builder.state import BuildState
from feedsvc.errors import ArticleError
from feedsvc.model.publication import WAITING, Publication, Quarantined

MOST_BYTES = 200_000  # of a file; its first faults stand there


def keep_quarantine(state: BuildState, publication: Publication, folder: ArticlesFolder) -> None:
    """Takes in the content of files that a build has refused, and drops that of files that it has accepted, or that are gone."""
    known = {path for path in state.quarantined if path in publication.files or _may_have_changed(path, state)}
    gone = set(publication.gone_files)
    for path in known | {path for path, file in publication.files.items() if file.refused} | (gone & state.quarantined.keys()):
        file = publication.files.get(path) or state.files.get(path)
        found = folder.find(path) if file and file.refused and path not in gone else None
        if found is None:
            if path in state.quarantined:
                publication.quarantined[path] = None
        elif state.quarantined.get(path) != found.mark:
            publication.quarantined[path] = Quarantined(found.mark, _content(found, folder))


def _may_have_changed(path: str, state: BuildState) -> bool:
    """Whether a file may have another content under the same note."""
    file = state.files.get(path)
    return file is None or file.mark == WAITING


def _content(found: FoundFile, folder: ArticlesFolder) -> bytes:
    try:
        return (folder.read_as_known(found) or b"")[:MOST_BYTES]
    except ArticleError:
        return b""
