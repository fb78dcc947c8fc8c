"""Opens the service's database; a damaged SQLite file is set aside first, and a new one created, which the builder fills."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import select

from feedsvc.errors import DamagedStore, DatabaseAway, StoreError
from feedsvc.files import Identity, identity
from feedsvc.model.packing import unpacked
from feedsvc.storage import damage, engine, tables
from feedsvc.storage.facts import DAMAGED, SetAside
from feedsvc.storage.published import VOID
from feedsvc.storage.rows import article_of, document_of, record_of
from feedsvc.storage.store import Store

log = logging.getLogger("feedsvc.storage")


def open_store(url: str, *, awaited: bool = False) -> Store:
    """The store at a URL, created if necessary; a damaged file is set aside, and that is logged.

    A server that can't be reached is waited for if it is `awaited`, and that is logged too. Raises `StoreError` if it can't be
    opened for any other reason, or can't be set aside.
    """
    path = engine.database_path(url)
    found = identity(path) if path else None
    try:
        store = Store(url)
        try:
            examine(store)
        except DamagedStore:
            store.close()
            raise
    except DatabaseAway as error:
        if not awaited:
            raise
        log.error("%s; waiting for it", error)
        return Store(url, awaited=True)
    except DamagedStore as error:
        if path is None:
            raise
        log.error("%s", error)
        return _anew(url, found)
    return store


def examine(store: Store) -> None:
    """Reads the whole of a suspect database, and removes the mark if there is no damage.

    Raises `DamagedStore`.
    """
    path = engine.path_of(store.engine)
    if path is None or not damage.suspected(path):
        return
    with store.reading() as connection:
        said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if said != "ok":
            raise DamagedStore(f"the database is damaged: {' '.join(str(said).split())}")
        lazily = connection.execution_options(yield_per=100)
        for row in lazily.execute(select(tables.ledger)):
            record_of(row.record)
            article_of(row.article)
        for row in lazily.execute(select(tables.documents).where(tables.documents.c.status != VOID)):
            document_of(row)
        for row in lazily.execute(select(tables.quarantine.c.content)):
            unpacked(row.content, bytes)
    damage.absolve(path)


def _anew(url: str, found: Identity | None) -> Store:
    path = engine.database_path(url)
    assert path  # noqa: S101 - for the type checker
    now = datetime.now(UTC)
    try:
        aside = damage.set_aside(path, found, now)
    except OSError as error:
        raise StoreError(f"the damaged database {path} can't be set aside: {error.strerror or error}") from error
    store = Store(url)
    if aside:
        log.error("the damaged database is set aside as %s; everything is rebuilt from the articles", aside)
        store.set_fact(DAMAGED, SetAside(now, str(aside)))
    return store
