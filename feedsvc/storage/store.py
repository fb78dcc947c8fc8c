"""`Store`: the database. It keeps the ledger and the published documents; a build goes in whole, in one transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from sys import intern
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import sqlite

from feedsvc.errors import Fault, LeaseLost
from feedsvc.model.archive import Part
from feedsvc.model.article import Article
from feedsvc.model.daily_digest import DailyDigest
from feedsvc.model.document import Document
from feedsvc.model.history import BuildEntry, read_history, write_history
from feedsvc.model.packing import packed, unpacked
from feedsvc.model.publication import File, Publication, PublishedEdition
from feedsvc.model.record import Record, State
from feedsvc.storage import engine, tables
from feedsvc.storage.rows import article_of, document_of, document_row, faults_of, head_of, ledger_row, moment, record_of, seconds

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

VOID = 0
CHUNK = 500


class Store:
    """One database; safe to use from several threads and processes.

    Every method raises `StoreError` where the database can't be read or written, `DamagedStore` where its file is broken.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self.engine = engine.open_database(url, create=create)
        self.closed = False
        self._upsert = _upsert(self.engine.dialect.name)
        # Connections don't survive a fork: a preloading server's workers each open their own.
        os.register_at_fork(after_in_child=lambda: self.engine.dispose(close=False))

    def close(self) -> None:
        """Closes every connection; whoever looks at it again and again sees that it is `closed`."""
        self.closed = True
        self.engine.dispose()

    # ---- readers' side

    def generation(self) -> int:
        """The number of the newest publication, 0 before the first."""
        with self.reading() as connection:
            return int(connection.execute(_FACT, {"name": "generation"}).scalar() or 0)

    def fact(self, name: str) -> str | None:
        """A single fact, None where it is not known."""
        with self.reading() as connection:
            value = connection.execute(_FACT, {"name": name}).scalar()
            return None if value is None else str(value)

    def facts(self) -> dict[str, str]:
        """All single facts by name."""
        with self.reading() as connection:
            return {row.name: row.value for row in connection.execute(select(tables.facts))}

    def document(self, path: str) -> Document | None:
        """What is published at a path now."""
        if not _storable(path):
            return None
        with self.reading() as connection:
            row = connection.execute(_DOCUMENT, {"path": path}).first()
            return None if row is None or row.status == VOID else document_of(row)

    def changed_since(self, generation: int, wanted: Container[str]) -> tuple[int, list[tuple[str, Document | None]]]:
        """The newest generation, and the paths published since another with their documents, newest first.

        A document comes as None where it is no more, or is not wanted.
        """
        columns = tables.documents.c
        query = select(columns.path, columns.generation, columns.status).where(columns.generation > generation)
        with self.reading() as connection:
            while True:
                newest = int(connection.execute(_FACT, {"name": "generation"}).scalar() or 0)
                changed = connection.execute(query.order_by(columns.generation.desc(), columns.path)).all()
                newest = max([newest, *(row.generation for row in changed)])
                paths = [row.path for row in changed if row.status != VOID and row.path in wanted]
                found = {row.path: row for some in _chunks(paths) for row in connection.execute(_DOCUMENTS, {"paths": some})}
                # What was published between two questions is not to come with what was before.
                if all(row.generation <= newest for row in found.values()):
                    return newest, [(row.path, document_of(found[row.path]) if row.path in found else None) for row in changed]

    def paths(self) -> list[str]:
        """The paths of all that is published."""
        with self.reading() as connection:
            query = select(tables.documents.c.path).where(tables.documents.c.status != VOID).order_by(tables.documents.c.path)
            return list(connection.execute(query).scalars())

    def find_by_slug(self, slug: str) -> tuple[Record, Article, bool] | None:
        """The article that has or had a slug, and whether it is live."""
        if not _storable(slug):
            return None
        with self.reading() as connection:
            owner = select(tables.addresses.c.id).where(tables.addresses.c.kind == "slug", tables.addresses.c.value == slug)
            row = connection.execute(select(tables.ledger).where(tables.ledger.c.id == owner.scalar_subquery())).first()
            return None if row is None else (record_of(row.record), article_of(row.article), bool(row.live))

    def topic_names(self, slugs: Iterable[str]) -> dict[str, str]:
        """What some topics are called, by slug."""
        columns = tables.editions.c
        with self.reading() as connection:
            rows = connection.execute(select(columns.slug, columns.name).where(columns.slug.in_(list(slugs)))).all()
        return {row.slug: row.name for row in rows}

    def story(self, story: str) -> list[Record]:
        """The live records of a story, newest first."""
        with self.reading() as connection:
            query = select(tables.ledger.c.record).where(tables.ledger.c.story == story, tables.ledger.c.live == 1)
            records = [record_of(record) for record in connection.execute(query).scalars()]
        return sorted(records, key=lambda record: (-record.published.timestamp(), record.id))

    def archive(self, slug: str, month: str, number: int) -> tuple[tuple[str, ...], datetime, tuple[str, int] | None] | None:
        """One of a topic's archives: the ids of its articles, its newest event, and month and number of the one before it."""
        if not _storable(slug):
            return None
        columns = tables.archives.c
        earlier = or_(columns.month < month, and_(columns.month == month, columns.number < number))
        before = select(columns.month, columns.number).where(columns.slug == slug, earlier)
        with self.reading() as connection:
            here = select(tables.archives).where(columns.slug == slug, columns.month == month, columns.number == number)
            row = connection.execute(here).first()
            last = connection.execute(before.order_by(columns.month.desc(), columns.number.desc()).limit(1)).first()
        return None if row is None else (unpacked(row.ids, tuple[str, ...]), moment(row.updated), tuple(last) if last else None)

    def live_articles(self, ids: Iterable[str]) -> dict[str, tuple[Record, Article]]:
        """Those of some articles that are live, by id."""
        found: dict[str, tuple[Record, Article]] = {}
        with self.reading() as connection:
            for some in _chunks(list(ids)):
                query = select(tables.ledger).where(tables.ledger.c.id.in_(some), tables.ledger.c.live == 1)
                found.update((row.id, (record_of(row.record), article_of(row.article))) for row in connection.execute(query))
        return found

    def archive_names(self) -> list[tuple[str, str, int]]:
        """Topic, month and number of every archive, the newest first."""
        columns = tables.archives.c
        query = select(columns.slug, columns.month, columns.number)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(columns.month.desc(), columns.number.desc(), columns.slug))
            return [(row.slug, row.month, row.number) for row in rows]

    def keep(self, document: Document, generation: int) -> None:
        """Keeps a page that was made on request from what this generation published, unless another came in between."""
        with self.writing() as connection:
            newest = connection.execute(_FACT_LOCKED, {"name": "generation"}).scalar()
            if newest is not None and int(newest) == generation:
                self._put(connection, tables.documents, [document_row(document, generation)])

    # ---- newsroom side

    def records(self) -> list[Record]:
        """Every record of the ledger."""
        with self.reading() as connection:
            found = connection.execution_options(yield_per=10 * CHUNK).execute(select(tables.ledger.c.record)).scalars()
            return [record_of(record) for some in found.partitions() for record in some]

    def live_ids(self) -> set[str]:
        """The ids of the articles that readers see."""
        with self.reading() as connection:
            return set(connection.execute(select(tables.ledger.c.id).where(tables.ledger.c.live == 1)).scalars())

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        """The last good versions of some articles, by id."""
        found: dict[str, Article] = {}
        with self.reading() as connection:
            for some in _chunks(list(ids)):
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

    def heads(self, paths: Iterable[str], *, void: bool = False) -> dict[str, tuple[str, datetime]]:
        """The ETag of the plain bytes, and the newest event, of what is published at some paths, or was before it became `void`."""
        found: dict[str, tuple[str, datetime]] = {}
        columns = tables.documents.c
        with self.reading() as connection:
            for some in _chunks(list(paths)):
                query = select(columns.path, columns.head).where(columns.path.in_(some))
                for row in connection.execute(query if void else query.where(columns.status != VOID)):
                    head = head_of(row.head)
                    found[row.path] = head.etags["identity"], moment(head.last_modified)
        return found

    def links_since(self, generation: int) -> list[tuple[str, int, tuple[str, ...]]]:
        """Path, generation and Link header of what has been published since a generation, the newest first."""
        columns = tables.documents.c
        newer = columns.generation > generation, columns.status != VOID
        query = select(columns.path, columns.generation, columns.head).where(*newer)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(columns.generation.desc(), columns.path))
            return [(row.path, row.generation, head_of(row.head).links) for row in rows]

    def publish(self, publication: Publication, *, holder: str, fence: int) -> int:
        """Publishes a build in one transaction, which only the holder of the lease can; the new generation.

        Raises `LeaseLost` where another builder has taken the lease, and then changes nothing.
        """
        with self.writing() as connection:
            columns = tables.lease.c
            held = update(tables.lease).where(columns.holder == holder, columns.fence == fence).values(beat=columns.beat + 1)
            if connection.execute(held).rowcount != 1:
                raise LeaseLost("another builder has taken the lease; this build is not published")
            # Locked from here on: a page of the generation before can't be kept beside this one.
            generation = int(connection.execute(_FACT_LOCKED, {"name": "generation"}).scalar() or 0) + 1
            self._publish_ledger(connection, publication)
            self._publish_archives(connection, publication)
            self._publish_documents(connection, publication, generation)
            facts = {**publication.facts, "generation": str(generation)}
            self._put(connection, tables.facts, [{"name": name, "value": value} for name, value in facts.items()])
        return generation

    def _publish_ledger(self, connection: Connection, publication: Publication) -> None:
        put = self._put
        articles = publication.articles
        whole = [record for id, record in publication.records.items() if id in articles]
        rows = [{**ledger_row(record), "live": 0, "article": publication.packed[record.id]} for record in whole]
        put(connection, tables.ledger, rows)
        known = [ledger_row(record) for id, record in publication.records.items() if id not in articles]
        if known:
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("slug", "story", "record")}
            changed = update(tables.ledger).where(tables.ledger.c.id == bindparam("new_id")).values(values)
            connection.execute(changed, [{f"new_{name}": value for name, value in row.items()} for row in known])
        if publication.live:
            shown = update(tables.ledger).where(tables.ledger.c.id == bindparam("new_id")).values(live=bindparam("new_live"))
            connection.execute(shown, [{"new_id": id, "new_live": int(live)} for id, live in publication.live.items()])
        owned = [
            {"kind": kind, "value": value, "id": record.id}
            for record in publication.records.values()
            for kind, value in (("path", record.path), ("slug", record.slug), ("link", record.link))
            if value and record.state is not State.REMOVED
        ]
        put(connection, tables.addresses, owned)
        read = publication.files.values()
        rows = [{"path": file.path, "mark": file.mark, "id": file.id, "faults": msgspec.json.encode(file.faults)} for file in read]
        put(connection, tables.files, rows)
        for some in _chunks(publication.gone_files):
            connection.execute(delete(tables.files).where(tables.files.c.path.in_(some)))
        for some in _chunks(publication.gone_editions):
            connection.execute(delete(tables.editions).where(tables.editions.c.slug.in_(some)))
        editions = publication.editions.items()
        rows = [{"slug": slug, "name": p.name, "digest": p.digest, "updated": seconds(p.updated)} for slug, p in editions]
        put(connection, tables.editions, rows)

    def _publish_archives(self, connection: Connection, publication: Publication) -> None:
        archives, digests = tables.archives.c, tables.digests.c
        filed, made = publication.archives, publication.digests
        if gone := [key for key, part in filed.items() if part is None]:
            old = [dict(zip(("in_slug", "in_month", "in_number"), key, strict=True)) for key in gone]
            month = archives.slug == bindparam("in_slug"), archives.month == bindparam("in_month")
            connection.execute(delete(tables.archives).where(*month, archives.number == bindparam("in_number")), old)
        rows = [
            {"slug": slug, "month": month, "number": number, "updated": seconds(part.updated), "ids": packed(part.ids)}
            for (slug, month, number), part in filed.items()
            if part
        ]
        self._put(connection, tables.archives, rows)
        if old := [{"in_slug": slug, "in_day": day} for (slug, day), digest in made.items() if digest is None]:
            day = digests.slug == bindparam("in_slug"), digests.day == bindparam("in_day")
            connection.execute(delete(tables.digests).where(*day), old)
        rows = [{"slug": slug, "day": day, "digest": packed(digest)} for (slug, day), digest in made.items() if digest]
        self._put(connection, tables.digests, rows)

    def _publish_documents(self, connection: Connection, publication: Publication, generation: int) -> None:
        columns = tables.documents.c
        nothing = {"generation": generation, "status": VOID, "identity": None, "gzip": None, "br": None}
        published = {document.path for document in publication.documents}
        for some in _chunks(sorted(publication.void - published)):
            connection.execute(update(tables.documents).where(columns.path.in_(some), columns.status != VOID).values(nothing))
        for prefix in publication.void_below:
            below = columns.path.startswith(prefix, autoescape=True)
            connection.execute(update(tables.documents).where(below, columns.status != VOID).values(nothing))
        for documents in _chunks(publication.documents):
            self._put(connection, tables.documents, [document_row(document, generation) for document in documents])

    def set_fact(self, name: str, value: str) -> None:
        """Writes down a single fact."""
        with self.writing() as connection:
            self._put(connection, tables.facts, [{"name": name, "value": value}])

    def note(self, lines: Sequence[BuildEntry]) -> None:
        """Writes builds down in the logbook."""
        with self.writing() as connection:
            known = read_history(connection.execute(_FACT_LOCKED, {"name": "logbook"}).scalar())
            self._put(connection, tables.facts, [{"name": "logbook", "value": write_history(known.with_lines(lines))}])

    def counts(self) -> dict[str, int]:
        """How many articles are live, how many the ledger knows, and how many documents are published."""
        known = select(func.count()).select_from(tables.ledger)
        live = known.where(tables.ledger.c.live == 1)
        published = select(func.count()).select_from(tables.documents).where(tables.documents.c.status != VOID)
        with self.reading() as connection:
            queries = {"known": known, "articles": live, "documents": published}
            return {name: connection.execute(query).scalar_one() for name, query in queries.items()}

    def faults(self) -> list[tuple[Fault, bool]]:
        """What is wrong with the files, each with whether readers see the last good version of the article in it."""
        columns = tables.files.c
        shown = tables.files.outerjoin(tables.ledger, tables.ledger.c.id == columns.id)
        query = select(columns.faults, tables.ledger.c.live).select_from(shown).where(columns.faults != b"[]")
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return [(fault, bool(row.live)) for row in rows for fault in faults_of(row.faults)]

    # ---- connections

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from."""
        with engine.using(self.engine, "read"), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction of its own, which is rolled back when anything raises."""
        with engine.using(self.engine, "written"), self.engine.connect() as opened:
            connection = opened.execution_options(writes=True)
            with connection.begin():
                yield connection

    def insert_new(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insertion that leaves a row with the same primary key as it is."""
        return self._upsert(table).on_conflict_do_nothing()

    def _put(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Writes rows, each in the place of the one with its primary key."""
        if not rows:
            return
        statement = self._upsert(table)
        keys = [column.name for column in table.primary_key]
        changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


T = TypeVar("T")
Upsert = Callable[[Table], "sqlite.Insert | postgresql.Insert"]

_FACT = select(tables.facts.c.value).where(tables.facts.c.name == bindparam("name"))
_FACT_LOCKED = _FACT.with_for_update()
_DOCUMENT = select(tables.documents).where(tables.documents.c.path == bindparam("path"))
_DOCUMENTS = select(tables.documents).where(tables.documents.c.path.in_(bindparam("paths", expanding=True)))


def _upsert(dialect: str) -> Upsert:
    if dialect != "postgresql":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # a twentieth of a second

    return postgresql.insert


def _storable(text: str) -> bool:
    """Whether every database can be asked for a text: PostgreSQL takes no NUL, and none takes half a surrogate pair."""
    return text.isprintable()


def _chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), CHUNK):
        yield things[start : start + CHUNK]
