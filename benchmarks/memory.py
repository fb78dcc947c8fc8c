"""That a web worker's memory stays where it is: `python benchmarks/memory.py --write`.

Needs Debian's `wrk`. A service with one web worker publishes 1,000 articles in 50 topics. Every document is asked for once; then an
article is saved and seen published, 200 times, and a feed asked for 100,000 times and more. Memory is the worker's PSS and RSS.
"""

from __future__ import annotations

import re
from pathlib import Path

from bench import articles_folder, machine, memory_of, parser, report, service, table, workshop
from corpus import TOPICS
from loads import answering, ask, load
from saving import as_it_was, save, until_shown

ARTICLES = 1_000
ENDINGS = ("rss", "atom", "json")
MOST = 120_000_000


def main() -> None:
    """Measures and reports; ends with 1 where memory has grown by a tenth since a quarter of the builds, or beyond 120 MB."""
    flags = parser(__doc__)
    flags.add_argument("--builds", type=int, default=200)
    flags.add_argument("--seconds", type=int, default=5, help="how long a feed is asked for (default 5)")
    options = flags.parse_args()
    rows, taken = [], []

    def look(about: str) -> None:
        taken.append(memory_of(pid))
        resident = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        rows.append([about, f"{taken[-1] / 1e6:.1f}", f"{int(resident[1]) * 1024 / 1e6 if resident else 0:.1f}"])
        print("  ", *rows[-1], flush=True)

    with workshop(options.folder) as (corpus, work):
        articles = articles_folder(corpus, ARTICLES)
        with as_it_was(articles, options.builds), service(articles, work, "--interval", "3600") as ours:
            pid = answering(ours.process, ours.port, "/feeds/topic-00.rss")
            look("started")
            paths = [f"/feeds/topic-{topic:02}.{ending}" for topic in range(TOPICS) for ending in ENDINGS]
            for path in (*paths, *(f"/headlines/topic-{topic:02}.json" for topic in range(TOPICS))):
                ask(ours.port, path)
            look("every feed asked for")
            for number in range(options.builds):
                title = f"Saved as number {number:05}"
                save(articles, number, title)
                until_shown(ours.port, f"/topics/topic-{number % TOPICS:02}", title)
                if number + 1 in (options.builds // 4, options.builds):
                    look(f"{number + 1} builds later")
            requests = load(pid, ours.port, "/feeds/topic-00.rss", options.seconds, work).rate * options.seconds
            look(f"and {requests:,.0f} requests later")
    texts = {"A web worker's memory:": table(["when", "PSS, MB", "RSS, MB"], rows)}
    report("memory", texts, machine("httptools"), write=options.write)
    if max(taken) > MOST or taken[-1] > 1.1 * taken[2]:
        raise SystemExit("memory has grown")


if __name__ == "__main__":
    main()
