"""An article's own pictures, which its keys name, where they lie in the articles folder: its lead, its gallery, its posters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.article import Article, Image, Recording
from feedsvc.model.picture import Seen


@dataclass(slots=True)
class Pictured:
    """An article with its pictures; `files` has what is known of each, `warnings` say why one can't be shown, or what it lacks."""

    article: Article
    files: dict[str, Seen] = field(default_factory=dict)
    warnings: list[Fault] = field(default_factory=list)


def with_pictures(article: Article, path: str, seen_of: Callable[[str], Seen], public_url: str) -> Pictured:
    """An article with its pictures as they are published; without those that nobody could see, or not yet."""
    pictured = Pictured(article)

    def shown(image: Image | None) -> Image | None:
        if image is None or image.file is None:
            return image
        seen = pictured.files[image.file] = seen_of(image.file)
        if said := seen.reason or seen.note:
            pictured.warnings.append(Fault.warn(Kind.PICTURE, path, 0, f"its picture {image.file} {said}"))
        if seen.picture:
            return seen.picture.shown(image, public_url)
        before = seen.as_before
        return before and replace(image, type=before.type, width=before.width, height=before.height, length=before.length)

    def played(recording: Recording | None) -> Recording | None:
        return replace(recording, poster=shown(recording.poster)) if recording and recording.poster else recording

    if any(own_files(article)):
        lead, gallery = shown(article.image), tuple(image for one in article.images if (image := shown(one)))
        changed = replace(article, image=lead, images=gallery, audio=played(article.audio), video=played(article.video))
        pictured.article = changed
    return pictured


def own_files(article: Article) -> Iterator[str]:
    """The files of an article's own pictures."""
    posters = (recording.poster for recording in article.recordings if recording.poster)
    yield from (image.file for image in (*article.pictures, *posters) if image.file)
