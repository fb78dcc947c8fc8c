"""From an article saved to the article served over HTTP, and from a start to the first feed: `python benchmarks/freshness.py`.

A service with one web worker runs on this machine's loopback over a corpus of its own. Each save writes a new title into one of
the newest articles, by rename or in place, and `/feeds/all.rss` is read over one kept connection until it shows it. Under load,
wrk (Debian's package `wrk`) asks the same worker for feeds and headlines all the while: at a steady rate, and as fast as it can.
A warm start is `feedsvc serve` on an existing database: until the documents of the last run are served, and until the first scan
is done, which is when an article that was saved while the service was down is served. A cold one is on an empty database: until
the newest articles are in their feed, and until the oldest has its page.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import Figures, articles_folder, build, machine, parser, report, service, started, table, workshop
from corpus import article_path
from saving import as_it_was, save, until_shown

PATH = "/feeds/all.rss"
KINDS = ("rename", "in place")
NEWEST = 20
SETTLE = 0.1
CONNECTIONS = 16
RATE = 2_000
# Bounded, should the benchmark be killed: no round takes as long.
LOAD_SECONDS = 600
_ASKS = """
local paths, number = {"/feeds/all.rss", "/feeds/topic-07.atom", "/headlines.json", "/feeds/topic-11.json"}, 0
request = function()
  number = number + 1
  return wrk.format("GET", paths[number % #paths + 1], {["Accept-Encoding"] = "gzip"})
end
"""
_PAUSES = f"delay = function() return {CONNECTIONS * 1000 // RATE} end\n"
STARTS = ("warm: old documents served", "warm: first scan done", "cold: the newest articles served", "cold: the oldest too")
LOADS = {"idle": None, f"{RATE:,} requests/s": _ASKS + _PAUSES, "as many requests as it takes": _ASKS}


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    flags.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000])
    flags.add_argument("--saves", type=int, default=20, help="how many saves of each kind there are in each round (default 20)")
    flags.add_argument("--only", choices=("freshness", "starts"), help="one of the two")
    options = flags.parse_args()
    rounds, saves = options.rounds, options.saves
    saving: dict[str, str] = {}
    starting: dict[str, str] = {}
    titles = (f"Saved as number {count:06}" for count in itertools.count())
    with workshop(options.folder) as (corpus, work):
        for number in options.articles:
            articles = articles_folder(corpus, number)
            folder = work / str(number)
            folder.mkdir()
            build(articles, folder)
            with as_it_was(articles, NEWEST):
                if options.only != "starts":
                    about = f"Milliseconds from saved to served among {number:,} articles, {rounds} × {saves} saves of each kind:"
                    saving[about] = _saving(articles, folder, titles, rounds, saves)
                if options.only != "freshness":
                    about = f"Seconds from a start with {number:,} articles, {rounds} starts:"
                    starting[about] = _starting(articles, folder, titles, number, rounds)
    if saving:
        report("freshness", saving, machine("httptools"), write=options.write)
    if starting:
        report("starts", starting, machine("httptools"), write=options.write)


def _saving(articles: Path, folder: Path, titles: Iterator[str], rounds: int, saves: int) -> str:
    taken: dict[tuple[str, str], list[float]] = {(load, kind): [] for load in LOADS for kind in KINDS}
    with service(articles, folder) as running:
        for number in range(rounds):
            for load, script in LOADS.items():
                with _load(running.port, folder, script):
                    _saved(articles, running.port, next(titles), 0, KINDS[0])  # the load has begun, and the first scan is over
                    for kind in KINDS:
                        some = [_saved(articles, running.port, next(titles), index % NEWEST, kind) for index in range(saves)]
                        taken[load, kind] += some
                        print(f"  round {number + 1} {load}, {kind}: {Figures(tuple(some)):.1f} ms", flush=True)
    rows = []
    for (load, kind), milliseconds in taken.items():
        figures = Figures(tuple(milliseconds))
        rows.append((f"{load}, {kind}", f"{figures:.1f}", f"{figures.part(95):.1f}"))
    return table(("", "saved → served, ms", "95th percentile, ms"), rows)


def _saved(articles: Path, port: int, title: str, index: int, kind: str) -> float:
    time.sleep(SETTLE)
    saved = save(articles, index, title, kind)
    return (until_shown(port, PATH, title) - saved) * 1000


@contextmanager
def _load(port: int, folder: Path, script: str | None) -> Iterator[None]:
    if script is None:
        yield
        return
    load = folder / "load"
    load.mkdir(exist_ok=True)
    (load / "asks.lua").write_text(script)
    words = ["-t1", f"-c{CONNECTIONS}", f"-d{LOAD_SECONDS}s", "-s", "asks.lua", f"http://127.0.0.1:{port}"]
    with started(["wrk", *words], load):
        yield


def _starting(articles: Path, folder: Path, titles: Iterator[str], number: int, rounds: int) -> str:
    oldest = f"/articles/{article_path(articles, number - 1).stem}"
    taken: dict[str, list[float]] = {name: [] for name in STARTS}
    for index in range(rounds):
        title = next(titles)
        save(articles, index % NEWEST, title)
        begun = time.perf_counter()
        with service(articles, folder, wait=False) as warm:
            taken[STARTS[0]].append(until_shown(warm.port, PATH, "</rss>") - begun)
            taken[STARTS[1]].append(until_shown(warm.port, PATH, title) - begun)
        with tempfile.TemporaryDirectory(dir=folder) as empty:
            begun = time.perf_counter()
            with service(articles, Path(empty), wait=False) as cold:
                taken[STARTS[2]].append(until_shown(cold.port, PATH, title) - begun)
                taken[STARTS[3]].append(until_shown(cold.port, oldest, "</html>") - begun)
        print(f"  start {index + 1}:", ", ".join(f"{name} after {some[-1]:.2f} s" for name, some in taken.items()), flush=True)
    return table(("", "seconds"), [(name, f"{Figures(tuple(some)):.2f}") for name, some in taken.items()])


if __name__ == "__main__":
    main()
