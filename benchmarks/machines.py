"""What faults of several machines cost readers: `python benchmarks/machines.py --write`, as root, with PostgreSQL and PgBouncer.

Two machines that may build and one that serves stand beside a primary with its standby, on this computer
(`benchmarks/cluster_of_machines.py`). An editor saves an article each half second, every machine's feed is read twenty times a
second, and a webhook is told of each article. The table says for each fault what the longest time between two publications was,
from the fault on; answers that are wrong: an error, an article that nobody has saved, one less than before, one twice; articles
that got another id or date; and articles of which the webhook was never told.
"""

from __future__ import annotations

import time
from pathlib import Path

from bench import machine, parser, report, table, workshop
from cluster_of_machines import Cluster, Scenario, cluster
from sqlalchemy import create_engine, text

from cluster.pooler import pooler
from support.live import until

PAGE = Path(__file__).parents[1] / "docs/scale.md"
AWAY_SECONDS = 60
SETTLE_SECONDS = 4
HEAD = ("what happened", "longest time without a publication", "answers", "wrong", "published twice", "never told")


def usual(made: Cluster, **given: str) -> None:
    """Two machines that may build, of which the first does, and one that serves."""
    made.add("first", **given).service.start()
    made.add("web", "--role", "web", "--articles", "nowhere", saves=False, **given).service.start()
    made.add("second", **given).service.start()
    made.begin()
    time.sleep(SETTLE_SECONDS)


def killed(made: Cluster) -> None:
    """the builder's machine loses its power"""
    usual(made)
    made.fault()
    made.machines.pop("first").end()


def cut_off(made: Cluster) -> None:
    """the builder's machine is cut off between two publications"""
    usual(made)
    made.fault()
    made.machines["first"].network.drop()
    time.sleep(30)
    made.machines["first"].network.heal()


def cut_off_inside(made: Cluster) -> None:
    """it is cut off inside the transaction that publishes"""
    usual(made)
    watcher = create_engine(made.now.url)
    with watcher.connect() as holding, watcher.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
        holding.execute(text("LOCK TABLE documents IN SHARE MODE"))
        waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'documents'::regclass AND NOT granted"
        until(lambda: looking.execute(text(waiting)).scalar())
        made.fault()
        made.machines["first"].network.drop()
        holding.rollback()
    watcher.dispose()
    time.sleep(30)
    made.machines["first"].network.heal()


def stopped(made: Cluster) -> None:
    """the database is stopped for 60 s"""
    usual(made)
    made.fault()
    made.first.stop()
    time.sleep(AWAY_SECONDS)
    made.first.start()


def promoted(made: Cluster) -> None:
    """a synchronous standby is promoted"""
    engine = create_engine(made.first.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET synchronous_standby_names = '*'"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    usual(made)
    move(made)


def promoted_with_loss(made: Cluster) -> None:
    """a standby that lacks the last two seconds is promoted"""
    usual(made)
    made.between.drop()
    time.sleep(2)
    made.goes_back = True
    move(made)


def move(made: Cluster) -> None:
    """Stops the primary, promotes the standby, and moves the address."""
    made.fault()
    made.first.stop()
    made.second.promote()
    made.now = made.second
    for one in made.machines.values():
        one.network.move(made.second.port)


def revised(made: Cluster, name: str, revision: int) -> None:
    """A machine whose articles have a revision."""
    made.add(name, "--revision", str(revision)).service.start(ready=name == "first")


def old_checkout(made: Cluster) -> None:
    """an older checkout waits beside a good one, and the builder ends"""
    revised(made, "first", 8)
    made.begin()
    revised(made, "old", 7)
    made.folders.pop()  # nothing new gets there
    revised(made, "good", 9)
    builder_ends(made)


def empty_folder(made: Cluster) -> None:
    """an empty folder waits beside a good one, and the builder ends"""
    made.add("first").service.start()
    made.begin()
    until(lambda: made.saved > 10)
    made.add("empty", saves=False).service.start(ready=False)
    made.add("good").service.start(ready=False)
    builder_ends(made)


def builder_ends(made: Cluster) -> None:
    """The builder's machine ends as at a deployment, when the others have waited for a while."""
    time.sleep(5)
    made.fault()
    made.machines.pop("first").stop()


def restarted(made: Cluster) -> None:
    """all machines are started anew, one after the other"""
    usual(made)
    made.fault()
    for name in ("first", "second", "web"):
        one = made.machines[name]
        one.stop()
        one.service.start()
        time.sleep(2)


def pooled(made: Cluster) -> None:
    """PgBouncer in transaction mode, and the builder's machine loses its power"""
    usual(made, url=made.beside.enter_context(pooler(made.first.url)))
    made.fault()
    made.machines.pop("first").end()


def without_database(made: Cluster) -> None:
    """a web machine starts without a database, which comes back after 20 s"""
    usual(made)
    web = made.machines["web"]
    made.fault()
    web.network.drop()
    web.end()
    web.service.start()
    time.sleep(20)
    web.network.heal()


SCENARIOS: tuple[Scenario, ...] = (
    *(killed, cut_off, cut_off_inside, stopped, promoted, promoted_with_loss),
    *(old_checkout, empty_folder, restarted, pooled, without_database),
)


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    names = [scenario.__name__ for scenario in SCENARIOS]
    flags.add_argument("--only", nargs="+", choices=names, default=names, help="some of the faults")
    options = flags.parse_args()
    rows = []
    with workshop(options.folder) as (_, work):
        for scenario in SCENARIOS:
            if scenario.__name__ in options.only:
                rows.append(row(scenario, work / scenario.__name__))
                print(" | ".join(rows[-1]), flush=True)
    where = machine("psycopg", "SQLAlchemy")
    report("benchmarks/machines.py", {"": table(HEAD, rows)}, where, write=options.write, page=PAGE)


def row(scenario: Scenario, folder: Path) -> list[str]:
    """What one fault cost."""
    with cluster(folder) as made:
        scenario(made)
        seen = made.settle()
        for word in (*seen.wrong[:5], *seen.twice[:5], *seen.lost[:5]):
            print(f"  {word}")
        counts = (seen.answers, len(seen.wrong), len(set(seen.twice)), len(seen.lost))
        return [(scenario.__doc__ or "").strip(), f"{seen.gap:.1f} s", *map(str, counts)]


if __name__ == "__main__":
    main()
