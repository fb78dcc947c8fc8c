"""Counts what articles are made of: `python benchmarks/mix.py FOLDER …`, and without a folder in the corpus of the benchmarks.

A folder is a tree of Markdown files with front matter, as Jekyll, Hugo and Zola have them. The corpus is held against such counts.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from bench import table
from corpus import article

SAMPLE = 2_000
_FILE = re.compile(r"\s*(---|\+\+\+)\r?\n(.*?)\r?\n\1[ \t]*\r?\n(.*)", re.DOTALL)
_TOPICS = re.compile(r"^(?:topics|tags|categories)\s*[:=]\s*(?:\[([^\]]*)\]|((?:\n\s*-\s.*)+))", re.MULTILINE)
_QUOTED = re.compile(r"^\s*(?:- )?[\w-]*\s*[:=]?\s*[\"']", re.MULTILINE)
_FOLDED = re.compile(r":\s*[>|][-+]?\s*$", re.MULTILINE)
BODY = {
    "links": re.compile(r"(?<!!)\[[^\]\n]+\]\([^)\s]+[^)]*\)|<https?://|<a\s[^>]*href", re.IGNORECASE),
    "emphasis": re.compile(r"(?<![\w*])\*[^*\s][^*\n]*\*(?!\*)|(?<![\w_])_[^_\s][^_\n]*_(?!\w)|<(?:i|em)>", re.IGNORECASE),
    "strong": re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__|<(?:b|strong)>", re.IGNORECASE),
    "code": re.compile(r"(?<!`)`[^`\n]+`(?!`)"),
    "headings": re.compile(r"^#{1,6}\s|<h[1-6]", re.MULTILINE | re.IGNORECASE),
    "points of lists": re.compile(r"^\s{0,6}(?:[-*+]|\d+[.)])\s+\S|<li", re.MULTILINE | re.IGNORECASE),
    "quotes": re.compile(r"(?:\A|\n[ \t]*\n)>|<blockquote", re.IGNORECASE),
    "pictures": re.compile(r"!\[[^\]]*\]\(|<img\b", re.IGNORECASE),
    "tables": re.compile(r"^\|?\s*:?-{3,}:?\s*\||<table", re.MULTILINE | re.IGNORECASE),
    "HTML tags": re.compile(r"<(?!http|/|!)[a-z][^>]*>", re.IGNORECASE),
    "typographic signs": re.compile("[‘’“”–—]"),
}


def main() -> None:
    """Counts and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    sources = {folder.name: _files(folder) for folder in parser.parse_args().folders}
    sources["the corpus"] = (article(index) for index in range(SAMPLE))
    columns = {name: _counted(texts) for name, texts in sources.items()}
    kinds = next(iter(columns.values()))
    print(table(("", *columns), [(kind, *(column[kind] for column in columns.values())) for kind in kinds]))


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.md")):
        yield path.read_text("utf-8", "replace")


def _counted(texts: Iterator[str]) -> dict[str, str]:
    """How much an article has of each kind: `6.1 in 92 %` are 6.1 in the mean, where 92 of a hundred have any."""
    heads, bodies, sizes = [], [], []
    for text in texts:
        if found := _FILE.match(text):
            heads.append(found[2])
            bodies.append(found[3])
            sizes.append(len(text.encode()) / 1000)
    if not bodies:
        raise SystemExit("no Markdown file with front matter is there")
    topics = [one[1].count(",") + 1 if one[1] else one[2].count("\n") for head in heads if (one := _TOPICS.search(head))]
    words = sorted(len(body.split()) for body in bodies)
    column = {
        "articles": f"{len(bodies):,}",
        "KB, median": f"{statistics.median(sizes):.1f}",
        "words, median": f"{statistics.median(words):.0f}",
        "words, nine of ten have less than": f"{words[len(words) * 9 // 10]}",
        "topics": f"{statistics.mean(topics):.1f}" if topics else "0",
        "quoted values": _share(heads, _QUOTED),
        "folded values": _share(heads, _FOLDED),
    }
    for name, pattern in BODY.items():
        counts = [len(pattern.findall(body)) for body in bodies]
        having = sum(count > 0 for count in counts) / len(counts)
        column[name] = f"{statistics.mean(counts):.1f} in {having:.0%}"
    return column


def _share(heads: list[str], pattern: re.Pattern[str]) -> str:
    return f"{sum(bool(pattern.search(head)) for head in heads) / len(heads):.0%}"


if __name__ == "__main__":
    main()
