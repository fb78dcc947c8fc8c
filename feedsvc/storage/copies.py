"""`Copies`: files of the articles folder that are too large for one row: kept in pieces, in transactions of their own.

A copy is made before what leads to it is published, and is removed after that is taken back; pieces of no copy are removed later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, func, select

from feedsvc.errors import StoreError
from feedsvc.model.file_copy import FileCopy
from feedsvc.storage import tables
from feedsvc.storage.database import Database, chunks
from feedsvc.storage.rows import moment, seconds

TRIMMED = 256  # pieces that are removed in one transaction: writers must not wait


class Copies(Database):
    """The copies of one database."""

    def copies(self) -> list[FileCopy]:
        """All copies, unfinished ones too."""
        with self.reading() as connection:
            return [
                FileCopy(
                    name=row.name,
                    file=row.file,
                    mark=row.mark,
                    digest=row.digest,
                    type=row.type,
                    size=row.size,
                    replaced=moment(row.replaced) if row.replaced else None,
                )
                for row in connection.execute(select(tables.copies))
            ]

    def put_copy(self, copy: FileCopy) -> None:
        """Writes what is known of a copy."""
        row = {
            **{"name": copy.name, "file": copy.file, "mark": copy.mark, "digest": copy.digest, "type": copy.type},
            **{"size": copy.size, "replaced": seconds(copy.replaced) if copy.replaced else None},
        }
        with self.writing() as connection:
            self.put(connection, tables.copies, [row])

    def add_pieces(self, name: str, first: int, pieces: Sequence[bytes]) -> None:
        """Adds pieces to a copy, numbered from the first."""
        with self.writing() as connection:
            rows = [{"name": name, "number": first + at, "data": data} for at, data in enumerate(pieces)]
            self.put(connection, tables.pieces, rows)

    def check_pieces(self, name: str, number: int) -> None:
        """Raises `StoreError` where a copy has not so many pieces: another builder has removed what it did not know."""
        with self.reading() as connection:
            query = select(func.count()).select_from(tables.pieces).where(tables.pieces.c.name == name)
            if connection.execute(query).scalar_one() != number:
                raise StoreError(f"pieces of the copy {name} are gone")

    def piece(self, name: str, number: int) -> bytes | None:
        """One piece of a copy."""
        with self.reading() as connection:
            found = connection.execute(_PIECE, {"name": name, "number": number}).scalar()
            return None if found is None else bytes(found)

    def drop_copies(self, names: Iterable[str]) -> None:
        """Forgets some copies; their pieces go with `trim_pieces`."""
        with self.writing() as connection:
            for some in chunks(list(names)):
                connection.execute(delete(tables.copies).where(tables.copies.c.name.in_(some)))

    def trim_pieces(self) -> bool:
        """Removes some pieces that belong to no copy; whether there were any."""
        columns = tables.pieces.c
        orphan = select(columns.name).where(columns.name.not_in(select(tables.copies.c.name))).limit(1)
        with self.writing() as connection:
            name = connection.execute(orphan).scalar()
            if name is None:
                return False
            first = connection.execute(select(func.min(columns.number)).where(columns.name == name)).scalar_one()
            connection.execute(delete(tables.pieces).where(columns.name == name, columns.number < first + TRIMMED))
            return True


_PIECE = select(tables.pieces.c.data).where(
    tables.pieces.c.name == bindparam("name"), tables.pieces.c.number == bindparam("number")
)
