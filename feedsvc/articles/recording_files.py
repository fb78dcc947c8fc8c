"""An article's sound and film, and the texts beside them, where they lie in the articles folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile
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


def with_recordings(article: Article, path: str, folder: ArticlesFolder, addresses: Urls, copied: Copied) -> Recorded:
    """An article with the addresses, types and lengths of its recordings' copies; without a recording that nobody could play.

    `copied` gives the complete copy of a file of a type; None until there is one.
    """
    if not any(_files(recording) for recording in article.recordings):
        return Recorded(article)
    recorded = Recorded(article)
    found = {
        recording.medium.value: _recording(recording, path, folder, addresses, copied, recorded) for recording in article.recordings
    }
    recorded.article = replace(article, **found)  # type: ignore[arg-type]
    return recorded


def imagined_copy(found: FoundFile, type: str) -> FileCopy:
    """What the copy of a file would be, for who only looks."""
    return FileCopy(name="", file=found.path, mark=found.mark, digest="0" * 32, type=type, size=found.size)


def _files(recording: Recording) -> list[str]:
    beside = (recording.captions, recording.transcript)
    return [file for file in (recording.file, *(one.file for one in beside if one)) if file]


def _recording(
    recording: Recording, path: str, folder: ArticlesFolder, addresses: Urls, copied: Copied, recorded: Recorded
) -> Recording | None:
    def copy_of(file: str, what: str) -> FileCopy | None:
        found = folder.find_named(file)
        file = found.path if found else file
        recorded.files[file] = ""
        reason = "does not exist"
        if found and found.size > MAX_RECORDING_BYTES:
            reason = f"is larger than {MAX_RECORDING_BYTES:,} bytes; put it where films are hosted, and write its address"
        elif found and not found.size:
            reason = "is empty"
        elif found:
            if kind := kind_of(found.path, folder.head(found.path, SIGNATURE_BYTES)):
                if copy := copied(found, kind):
                    recorded.files[file] = found.mark
                    return copy
                recorded.moving.add(file)
                return None
            reason = "is not what the ending of its name says"
            recorded.files[file] = found.mark
        recorded.warnings.append(Fault.warn(Kind.RECORDING, path, 0, f"its {what} {file} {reason}, so it is left out"))
        return None

    def text_of(text: TextFile | None, what: str) -> TextFile | None:
        if text is None or text.file is None:
            return text
        copy = copy_of(text.file, what)
        return replace(text, src=addresses.copy(copy)) if copy else None

    captions, transcript = text_of(recording.captions, "captions"), text_of(recording.transcript, "transcript")
    recording = replace(recording, captions=captions, transcript=transcript)
    if recording.file is None:
        return recording
    copy = copy_of(recording.file, recording.medium.value)
    return replace(recording, src=addresses.copy(copy), type=bare(copy.type), length=copy.size) if copy else None
