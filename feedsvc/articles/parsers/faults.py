"""`Faults`: gathers what is wrong in one file, so that its writer hears of everything at once. Pure."""

from __future__ import annotations

from typing import NoReturn

from feedsvc.errors import ArticleError, Fault
from feedsvc.kinds import Kind
from feedsvc.text import one_line

SHOWN = 60


class Faults:
    """The faults of one article's file, in the order in which they are found."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._faults: list[Fault] = []

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What was found and does no harm, by line."""
        return tuple(sorted(fault for fault in self._faults if fault.warning))

    def warn(self, kind: Kind, line: int, reason: str) -> None:
        """Notes what the writer should know of, and goes on."""
        self._faults.append(Fault.warn(kind, self.path, line, reason))

    def refuse(self, line: int, reason: str) -> None:
        """Notes what makes the article unusable, and goes on to find the rest."""
        self._faults.append(Fault(self.path, line, reason))

    def fail(self, line: int, reason: str) -> NoReturn:
        """Ends the reading where nothing sensible can be read any more."""
        self.refuse(line, reason)
        self.settle()
        raise AssertionError("a refused article settles with an error")

    def settle(self) -> None:
        """Raises `ArticleError` with what was refused, if anything was."""
        if errors := sorted(fault for fault in self._faults if not fault.warning):
            raise ArticleError(*errors)


def quoted(text: str) -> str:
    """A text as a fault shows it: on one line, in quotes, cut where it is long."""
    line = one_line(text[: 4 * SHOWN])
    return f'"{line}"' if len(line) <= SHOWN else f'"{line[:SHOWN].rstrip()}…"'
