"""Faults of the disk, step by step: strace kills a process, or has a system call fail, at the Nth time it touches the database."""

from __future__ import annotations

import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from support.live import LONG, SLOW, until

CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")
_CALL = re.compile(r"^(?:(\d+) +)?(\w+)\((?:\d+<)?([^>,]+)>?(?:, \"\"\.*, (\d+), (\d+))?", re.MULTILINE)
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """The Nth time that a process makes a system call on the database; strace counts each kind of call by itself."""

    call: str
    number: int

    def fault(self, what: str) -> tuple[str, ...]:
        """The words that have strace inject something at this step."""
        return ("-e", f"inject={self.call}:{what}:when={self.number}")


def sample(steps: Sequence[T], about: int, begin: int = 0) -> Sequence[T]:
    """All steps in a long run; else about so many of them, evenly, and the last."""
    if LONG:
        return steps
    apart = max(1, len(steps) // about)
    return [*steps[begin % apart : -1 : apart], steps[-1]]


class Disk:
    """What strace sees of a database's files, in a log of its own."""

    def __init__(self, database: Path, log: Path) -> None:
        self._database = database
        self._log = log

    def strace(self, *words: str) -> list[str]:
        """A command that traces what comes after it, as far as it touches the database."""
        files = (self._database.parent, *(f"{self._database}{ending}" for ending in ("", "-wal", "-shm", "-journal")))
        named = [word for file in files for word in ("-P", str(file))]
        return ["strace", "-qqq", "-y", "-s0", "-o", str(self._log), *named, "-e", f"trace={','.join(CALLS)}", *words]

    def steps(self) -> list[Step]:
        """Every step, in its order, of the thread that did the most in what was traced last."""
        calls = [found.groups()[:2] for found in _CALL.finditer(self._log.read_text())]
        busiest = Counter(thread for thread, _ in calls).most_common(1)[0][0]
        counted: Counter[str] = Counter()
        found = []
        for call in (call for thread, call in calls if thread == busiest):
            counted[call] += 1
            found.append(Step(call, counted[call]))
        return found

    def injected(self) -> int:
        """How many faults there were in what was traced last."""
        return self._log.read_text().count("(INJECTED)")

    def lose_unsynced(self) -> int:
        """Has the files as a power cut may leave them: what was written after the last sync is zeros; how many writes were lost."""
        pending: dict[str, list[tuple[int, int]]] = {}
        for _, call, path, size, offset in _CALL.findall(self._log.read_text()):
            if call == "fdatasync":
                pending.pop(path, None)
            elif call == "pwrite64" and not path.endswith("-shm"):
                pending.setdefault(path, []).append((int(size), int(offset)))
        for path, writes in pending.items():
            with open(path, "r+b") as file:
                for size, offset in writes:
                    file.seek(offset)
                    file.write(b"\0" * size)
        return sum(map(len, pending.values()))

    @contextmanager
    def attached(self, pid: int, *words: str) -> Iterator[Callable[[], bool]]:
        """Traces a process that runs, all its threads included; gives whether strace still does, for it ends with the process."""
        tracer = subprocess.Popen([*self.strace("-f", *words), "-p", str(pid)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            until(lambda: _traced(pid))
            yield lambda: tracer.poll() is None
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.communicate(timeout=SLOW)


def _traced(pid: int) -> bool:
    try:
        return not any("TracerPid:\t0\n" in (thread / "status").read_text() for thread in Path(f"/proc/{pid}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):  # a thread has ended while we looked
        return False
