"""An article's lead picture, where it lies in the articles folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile
from feedsvc.articles.pictures import MAX_PICTURE_BYTES, measured
from feedsvc.errors import ArticleError, Fault
from feedsvc.kinds import Kind
from feedsvc.model.article import Article

ReadPicture = Callable[[FoundFile, int], bytes | None]


@dataclass(frozen=True, slots=True)
class Pictured:
    """An article with what is known of its picture.

    `file` is the picture's, `mark` tells whether it has changed since ("" where it can't be shown), `warnings` say why it can't;
    `moving` is set while it is being written.
    """

    article: Article
    file: str | None = None
    mark: str = ""
    warnings: tuple[Fault, ...] = ()
    moving: bool = False


def with_picture(article: Article, path: str, folder: ArticlesFolder, read: ReadPicture) -> Pictured:
    """An article with its picture's type and size; without a picture that nobody could see."""
    image = article.image
    if image is None or image.file is None:
        return Pictured(article)
    found, known, moving = folder.find_named(image.file), None, False
    reason = f"its picture {image.file} does not exist"
    try:
        data = read(found, MAX_PICTURE_BYTES) if found else None
        moving = found is not None and data is None
        known = measured(image, data) if data else None
        if data and not known:
            reason = f"its picture {image.file} is of no kind that can be shown"
    except ArticleError as error:
        reason = f"its picture {error}"
    if known and found:
        return Pictured(replace(article, image=known), image.file, found.mark)
    return Pictured(replace(article, image=None), image.file, "", (Fault.warn(Kind.PICTURE, path, 0, reason),), moving)
