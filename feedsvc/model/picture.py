"""`Picture`: what was made of a picture's file, and the addresses at which it is published. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedsvc.model.article import Image, Variant

REPLACED_STAYS = timedelta(days=1)  # a picture that another took the place of: pages and mails that show it are still around
UNUSED_STAYS = timedelta(days=7)  # what was made of a file that no article shows now; it need not be made again


@dataclass(frozen=True, slots=True)
class Replaced:
    """The paths of what was made of a file before it changed, and until when they answer."""

    paths: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture's file as it was when it was read, with its `mark` then, and what was made of it.

    `key` is the digest of its bytes with the version of how they were processed. The first of the `variants` is for feeds, in a
    format that every reader shows; the others are for pages. `src` is a path in them. There are none where it can't be published,
    for a `reason`; `note` says what is lost of one that is. `unused_since` is when the last article that showed it was removed or
    changed.
    """

    file: str
    mark: str
    key: str
    variants: tuple[Variant, ...] = ()
    reason: str = ""
    note: str = ""
    replaced: tuple[Replaced, ...] = ()
    unused_since: datetime | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of what is made of it now."""
        return tuple(variant.src for variant in self.variants)

    @property
    def due(self) -> datetime | None:
        """When something of it is to be forgotten by time alone."""
        unused = [self.unused_since + UNUSED_STAYS] if self.unused_since else []
        return min((*(one.until for one in self.replaced), *unused), default=None)

    def after(self, before: Picture | None, now: datetime) -> Picture:
        """This picture in the place of the one `before`, whose addresses go on answering for a while."""
        if before is None:
            return self
        old = tuple(path for path in before.paths if path not in self.paths)
        earlier = (Replaced(old, now + REPLACED_STAYS),) if old else ()
        own = set(self.paths)
        kept = (replace(one, paths=tuple(path for path in one.paths if path not in own)) for one in before.replaced)
        return replace(self, replaced=(*(one for one in kept if one.paths and one.until > now), *earlier))

    def over(self, now: datetime) -> Iterator[str]:
        """The paths that have answered for long enough."""
        for one in self.replaced:
            if one.until <= now:
                yield from one.paths

    def shown(self, image: Image, url: str) -> Image:
        """An image that shows this picture, at addresses under a public URL."""
        first, *others = (replace(variant, src=url + variant.src) for variant in self.variants)
        sized = replace(image, type=first.type, width=first.width, height=first.height, length=first.length)
        return replace(sized, src=first.src, file=self.file, variants=tuple(others))


@dataclass(frozen=True, slots=True)
class Seen:
    """What an article may show of a file: a `picture`, or what is published `as_before` at the file's own address, or nothing.

    `mark` changes when the article is to be read again for it; `reason` says why it shows nothing, and `note` what it lacks.
    `moving` is set while the file is being written.
    """

    mark: str
    picture: Picture | None = None
    as_before: Image | None = None
    reason: str = ""
    note: str = ""
    moving: bool = False
