"""`Publishing`: writes a whole build into the database, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, bindparam, delete, or_, update

from feedsvc.errors import LeaseLost, StoreError
from feedsvc.model.packing import packed
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record, State
from feedsvc.storage import engine, tables
from feedsvc.storage.database import chunks, fact_in
from feedsvc.storage.facts import GENERATION, MARK, MARKS
from feedsvc.storage.outbox import Outbox
from feedsvc.storage.published import OK, VOID
from feedsvc.storage.rows import byline_rows, document_row, ledger_row, picture_row, seconds, translation_rows

MARK_LENGTH = 8
MOST_MARKS = 100  # of the last publications: who missed more begins anew


class Publishing(Outbox):
    """The only place that changes what readers see."""

    def publish(self, publication: Publication, *, holder: str, fence: int, after: str | None = None) -> int:
        """Publishes a build in one transaction, which only the holder of the lease can; the new generation.

        `after` is the mark of the publication that the build begins with; its own goes into the publication's facts. Raises
        `LeaseLost` where another builder has taken the lease, and `StoreError` where the last publication is another, as after a
        failover to a standby that had not heard of it. Then nothing is changed.
        """
        with self.writing() as connection:
            columns = tables.lease.c
            held = update(tables.lease).where(columns.holder == holder, columns.fence == fence).values(beat=columns.beat + 1)
            if connection.execute(held).rowcount != 1:
                raise LeaseLost("another builder has taken the lease; this build is not published")
            # Locked from here on, so that no page of the last generation is stored beside this one.
            generation = fact_in(connection, GENERATION, locked=True) + 1
            if after is not None and fact_in(connection, MARK) != after:
                raise StoreError("the database has gone back, and its last publication is another; what is missing is built again")
            mark = uuid.uuid4().hex[:MARK_LENGTH]
            publication.facts[MARK.name] = mark
            marks = (*fact_in(connection, MARKS), mark)[-MOST_MARKS:]
            self._publish_ledger(connection, publication)
            self._publish_archives(connection, publication)
            self._publish_documents(connection, publication, generation)
            self._keep_for_previews(connection, publication)
            self._publish_pictures(connection, publication)
            self.announce(connection, publication.announcement, publication.targets, generation, mark)
            told = {GENERATION.name: GENERATION.encode(generation), MARKS.name: MARKS.encode(marks)}
            self.put_facts(connection, publication.facts | told)
            engine.notify(connection)
        return generation

    def _publish_ledger(self, connection: Connection, publication: Publication) -> None:
        put = self.put
        articles = publication.articles
        whole = [record for id, record in publication.records.items() if id in articles]
        live = publication.live
        rows = [
            {**ledger_row(record), "live": int(live.get(record.id, False)), "article": publication.packed[record.id]}
            for record in whole
        ]
        put(connection, tables.ledger, rows)
        known = [ledger_row(record) for id, record in publication.records.items() if id not in articles]
        if known:
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("slug", "story", "record")}
            changed = update(tables.ledger).where(tables.ledger.c.id == bindparam("new_id")).values(values)
            connection.execute(changed, [{f"new_{name}": value for name, value in row.items()} for row in known])
        if others := {id: shows for id, shows in live.items() if id not in articles}:
            shown = update(tables.ledger).where(tables.ledger.c.id == bindparam("new_id")).values(live=bindparam("new_live"))
            connection.execute(shown, [{"new_id": id, "new_live": int(shows)} for id, shows in others.items()])
        for table, rows_of in ((tables.bylines, byline_rows), (tables.translations, translation_rows)):
            self._file(connection, table, rows_of, publication.records.values())
        owned = [
            {"kind": kind, "value": value, "id": record.id}
            for record in publication.shown.values()
            for kind, value in (
                *(("path", record.path), ("slug", record.slug), ("link", record.link)),
                *(("alias", alias) for alias in record.aliases),
            )
            if value and record.state is not State.REMOVED
        ]
        put(connection, tables.addresses, owned)
        read = publication.files.values()
        rows = [{"path": file.path, "mark": file.mark, "id": file.id, "faults": msgspec.json.encode(file.faults)} for file in read]
        put(connection, tables.files, rows)
        for some in chunks(publication.gone_files):
            connection.execute(delete(tables.files).where(tables.files.c.path.in_(some)))
        for some in chunks(publication.gone_editions):
            connection.execute(delete(tables.editions).where(tables.editions.c.slug.in_(some)))
        editions = publication.editions.items()
        rows = [{"slug": slug, "name": p.name, "digest": p.digest, "updated": seconds(p.updated)} for slug, p in editions]
        put(connection, tables.editions, rows)

    def _file(
        self, connection: Connection, table: Table, rows_of: Callable[[Record], list[dict[str, Any]]], records: Collection[Record]
    ) -> None:
        """Files articles by what they say: in place of the rows that each had."""
        for some in chunks([record.id for record in records]):
            connection.execute(delete(table).where(table.c.id.in_(some)))
        self.put(connection, table, [row for record in records for row in rows_of(record)])

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
        self.put(connection, tables.archives, rows)
        if old := [{"in_slug": slug, "in_day": day} for (slug, day), digest in made.items() if digest is None]:
            day = digests.slug == bindparam("in_slug"), digests.day == bindparam("in_day")
            connection.execute(delete(tables.digests).where(*day), old)
        rows = [{"slug": slug, "day": day, "digest": packed(digest)} for (slug, day), digest in made.items() if digest]
        self.put(connection, tables.digests, rows)

    def _publish_pictures(self, connection: Connection, publication: Publication) -> None:
        self.put(connection, tables.pictures, [picture_row(picture) for picture in publication.pictures.values() if picture])
        for some in chunks([file for file, picture in publication.pictures.items() if picture is None]):
            connection.execute(delete(tables.pictures).where(tables.pictures.c.file.in_(some)))

    def _publish_documents(self, connection: Connection, publication: Publication, generation: int) -> None:
        columns = tables.documents.c
        nothing = {"generation": generation, "status": VOID, "identity": None, "gzip": None, "br": None}
        published = {document.path for document in publication.documents}
        for some in chunks(sorted(publication.void - published)):
            there = or_(columns.status != VOID, columns.identity.is_not(None))  # what is hidden goes too
            connection.execute(update(tables.documents).where(columns.path.in_(some), there).values(nothing))
        for prefix in publication.void_below:
            below = columns.path.startswith(prefix, autoescape=True)
            connection.execute(update(tables.documents).where(below, columns.status != VOID).values(nothing))
        for some in chunks(sorted(publication.hidden - published)):
            hidden = {"generation": generation, "status": VOID}
            connection.execute(update(tables.documents).where(columns.path.in_(some), columns.status != VOID).values(hidden))
        for some in chunks(sorted(publication.unhidden - published)):
            kept = columns.path.in_(some), columns.status == VOID, columns.identity.is_not(None)
            connection.execute(update(tables.documents).where(*kept).values(generation=generation, status=OK))
        for documents in chunks(publication.documents):
            self.put(connection, tables.documents, [document_row(document, generation) for document in documents])

    def _keep_for_previews(self, connection: Connection, publication: Publication) -> None:
        files, held = publication.quarantined, publication.held_files
        for table, key, kept in ((tables.quarantine, "path", files), (tables.held_files, "file", held)):
            for some in chunks([name for name, one in kept.items() if one is None]):
                connection.execute(delete(table).where(table.c[key].in_(some)))
        rows = [{"path": path, "mark": one.mark, "content": packed(one.content)} for path, one in files.items() if one]
        self.put(connection, tables.quarantine, rows)
        rows = [{"file": file, "content_type": one[0], "content": one[1]} for file, one in held.items() if one]
        self.put(connection, tables.held_files, rows)
