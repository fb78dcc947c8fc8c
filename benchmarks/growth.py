"""What everything costs as a newsroom grows: `python benchmarks/growth.py --folder /var/tmp/corpus --write`.

One row for each size: so many articles in 50 topics, then 10,000 articles in so many topics, then with feeds that site.toml
defines. Each is built into a new database; then a service with one web worker starts on it, articles are saved and seen served,
and an archive is asked for the first time.
"""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import PUBLIC_URL, Figures, articles_folder, build, machine, memory_of, parser, report, service, table, workshop
from corpus import TOPICS
from loads import ask
from saving import as_it_was, save, until_shown

MB = 1_000_000
SETTLE = 0.3
FEEDS = """
[feeds.feed-{number}]
title = "A partner's feed {number}"
any = ["topic-{first:02}", "topic-{second:02}", "topic-{third:02}"]
none = ["topic-{other:02}"]
text = "{text}"
"""
HEAD = (
    "articles, topics, defined feeds",
    "cold build, s",
    "its memory, MB",
    "database, MB",
    "KB an article",
    "warm start, s",
    "memory idle, MB",
    "saved → served, ms",
    "an archive, ms",
)


def main() -> None:
    """Measures and reports."""
    flags = parser(__doc__)
    flags.add_argument("--articles", type=int, nargs="+", default=[1_000, 10_000, 100_000, 300_000])
    flags.add_argument("--topics", type=int, nargs="+", default=[10, 50, 1_000, 10_000])
    flags.add_argument("--saves", type=int, default=10, help="how many articles are saved at each size (default 10)")
    flags.add_argument("--feeds", type=int, nargs="+", default=[10], help="how many feeds site.toml defines (default 10)")
    options = flags.parse_args()
    sizes = [*((number, TOPICS, 0) for number in options.articles), *((10_000, topics, 0) for topics in options.topics)]
    sizes += [(10_000, TOPICS, feeds) for feeds in options.feeds]
    rows = []
    with workshop(options.folder) as (corpus, work):
        for number, topics, feeds in dict.fromkeys(sizes):
            folder = work / f"{number}-{topics}-{feeds}"
            folder.mkdir()
            articles = articles_folder(corpus, number, topics)
            with _defined(articles, feeds):
                name = f"{number:,}, {topics:,}, {feeds}"
                rows.append((name, *_figures(articles, folder, number, topics, options.saves)))
            print("  ", *rows[-1], flush=True)
    report("growth", {"What a size costs, one run each:": table(HEAD, rows)}, machine("httptools"), write=options.write)


@contextmanager
def _defined(articles: Path, feeds: int) -> Iterator[None]:
    """So many feeds in `site.toml`, each of a few topics, half of them with summaries; it is as it was afterwards."""
    site = articles / "site.toml"
    before = site.read_text("utf-8")
    numbers = [(number, *((7 * number + step) % TOPICS for step in (1, 12, 23, 34))) for number in range(feeds)]
    names = "number", "first", "second", "third", "other"
    texts = [FEEDS.format(**dict(zip(names, one, strict=True)), text=("full", "summary")[one[0] % 2]) for one in numbers]
    topics = [f'[topics.topic-{topic:02}]\nname = "Topic {topic}"\n' for topic in range(TOPICS)] if feeds else []
    site.write_text("\n".join((before, *topics, *texts)), "utf-8")
    try:
        yield
    finally:
        site.write_text(before, "utf-8")


def _figures(articles: Path, folder: Path, number: int, topics: int, saves: int) -> tuple[str, ...]:
    usage = build(articles, folder)
    size = sum(file.stat().st_size for file in folder.glob("feedsvc.db*"))
    begun = time.perf_counter()
    with as_it_was(articles, saves, topics), service(articles, folder, wait=False) as ours:
        warm = until_shown(ours.port, "/feeds/all.rss", "</rss>") - begun
        _save(articles, ours.port, 0, topics)  # the first look at the folder is over
        taken = Figures(tuple(_save(articles, ours.port, index, topics) for index in range(saves)))
        archive = _archive(ours.port)
        begun = time.perf_counter()
        asked = archive is not None and ask(ours.port, archive)[0] == 200
        made = time.perf_counter() - begun
        idle = memory_of(ours.process.pid)
    figures = f"{usage.wall:.1f}", f"{usage.peak / MB:.0f}", f"{size / MB:.0f}", f"{size / number / 1000:.1f}", f"{warm:.2f}"
    return (*figures, f"{idle / MB:.0f}", f"{taken:.0f}", f"{made * 1000:.0f}" if asked else "–")


def _archive(port: int) -> str | None:
    """The path of the newest archive of everything, which nobody has asked for yet."""
    feed = gzip.decompress(ask(port, "/feeds/all.atom")[2]).decode()
    link = re.search(r'<link [^>]*rel="prev-archive"[^>]*>', feed)
    address = re.search(r'href="([^"]+)"', link[0]) if link else None
    return address[1].removeprefix(PUBLIC_URL) if address else None


def _save(articles: Path, port: int, index: int, topics: int) -> float:
    """Milliseconds from an article saved to the article served."""
    time.sleep(SETTLE)
    title = f"Saved as number {time.time_ns()}"
    saved = save(articles, index, title, among=topics)
    return (until_shown(port, "/feeds/all.rss", title) - saved) * 1000


if __name__ == "__main__":
    main()
