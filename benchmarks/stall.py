"""What readers notice of a build: `python benchmarks/stall.py --folder /var/tmp/corpus --write`.

Needs Debian's `wrk`. A service with one web worker has published a corpus. Readers ask for a feed, a few thousand times a second,
while nothing else happens, and then while the builder rebuilds everything on the same two cores: each file looks changed, and
so does `site.toml`, so that every article is read and every document rendered, compressed and published. Both in turn, some rounds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import Figures, Service, articles_folder, cpu_of, machine, parser, report, service, table, workshop
from loads import PACED, Load, answering, load

FEED = "/feeds/topic-00.rss"
BUILD_SECONDS = 600


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    flags.add_argument("--articles", type=int, default=10_000)
    flags.add_argument("--seconds", type=int, default=3, help="how long readers ask in each round (default 3)")
    options = flags.parse_args()
    quiet, build = [], []
    with workshop(options.folder) as (corpus, work):
        articles = articles_folder(corpus, options.articles)
        with _site_as_it_was(articles), service(articles, work, "--interval", "3600") as ours:
            pid = answering(ours.process, ours.port, FEED)
            _wait_until_still(ours)
            for number in range(options.rounds):
                quiet.append(load(pid, ours.port, FEED, options.seconds, work, script=PACED))
                _make_all_new(articles, number)
                _wait_until_busy(ours)
                build.append(load(pid, ours.port, FEED, options.seconds, work, script=PACED))
                print(f"  {number + 1} p99 {quiet[-1].p99:.2f} ms, {build[-1].p99:.2f} ms while all is built", flush=True)
                _wait_until_still(ours)
    ratios = Figures(tuple(one.p99 / other.p99 for one, other in zip(build, quiet, strict=True)))
    rows = [_row("nothing", quiet), _row("a full build", build)]
    text = table(["beside it", "requests a second", "p50 ms", "p99 ms"], rows)
    about = f"Feeds asked for, {options.articles:,} articles; while they are built the 99th percentile is {ratios:.2f} times:"
    report("stall", {about: text}, machine("httptools"), write=options.write)


def _row(about: str, loads: list[Load]) -> list[str]:
    rate, p50, p99 = (Figures(tuple(getattr(one, figure) for one in loads)) for figure in ("rate", "p50", "p99"))
    return [about, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}"]


@contextmanager
def _site_as_it_was(articles: Path) -> Iterator[None]:
    site = articles / "site.toml"
    text = site.read_text("utf-8")
    try:
        yield
    finally:
        site.write_text(text, "utf-8")


def _make_all_new(articles: Path, number: int) -> None:
    title = f'[site]\ntitle = "The Benchmark {number}"\nlanguage = "en"\ntimezone = "UTC"\n'
    for path in articles.rglob("*.md"):
        os.utime(path, (path.stat().st_mtime + 1, path.stat().st_mtime + 1))
    beside = articles / ".site.toml.tmp"
    beside.write_text(title, "utf-8")
    os.replace(beside, articles / "site.toml")


def _build(ours: Service) -> float:
    """How many cores the service's other processes take just now."""
    before, looked = cpu_of(ours.process.pid), time.monotonic()
    time.sleep(0.2)
    return (cpu_of(ours.process.pid) - before) / (time.monotonic() - looked)


def _wait_until_busy(ours: Service) -> None:
    end = time.monotonic() + 30
    while _build(ours) < 0.5:
        if time.monotonic() > end:
            raise SystemExit("no build began")


def _wait_until_still(ours: Service) -> None:
    end, still = time.monotonic() + BUILD_SECONDS, 0
    while still < 10:
        still = still + 1 if _build(ours) < 0.1 else 0
        if time.monotonic() > end:
            raise SystemExit("the build did not end")


if __name__ == "__main__":
    main()
