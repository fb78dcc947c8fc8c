"""What one hostile client does to ordinary readers: `python benchmarks/attacks.py --write`.

Runs one attack of tests/faults/hostile.py after another, each against a service of its own, newly started, with one web worker on
loopback. Twenty times a second an ordinary reader asks on a new connection, and wants the whole answer within a second.
`--checkout` measures another checkout of feedsvc, with the Python of its `.venv`; `--nginx` sends all through deploy/nginx.conf.

The service takes the attacker's address for a proxy's, as all of loopback by default, and so gives it more than one address's share
of connections: what is measured is the rest of the protection.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench import PUBLIC_URL, articles_folder, database, free_port, machine, measured, parser, report, started, table, workshop
from loads import answering, ask, cpu

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from faults.hostile import attacking, memory_of, read_along  # noqa: E402 - of the tests
from support.pictures import heavy  # noqa: E402

FEED = "/feeds/topic-00.rss"
GONE = "/articles/gone"
PICTURE_BYTES = 9_500_000
PICTURES = 10
ARTICLES = 1_000
TOKEN = "x" * 32
NGINX = """
{user} daemon off; worker_processes 1; pid nginx.pid; error_log errors; worker_rlimit_nofile {descriptors};
events {{ worker_connections {connections}; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include feedsvc.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Attack:
    """One row: an attack, and what readers ask for meanwhile; `locked` holds the database's write lock.

    It is under way for `warm` seconds before the readers begin.
    """

    about: str
    name: str
    number: int
    path: str = FEED
    read: str = FEED
    locked: bool = False
    warm: float = 1.0


ATTACKS = (
    Attack("idle connections", "idle", 8_700),
    Attack("readers who take nothing of 9.5 MB", "greedy", 250, "/media/0.gif"),
    Attack("half-sent requests, new ones a second", "half", 885, warm=10.0),
    Attack("askers of pages, the database locked; /healthz asked", "pages", 40, "/articles/article-{:06}", "/healthz", locked=True),
    Attack("askers of pages, the database locked; /readyz asked", "pages", 40, "/articles/article-{:06}", "/readyz", locked=True),
    Attack("askers of random names; /readyz asked", "strangers", 2_000, read="/readyz"),
    Attack("askers of random names; a feed asked", "strangers", 2_000),
    Attack("clients with heads of 1 MB", "heads", 50),
    Attack("askers with HEAD for ten pictures of 9.5 MB", "looks", 20, "/media/{}.gif"),
    Attack("askers for a withdrawn page", "same", 64, GONE),
    Attack("guessers of the token", "guesses", 200, "/status"),
)


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    flags.add_argument("--checkout", type=Path, default=HERE.parent, help="a checkout of feedsvc to measure (default: this one)")
    flags.add_argument("--nginx", action="store_true", help="through deploy/nginx.conf")
    flags.add_argument("--seconds", type=float, default=10, help="how long readers ask beside each attack (default 10)")
    flags.add_argument("--only", nargs="+", default=[], metavar="NAME", help="the attacks to measure")
    options = flags.parse_args()
    checkout = options.checkout.absolute()
    python = checkout / ".venv/bin/python"
    feedsvc = [str(python if python.exists() else sys.executable), "-m", "feedsvc.cli"]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    rows = []
    with workshop(options.folder) as (corpus, work):
        articles = shutil.copytree(articles_folder(corpus, ARTICLES), work / "articles")
        _add_pictures(articles)
        _build(feedsvc, articles, work)
        for number, attack in enumerate(one for one in ATTACKS if not options.only or one.name in options.only):
            folder = work / f"{number}"
            folder.mkdir()
            shutil.copy(work / "feedsvc.db", folder)
            rows.append(_row(attack, feedsvc, articles, folder, options.seconds, nginx=options.nginx))
            print("  ", *rows[-1], flush=True)
            shutil.rmtree(folder)
    head = ["attack", "number", "readers answered within 1 s", "p99, s", "worker’s memory, MB", "its CPU", "log lines"]
    about = f"Memory before, at most, and after; {most:,} descriptors a process; the machine's load is {os.getloadavg()[1]:.1f}:"
    name = "attacks-nginx" if options.nginx else "attacks" if checkout == HERE.parent.absolute() else "attacks-before"
    report(name, {about: table(head, rows)}, machine("httptools"), write=options.write)


def _add_pictures(articles: Path) -> None:
    date = "date: 2026-05-20T09:30:00Z"
    for number in range(PICTURES):
        (articles / f"large-{number}.gif").write_bytes(heavy(PICTURE_BYTES, number))
        front = f"title: Picture {number}\n{date}\nimage: large-{number}.gif"
        (articles / f"picture-{number}.md").write_text(f"---\n{front}\n---\nWords.\n")
    (articles / "gone.md").write_text(f"---\ntitle: Gone\n{date}\n---\nWords.\n")


def _build(feedsvc: list[str], articles: Path, work: Path) -> None:
    """A database with an article that was withdrawn after it was live."""
    command = [*feedsvc, "build", "--articles", str(articles), "--database", database(work), "--public-url", PUBLIC_URL]
    measured(command, work)
    text = (articles / "gone.md").read_text()
    (articles / "gone.md").write_text(text.replace("title: Gone\n", "title: Gone\nretracted: It was wrong.\n"))
    measured(command, work)
    with closing(sqlite3.connect(work / "feedsvc.db")) as connection:
        for number in range(PICTURES):  # at addresses that a number alone tells apart
            move = "UPDATE documents SET path = ? WHERE path GLOB ?"
            connection.execute(move, (f"/media/{number}.gif", f"/media/large-{number}-*.gif"))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _row(attack: Attack, feedsvc: list[str], articles: Path, folder: Path, seconds: float, *, nginx: bool) -> list[str]:
    port = free_port()
    command = [*feedsvc, "serve", "--articles", str(articles), "--database", database(folder), "--public-url", PUBLIC_URL]
    command += ["--port", str(port), "--workers", "1", "--interval", "3600"]
    with started(command, folder, FEEDSVC_STATUS_TOKEN=TOKEN) as process:
        pid = answering(process, port, FEED)
        _wait_until(port, "/readyz", 200)
        _wait_until(port, GONE, 410)
        with _nginx(folder, port) if nginx else nullcontext(port) as front:
            log = folder / "log"
            lines, before, taken, begun = len(log.read_text().splitlines()), memory_of(pid), cpu(pid), time.monotonic()
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew (proc(5))
            with (
                _locked(folder) if attack.locked else nullcontext(),
                attacking(attack.name, front, attack.number, attack.warm + seconds + 1, attack.path) as attacker,
            ):
                time.sleep(attack.warm)
                seen = read_along(front, seconds, attack.read)
                busy = (cpu(pid) - taken) / (time.monotonic() - begun)
                said, _ = attacker.communicate(timeout=60)
            print("    ", json.loads(said), seen, flush=True)
            after = memory_of(pid)
            memory = f"{before:.0f}, {memory_of(pid, 'VmHWM'):.0f}, {after:.0f}"
            more = len(log.read_text().splitlines()) - lines
    return [attack.about, f"{attack.number:,}", f"{seen['share']:.1%}", f"{seen['p99']:.2f}", memory, f"{busy:.0%}", f"{more:,}"]


def _wait_until(port: int, path: str, status: int) -> None:
    end = time.monotonic() + 120
    while ask(port, path)[0] != status:
        if time.monotonic() > end:
            raise SystemExit(f"{path} does not answer {status}")
        time.sleep(0.1)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with closing(sqlite3.connect(folder / "feedsvc.db", isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def _nginx(folder: Path, behind: int) -> Iterator[int]:
    """The port of nginx with the configuration that is handed out, and with the connections and descriptors that it advises."""
    port, place = free_port(), folder / "nginx"
    place.mkdir()
    text = (HERE.parent / "deploy/nginx.conf").read_text("utf-8")
    advised = {key: re.search(rf"#.*{key} (\d+);", text) for key in ("worker_connections", "worker_rlimit_nofile")}
    connections, descriptors = (int(found[1]) if found else 512 for found in advised.values())
    for was, becomes in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{behind};"),
        ("listen 80;", f"listen 127.0.0.1:{port} backlog=1024;"),
        ("/var/cache/nginx/feedsvc", f"{place}/cache"),
        ("/var/log/nginx/feedsvc.log", f"{place}/access"),
    ):
        text = text.replace(was, becomes)
    (place / "feedsvc.conf").write_text(text, "utf-8")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    user = "user root;" if os.getuid() == 0 else ""
    main = NGINX.format(user=user, connections=connections, descriptors=min(most, descriptors))
    (place / "nginx.conf").write_text(main, "utf-8")
    with started(["nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-e", "errors"], place) as process:
        answering(process, port, FEED)
        yield port


if __name__ == "__main__":
    main()
