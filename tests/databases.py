"""The databases that tests run on: always SQLite, and PostgreSQL too where the test run names an empty one."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import create_engine, text

POSTGRESQL = os.environ.get("FEEDSVC_TEST_POSTGRESQL", "")
BACKENDS = ("sqlite", "postgresql") if POSTGRESQL else ("sqlite",)


def fresh_database(backend: str, folder: Path) -> str:
    """The URL of a database with nothing in it."""
    if backend == "sqlite":
        return f"sqlite:///{folder}/var/feedsvc.db"
    url = POSTGRESQL.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, connect_args={"client_encoding": "utf8"})
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return POSTGRESQL
