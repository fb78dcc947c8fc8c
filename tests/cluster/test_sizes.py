"""What saves cost the database: each row is written once, in tables that PostgreSQL keeps tidy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from cluster.machine import Machine
from feedsvc.storage.store import Store
from support.live import save, until


def test_an_edit_writes_each_row_of_the_ledger_once(machine: Callable[..., Machine], seen: Store, database: str) -> None:
    one = machine("one", database)
    written: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "ledger" in statement and not statement.startswith("SELECT"):
            written.append(statement.split()[0])

    event.listen(one.store.engine, "before_cursor_execute", note)
    save(one.folder, "harbour/tide.md", "The tide")
    one.start()
    until(seen.generation)
    written.clear()
    save(one.folder, "harbour/tide.md", "The tide, corrected")
    until(lambda: seen.generation() == 2)
    assert written == ["INSERT"] and seen.live_ids() == {record.id for record in seen.records()}


def test_tables_are_kept_for_many_updates(seen: Store) -> None:
    with seen.reading() as connection:
        tables = connection.exec_driver_sql("SELECT relname, reloptions FROM pg_class WHERE relkind = 'r'")
        options = {row.relname: row.reloptions for row in tables}
        external = connection.exec_driver_sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'documents'::regclass AND attstorage = 'e'"
        )
        assert set(external.scalars()) == {"gzip", "br"}
        toast = connection.exec_driver_sql(
            "SELECT t.reloptions FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.relname = 'documents'"
        )
        assert "autovacuum_vacuum_scale_factor=0.01" in toast.scalar_one()
    assert "fillfactor=70" in options["ledger"] and "autovacuum_vacuum_scale_factor=0.01" in options["documents"]
