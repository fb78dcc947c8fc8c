"""An article's sound and film, and the texts beside them, where they lie in the articles folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.local_files import with_addresses
from feedsvc.articles.look import FoundFile
from feedsvc.articles.parsers.faults import quoted
from feedsvc.articles.parsers.local_links import LocalLink
from feedsvc.articles.recording_kinds import SIGNATURE_BYTES, kind_of
from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.article import Article, Recording, TextFile
from feedsvc.model.file_copy import FileCopy
from feedsvc.model.media_types import bare
from feedsvc.model.urls import Urls

MAX_RECORDING_BYTES = 1_000_000_000

Copied = Callable[[FoundFile, str], FileCopy | None]


@dataclass(slots=True)
class Recorded:
    """An article whose recordings lead to copies of their files.

    `files` are those that it plays or would play, with what tells whether each has changed since, "" where there is none yet;
    `moving` are those that are being written or copied; `warnings` say what is missing.
    """

    article: Article
    files: dict[str, str] = field(default_factory=dict)
    moving: set[str] = field(default_factory=set)
    warnings: list[Fault] = field(default_factory=list)


def with_recordings(
    article: Article, links: Sequence[LocalLink], path: str, folder: ArticlesFolder, addresses: Urls, copied: Copied
) -> Recorded:
    """An article that plays and leads to the copies of recordings.

    What nobody could play is left out, and of a link its words stay. `copied` gives the complete copy of a file of a type; None
    until there is one.
    """
    recorded = Recorded(article)
    files = _Files(recorded, path, folder, addresses, copied)
    if any(_own_files(recording) for recording in article.recordings):
        found = {recording.medium.value: files.recording(recording) for recording in article.recordings}
        recorded.article = replace(article, **found)  # type: ignore[arg-type]
    if places := {link.url: files.place(link) for link in links if link.recording}:
        recorded.article = replace(recorded.article, body=with_addresses(article.body, places, {}))
    return recorded


def imagined_copy(found: FoundFile, type: str) -> FileCopy:
    """What the copy of a file would be, for who only looks."""
    return FileCopy(name="", file=found.path, mark=found.mark, digest="0" * 32, type=type, size=found.size)


def _own_files(recording: Recording) -> list[str]:
    beside = (recording.captions, recording.transcript)
    return [file for file in (recording.file, *(one.file for one in beside if one)) if file]


class _Files:
    """The files of one article's recordings; notes in `recorded` what they are."""

    def __init__(self, recorded: Recorded, path: str, folder: ArticlesFolder, addresses: Urls, copied: Copied) -> None:
        self.recorded, self.path, self.folder, self.addresses, self.copied = recorded, path, folder, addresses, copied

    def recording(self, recording: Recording) -> Recording | None:
        captions, transcript = self.text(recording.captions, "captions"), self.text(recording.transcript, "transcript")
        recording = replace(recording, captions=captions, transcript=transcript)
        if recording.file is None:
            return recording
        copy = self.copy_or_warning(recording.file, f"its {recording.medium} {recording.file}")
        return replace(recording, src=self.addresses.copy(copy), type=bare(copy.type), length=copy.size) if copy else None

    def text(self, text: TextFile | None, what: str) -> TextFile | None:
        if text is None or text.file is None:
            return text
        copy = self.copy_or_warning(text.file, f"its {what} {text.file}")
        return replace(text, src=self.addresses.copy(copy)) if copy else None

    def place(self, link: LocalLink) -> str | None:
        reasons = []
        for file in link.files:
            copy, reason = self.copy(file)
            if copy or not reason:
                return self.addresses.copy(copy) if copy else link.otherwise
            reasons.append(reason)
        if link.otherwise is None:
            told = f"the recording {quoted(link.written)} {reasons[0]}, so the words of its link stand alone"
            self.recorded.warnings.append(Fault.warn(Kind.RECORDING, self.path, link.line, told))
        return link.otherwise

    def copy_or_warning(self, file: str, what: str) -> FileCopy | None:
        copy, reason = self.copy(file)
        if reason:
            self.recorded.warnings.append(Fault.warn(Kind.RECORDING, self.path, 0, f"{what} {reason}, so it is left out"))
        return copy

    def copy(self, file: str) -> tuple[FileCopy | None, str]:
        """The copy of a file, or why there can't be one; neither while it is made."""
        found = self.folder.find_named(file)
        if found is None:
            self.recorded.files[file] = ""
            return None, "does not exist"
        files = self.recorded.files
        files[found.path] = found.mark
        if found.size > MAX_RECORDING_BYTES:
            return None, f"is larger than {MAX_RECORDING_BYTES:,} bytes; put it where films are hosted, and write its address"
        if not found.size:
            return None, "is empty"
        kind = kind_of(found.path, self.folder.head(found.path, SIGNATURE_BYTES))
        if kind is None:
            return None, "is not what the ending of its name says"
        copy = self.copied(found, kind)
        if copy is None:
            files[found.path] = ""
            self.recorded.moving.add(found.path)
        return copy, ""
