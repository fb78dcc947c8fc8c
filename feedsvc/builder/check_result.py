"""`CheckResult`: what a check of articles has found. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from feedsvc.errors import Fault


@dataclass(slots=True)
class CheckResult:
    """What a check has found in so many files, of which so many are articles; `faults` are sorted, and warnings are among them.

    `fine` are the files that were named in which nothing was found; `synonyms` counts the keys with another system's name, by the
    dialect of their front matter.
    """

    faults: list[Fault] = field(default_factory=list)
    files: int = 0
    articles: int = 0
    passed_over: int = 0
    fine: list[str] = field(default_factory=list)
    synonyms: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
