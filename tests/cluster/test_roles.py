"""Machines with a role: one builds, others serve, without the articles, and without the database on a bad day."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from feedsvc.storage.store import Store
from support.live import FEEDSVC, PUBLIC_URL, Service, save, until
from support.network import Network, through

SERVE = (*FEEDSVC, "serve", "--port", "{port}", "--public-url", PUBLIC_URL)


def test_a_web_machine_serves_what_a_builder_builds_and_starts_without_the_database(
    database: str, network: Network, services: Callable[..., Service], tmp_path: Path
) -> None:
    save(tmp_path, "harbour/tide.md", "The tide")
    builder = services(*SERVE, "--role", "builder", FEEDSVC_DATABASE=database).start(ready=False)
    away = through(network, database, connect_timeout="1", tcp_user_timeout="2000")
    flags = ("--role", "web", "--workers", "2", "--articles", "nowhere", "--local-copy", "copies/copy.db")
    web = services(*SERVE, *flags, FEEDSVC_DATABASE=away).start()
    assert web.get("/readyz").text == "ready\n"
    assert "The tide" in web.get("/feeds/all.json").text
    page = web.get("/articles/tide")
    assert page.status == 200
    until(lambda: "/articles/tide" in kept(tmp_path))

    watcher = create_engine(database, isolation_level="AUTOCOMMIT")
    with watcher.connect() as connection:
        assert connection.execute(text(_CONNECTIONS)).scalar_one() <= 4 + 6
        # What was made before is counted late, and a busy machine has not come to rest yet.
        until(lambda: transactions(connection, 4) < 4 * 2 * 5)
    watcher.dispose()

    network.drop()
    until(lambda: "this machine's copy of what was published is served" in web.get("/readyz").text)
    web.stop()
    again = services(*SERVE, *flags, FEEDSVC_DATABASE=away).start()
    assert until(lambda: "the database" in again.get("/readyz").text)
    assert again.get("/readyz").status == again.get("/healthz").status == 200
    for path in ("/feeds/all.json", "/feeds/harbour.rss", "/embed/ticker?topic=harbour", "/"):
        until(lambda path=path: again.get(path).status == 200)  # what takes too long on a busy machine is to be asked for again
    found = until(lambda: (one := again.get("/articles/tide")).status == 200 and one)
    assert (found.status, found.body, found.headers["etag"]) == (200, page.body, page.headers["etag"])
    assert again.get("/articles/never-asked-for").status == 503
    save(tmp_path, "harbour/tide.md", "The tide", retracted="It did not come.")
    network.heal()
    until(lambda: again.get("/readyz").text == "ready\n")
    until(lambda: again.get("/articles/tide").status == 410)
    assert "/articles/tide" not in kept(tmp_path)
    assert builder.process and builder.process.poll() is None


def transactions(connection: Connection, seconds: float) -> int:
    """How many transactions are counted in so many seconds, which it takes."""
    before, end = connection.execute(text(_TRANSACTIONS)).scalar_one(), time.monotonic() + seconds
    until(lambda: time.monotonic() > end)
    return int(connection.execute(text(_TRANSACTIONS)).scalar_one() - before)


_TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def kept(folder: Path) -> list[str]:
    """The paths in the copy that a service has in a test's folder."""
    store = Store(f"sqlite:///{folder}/copies/copy.db")
    try:
        return store.paths()
    finally:
        store.close()


def test_a_builder_takes_no_address(services: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "harbour/tide.md", "The tide")
    builder = services(*SERVE, "--role", "builder").start(ready=False)
    store = until(lambda: opened(tmp_path))
    until(lambda: store.generation())
    store.close()
    web = services(*SERVE, "--role", "web", "--articles", "nowhere")
    web.port, web.command = builder.port, [word.replace(str(web.port), str(builder.port)) for word in web.command]
    web.start()
    assert "The tide" in web.get("/feeds/all.json").text


def opened(folder: Path) -> Store | None:
    path = folder / "var/feedsvc.db"
    return Store(f"sqlite:///{path}") if path.exists() else None
