"""The version of the database's tables and facts, and the upgrade of an earlier one, with every id and date kept.

Version 1 had no archives and no digests, which the builder fills. Version 2 had other names for two facts.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from feedsvc.storage.facts import BUILT, HISTORY, SCHEMA
from feedsvc.storage.tables import facts, metadata

SCHEMA_VERSION = "3"
EARLIER_VERSIONS = ("1", "2")
_RENAMED = {"pressed": BUILT.name, "logbook": HISTORY.name}


def bring_up(connection: Connection) -> None:
    """Gives a database the tables, the facts' names and the version of this release, in the caller's transaction."""
    metadata.create_all(connection)
    known = set(connection.execute(select(facts.c.name)).scalars())
    for old, new in _RENAMED.items():
        if old in known and new not in known:
            connection.execute(facts.update().where(facts.c.name == old).values(name=new))
    if SCHEMA.name in known:
        connection.execute(facts.update().where(facts.c.name == SCHEMA.name).values(value=SCHEMA_VERSION))
    else:
        connection.execute(facts.insert().values(name=SCHEMA.name, value=SCHEMA_VERSION))
