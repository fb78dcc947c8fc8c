"""A cold build and one changed article, beside other generators: `python benchmarks/build.py --folder /var/tmp/corpus --write`.

Needs `pip install -r benchmarks/requirements.txt` and `npm install --prefix benchmarks/eleventy`. In each round every maker builds
once, one after another, from files that the system has in memory; what they made is checked to be the same. Then those that can are
given changed articles, as a newsroom would: feedsvc's build and service, `hugo server`, and Pelican with its cache.
Seconds by the clock and of processor time are of the command with all that it begins; memory is the most that the processes
held at a look every 50 ms, as the sum of their PSS. First right is when every feed has its newest articles, in order: for a
generator that writes its feeds last, that is its end.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator

from bench import Figures, Usage, articles_folder, machine, parser, report, table, workshop
from saving import as_it_was
from sites import ELEVENTY, Eleventy, Feedsvc, Hugo, Maker, Pelican, check

SLOW_MOST = 10_000
SETTLE = 0.3
MB = 1_000_000


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    flags.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000])
    flags.add_argument("--saves", type=int, default=10, help="how many articles are changed in each round (default 10)")
    flags.add_argument("--without-slow", action="store_true", help="leaves out Eleventy and Pelican, the slowest")
    options = flags.parse_args()
    rounds, saves = options.rounds, options.saves
    texts: dict[str, str] = {}
    with workshop(options.folder) as (corpus, work):
        for number in options.articles:
            articles = articles_folder(corpus, number)
            with_slow = number <= SLOW_MOST and not options.without_slow
            kinds = (Feedsvc, Hugo, Eleventy, Pelican) if with_slow else (Feedsvc, Hugo)
            (work / str(number)).mkdir()
            makers = [kind(articles, number, work / str(number) / kind.name) for kind in kinds]
            texts[f"Cold build of {number:,} articles, {rounds} rounds:"] = _cold(makers, rounds)
            with as_it_was(articles, saves):
                texts[f"One article of {number:,} changed, {rounds} × {saves} times:"] = _changed(makers, rounds, saves)
    peers = ["hugo"] if options.without_slow else ["hugo", "pelican", "Markdown"]
    report("build", texts, machine(*peers, **({} if options.without_slow else {"eleventy": _eleventy()})), write=options.write)


def _cold(makers: list[Maker], rounds: int) -> str:
    taken: dict[str, list[Usage]] = {maker.name: [] for maker in makers}
    for number in range(rounds):
        for maker in makers:
            usage = maker.build()
            taken[maker.name].append(usage)
            taking = f"{usage.wall:.2f} s, first right {usage.first:.2f} s, CPU {usage.cpu:.2f} s, {usage.peak / MB:.0f} MB"
            print(f"  cold {number + 1} {maker.name:8} {taking}", flush=True)
            if number == 0:
                check(maker)
    rows = []
    for maker in makers:
        wall, first, cpu, peak = _figures(taken[maker.name])
        own_wall, own_first, _, own_peak = _figures(taken[Feedsvc.name])
        times, share = wall.median / own_wall.median, peak.median / own_peak.median
        seconds = f"{wall:.2f}", f"{times:.2f}", f"{first:.2f}", f"{first.median / own_first.median:.2f}"
        rows.append((maker.name, maker.made(), *seconds, f"{cpu:.2f}", f"{peak:.0f}", f"{share:.2f}"))
    head = "", "made", "seconds", "to ours", "first right, s", "to ours", "CPU seconds", "peak memory, MB", "to ours"
    return table(head, rows)


def _figures(usages: list[Usage]) -> tuple[Figures, ...]:
    taken = zip(*((usage.wall, usage.first, usage.cpu, usage.peak / MB) for usage in usages), strict=True)
    return tuple(Figures(some) for some in taken)


def _changed(makers: list[Maker], rounds: int, saves: int) -> str:
    ways = {name: way for maker in makers for name, way in maker.ways().items()}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    titles = itertools.count()
    for number in range(rounds):
        for name, way in ways.items():
            with way() as change:
                change(0, _title(titles))  # what was changed while it was down is taken in first
                for index in range(saves):
                    time.sleep(SETTLE)
                    taken[name].append(change(index, _title(titles)) * 1000)
            print(f"  changed {number + 1} {name}: {Figures(tuple(taken[name][-saves:])):.1f} ms", flush=True)
    rows = []
    for name, milliseconds in taken.items():
        figures = Figures(tuple(milliseconds))
        rows.append((name, f"{figures:.1f}", f"{figures.part(95):.1f}"))
    return table(("", "milliseconds", "95th percentile"), rows)


def _eleventy() -> str:
    version: str = json.loads((ELEVENTY / "node_modules/@11ty/eleventy/package.json").read_bytes())["version"]
    return version


def _title(titles: Iterator[int]) -> str:
    return f"Changed as number {next(titles):05}"


if __name__ == "__main__":
    main()
