"""`Pictures`: what was made of pictures' files, and its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from feedsvc.model.picture import Picture
from feedsvc.storage import tables
from feedsvc.storage.database import Database, chunks, storable
from feedsvc.storage.published import VOID
from feedsvc.storage.rows import head_of, moment, picture_of, seconds


class Pictures(Database):
    """What the builder need not make again."""

    def pictures(self, files: Iterable[str]) -> dict[str, Picture]:
        """What was made of some files, by file."""
        found: dict[str, Picture] = {}
        columns = tables.pictures.c
        with self.reading() as connection:
            for some in chunks(list(files)):
                query = select(columns.file, columns.picture).where(columns.file.in_(some))
                found.update((row.file, picture_of(row.picture)) for row in connection.execute(query))
        return found

    def picture_with(self, key: str) -> Picture | None:
        """What was made of the bytes with a key, whatever their file is called."""
        columns = tables.pictures.c
        with self.reading() as connection:
            found = connection.execute(select(columns.picture).where(columns.key == key).order_by(columns.file).limit(1)).scalar()
        return picture_of(found) if found else None

    def pictures_due(self, until: datetime) -> list[Picture]:
        """Those of which something is to be forgotten by then."""
        columns = tables.pictures.c
        with self.reading() as connection:
            query = select(columns.picture).where(columns.due <= seconds(until)).order_by(columns.file)
            return [picture_of(picture) for picture in connection.execute(query).scalars()]

    def next_picture_due(self) -> datetime | None:
        """When that is next."""
        with self.reading() as connection:
            due = connection.execute(select(func.min(tables.pictures.c.due))).scalar()
        return moment(due) if due is not None else None

    def hidden_variants(self, files: Iterable[str]) -> dict[str, str]:
        """The media types of all that is made of some files and that nobody may see yet, by path."""
        types = {variant.src: variant.type for picture in self.pictures(files).values() for variant in picture.variants}
        columns = tables.documents.c
        with self.reading() as connection:
            for some in chunks(list(types)):
                shown = connection.execute(select(columns.path).where(columns.path.in_(some), columns.status != VOID)).scalars()
                for path in shown:
                    del types[path]
        return types

    def hidden_variant(self, path: str) -> tuple[str, bytes] | None:
        """Type and bytes of a picture in one size that nobody may see yet."""
        if not storable(path):
            return None
        columns = tables.documents.c
        hidden = columns.path == path, columns.status == VOID, columns.identity.is_not(None)
        with self.reading() as connection:
            row = connection.execute(select(columns.head, columns.identity).where(*hidden)).first()
        return None if row is None else (head_of(row.head).content_type, bytes(row.identity))

    def bodies(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of pictures at some paths, whether anybody may see them or not."""
        columns = tables.documents.c
        found: dict[str, bytes] = {}
        with self.reading() as connection:
            for some in chunks(list(paths)):
                query = select(columns.path, columns.identity).where(columns.path.in_(some), columns.identity.is_not(None))
                found.update((row.path, bytes(row.identity)) for row in connection.execute(query))
        return found
