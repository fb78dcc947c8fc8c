"""The databases that tests run on: always SQLite, and PostgreSQL too where the test run names one whose user may make others."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

POSTGRESQL = os.environ.get("FEEDSVC_TEST_POSTGRESQL", "")
BACKENDS = ("sqlite", "postgresql") if POSTGRESQL else ("sqlite",)


# What a test before has left behind holds up nobody.
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def fresh_database(backend: str, folder: Path) -> str:
    """The URL of a database with nothing in it."""
    if backend == "sqlite":
        return f"sqlite:///{folder}/var/feedsvc.db"
    own = _own_database()
    engine = create_engine(own, connect_args={"client_encoding": "utf8", "options": "-c lock_timeout=60s"})
    with engine.begin() as connection:
        connection.execute(text(_END_OTHERS))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return own.render_as_string(hide_password=False)


@cache
def _own_database() -> URL:
    """A database of this process' own: a test run may be shared among several."""
    url = make_url(POSTGRESQL.replace("postgresql://", "postgresql+psycopg://"))
    own = url.set(database=f"{url.database}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"client_encoding": "utf8"})
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {own.database} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {own.database}"))
    engine.dispose()
    return own
