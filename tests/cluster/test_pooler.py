"""PgBouncer between the machines and the database, with a session only for the length of a transaction."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import make_url
from werkzeug.test import Client

from cluster.machine import Machine
from feedsvc.settings import Settings
from feedsvc.storage import generation as limits
from feedsvc.storage.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.follower import open_copy, open_source
from support.live import PUBLIC_URL, SLOW, free_port, save, until


@pytest.fixture
def pooled(database: str) -> Iterator[str]:
    """The URL of the database through a pooler with fewer sessions than its clients have connections."""
    url, port = make_url(database), free_port()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="feedsvc-pooler-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        (folder / "users").write_text(f'"{url.username}" ""\n')
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\n{url.database} = host={url.host} port={url.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {folder}/users\n"
            "pool_mode = transaction\ndefault_pool_size = 2\nignore_startup_parameters = options\n"
        )
        # It does not start for root.
        keeper = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") if os.getuid() == 0 else ()
        bouncer = subprocess.Popen(
            [*keeper, shutil.which("pgbouncer", path="/usr/sbin:/usr/bin") or "pgbouncer", str(folder / "pgbouncer.ini")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(bouncer.wait, SLOW)
        stack.callback(bouncer.kill)
        made = url.set(port=port).render_as_string(hide_password=False)
        until(lambda: answers(made))
        yield made


def answers(url: str) -> bool:
    store = Store(url, awaited=True)
    try:
        return store.generation() == 0
    except Exception:
        return False
    finally:
        store.close()


def test_machines_work_behind_it_and_hear_of_publications_where_they_are_told_of_the_server(
    pooled: str,
    database: str,
    machine: Callable[..., Machine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = machine("first", pooled, interval=0.5), machine("second", pooled)
    save(first.folder, "harbour/tide.md", "The tide")
    first.start()
    until(first.store.generation)
    second.start()
    settings = Settings(database=pooled, database_listen=database, public_url=PUBLIC_URL, local_copy=tmp_path / "copy.db")
    copy = open_copy(settings)
    assert copy
    source = open_source(settings, copy)
    client = Client(create_app(settings, source, copy=copy))
    until(lambda: "The tide" in client.get("/feeds/all.json").text)
    monkeypatch.setattr(limits, "SERVER_SECONDS", SLOW)  # what is not heard of is not seen from now on
    # More often than a driver waits before it prepares a statement.
    for number in range(8):
        save(first.folder, "harbour/tide.md", f"The tide {number}")
        until(lambda number=number: f"The tide {number}" in client.get("/feeds/all.json").text)
        assert client.get("/articles/tide").status_code == 200
    assert not [record.message for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert first.builds and not second.builds and not first.problem
    copy.store.close()
    source.close()
    save(first.folder, "harbour/tide.md", "The tide, for the last time")  # which who listens hears, and ends
    until(lambda: "follower" not in {thread.name for thread in threading.enumerate()})
