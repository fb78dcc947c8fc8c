"""A deterministic corpus: the same number gives the same files, on every machine.

Articles are made of what a newsroom's are made of: `benchmarks/mix.py` counts it, in public folders and here. Dates are a quarter
of an hour apart and end at a fixed moment.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

TOPICS = 50
LAST = datetime(2026, 11, 20, 12, tzinfo=UTC)
APART = timedelta(minutes=15)

WORDS, SPREAD, LONGEST = 420, 0.65, 4_000  # the median length of a body, the spread of its logarithm, and the most
PARAGRAPH = 25, 65  # words of a paragraph
# How many words lie between two of a kind, where an article has it at all, and how many articles of a hundred have it.
INLINE = {"link": (65, 92), "emphasis": (180, 50), "strong": (90, 42), "quote": (60, 80), "html": (120, 25), "code": (90, 6)}
HEADING = 140, 45
# How many articles of a hundred have a block of a kind, and how many of them at most.
BLOCKS = {"items": (45, 2), "blockquote": (13, 2), "picture": (35, 3), "table": (3, 1), "markup": (10, 2), "film": (3, 1)}

_SYLLABLES = [consonant + vowel for consonant in "bdklmnrst" for vowel in "aeiou"]
_ANCHOR = '<a href="https://partner.example/{0}" target="_blank">{0}</a>'
_HTML = ("{}<br>", "<em>{}</em>", _ANCHOR, "{}<sup>2</sup>", '<span class="x">{}</span>')


def write_corpus(folder: Path, number: int, topics: int = TOPICS) -> None:
    """Writes so many articles in so many topics, and a `site.toml`, into a folder; the newest is number 0."""
    for topic in range(topics):
        (folder / f"topic-{topic:02}").mkdir(parents=True, exist_ok=True)
    (folder / "site.toml").write_text('[site]\ntitle = "The Benchmark"\nlanguage = "en"\ntimezone = "UTC"\n', "utf-8")
    for index in range(number):
        path = article_path(folder, index, topics)
        path.write_text(article(index, among=topics), "utf-8")
        written = (LAST - APART * index).timestamp()
        os.utime(path, (written, written))


def article_path(folder: Path, index: int, among: int = TOPICS) -> Path:
    """Where an article of the corpus lies, among so many topics."""
    return folder / f"topic-{index % among:02}" / f"article-{index:06}.md"


def topics(index: int, among: int = TOPICS) -> tuple[str, ...]:
    """The topics of an article: its folder's, and up to three others."""
    others = (index // among + step * 17 for step in range(1, 1 + index % 4))
    return tuple(dict.fromkeys(f"topic-{(index + other) % among:02}" for other in (0, *others)))


def newest(topic: str, number: int, most: int) -> list[int]:
    """The newest articles of a topic, or of "all", among so many."""
    found = (index for index in range(number) if topic == "all" or topic in topics(index))
    return [index for index, _ in zip(found, range(most), strict=False)]


def article(index: int, title: str | None = None, among: int = TOPICS) -> str:
    """The text of an article of the corpus, under another title if one is given."""
    made = content(index)
    return (replace(made, title=title) if title else made).text(among)


@dataclass(frozen=True, slots=True)
class Content:
    """What an article of the corpus says."""

    index: int
    title: str
    author: str
    standfirst: str
    key_points: tuple[str, ...]
    why_it_matters: str
    what_it_means: str
    body: str

    @property
    def date(self) -> str:
        """When it was published, as ISO 8601 has it."""
        return (LAST - APART * self.index).isoformat()

    def text(self, among: int = TOPICS) -> str:
        """The file: YAML as people and programs write it, and Markdown."""
        points = "".join(f"  - {_scalar(point, self.index)}\n" for point in self.key_points)
        named = topics(self.index, among)
        listed = f" [{', '.join(named)}]" if self.index % 2 else "".join(f"\n  - {one}" for one in named)
        standfirst = f">-\n{_folded(self.standfirst)}" if self.index % 12 == 0 else _quoted(self.standfirst)
        return (
            f"---\ntitle: {_quoted(self.title)}\ndate: {self.date}\nauthor: {self.author}\n"
            f"topics:{listed}\nstandfirst: {standfirst}\nkey_points:\n{points}"
            f"why_it_matters: {_scalar(self.why_it_matters, self.index)}\n"
            f"what_it_means: {_scalar(self.what_it_means, self.index)}\n---\n\n{self.body}\n"
        )


def content(index: int) -> Content:
    """What an article of the corpus says, by its number alone."""
    chance = random.Random(index)
    words = _words(chance)
    title = _sentence(words, chance.randint(6, 12))
    if index % 3 == 0:
        title = title.replace(" ", ": ", 1)
    author, standfirst = _sentence(words, 2).title(), _sentence(words, 20)
    points = tuple(_sentence(words, 12) for _ in range(4))
    why, means = _sentence(words, 20), _sentence(words, 18)
    return Content(index, title, author, standfirst, points, why, means, _Body(chance, words).made())


class _Body:
    """A body of Markdown, written block by block."""

    def __init__(self, chance: random.Random, words: Iterator[str]) -> None:
        self.chance, self.words = chance, words
        self.inline = [(name, apart) for name, (apart, share) in INLINE.items() if self._is_one_of(share)]
        found = [(name, most) for name, (share, most) in BLOCKS.items() if self._is_one_of(share)]
        self.blocks = [name for name, most in found for _ in range(chance.randint(1, most))]
        self.headings = self._is_one_of(HEADING[1])

    def made(self) -> str:
        left = min(LONGEST, round(WORDS * math.exp(self.chance.gauss(0, SPREAD))))
        blocks = []
        since = HEADING[0]
        while left > 0:
            if self.headings and blocks and since >= HEADING[0]:
                blocks.append(f"## {_sentence(self.words, 5)}")
                since = 0
            number = self.chance.randint(*PARAGRAPH)
            blocks.append(self._paragraph(number))
            left, since = left - number, since + number
        for name in self.blocks:
            blocks.insert(self.chance.randint(1, len(blocks)), _WRITERS[name](self))
        return "\n\n".join(blocks)

    def _is_one_of(self, hundred: int) -> bool:
        return self.chance.random() * 100 < hundred

    def _paragraph(self, number: int) -> str:
        text = []
        for _ in range(number):
            word = next(self.words)
            for name, apart in self.inline:
                if self.chance.random() * apart < 1:
                    word = self._marked(name, word)
                    break
            text.append(word)
            if len(text) % 14 == 0:
                text[-1] += "."
        return f"{' '.join(text)}."

    def _marked(self, name: str, word: str) -> str:
        match name:
            case "link":
                return f"[{word} {next(self.words)}](https://partner.example/{word}/{next(self.words)}?of=feed)"
            case "emphasis":
                return f"*{word}*"
            case "strong":
                return f"**{word} {next(self.words)}**"
            case "quote":
                return self.chance.choice((f"“{word} {next(self.words)}”", f"{word}’s", f"{word} – {next(self.words)}"))
            case "html":
                return self.chance.choice(_HTML).format(word)
            case _:
                return f"`{word}`"

    def items(self) -> str:
        sign = self.chance.choice(("- ", "* ", "1. "))
        return "\n".join(f"{sign}{self._paragraph(self.chance.randint(4, 18))}" for _ in range(self.chance.randint(3, 12)))

    def blockquote(self) -> str:
        return f"> {self._paragraph(30)}\n>\n> — {_sentence(self.words, 2).title()}"

    def picture(self) -> str:
        return f'![{_sentence(self.words, 6)}](https://pictures.example/{next(self.words)}.jpg "{_sentence(self.words, 4)}")'

    def table(self) -> str:
        rows = "\n".join(f"| {next(self.words)} | {self.chance.randint(1, 999)} | {next(self.words)} |" for _ in range(6))
        return f"| Where | How many | Who |\n| --- | ---: | --- |\n{rows}"

    def markup(self) -> str:
        return (
            f'<div class="box">\n<h3>{_sentence(self.words, 3)}</h3>\n<p>{self._paragraph(25)}</p>\n'
            f'<figure><img src="https://pictures.example/{next(self.words)}.png" alt="{_sentence(self.words, 4)}">'
            f"<figcaption>{_sentence(self.words, 5)}</figcaption></figure>\n</div>"
        )

    def film(self) -> str:
        address, title = f"https://films.example/embed/{next(self.words)}", _sentence(self.words, 4)
        return f'<iframe width="560" height="315" src="{address}" title="{title}"></iframe>'


_WRITERS: dict[str, Callable[[_Body], str]] = {name: getattr(_Body, name) for name in BLOCKS}


def _words(chance: random.Random) -> Iterator[str]:
    while True:
        yield "".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4)))


def _sentence(words: Iterator[str], length: int) -> str:
    return " ".join(next(words) for _ in range(length)).capitalize()


def _scalar(text: str, index: int) -> str:
    return text if index % 2 else _quoted(text)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _folded(text: str) -> str:
    words = text.split()
    return "\n".join(f"  {' '.join(words[first : first + 10])}" for first in range(0, len(words), 10))
