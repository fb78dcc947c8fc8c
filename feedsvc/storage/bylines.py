"""`Bylines`: who wrote what, for the pages and feeds of authors, who may be many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from feedsvc.model.record import Record
from feedsvc.storage import tables
from feedsvc.storage.database import Database, storable
from feedsvc.storage.rows import moment, record_of, seconds

_COLUMNS = tables.bylines.c


class Bylines(Database):
    """The articles of authors, by the slugs of all names that an author has."""

    def newest_by(self, slugs: Collection[str], least: int, span: int, most: int) -> list[str]:
        """The ids of an author's newest live articles: so many at least, and all that readers first saw in so many seconds before
        the last of them."""
        if not all(map(storable, slugs)):
            return []
        moments = _live(slugs, _COLUMNS.id, _COLUMNS.moment)
        newest = moments.order_by(_COLUMNS.moment.desc(), _COLUMNS.id).limit(least * len(slugs))
        last = _live(slugs, _COLUMNS.shown).order_by(_COLUMNS.shown.desc()).limit(1)
        with self.reading() as connection:
            found = {row.id: row.moment for row in connection.execute(newest)}
            listed = sorted(found, key=lambda id: (-found[id], id))[:least]
            shown = connection.execute(last).scalar()
            if shown is None:
                return []
            late = _live(slugs, _COLUMNS.id).where(_COLUMNS.shown > shown - span).order_by(_COLUMNS.shown.desc()).limit(most)
            return list(dict.fromkeys((*listed, *connection.execute(late).scalars())))

    def gone_by(self, slugs: Collection[str], since: datetime, most: int) -> list[Record]:
        """The records of an author that readers saw and that were withdrawn since a moment, the latest first."""
        query = select(_COLUMNS.id).where(_COLUMNS.slug.in_(slugs), _COLUMNS.gone == 1, _COLUMNS.moment > seconds(since))
        with self.reading() as connection:
            ids = list(connection.execute(query.order_by(_COLUMNS.moment.desc(), _COLUMNS.id).limit(most)).scalars())
            found = select(tables.ledger.c.record).where(tables.ledger.c.id.in_(ids))
            records = [record_of(data) for data in connection.execute(found).scalars()]
        return sorted(records, key=lambda one: (-one.since.timestamp(), one.id))

    def between_by(self, slugs: Collection[str], begin: datetime, end: datetime, skipped: int, most: int) -> list[str]:
        """The ids of an author's live articles that were published from one moment on and before another, the oldest first: so many
        after those that are skipped."""
        if not all(map(storable, slugs)):
            return []
        query = _live(slugs, _COLUMNS.id, func.min(_COLUMNS.moment)).where(*_within(begin, end)).group_by(_COLUMNS.id)
        with self.reading() as connection:
            ordered = query.order_by(func.min(_COLUMNS.moment), _COLUMNS.id).offset(skipped).limit(most)
            return list(connection.execute(ordered).scalars())

    def count_by(self, slugs: Collection[str], begin: datetime, end: datetime) -> int:
        """How many live articles of an author were published from one moment on and before another."""
        query = _live(slugs, func.count(_COLUMNS.id.distinct())).where(*_within(begin, end))
        with self.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def last_before_by(self, slugs: Collection[str], when: datetime) -> datetime | None:
        """When an author's last live article before a moment was published."""
        query = _live(slugs, _COLUMNS.moment).where(_COLUMNS.moment < seconds(when)).order_by(_COLUMNS.moment.desc())
        return self._first(query)

    def first_after_by(self, slugs: Collection[str], when: datetime) -> datetime | None:
        """When an author's first live article from a moment on was published."""
        query = _live(slugs, _COLUMNS.moment).where(_COLUMNS.moment >= seconds(when)).order_by(_COLUMNS.moment)
        return self._first(query)

    def _first(self, query: Select[Any]) -> datetime | None:
        with self.reading() as connection:
            found = connection.execute(query.limit(1)).scalar()
        return None if found is None else moment(found)


def _live(slugs: Collection[str], *columns: ColumnElement[Any]) -> Select[Any]:
    joined = tables.bylines.join(tables.ledger, tables.ledger.c.id == _COLUMNS.id)
    return select(*columns).select_from(joined).where(_COLUMNS.slug.in_(slugs), _COLUMNS.gone == 0, tables.ledger.c.live == 1)


def _within(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _COLUMNS.moment >= seconds(begin), _COLUMNS.moment < seconds(end)
