"""PostgreSQL servers of a test's own: a primary, and a standby that follows it through a network of the test's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.live import SLOW, free_port
from support.network import Network

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=Path("/nowhere"))
SMALL = "shared_buffers=16MB max_connections=100 fsync=off autovacuum=off wal_receiver_timeout=2s max_wal_size=64MB"


class Server:
    """One server, with a database `feedsvc` whose user may do everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"postgresql+psycopg://feedsvc@127.0.0.1:{self.port}/feedsvc"

    def start(self) -> None:
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", *SMALL.split()]
        options = " ".join(f"-c {setting}" for setting in settings)
        _run("pg_ctl", "-D", self.folder, "-w", "-l", self.folder / "log", "-o", options, "start")

    def promote(self) -> None:
        """Makes a standby the primary."""
        _run("pg_ctl", "-D", self.folder, "-w", "promote")

    def stop(self) -> None:
        """Ends it as a power cut would."""
        _run("pg_ctl", "-D", self.folder, "-m", "immediate", "stop", check=False)


@contextmanager
def primary_and_standby() -> Iterator[tuple[Server, Server, Network]]:
    """A primary, its standby, and the network between them."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="feedsvc-servers-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        first, second = Server(folder / "first"), Server(folder / "second")
        for one in (first, second):
            one.folder.mkdir(mode=0o700)
            if os.getuid() == 0:
                shutil.chown(one.folder, "postgres", "postgres")
        _run("initdb", "-D", first.folder, "-U", "feedsvc", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        stack.callback(first.stop)
        first.start()
        _run("createdb", "-h", "127.0.0.1", "-p", first.port, "-U", "feedsvc", "feedsvc")
        network = Network(first.port)
        stack.callback(network.close)
        where = f"host=127.0.0.1 port={network.port} user=feedsvc"
        _run("pg_basebackup", "-D", second.folder, "-d", where, "-R", "-c", "fast", "-X", "stream", "--no-sync")
        stack.callback(second.stop)
        second.start()
        yield first, second, network


def _run(program: str, *words: object, check: bool = True) -> None:
    # No server starts for root.
    keeper = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if os.getuid() == 0 else ()
    command = [*keeper, str(BINARIES / program), *map(str, words)]
    subprocess.run(command, check=check, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SLOW)
