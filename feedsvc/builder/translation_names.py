"""What articles name as what they translate: nothing may be there, or nothing in another language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from feedsvc.builder.index import TopicIndex
from feedsvc.builder.notes import FileNotes
from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.record import Record, State
from feedsvc.model.translations import is_written, keys_of, language_of


def about_translation(path: str, key: str, language: str, original: str | None, shared: bool) -> Iterator[Fault]:
    """The warning about an article that names `key`: `original` is the language of the article of that name, None where there is
    none, and `shared` whether another names the same."""
    if original is None and not shared:
        reason = f'translation_of names "{key}", which is the slug or id of no article, and which no other article names'
        yield Fault.warn(Kind.TRANSLATION, path, 0, reason)
    elif original == language:
        reason = f'is in the language of "{key}", of which it is a translation ({language}); say with language: what it is in'
        yield Fault.warn(Kind.TRANSLATION, path, 0, reason)


def note_translations(changed: Iterable[Record], index: TopicIndex, notes: FileNotes) -> None:
    """Keeps the warnings about translations as they are true now: of articles that have changed, and of those that name them."""
    ids = {id for one in changed for key in (*keys_of(one), one.translation_of) if key for id in index.translating(key)}
    for record in (index.records[id] for id in sorted(ids)):
        known = notes.get(record.path)
        if known is None or known.refused or known.id != record.id:
            continue
        faults = (*(fault for fault in known.faults if fault.kind != Kind.TRANSLATION), *_about(record, index))
        if faults != known.faults:
            notes.note(replace(known, faults=faults))


def _about(record: Record, index: TopicIndex) -> Iterator[Fault]:
    key, site = record.translation_of, index.site
    if key and is_written(key) and record.state is State.STANDING:
        original = index.named_as_original(record)
        named = language_of(original, site) if original else None
        yield from about_translation(record.path, key, language_of(record, site), named, len(index.translating(key)) > 1)
