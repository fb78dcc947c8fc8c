"""What it costs to parse an article, by stage, in processor time: `python benchmarks/reading.py`."""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable

from bench import cpu_of
from corpus import article

from feedsvc.articles import parsers
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.parsers import frontmatter
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.fields import read_fields
from feedsvc.articles.parsers.markdown import read_markdown
from feedsvc.articles.parsers.parts import Parts
from feedsvc.articles.parsers.sanitise import sanitise
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

PATH = "topic/article.md"
PLACE = Urls("https://feeds.example", Site())
ROUNDS = 7


def main() -> None:
    """Measures and prints a line a stage: the median of the rounds, and their spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000)
    options = parser.parse_args()
    files = [(f"topic/article-{number}.md", article(number).encode()) for number in range(options.articles)]
    print(f"{len(files)} articles of {statistics.mean(len(data) for _, data in files) / 1000:.1f} KB, {ROUNDS} rounds")
    texts = [data.decode() for _, data in files]
    split = [frontmatter.split(text, Faults(PATH)) for text in texts]
    fields = [read_fields(front, PATH, PLACE, Faults(PATH)) for front, _, _ in split]
    bodies = [(text, line, known) for (_, text, line), known in zip(split, fields, strict=True)]

    def markdown() -> list[Parts]:
        return [read_markdown(text, line, known, PLACE.site, Faults(PATH)) for text, line, known in bodies]

    parts = markdown()
    _report("front matter, YAML", len(files), lambda: [frontmatter.split(text, Faults(PATH)) for text in texts])
    _report("front matter, keys", len(files), lambda: [read_fields(front, PATH, PLACE, Faults(PATH)) for front, _, _ in split])
    _report("Markdown", len(files), markdown)
    _report("sanitising", len(files), lambda: [sanitise(part.html, "https://feeds.example/articles/x") for part in parts])
    _report("all, in this process", len(files), lambda: [parsers.read(path, data, PLACE) for path, data in files])
    with ParserPool(processes=1) as pool:
        _report("all, in the parser pool", len(files), lambda: list(pool.read_all(iter(files), PLACE)))


def _report(stage: str, number: int, work: Callable[[], object]) -> None:
    work()
    taken = []
    for _ in range(ROUNDS):
        before = cpu_of(os.getpid())
        work()
        taken.append((cpu_of(os.getpid()) - before) / number * 1e6)
    middle = statistics.median(taken)
    print(f"{stage:26} {middle:7.0f} µs an article ({min(taken):.0f} to {max(taken):.0f}), {1e6 / middle:8,.0f} a second and core")


if __name__ == "__main__":
    main()
