"""Advice: what an article may be refused for elsewhere, though it is right here. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from feedsvc.article import Article
from feedsvc.errors import Fault

SHORTEST_TITLE, LONGEST_TITLE = 20, 150
NEARLY_THE_SAME = 0.9
RARE_WORDS = 3
MOST_COMPARED = 50


def advise(article: Article, path: str) -> Iterator[Fault]:
    """What aggregators refuse or show badly in an article, as warnings."""
    length = len(article.title)
    if not SHORTEST_TITLE <= length <= LONGEST_TITLE:
        reason = f"its title has {length} characters; MSN takes {SHORTEST_TITLE} to {LONGEST_TITLE}"
        yield Fault(path, 0, reason, warning=True)
    if article.date is None:
        yield Fault(path, 0, "has no date; it will be the moment at which it is first seen", warning=True)
    if article.image is None:
        yield Fault(path, 0, "has no image; aggregators show it small or not at all", warning=True)


def nearly_the_same(titled: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    """Articles whose titles are nearly the same, as a warning at the later of each two; `titled` are paths and titles in order.

    Only titles that share one of their rarest words are compared, so that an archive costs no more than its length.
    """
    words = {path: _words(title) for path, title in titled}
    number = Counter(word for some in words.values() for word in set(some))
    sharing: defaultdict[str, list[str]] = defaultdict(list)
    for path, title in titled:
        rarest = sorted(set(words[path]), key=lambda word: (number[word], word))[:RARE_WORDS]
        near = dict.fromkeys(other for word in rarest for other in sharing[word][-MOST_COMPARED:])
        if twin := next((other for other in near if _alike(words[path], words[other])), None):
            yield Fault(path, 0, f'its title "{title}" is nearly that of {twin}', warning=True)
        for word in rarest:
            sharing[word].append(path)


def _alike(one: list[str], other: list[str]) -> bool:
    match = SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False)
    return all(ratio() >= NEARLY_THE_SAME for ratio in (match.real_quick_ratio, match.quick_ratio, match.ratio))  # cheapest first


def _words(title: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(char if char.isalnum() else " " for char in folded).split()
