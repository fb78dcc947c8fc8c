"""`Pictures`: the pictures of one build: what is known of each file, what was made of it since, and what readers may see of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.look import FoundFile, Look
from feedsvc.articles.own_pictures import own_files
from feedsvc.articles.parser_pool import ParsedArticle
from feedsvc.articles.parsers.local_links import is_pdf
from feedsvc.articles.picture_maker import Finished, PictureMaker
from feedsvc.articles.picture_variants import VERSION
from feedsvc.articles.pictures import HEAD_BYTES, MAX_SOURCE_BYTES, measured
from feedsvc.builder.index import TopicIndex
from feedsvc.formats import render
from feedsvc.formats.render import Draft
from feedsvc.model import urls as at
from feedsvc.model.article import Image, Variant
from feedsvc.model.document import Document
from feedsvc.model.hashing import digest
from feedsvc.model.picture import Picture, Seen
from feedsvc.model.publication import File, Publication
from feedsvc.storage.published import OK, VOID
from feedsvc.storage.store import Store

WAIT_SECONDS = 1.0  # that a build waits for new pictures, so that an article comes out with its own
MOST_AWAITED = 20  # pictures; of more, articles come out without them first
_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
_WAITS = "waits"


class Pictures:
    """Without a `maker`, none is made."""

    def __init__(
        self,
        store: Store,
        folder: ArticlesFolder,
        publication: Publication,
        public_url: str,
        now: datetime,
        maker: PictureMaker | None = None,
        seconds: float = WAIT_SECONDS,
    ) -> None:
        self.folder = folder
        self._store = store
        self._publication = publication
        self._public_url = public_url
        self._now = now
        self._maker = maker
        self._seconds = seconds
        self._known: dict[str, Picture | None] = {}
        self._found: dict[str, FoundFile | None] = {}
        self._bodies: dict[str, list[tuple[Variant, bytes]]] = {}

    def find(self, file: str) -> FoundFile | None:
        """A look at a file; one in a build."""
        if file not in self._found:
            self._found[file] = self.folder.find_named(file)
        return self._found[file]

    def stale(self, look: Look, index: TopicIndex, files: Mapping[str, File]) -> set[str]:
        """The paths of articles that show a file which has changed since they were read, or is made now."""
        stale: set[str] = set()
        for file in index.pictures() if look.scope is None else look.scope:
            known = files.get(file)
            if (users := index.users_of(file)) and self.mark(file) != (known.mark if known else ""):
                stale.update(record.path for record in users)
        return stale

    def mark(self, file: str) -> str:
        """What an article that shows a file is read again for: the file's change, or that it is made."""
        found = self.find(file)
        if found and is_pdf(file):
            return found.mark
        return "" if found is None else _mark(found, waits=self._maker is not None and self._maker.is_waiting(file, found))

    def prepare(self, wanted: Iterable[tuple[str, float]]) -> None:
        """Asks for what is not made of some files, each with its urgency, and waits for it a moment."""
        urgent = {file: urgency for file, urgency in wanted if self.find(file)}
        self._load(urgent)
        if self._maker is None:
            return
        lacking = [file for file in urgent if self._lacks(file)]
        for file in lacking:
            if found := self.find(file):
                self._maker.ask(file, found, urgent[file])
        if lacking and len(lacking) <= MOST_AWAITED and self._seconds > 0:
            started = time.monotonic()
            self._maker.wait(lacking, self._seconds)
            self._seconds -= time.monotonic() - started

    def of(self, file: str) -> Seen:
        """What an article may show of a file that was prepared."""
        found = self.find(file)
        if found is None:
            return Seen("", reason="does not exist")
        if found.size > MAX_SOURCE_BYTES:
            return Seen(_mark(found), reason=f"is larger than {MAX_SOURCE_BYTES:,} bytes; save it smaller")
        known = self._get(file)
        if known is None or not _is_of(known, found):
            finished = self._maker.take(file, found) if self._maker else None
            if finished is None:
                return self._meanwhile(file, found, known)
            if finished.made is None and finished.same is None:
                return replace(self._meanwhile(file, found, known), mark="", moving=True)
            new = self._made(file, found, finished, known)
            if new is None:  # what had been made of the same bytes has just been forgotten
                return replace(self._meanwhile(file, found, known), mark="", moving=True)
            known = self._publication.pictures[file] = self._known[file] = new
        if not known.variants:
            return Seen(_mark(found), reason=known.reason)
        return Seen(_mark(found), known, note=known.note)

    def publish(self, file: str, *, live: bool, used: bool) -> Iterator[Draft]:
        """Shows a file's picture, or hides it; gives the redirect from its old address."""
        publication, picture, old = self._publication, self._get(file), at.media_path(file)
        live = live and self.find(file) is not None
        for variant, data in self._bodies.pop(file, ()):
            publication.documents.append(_document(variant, data, self._now, OK if live else VOID))
        if picture is None or not picture.variants:
            if picture or not live:
                publication.void.add(old)
        elif live:
            yield Draft(old, render.moved(old, self._public_url + picture.paths[0], status=302))
        else:
            publication.void.add(old)
        if picture:
            paths = {*picture.paths, *(path for one in picture.replaced for path in one.paths)}
            (publication.unhidden if live else publication.hidden).update(paths)
            since = None if used else picture.unused_since or self._now
            if since != picture.unused_since:
                publication.pictures[file] = self._known[file] = replace(picture, unused_since=since)

    def forget(self) -> None:
        """Takes away what has answered for long enough, and what nobody has needed for long."""
        for due in self._store.pictures_due(self._now):
            picture = self._get(due.file)
            if picture is None:
                continue
            self._publication.void.update(set(picture.over(self._now)) - set(picture.paths))
            left: Picture | None = replace(picture, replaced=tuple(one for one in picture.replaced if one.until > self._now))
            if left and left.due and left.due <= self._now:
                self._publication.void.update((*left.paths, *(path for one in left.replaced for path in one.paths)))
                left = None
            self._publication.pictures[due.file] = self._known[due.file] = left

    @property
    def made(self) -> set[str]:
        """The files of which something was made in this build."""
        return set(self._bodies) | self._publication.pictures.keys()

    def _load(self, files: Iterable[str]) -> None:
        if unknown := [file for file in files if file not in self._known]:
            self._known.update(dict.fromkeys(unknown))
            self._known.update(self._store.pictures(unknown))

    def _get(self, file: str) -> Picture | None:
        self._load([file])
        return self._known[file]

    def _lacks(self, file: str) -> bool:
        found, known = self.find(file), self._get(file)
        return found is not None and found.size <= MAX_SOURCE_BYTES and (known is None or not _is_of(known, found))

    def _meanwhile(self, file: str, found: FoundFile, known: Picture | None) -> Seen:
        """What is shown until a picture is made: what it was before."""
        mark = _mark(found, waits=True)
        if known and known.variants:
            return Seen(mark, known)
        path = at.media_path(file)
        head = self._store.heads([path]).get(path)
        if head is None or not head.published or head.headers.status != OK:
            return Seen(mark)
        image = Image(src=self._public_url + path, file=file)
        return Seen(mark, as_before=measured(image, self.folder.head(found.path, HEAD_BYTES), found.size) or image)

    def _made(self, file: str, found: FoundFile, finished: Finished, before: Picture | None) -> Picture | None:
        """What is known of a file from now on; the bytes of its variants are to be published."""
        made, same = finished.made, finished.same
        new = Picture(file=file, mark=found.mark, key=finished.key)
        if same and same.file == file:
            return replace(same, mark=found.mark)
        if same:
            bodies = self._store.bodies(same.paths)
            if not bodies.keys() >= set(same.paths):
                return None
            placed = [(_placed(variant, file, finished.key), bodies[variant.src]) for variant in same.variants]
            new = replace(new, note=same.note)
        else:
            of = made.variants if made else ()
            sized = [(Variant("", one.type, one.width, one.height, len(one.data)), one.data) for one in of]
            placed = [(_placed(variant, file, finished.key), data) for variant, data in sized]
            new = replace(new, reason=made.reason if made else "", note=made.note if made else "")
        self._bodies[file] = placed
        return replace(new, variants=tuple(variant for variant, _ in placed)).after(before, self._now)


def pictures_of(parsed: ParsedArticle, now: datetime) -> Iterator[tuple[str, float]]:
    """The files of pictures that an article may show, each with its urgency: the newest article's come first."""
    article = parsed.article
    urgency = (article.date or article.day or now).timestamp()
    shown = (file for link in parsed.links if link.picture for file in link.files)
    for file in (*own_files(article), *shown):
        if not is_pdf(file):
            yield file, urgency


def _placed(variant: Variant, file: str, key: str) -> Variant:
    place = at.variant_path(file, digest(key, file), variant.width, _SUFFIXES[variant.type])
    return replace(variant, src=place)


def _document(variant: Variant, data: bytes, now: datetime, status: int) -> Document:
    return replace(render.variant(variant.src, data, variant.type, now.replace(microsecond=0)), status=status)


def _mark(found: FoundFile, *, waits: bool = False) -> str:
    return f"{found.mark} {_WAITS if waits else VERSION}"


def _is_of(picture: Picture, found: FoundFile) -> bool:
    """Whether a picture was made of a file as it is, as pictures are made now."""
    return picture.mark == found.mark and picture.key.startswith(f"{VERSION}.")
