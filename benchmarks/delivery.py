"""Requests answered a second, beside nginx and other ways to serve a feed: `python benchmarks/delivery.py --write`.

Needs `pip install -r benchmarks/requirements.txt`, and Debian's `nginx-light`, `h2o`, `caddy` and `wrk`. Every server has one
process for its requests, pinned to the first core; wrk has the second. In each round every server is asked for the same document in
turn, over 64 kept connections, after it was checked that it gives the right one. CPU is what the serving process took by the
kernel's account, over the answers that wrk counted; memory is its PSS after the last round.
"""

from __future__ import annotations

import getpass
import gzip
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from bench import FEEDSVC, Figures, free_port, machine, measured, memory_of, parser, report, service, started, table, workshop
from corpus import APART, LAST, TOPICS, article_path
from loads import VARIED, Load, answering, ask, load, pin
from peers import ENTRIES, FEED, HEADLINES

HERE = Path(__file__).parent
PUBLIC_URL = "https://feeds.example"
VOCABULARY = 80  # English repeats itself: words from a short list pack as newspapers do, about five to one

NGINX = """
daemon off; master_process off; error_log stderr error; pid nginx.pid;
events {{ worker_connections 2048; }}
http {{
    access_log off; sendfile off; tcp_nodelay on; tcp_nopush on; keepalive_requests 1000000000; gzip_static on;
    open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h; open_file_cache_min_uses 1;
    types {{ application/rss+xml rss; application/json json; }}
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{ listen 127.0.0.1:{port} backlog=1024; root {root}; }}
}}
"""

H2O = """
user: {user}
num-threads: 1
listen: {{host: 127.0.0.1, port: {port}}}
error-log: /dev/stderr
pid-file: h2o.pid
compress: OFF
file.send-compressed: ON
file.mime.addtypes: {{application/rss+xml: [.rss], application/json: [.json]}}
hosts: {{default: {{paths: {{/: {{file.dir: {root}}}}}}}}}
"""

CADDY = """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    bind 127.0.0.1
    root * {root}
    file_server {{
        precompressed br gzip
    }}
}}
"""

# The servers of files, each with its settings as an expert would write them.
SETTINGS = {"nginx": NGINX, "h2o": H2O, "caddy": CADDY}

# What is asked for, by name: the path, whether a reader has it already, whether each request is another reader's.
ASKED = {
    "feed, 200": (FEED, False, False),
    "feed, 304": (FEED, True, False),
    "headlines, 200": (HEADLINES, False, False),
    "feed, 200, of 10,000 readers": (FEED, False, True),
}


@dataclass(frozen=True, slots=True)
class Server:
    """One that is measured: its name, port, the process that answers, and what it can be asked for."""

    name: str
    port: int
    pid: int
    asked: tuple[str, ...]


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    flags.add_argument("--seconds", type=int, default=5, help="how long each is asked in each round (default 5)")
    flags.add_argument("--only", nargs="+", default=[], metavar="NAME", help="the first words of the servers to measure")
    options = flags.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("needs two cores: one for the server, one for the load")
    with workshop(options.folder) as (_, work), ExitStack() as running:
        articles, published = work / "articles", work / "published"
        _write_articles(articles)
        where = ["--articles", str(articles), "--database", f"sqlite:///{work}/feedsvc.db", "--public-url", PUBLIC_URL]
        measured([*FEEDSVC, "build", *where, "--out", str(published)], work)
        servers = list(_servers(articles, published, work, running, tuple(options.only) or ("",)))
        for server in servers:
            _check(server, published)
        loads = _rounds(servers, options.rounds, options.seconds, work)
        held = [[server.name, f"{memory_of(server.pid) / 1e6:.0f}"] for server in servers]
        plain, packed = (len((published / f"{FEED[1:]}{ending}").read_bytes()) for ending in ("", ".gz"))
    texts = {f"{name}, requests a second:": _table(servers, name, loads) for name in ASKED}
    texts["Memory of the process that answers, after all rounds:"] = table(["server", "MB"], held)
    packages = ("granian", "gunicorn", "Flask", "feedgen", "Django", "whitenoise", "httptools")
    versions = {name: _version(name) for name in ("nginx", "h2o", "caddy", "wrk")}
    where_taken = f"{machine(*packages, **versions)}. The feed has {ENTRIES} entries, {plain:,} bytes, {packed:,} in gzip"
    report("delivery", texts, where_taken, write=options.write)


def _write_articles(folder: Path) -> None:
    """Articles that make feeds of some 33 KB, 7 KB in gzip."""
    chance = random.Random(1)
    vocabulary = ["".join(chance.choices("aeioudhlnrst", k=chance.randint(2, 9))) for _ in range(VOCABULARY)]

    def sentence(length: int) -> str:
        return " ".join(chance.choices(vocabulary, k=length)).capitalize()

    for index in range(TOPICS * ENTRIES):
        path = article_path(folder, index)
        path.parent.mkdir(parents=True, exist_ok=True)
        front = f"title: {sentence(8)}\ndate: {(LAST - APART * index).isoformat()}\nstandfirst: {sentence(12)}\n"
        path.write_text(f"---\n{front}---\n{sentence(75)}.\n", "utf-8")
    (folder / "site.toml").write_text('[site]\ntitle = "The Benchmark"\nlanguage = "en"\ntimezone = "UTC"\n', "utf-8")


