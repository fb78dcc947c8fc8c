"""`Published`: what readers are served: documents by path, and what pages that are made on request are made of."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, select

from feedsvc.model.article import Article
from feedsvc.model.document import Document, Headers
from feedsvc.model.packing import unpacked
from feedsvc.model.record import Record
from feedsvc.model.translations import is_named, keys_of, slug_of, versions
from feedsvc.storage import tables
from feedsvc.storage.database import Database, chunks, fact_in, storable
from feedsvc.storage.facts import GENERATION
from feedsvc.storage.rows import article_of, document_of, document_row, head_of, moment, record_of

VOID, OK = 0, 200  # the status of a path that is not published, or no more; and of one that is


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What is known of a document without its bytes: the ETag of the plain ones, its `Document.headers`, its newest event, and
    whether it is published."""

    etag: str
    headers: Headers
    event: datetime
    published: bool

    def is_of(self, document: Document) -> bool:
        """Whether this is published and a document is the same, but for its date."""
        return self.published and (self.etag, self.headers) == (document.etag, document.headers)


class Published(Database):
    """What has been published, as it is served."""

    def generation(self) -> int:
        """The number of the newest publication, 0 before the first."""
        with self.reading() as connection:
            return fact_in(connection, GENERATION)

    def document(self, path: str) -> Document | None:
        """What is published at a path now."""
        if not storable(path):
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
                newest = fact_in(connection, GENERATION)
                changed = connection.execute(query.order_by(columns.generation.desc(), columns.path)).all()
                newest = max([newest, *(row.generation for row in changed)])
                paths = [row.path for row in changed if row.status != VOID and row.path in wanted]
                found = {row.path: row for some in chunks(paths) for row in connection.execute(_DOCUMENTS, {"paths": some})}
                # What was published between two questions is not to come with what was before.
                if all(row.generation <= newest for row in found.values()):
                    return newest, [(row.path, document_of(found[row.path]) if row.path in found else None) for row in changed]

    def paths(self) -> list[str]:
        """The paths of all that is published."""
        with self.reading() as connection:
            query = select(tables.documents.c.path).where(tables.documents.c.status != VOID).order_by(tables.documents.c.path)
            return list(connection.execute(query).scalars())

    def heads(self, paths: Iterable[str]) -> dict[str, DocumentHead]:
        """What is published at some paths, or was before it was removed."""
        found: dict[str, DocumentHead] = {}
        columns = tables.documents.c
        with self.reading() as connection:
            for some in chunks(list(paths)):
                query = select(columns.path, columns.status, columns.head).where(columns.path.in_(some))
                for row in connection.execute(query):
                    head = head_of(row.head)
                    whose = head.location, head.links, head.open, head.protected
                    headers = Headers(head.content_type, head.max_age, row.status, *whose)
                    event = moment(head.last_modified)
                    found[row.path] = DocumentHead(head.etags["identity"], headers, event, row.status != VOID)
        return found

    def links_since(self, generation: int) -> list[tuple[str, int, tuple[str, ...]]]:
        """Path, generation and Link header of what has been published since a generation, the newest first."""
        columns = tables.documents.c
        newer = columns.generation > generation, columns.status != VOID
        query = select(columns.path, columns.generation, columns.head).where(*newer)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(columns.generation.desc(), columns.path))
            return [(row.path, row.generation, head_of(row.head).links) for row in rows]

    def keep(self, document: Document, generation: int) -> bool:
        """Keeps a page that was made on request from what this generation published, unless another came in between; whether so."""
        with self.writing() as connection:
            if not generation or fact_in(connection, GENERATION, locked=True) != generation:
                return False
            self.put(connection, tables.documents, [document_row(document, generation)])
            return True

    def find_by_slug(self, slug: str) -> tuple[Record, Article, bool] | None:
        """The article that has or had a slug, and whether it is live."""
        if not storable(slug):
            return None
        with self.reading() as connection:
            owner = select(tables.addresses.c.id).where(tables.addresses.c.kind == "slug", tables.addresses.c.value == slug)
            row = connection.execute(select(tables.ledger).where(tables.ledger.c.id == owner.scalar_subquery())).first()
            return None if row is None else (record_of(row.record), article_of(row.article), bool(row.live))

    def find_by_alias(self, path: str) -> Record | None:
        """The article that names a path as one at which it was before; only if readers have seen it."""
        if not storable(path):
            return None
        with self.reading() as connection:
            owner = select(tables.addresses.c.id).where(tables.addresses.c.kind == "alias", tables.addresses.c.value == path)
            row = connection.execute(select(tables.ledger.c.record).where(tables.ledger.c.id == owner.scalar_subquery())).first()
            return None if row is None else record_of(row.record)

    def shown_at(self, slugs: Iterable[str]) -> dict[str, Record]:
        """The article that was shown last at each of some slugs, by slug."""
        found: dict[str, Record] = {}
        addresses, ledger = tables.addresses.c, tables.ledger.c
        joined = tables.addresses.join(tables.ledger, ledger.id == addresses.id)
        with self.reading() as connection:
            for some in chunks(list(slugs)):
                query = select(addresses.value, ledger.record).select_from(joined)
                rows = connection.execute(query.where(addresses.kind == "slug", addresses.value.in_(some)))
                found.update((row.value, record_of(row.record)) for row in rows)
        return found

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

    def versions(self, record: Record) -> list[Record]:
        """The live versions of an article in other languages, and itself."""
        with self.reading() as connection:
            return versions(record, lambda one, most: _near(connection, one, most))

    def archive(self, slug: str, month: str, number: int) -> tuple[tuple[str, ...], datetime, tuple[str, int] | None] | None:
        """One of a topic's archives: the ids of its articles, its newest event, and month and number of the one before it."""
        if not storable(slug):
            return None
        columns = tables.archives.c
        earlier = or_(columns.month < month, and_(columns.month == month, columns.number < number))
        before = select(columns.month, columns.number).where(columns.slug == slug, earlier)
        with self.reading() as connection:
            here = select(tables.archives).where(columns.slug == slug, columns.month == month, columns.number == number)
            row = connection.execute(here).first()
            last = connection.execute(before.order_by(columns.month.desc(), columns.number.desc()).limit(1)).first()
        return None if row is None else (unpacked(row.ids, tuple[str, ...]), moment(row.updated), tuple(last) if last else None)

    def archive_after(self, slug: str, month: str, number: int) -> tuple[str, int] | None:
        """Month and number of the archive after one of a topic's."""
        columns = tables.archives.c
        later = or_(columns.month > month, and_(columns.month == month, columns.number > number))
        after = select(columns.month, columns.number).where(columns.slug == slug, later)
        with self.reading() as connection:
            found = connection.execute(after.order_by(columns.month, columns.number).limit(1)).first()
        return tuple(found) if found else None

    def archive_names(self) -> list[tuple[str, str, int]]:
        """Topic, month and number of every archive, the newest first."""
        columns = tables.archives.c
        query = select(columns.slug, columns.month, columns.number)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(columns.month.desc(), columns.number.desc(), columns.slug))
            return [(row.slug, row.month, row.number) for row in rows]

    def live_articles(self, ids: Iterable[str]) -> dict[str, tuple[Record, Article]]:
        """Those of some articles that are live, by id."""
        found: dict[str, tuple[Record, Article]] = {}
        with self.reading() as connection:
            for some in chunks(list(ids)):
                query = select(tables.ledger).where(tables.ledger.c.id.in_(some), tables.ledger.c.live == 1)
                found.update((row.id, (record_of(row.record), article_of(row.article))) for row in connection.execute(query))
        return found


_DOCUMENT = select(tables.documents).where(tables.documents.c.path == bindparam("path"))
_DOCUMENTS = select(tables.documents).where(tables.documents.c.path.in_(bindparam("paths", expanding=True)))


def _near(connection: Connection, record: Record, most: int) -> list[Record]:
    """The live articles that name this one or what it names, at most one more than so many, and the one that it names."""
    key, ledger, translations = record.translation_of, tables.ledger.c, tables.translations.c
    joined = tables.translations.join(tables.ledger, ledger.id == translations.id)
    named = translations.key.in_([*keys_of(record), *([key] if key else [])]), ledger.live == 1
    found = connection.execute(select(ledger.record).select_from(joined).where(*named).limit(most + 1)).scalars()
    records = [record_of(data) for data in found]
    if key:
        original = or_(ledger.id == key, ledger.slug == slug_of(key)), ledger.live == 1
        found = connection.execute(select(ledger.record).where(*original)).scalars()
        records += [one for one in map(record_of, found) if is_named(one, key)]
    return records
