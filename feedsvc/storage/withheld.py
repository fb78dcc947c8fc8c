"""`Withheld`: what readers are not served: articles that are not live, files in quarantine, and what only previews show of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from feedsvc.errors import Fault
from feedsvc.model.article import Article
from feedsvc.model.packing import unpacked
from feedsvc.model.record import Record, State
from feedsvc.storage import tables
from feedsvc.storage.database import Database, chunks, storable
from feedsvc.storage.rows import article_of, faults_of, record_of


@dataclass(frozen=True, slots=True)
class FaultyFile:
    """A file in quarantine, with what is wrong with it; `record` is that of the article in it, which readers see if `live`."""

    path: str
    faults: tuple[Fault, ...]
    record: Record | None
    live: bool


class Withheld(Database):
    """What the newsroom may see before anybody else."""

    def withheld(self) -> list[Record]:
        """The records of all articles that are there and not live."""
        with self.reading() as connection:
            found = connection.execute(select(tables.ledger.c.record).where(tables.ledger.c.live == 0)).scalars()
            records = [record_of(record) for record in found]
        return [record for record in records if record.state is not State.REMOVED]

    def quarantine(self) -> list[FaultyFile]:
        """The files with a fault, by path."""
        columns, ledger = tables.files.c, tables.ledger.c
        joined = tables.files.outerjoin(tables.ledger, ledger.id == columns.id)
        query = select(columns.path, columns.faults, ledger.record, ledger.live).select_from(joined)
        with self.reading() as connection:
            rows = connection.execute(query.where(columns.faults != b"[]").order_by(columns.path)).all()
        found = ((row, tuple(fault for fault in faults_of(row.faults) if not fault.warning)) for row in rows)
        return [
            FaultyFile(row.path, faults, record_of(row.record) if row.record else None, bool(row.live))
            for row, faults in found
            if faults
        ]

    def quarantined_marks(self) -> dict[str, str]:
        """The mark of each file whose content is kept, by path."""
        columns = tables.quarantine.c
        with self.reading() as connection:
            return {row.path: row.mark for row in connection.execute(select(columns.path, columns.mark))}

    def quarantined(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The content of some files in quarantine, by path."""
        columns = tables.quarantine.c
        found: dict[str, bytes] = {}
        with self.reading() as connection:
            for some in chunks(list(paths)):
                rows = connection.execute(select(columns.path, columns.content).where(columns.path.in_(some)))
                found.update((row.path, unpacked(row.content, bytes)) for row in rows)
        return found

    def article_called(self, slug: str) -> tuple[Record, Article, bool] | None:
        """The article that has a slug now, and whether it is live; of several one that is not."""
        return self._article(tables.ledger.c.slug == slug) if storable(slug) else None

    def article_with(self, id: str) -> tuple[Record, Article, bool] | None:
        """The article with an id, and whether it is live."""
        return self._article(tables.ledger.c.id == id) if storable(id) else None

    def _article(self, condition: object) -> tuple[Record, Article, bool] | None:
        with self.reading() as connection:
            rows = connection.execute(select(tables.ledger).where(condition).order_by(tables.ledger.c.live)).all()  # type: ignore[arg-type]
        found = ((record_of(row.record), row) for row in rows)
        there = ((record, row) for record, row in found if record.state is not State.REMOVED)
        return next(((record, article_of(row.article), bool(row.live)) for record, row in there), None)

    def file_id(self, path: str) -> str | None:
        """The id of the article in a file; "" where it has none yet, None for a file that no build has read."""
        if not storable(path):
            return None
        with self.reading() as connection:
            row = connection.execute(select(tables.files.c.id).where(tables.files.c.path == path)).first()
        return None if row is None else row.id or ""

    def held_file(self, file: str) -> tuple[str, bytes] | None:
        """Type and bytes of a picture that only articles show that are still to come out."""
        if not storable(file):
            return None
        columns = tables.held_files.c
        with self.reading() as connection:
            row = connection.execute(select(columns.content_type, columns.content).where(columns.file == file)).first()
        return None if row is None else (row.content_type, bytes(row.content))

    def all_held_files(self) -> set[str]:
        """The files of all such pictures."""
        with self.reading() as connection:
            return set(connection.execute(select(tables.held_files.c.file)).scalars())

    def held_files(self, files: Iterable[str]) -> set[str]:
        """Those of some files that are such pictures."""
        column = tables.held_files.c.file
        found: set[str] = set()
        with self.reading() as connection:
            for some in chunks(list(files)):
                found.update(connection.execute(select(column).where(column.in_(some))).scalars())
        return found
