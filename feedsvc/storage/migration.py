"""The version of the database's tables and facts, and the upgrade of an earlier one, with every id and date kept.

Version 1 had no archives and no digests, which the builder fills. Version 2 had other names for two facts. Up to version 3 a record
said that its article was shown only after its next change. Up to version 4 nothing was kept for previews; the
builder does so. Up to version 5 there were no copies of files, up to version 6 nothing was known of pictures. Up to version 7 the
hub alone was told of what is published, and how far was a fact. Up to version 8 nothing said who wrote what, up to version 9
nothing which articles are translations; the parsers, which are newer too, read all again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import islice

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from feedsvc.model.record import Record, State
from feedsvc.model.site import SITE_FILE
from feedsvc.model.target import HUB
from feedsvc.storage.facts import BUILT, FRAME, HISTORY, SCHEMA, SITE
from feedsvc.storage.rows import byline_rows, record_of
from feedsvc.storage.tables import POSTGRESQL_STORAGE, bylines, facts, files, ledger, metadata, targets

SCHEMA_VERSION = "10"
EARLIER_VERSIONS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
ROWS_AT_ONCE = 10_000
_ANNOUNCED = "announced"
_RENAMED = {"pressed": BUILT.name, "logbook": HISTORY.name}


def bring_up(connection: Connection) -> None:
    """Gives a database the tables, the facts' names and the version of this release, in the caller's transaction."""
    metadata.create_all(connection)
    if connection.dialect.name == "postgresql":
        for statement in POSTGRESQL_STORAGE:
            connection.exec_driver_sql(statement)
    known = set(connection.execute(select(facts.c.name)).scalars())
    for old, new in _RENAMED.items():
        if old in known and new not in known:
            connection.execute(facts.update().where(facts.c.name == old).values(name=new))
    value = connection.execute(select(facts.c.value).where(facts.c.name == BUILT.name)).scalar()
    if value and (built := BUILT.decode(value)):
        _note_shown(connection, built)
    _name_hub(connection)
    _note_bylines(connection)
    # What an earlier release did not know of site.toml is read now.
    connection.execute(files.update().where(files.c.path == SITE_FILE).values(mark=""))
    # The next build makes all anew, and the pictures of what is to come with it.
    connection.execute(facts.delete().where(facts.c.name == FRAME.name))
    if SCHEMA.name in known:
        connection.execute(facts.update().where(facts.c.name == SCHEMA.name).values(value=SCHEMA_VERSION))
    else:
        connection.execute(facts.insert().values(name=SCHEMA.name, value=SCHEMA_VERSION))


def _name_hub(connection: Connection) -> None:
    """Has what the hub was told up to now as that of any other target."""
    named = (facts.c.name.in_((_ANNOUNCED, SITE.name)),)
    found = {row.name: row.value for row in connection.execute(select(facts).where(*named))}
    if (told := found.get(_ANNOUNCED)) and (hub := SITE.read(found).hub):
        row = {"name": HUB, "address": hub, "generation": int(told), "messages": 0, "ended": 0, "problem": ""}
        connection.execute(targets.insert().values(row))
    connection.execute(facts.delete().where(facts.c.name == _ANNOUNCED))


def _note_bylines(connection: Connection) -> None:
    """Files all articles by their authors."""
    connection.execute(bylines.delete())
    records = (record_of(data) for data in connection.execute(select(ledger.c.record)).scalars())
    rows = (row for record in records for row in byline_rows(record))
    while some := list(islice(rows, ROWS_AT_ONCE)):
        connection.execute(bylines.insert(), some)


def _note_shown(connection: Connection, built: datetime) -> None:
    """Notes in each record whether readers saw its article by the last build."""
    records = (record_of(data) for data in connection.execute(select(ledger.c.record)).scalars())
    shown = [
        {"shown_id": record.id, "shown": msgspec.json.encode(replace(record, shown=True))}
        for record in records
        if not record.shown and _was_live(record, built)
    ]
    if shown:
        connection.execute(update(ledger).where(ledger.c.id == bindparam("shown_id")).values(record=bindparam("shown")), shown)


def _was_live(record: Record, moment: datetime) -> bool:
    begin = max(record.published, record.since)
    return record.state is State.STANDING and begin <= moment and (record.expires is None or begin < record.expires)
