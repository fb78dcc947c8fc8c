"""`Outbox`: what other machines are still to be told of publications; written by the transaction that publishes, so that nothing is
lost between a publication and its news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update
from zlib_ng import zlib_ng

from feedsvc.errors import StoreError
from feedsvc.model.announcement import Announcement
from feedsvc.model.packing import packed
from feedsvc.model.target import HUB
from feedsvc.storage import tables
from feedsvc.storage.database import Database, fact_in
from feedsvc.storage.facts import GENERATION, MARK, MARKS

MOST_ANNOUNCEMENTS = 10_000  # publications: a week, if there is one a minute

# Made here once, before there are threads: two threads that make a decoder of one class at the same moment can crash msgspec.
_decode = msgspec.json.Decoder(Announcement).decode


@dataclass(frozen=True, slots=True)
class Target:
    """A machine that hears of publications: it has heard all up to a generation, and so many messages of the next.

    `problem` is what is wrong with it, and `ended` is set where it wants no more. `newest` and `mark` are of the last one in
    the database that this was read from.
    """

    name: str
    address: str
    generation: int
    messages: int = 0
    ended: bool = False
    problem: str = ""
    newest: int = field(default=0, compare=False)
    mark: str = field(default="", compare=False)


class Outbox(Database):
    """The announcements of the last publications, and the machines that are to hear them."""

    def announce(
        self, connection: Connection, announcement: Announcement | None, named: Mapping[str, str], generation: int, mark: str
    ) -> None:
        """Writes what this publication changed, for the targets that are named by now.

        A new one hears of this publication first; a new hub hears of all feeds. One at another address begins anew.
        """
        known = {target.name: target for target in _targets(connection)}
        gone = [name for name, target in known.items() if named.get(name) != target.address]
        if gone:
            connection.execute(delete(tables.targets).where(tables.targets.c.name.in_(gone)))
        before = known.keys() - set(gone)
        new = [Target(name, at, 0 if name == HUB else generation - 1) for name, at in named.items() if name not in before]
        self.put(connection, tables.targets, [_row(target) for target in new])
        if announcement is not None:
            whole = replace(announcement, generation=generation, id=mark)
            self.put(connection, tables.announcements, [{"generation": generation, "announcement": packed(whole)}])
        if known or new:
            old = tables.announcements.c.generation <= generation - (MOST_ANNOUNCEMENTS if named else 0)
            connection.execute(delete(tables.announcements).where(old))

    def targets(self) -> dict[str, Target]:
        """All machines that hear of publications, by name."""
        with self.reading() as connection:
            newest, mark = fact_in(connection, GENERATION), fact_in(connection, MARK)
            return {target.name: replace(target, newest=newest, mark=mark) for target in _targets(connection)}

    def announcements(self, after: int, up_to: int, most: int) -> list[Announcement]:
        """The announcements of the publications after one, up to another, the oldest first."""
        columns = tables.announcements.c
        query = select(columns.announcement).where(columns.generation > after, columns.generation <= up_to)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(columns.generation).limit(most)).scalars().all()
        return [_decode(zlib_ng.decompress(row)) for row in rows]

    def reached(self, target: Target, generation: int, messages: int = 0) -> None:
        """Notes that a target has heard all up to a generation, and so many messages of the next; nobody needs what all have.

        Raises `StoreError` where the database has gone back since the target was read: its numbers mean others.
        """
        columns, kept = tables.targets.c, tables.announcements.c
        # Another builder may be further by now.
        same = _is(target), columns.generation <= generation
        with self.writing() as connection:
            if target.mark and target.mark not in fact_in(connection, MARKS):
                raise StoreError("the database has gone back, or is another")
            connection.execute(update(tables.targets).where(*same).values(generation=generation, messages=messages))
            if not messages:
                least = select(func.min(columns.generation)).where(columns.name != HUB, columns.ended == 0).scalar_subquery()
                connection.execute(delete(tables.announcements).where(kept.generation <= least))

    def note_problem(self, target: Target, problem: str, *, ended: bool = False) -> None:
        """Notes what is wrong with a target, "" if nothing is; one that is `ended` is told nothing any more."""
        values = {"problem": problem, **({"ended": 1} if ended else {})}
        with self.writing() as connection:
            connection.execute(update(tables.targets).where(_is(target)).values(values))


def _targets(connection: Connection) -> list[Target]:
    rows = connection.execute(select(tables.targets).order_by(tables.targets.c.name))
    return [Target(row.name, row.address, row.generation, row.messages, bool(row.ended), row.problem) for row in rows]


def _is(target: Target) -> ColumnElement[bool]:
    """The row of a target that has not been named anew at another address meanwhile."""
    return and_(tables.targets.c.name == target.name, tables.targets.c.address == target.address)


def _row(target: Target) -> dict[str, object]:
    return {
        "name": target.name,
        "address": target.address,
        "generation": target.generation,
        "messages": target.messages,
        "ended": int(target.ended),
        "problem": target.problem,
    }
