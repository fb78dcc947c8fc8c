"""The authors that feeds of `site.toml` name and by whom there is no article: a name may be mistyped, or be one to come."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from feedsvc.builder.index import TopicIndex
from feedsvc.builder.notes import FileNotes
from feedsvc.builder.topic_names import near_miss
from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.site import SITE_FILE, Site


def unknown_authors(site: Site, known: Collection[str]) -> Iterator[Fault]:
    """The warnings for authors that feeds name and who are neither in `site.toml` nor `known`, by what tells authors apart."""
    for feed in site.feeds:
        for name in feed.chosen.authors:
            key = site.key_of_author(name)
            if key in known or site.author(key):
                continue
            near = near_miss(key, {one: one for one in known})
            hint = f'; did you mean "{near}"?' if near else ""
            yield Fault.warn(
                Kind.UNKNOWN_AUTHOR, SITE_FILE, 0, f'[feeds.{feed.name}] authors names "{name}", by whom there is no article{hint}'
            )


def note_unknown_authors(index: TopicIndex, notes: FileNotes) -> None:
    """Keeps the warnings of `site.toml` as they are true now."""
    known = notes.get(SITE_FILE)
    if known is None or known.refused:
        return
    others = tuple(fault for fault in known.faults if fault.kind != Kind.UNKNOWN_AUTHOR)
    named = any(feed.chosen.authors for feed in index.site.feeds)
    faults = (*others, *unknown_authors(index.site, index.authors())) if named else others
    if faults != known.faults:
        notes.note(replace(known, faults=faults))