def _servers(articles: Path, published: Path, work: Path, running: ExitStack, only: tuple[str, ...]) -> Iterator[Server]:
    """Everything that is measured, started and answering, nginx and feedsvc first; `only` has how their names begin."""
    everything, no_304, feed_only = tuple(ASKED), ("feed, 200",), ("feed, 200", "feed, 304")
    python = (sys.executable, "-m")
    granian = (*python, "granian", "--interface", "wsgi", "--factory", "--log-level", "error", "--blocking-threads", "1")
    gunicorn = (*python, "gunicorn", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "75", "--log-level", "error")
    on_gunicorn = [*gunicorn, "--bind", "127.0.0.1:{port}"]

    def start(name: str, command: list[str], asked: tuple[str, ...]) -> Iterator[Server]:
        if not name.startswith(only):
            return
        folder = work / re.sub(r"\W+", "-", name)
        folder.mkdir()
        port = free_port()
        if command[0] in SETTINGS:
            settings = SETTINGS[command[0]].format(port=port, root=published, user=getpass.getuser())
            (folder / "settings").write_text(settings, "utf-8")
        words = [word.format(port=port, folder=folder) for word in command]
        environment = {"PUBLISHED": str(published), "DATABASE": f"sqlite:///{work}/feedsvc.db", "PUBLIC_URL": PUBLIC_URL}
        environment |= {"GOMAXPROCS": "1", "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}  # for Caddy
        process = running.enter_context(started(words, folder, PYTHONPATH=str(HERE), **environment))
        yield Server(name, port, pin(answering(process, port, FEED)), asked)

    yield from start("nginx", ["nginx", "-p", "{folder}", "-c", "{folder}/settings", "-e", "stderr"], everything)
    if "feedsvc serve".startswith(only):
        (work / "feedsvc").mkdir()
        ours = running.enter_context(service(articles, work / "feedsvc", "--public-url", PUBLIC_URL, "--interval", "3600"))
        yield Server("feedsvc serve", ours.port, pin(answering(ours.process, ours.port, FEED)), everything)
    yield from start("h2o", ["h2o", "-m", "worker", "-c", "{folder}/settings"], everything)
    yield from start("Caddy", ["caddy", "run", "--config", "{folder}/settings", "--adapter", "caddyfile"], everything)
    on_granian = [*granian, "--port", "{port}"]
    yield from start("feedsvc, granian", [*on_granian, "peers:feedsvc"], everything)
    yield from start("WhiteNoise, granian", [*on_granian, "peers:whitenoise"], everything)
    yield from start("Flask with ready bytes, granian", [*on_granian, "peers:flask_bytes"], everything[:3])
    yield from start("Flask with ready bytes, gunicorn", [*on_gunicorn, "peers:flask_bytes()"], everything[:3])
    yield from start("Flask with feedgen, granian", [*on_granian, "peers:flask_feedgen"], no_304)
    yield from start("Django syndication, granian", [*on_granian, "peers:django"], feed_only)


def _check(server: Server, published: Path) -> None:
    """Ends the benchmark where a server's answers are not the right ones."""
    for path in (FEED, HEADLINES):
        if not any(ASKED[name][0] == path for name in server.asked):
            continue
        status, headers, body = ask(server.port, path)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        wanted = (published / path[1:]).read_bytes()
        right = body == wanted if HEADLINES in (ASKED[name][0] for name in server.asked) else _titles(body) == _titles(wanted)
        if status != 200 or not right:
            raise SystemExit(f"{server.name}: {path} is not what was published (status {status})")
        if "feed, 304" in server.asked:
            other, again = (ask(server.port, path, If_None_Match=tag) for tag in ('"another"', headers["etag"]))
            if (other[0], again[0], again[2]) != (200, 304, b""):
                raise SystemExit(f"{server.name}: {path} answers {other[0]} to another ETag and {again[0]} to its own")


def _titles(feed: bytes) -> list[str | None]:
    return [title.text for title in ElementTree.fromstring(feed).iterfind("channel/item/title")]  # noqa: S314 - our own bytes


def _rounds(servers: list[Server], rounds: int, seconds: int, work: Path) -> dict[tuple[str, str], list[Load]]:
    taken: dict[tuple[str, str], list[Load]] = {}
    for number in range(rounds):
        for name, (path, known, varied) in ASKED.items():
            for server in (one for one in servers if name in one.asked):
                tag = ask(server.port, path)[1]["etag"] if known else None
                one = load(server.pid, server.port, path, seconds, work, tag=tag, script=VARIED if varied else "")
                taken.setdefault((server.name, name), []).append(one)
                print(f"  {number + 1} {name:29} {server.name:33} {one.rate:9,.0f}/s {one.cpu:7.1f} µs", flush=True)
    return taken


def _table(servers: list[Server], name: str, loads: dict[tuple[str, str], list[Load]]) -> str:
    def over(some: list[Load], others: list[Load]) -> Figures:
        return Figures(tuple(one.rate / other.rate for one, other in zip(some, others, strict=True)))

    rows = []
    first, ours = loads.get(("nginx", name)), loads.get(("feedsvc serve", name))
    for server in (one for one in servers if name in one.asked):
        some = loads[server.name, name]
        rate, p50, p99, cpu = (Figures(tuple(getattr(one, figure) for one in some)) for figure in ("rate", "p50", "p99", "cpu"))
        to_nginx = f"{over(some, first):.3f}" if first else ""
        times = f"{over(ours, some):,.1f}" if ours else ""
        rows.append([server.name, f"{rate:,.0f}", to_nginx, times, f"{p50.median:.2f}", f"{p99:.2f}", f"{cpu:,.1f}"])
    return table(["server", "a second", "of nginx", "feedsvc is … times it", "p50 ms", "p99 ms", "CPU µs each"], rows)


def _version(program: str) -> str:
    said = subprocess.run([program, "version" if program == "caddy" else "-v"], capture_output=True, text=True)
    found = re.search(r"\d+(?:\.\d+)+", said.stderr + said.stdout)
    return found[0] if found else "unknown"


if __name__ == "__main__":
    main()
