"""`Ledger`: the rows of articles that the database keeps: their records and texts, the files they came from, their editions."""

from __future__ import annotations

from collections.abc import Iterable
from sys import intern

import msgspec
from sqlalchemy import select

from feedsvc.errors import Fault
from feedsvc.model.archive import Part
from feedsvc.model.article import Article
from feedsvc.model.daily_digest import DailyDigest
from feedsvc.model.packing import unpacked
from feedsvc.model.publication import File, PublishedEdition
from feedsvc.model.record import Record
from feedsvc.storage import tables
from feedsvc.storage.database import CHUNK_ROWS, Database, chunks
from feedsvc.storage.rows import article_of, faults_of, moment, record_of


class Ledger(Database):
    """What a build begins from: all that the builder knows of articles, files and topics."""

    def records(self) -> list[Record]:
        """Every record of the ledger."""
        with self.reading() as connection:
            found = connection.execution_options(yield_per=10 * CHUNK_ROWS).execute(select(tables.ledger.c.record)).scalars()
            return [record_of(record) for some in found.partitions() for record in some]

    def live_ids(self) -> set[str]:
        """The ids of the articles that readers see."""
        with self.reading() as connection:
            return set(connection.execute(select(tables.ledger.c.id).where(tables.ledger.c.live == 1)).scalars())

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """The last good versions of some articles, by id."""
        found: dict[str, Article] = {}
        with self.reading() as connection:
            for some in chunks(list(ids)):
                query = select(tables.ledger.c.id, tables.ledger.c.article).where(tables.ledger.c.id.in_(some))
                found.update((row.id, article_of(row.article)) for row in connection.execute(query))
        return found

    def files(self) -> dict[str, File]:
        """The files as last read, by path."""
        files = tables.files.c
        with self.reading() as connection:
            rows = connection.execute(select(files.path, files.mark, files.id, files.faults)).all()
            none = msgspec.json.encode(())
            return {
                path: File(path, mark, id, () if faults == none else faults_of(faults))
                for path, mark, id, faults in rows
            }

    def faults(self) -> list[tuple[Fault, bool]]:
        """What is wrong with the files, each with whether readers see the last good version of the article in it."""
        columns = tables.files.c
        shown = tables.files.outerjoin(tables.ledger, tables.ledger.c.id == columns.id)
        query = select(columns.faults, tables.ledger.c.live).select_from(shown).where(columns.faults != b"[]")
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return [(fault, bool(row.live)) for row in rows for fault in faults_of(row.faults)]

    def editions(self) -> dict[str, PublishedEdition]:
        """Each topic's edition as last published, by slug."""
        with self.reading() as connection:
            rows = connection.execute(select(tables.editions)).all()
        return {row.slug: PublishedEdition(row.name, row.digest, moment(row.updated)) for row in rows}

    def archives(self) -> dict[str, dict[str, tuple[Part, ...]]]:
        """The archives of each topic, by slug and month."""
        columns = tables.archives.c
        query = select(columns.slug, columns.month, columns.updated, columns.ids).order_by(columns.number)
        found: dict[str, dict[str, tuple[Part, ...]]] = {}
        with self.reading() as connection:
            for row in connection.execute(query):
                filed = found.setdefault(row.slug, {})
                # An id is one text in memory, however many archives hold it.
                ids = tuple(map(intern, unpacked(row.ids, tuple[str, ...])))
                filed[row.month] = (*filed.get(row.month, ()), Part(moment(row.updated), ids))
        return found

    def digests(self) -> dict[str, dict[str, DailyDigest]]:
        """The daily digests of each topic, by slug and day."""
        found: dict[str, dict[str, DailyDigest]] = {}
        with self.reading() as connection:
            for row in connection.execute(select(tables.digests)):
                found.setdefault(row.slug, {})[row.day] = unpacked(row.digest, DailyDigest)
        return found
