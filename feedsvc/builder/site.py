"""Reads `site.toml` for a build."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile
from feedsvc.articles.site_toml import read_site
from feedsvc.builder.index import TopicIndex
from feedsvc.builder.notes import FileNotes
from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.errors import ArticleError, Fault, SiteError
from feedsvc.formats import render
from feedsvc.model import urls as at
from feedsvc.model.author import author_slug
from feedsvc.model.hashing import digest
from feedsvc.model.publication import File, Publication
from feedsvc.model.site import SITE_FILE
from feedsvc.storage.facts import FRAME, PUBLIC_URL, SITE


def take_site(
    state: BuildState, publication: Publication, touched: Touched, notes: FileNotes, folder: ArticlesFolder, public_url: str
) -> bool:
    """Reads `site.toml`; if it is bad or missing, the last good one stays in use. Whether it can be read, or is being written."""
    known = notes.get(SITE_FILE)
    found = folder.find(SITE_FILE)
    whole = True
    if found is None:
        if known and known.mark:
            notes.note(File(SITE_FILE, "", None, (Fault(SITE_FILE, 0, "is gone; what it said last stays in force"),)))
    elif known is None or known.mark != found.mark:
        whole = _read(state, notes, folder, found)
    if SITE.read(state.facts) != state.site:
        SITE.write(publication.facts, state.site)
    shown = replace(state.site, webhooks=(), purges=())
    frame = digest(render.version(), public_url, msgspec.json.encode(shown))
    if FRAME.read(state.facts) != frame:
        FRAME.write(publication.facts, frame)
        PUBLIC_URL.write(publication.facts, public_url)
        publication.void_below += [at.article_path(""), at.author_path(""), at.feed_path(author_slug(""), "").removesuffix(".")]
        touched.everything = True
    return whole


def _read(state: BuildState, notes: FileNotes, folder: ArticlesFolder, found: FoundFile) -> bool:
    try:
        data = folder.read_now(found)
        if data is None:
            return False
        site, warnings = read_site(data)
    except (SiteError, ArticleError) as error:
        notes.note(File(SITE_FILE, found.mark, None, error.faults))
        return True
    notes.note(File(SITE_FILE, found.mark, None, warnings))
    if site != state.site:
        state.index = TopicIndex(site, state.index.records.values(), state.names)
    return True
