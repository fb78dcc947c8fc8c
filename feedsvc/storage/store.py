"""`Store`: the database's interface for all other packages: the ledger, what is published, and the transaction that publishes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from feedsvc.model.history import BuildEntry
from feedsvc.storage import tables
from feedsvc.storage.bylines import Bylines
from feedsvc.storage.copies import Copies
from feedsvc.storage.database import fact_in
from feedsvc.storage.facts import HISTORY
from feedsvc.storage.ledger import Ledger
from feedsvc.storage.pictures import Pictures
from feedsvc.storage.publish import Publishing
from feedsvc.storage.published import VOID, Published
from feedsvc.storage.serving import Serving
from feedsvc.storage.withheld import Withheld


class Store(Ledger, Published, Bylines, Pictures, Withheld, Publishing, Copies, Serving):
    """One database; safe to use from several threads and processes.

    Every method raises `StoreError` where the database can't be read or written, `DamagedStore` where its file is broken.
    """

    def note(self, lines: Sequence[BuildEntry]) -> None:
        """Adds builds to the history."""
        with self.writing() as connection:
            known = fact_in(connection, HISTORY, locked=True)
            self.put_facts(connection, {HISTORY.name: HISTORY.encode(known.with_lines(lines))})

    def counts(self) -> dict[str, int]:
        """How many articles are live, how many the ledger knows, and how many documents are published."""
        known = select(func.count()).select_from(tables.ledger)
        live = known.where(tables.ledger.c.live == 1)
        published = select(func.count()).select_from(tables.documents).where(tables.documents.c.status != VOID)
        with self.reading() as connection:
            queries = {"known": known, "articles": live, "documents": published}
            return {name: connection.execute(query).scalar_one() for name, query in queries.items()}
