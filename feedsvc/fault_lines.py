"""Warnings as lines for a person: each kind once, with its number and some examples. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from feedsvc.errors import Fault
from feedsvc.kinds import ADVICE, TOLD_IN_FULL, Kind

EXAMPLES = 3
_ORDER: dict[str, int] = {kind: place for place, kind in enumerate(Kind)}


def by_kind(warnings: Iterable[Fault], shows_all: str) -> Iterator[list[str]]:
    """The lines of each kind of warning: its heading, some examples, and how many are left; `shows_all` is the flag for those."""
    kinds: defaultdict[str, list[Fault]] = defaultdict(list)
    for fault in warnings:
        kinds[fault.kind].append(fault)
    for kind in sorted(kinds, key=lambda kind: (_ORDER.get(kind, len(_ORDER)), kind)):
        found = sorted(kinds[kind])
        shown = found if kind in TOLD_IN_FULL or len(found) <= EXAMPLES else _examples(found)
        number = len({fault.path for fault in found})
        files = f" in {counted(number, 'file')}" if number < len(found) else ""
        heading = kind or "others"
        advice = f"; {known}" if (known := ADVICE.get(kind)) else ""
        rest = [f"… and {len(found) - len(shown):,} more; {shows_all} shows each"] if len(shown) < len(found) else []
        yield [f"{heading[:1].upper()}{heading[1:]}: {len(found):,}{files}{advice}", *map(str, shown), *rest]


def _examples(faults: Sequence[Fault]) -> list[Fault]:
    """Some of the faults in order: those that say different things, and what is said most often first."""
    said = Counter(fault.reason for fault in faults)
    first = {fault.reason: fault for fault in reversed(faults)}
    chosen = [first[reason] for reason, _ in said.most_common(EXAMPLES)]
    others = (fault for fault in faults if fault not in chosen)
    return sorted([*chosen, *(fault for fault, _ in zip(others, range(EXAMPLES - len(chosen)), strict=False))])


def counted(number: int, noun: str) -> str:
    """A number of things, with their noun as it is then."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
