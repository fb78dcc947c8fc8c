"""What several machines cost: `python benchmarks/machine_costs.py --write`, as root, with PostgreSQL.

From an article saved to the article served, on the machine that builds and on another one; transactions and processor time of
PostgreSQL while nothing happens, beside machines of which more than two are simulated: their followers alone, which are all that
asks the database then; and a build of the corpus into an empty database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench import Figures, articles_folder, cpu_of, machine, measured, parser, report, table, workshop
from cluster_of_machines import Cluster, cluster
from machines import PAGE
from sqlalchemy import create_engine, text

from cluster.servers import Server
from feedsvc.storage.generation import GenerationPoll
from feedsvc.storage.store import Store
from support.live import FEEDSVC, PUBLIC_URL, save, until

SETTLE_SECONDS = 10
IDLE_SECONDS = 20
LOOK_SECONDS = 0.002
SHOWN_SECONDS = 120
_TRANSACTIONS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    flags.add_argument("--saves", type=int, default=40, help="how many saves there are (default 40)")
    flags.add_argument("--machines", type=int, nargs="+", default=[2, 8, 50], help="beside how many PostgreSQL idles")
    flags.add_argument("--articles", type=int, default=100_000, help="of the corpus; 0 leaves that out")
    options = flags.parse_args()
    texts = {}
    with workshop(options.folder) as (corpus, work):
        with cluster(work / "machines") as made:
            for name, given in (("first", ()), ("web", ("--role", "web", "--articles", "nowhere"))):
                made.add(name, *given, saves=name == "first").service.start(ready=False)
            save(made.folder / "first", "news/tide.md", "Before all")
            for one in made.machines.values():
                until(one.service.is_ready)
            texts["From an article saved to the article served:"] = served(made, options.saves)
            texts["PostgreSQL while nothing happens:"] = idle(made, options.machines)
        if options.articles:
            texts["A build into an empty database:"] = cold(articles_folder(corpus, options.articles), work, options.articles)
    report("benchmarks/machine_costs.py", texts, machine("psycopg", "SQLAlchemy"), write=options.write, page=PAGE)


def served(made: Cluster, saves: int) -> str:
    """How long saves took until each machine served them."""
    took: dict[str, list[float]] = {name: [] for name in made.machines}

    def watch(name: str, title: str, begun: float) -> None:
        service = made.machines[name].service
        end = begun + SHOWN_SECONDS
        while title not in service.get("/feeds/all.json").text and time.perf_counter() < end:
            time.sleep(LOOK_SECONDS)
        took[name].append((time.perf_counter() - begun) * 1_000)

    for number in range(saves):
        title = f"Saved as number {number:04}"
        save(made.folder / "first", "news/tide.md", title)
        begun = time.perf_counter()
        watchers = [threading.Thread(target=watch, args=(name, title, begun), daemon=True) for name in took]
        for watcher in watchers:
            watcher.start()
        for watcher in watchers:
            watcher.join(SHOWN_SECONDS)
        time.sleep(0.3)
    shown = {"first": "that builds", "web": "another"}
    rows = []
    for name, found in took.items():
        figures = Figures(tuple(found))
        rows.append([shown[name], f"{figures.median:.0f} ms", f"{figures.part(95):.0f} ms", str(len(found))])
    return table(("machine", "median", "95th of 100", "saves"), rows)


def idle(made: Cluster, machines: list[int]) -> str:
    """What PostgreSQL does beside so many machines that have nothing to do."""
    rows = []
    watcher = create_engine(made.first.url, isolation_level="AUTOCOMMIT")
    with watcher.connect() as connection:
        for number in machines:
            with followers(made.first, number - len(made.machines)):
                time.sleep(SETTLE_SECONDS)
                before, begun, used = connection.execute(text(_TRANSACTIONS)).scalar_one(), time.perf_counter(), cpu(made.first)
                time.sleep(IDLE_SECONDS)
                seconds = time.perf_counter() - begun
                count = connection.execute(text(_TRANSACTIONS)).scalar_one() - before
                sessions = connection.execute(text(_SESSIONS)).scalar_one()
                share = (cpu(made.first) - used) / seconds
            rows.append([str(number), f"{count / seconds:.1f}", f"{share:.1%} of a core", str(sessions)])
    watcher.dispose()
    return table(("machines", "transactions a second", "processor", "connections"), rows)


def cpu(server: Server) -> float:
    """The processor time that a server and its sessions have used, in seconds."""
    main = int((server.folder / "postmaster.pid").read_text("utf-8").splitlines()[0])
    return cpu_of(main)


@contextmanager
def followers(server: Server, number: int) -> Iterator[None]:
    """The sessions of so many machines that follow the database."""
    over = threading.Event()

    def follow() -> None:
        with closing(Store(server.url, create=False, awaited=True)) as store, closing(GenerationPoll(store)) as pulse:
            while not over.is_set():
                pulse.generation()
                store.engine.dispose()  # as a follower's is closed a moment after its use
                pulse.wait()

    threads = [threading.Thread(target=follow, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(SETTLE_SECONDS)


def cold(articles: Path, work: Path, number: int) -> str:
    """How long a build of so many articles takes, and what it leaves in the database."""
    with cluster(work / "cold") as made:
        words = ["--articles", str(articles), "--database", made.first.url, "--public-url", PUBLIC_URL]
        used = measured([*FEEDSVC, "build", *words], work)
        watcher = create_engine(made.first.url)
        with watcher.connect() as connection:
            size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        watcher.dispose()
    row = [f"{number:,}", f"{used.wall:.0f} s", f"{used.cpu:.0f} s", f"{size / 1e6:,.0f} MB"]
    return table(("articles", "time", "processor of feedsvc", "the database"), [row])


if __name__ == "__main__":
    main()
