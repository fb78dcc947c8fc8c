"""A deterministic corpus: the same number gives the same files, on every machine.

An article is about 3.5 KB, in one of 50 topics, with dates a quarter of an hour apart that end at a fixed moment.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

TOPICS = 50
LAST = datetime(2026, 11, 20, 12, tzinfo=UTC)
APART = timedelta(minutes=15)
_SYLLABLES = [consonant + vowel for consonant in "bdklmnrst" for vowel in "aeiou"]


def write_corpus(folder: Path, number: int) -> None:
    """Writes so many articles, and a `site.toml`, into a folder; the newest is number 0."""
    for topic in range(TOPICS):
        (folder / f"topic-{topic:02}").mkdir(parents=True, exist_ok=True)
    (folder / "site.toml").write_text('[site]\ntitle = "The Benchmark"\nlanguage = "en"\ntimezone = "UTC"\n', "utf-8")
    for index in range(number):
        path = article_path(folder, index)
        path.write_text(article(index), "utf-8")
        written = (LAST - APART * index).timestamp()
        os.utime(path, (written, written))


def article_path(folder: Path, index: int) -> Path:
    """Where an article of the corpus lies."""
    return folder / f"topic-{index % TOPICS:02}" / f"article-{index:06}.md"


def article(index: int, title: str | None = None) -> str:
    """The text of an article of the corpus, under another title if one is given."""
    words = _words(random.Random(index))
    title = title or _sentence(words, 9)
    points = "".join(f"  - {_sentence(words, 12)}\n" for _ in range(4))
    body = "\n\n".join(" ".join(_sentence(words, 14) for _ in range(5)) for _ in range(6))
    return (
        f"---\ntitle: {title}\ndate: {(LAST - APART * index).isoformat()}\nauthor: {_sentence(words, 2)}\n"
        f"standfirst: {_sentence(words, 20)}\nkey_points:\n{points}why_it_matters: {_sentence(words, 20)}\n"
        f"what_it_means: {_sentence(words, 18)}\n---\n{body}\n"
    )


def _words(chance: random.Random) -> Iterator[str]:
    while True:
        yield "".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4)))


def _sentence(words: Iterator[str], length: int) -> str:
    return " ".join(next(words) for _ in range(length)).capitalize()
