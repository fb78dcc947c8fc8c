"""`Serving`: which publication each machine serves, as it says itself; who tells others of a publication waits for it."""

from __future__ import annotations

from sqlalchemy import delete, select

from feedsvc.storage import tables
from feedsvc.storage.database import Database


class Serving(Database):
    """What the machines that answer say of themselves. Nobody's clock is in it."""

    def report_serving(self, machine: str, generation: int) -> None:
        """Notes that all of a machine's web workers serve a publication, or a later one."""
        with self.writing() as connection:
            self.put(connection, tables.serving, [{"machine": machine, "generation": generation}])

    def serving(self) -> dict[str, int]:
        """The publication that each machine serves."""
        with self.reading() as connection:
            return {row.machine: row.generation for row in connection.execute(select(tables.serving))}

    def forget_serving(self, machine: str, generation: int) -> None:
        """Forgets a machine that still serves an old publication; it reports again as soon as it serves another."""
        columns = tables.serving.c
        with self.writing() as connection:
            same = columns.machine == machine, columns.generation == generation
            connection.execute(delete(tables.serving).where(*same))
