"""PgBouncer, Debian's, in transaction mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from feedsvc.storage.store import Store
from support.live import SLOW, free_port, until


@contextmanager
def pooler(database: str) -> Iterator[str]:
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
        return store.generation() >= 0
    except Exception:
        return False
    finally:
        store.close()
