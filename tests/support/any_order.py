"""Runs of a newsroom in any order, each step compared with everything made from nothing.

    PYTHONPATH=tests python -m support.any_order --seed 1 --steps 10000

takes as many steps as it is told to, in runs of 60 with a seed each. A failure prints its seed, the steps that are left of it, and
the difference. `--seed N --steps 60` repeats one.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from feedsvc.builder import articles, brake
from feedsvc.model import archive
from feedsvc.storage.facts import BUILT
from support.anew import Check, Known
from support.live import Newsroom
from support.orders import Choice, Folder, Step, Text, scratch, shorter

STEPS_A_RUN = 60
TRIES = 150  # shorter runs that are tried after a failure
LOOKS = 3  # builds for files that were still being written


@dataclass
class Backup:
    """A copy of the database, and what readers and the folder were by then."""

    copy: Path
    known: Known
    built: dict[str, Text]


class Run:
    """One newsroom from its first build on."""

    def __init__(self, root: Path, seed: int) -> None:
        self.newsroom: Newsroom = scratch(root, seed)
        self.folder = Folder(self.newsroom)
        self.choice = Choice(seed, self.folder)
        self.known = Known()
        self.backup: Backup | None = None

    def choose(self, steps: int) -> Iterator[Step]:
        for _ in range(steps):
            step = self.choice.step()
            yield step
            self.build(step[0])

    def replay(self, steps: list[Step]) -> None:
        for how, operations in steps:
            for operation in operations:
                self.folder.apply(operation)
            self.build(how)

    def build(self, how: str) -> None:
        self.folder.doubt()
        hints, self.folder.hints = sorted(self.folder.hints), set()
        if how == "restored" and self.backup:
            self._restore(self.backup)
        if how == "restarted":
            self.newsroom.begin()
        result = self.newsroom.build(*(hints if how == "hinted" else ()))
        looks = 0
        while result.left or (result.moving and looks < LOOKS):
            if result.left:
                self._check().incomplete()
                result = self.newsroom.go_on()
            else:
                looks += 1
                result = self.newsroom.build(*sorted(result.moving))
        self._check().all()
        self.folder.built = dict(self.folder.files)
        if how == "backed up":
            self.backup = Backup(self.newsroom.back_up(), self.known.copy(), dict(self.folder.built))

    def _check(self) -> Check:
        built = self.newsroom.store.fact(BUILT)
        return Check(self.newsroom, self.folder, self.known, max(self.newsroom.now, built or self.newsroom.now))

    def _restore(self, backup: Backup) -> None:
        """What was changed since the backup is read all at once, so that which file is which is in doubt."""
        self.newsroom.restore(backup.copy)
        ever = self.known.ever
        self.known = backup.known.copy()
        self.known.ever |= ever
        self.known.dated.clear()
        before = {text.family: (path, text) for path, text in backup.built.items()}
        after = {text.family: (path, text) for path, text in self.folder.files.items()}
        self.folder.loose |= {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
        self.folder.loose |= {one for one, (path, _, _) in self.folder.gone.items() if path in self.folder.files}


@contextmanager
def tiny(small: bool) -> Iterator[None]:
    """Archives of three articles a part; builds that leave files for the next where `small` is set; no brake."""
    parts, no_brake = patch.object(archive, "PART_ENTRIES", 3), patch.object(brake, "BRAKE_NUMBER", 1_000_000)
    with parts, no_brake, patch.object(articles, "BATCH", 2 if small else articles.BATCH):
        yield


def run(seed: int, steps: int = STEPS_A_RUN, tries: int = TRIES) -> None:
    """One run; raises `AssertionError` with its seed, the steps that are left of it and the difference."""
    done: list[Step] = []
    error = _failure(seed, done, steps)
    if error is None:
        return
    kind = _kind(error)

    def fails(part: list[Step]) -> bool:
        found = _failure(seed, list(part), None)
        return found is not None and _kind(found) == kind

    left = shorter(done, fails, tries)
    last = _failure(seed, list(left), None) or error
    lines = "\n".join(f"    {step!r}," for step in left)
    raise AssertionError(f"seed {seed}, {len(done)} steps, {len(left)} left:\n[\n{lines}\n]\n{last}") from error


def _failure(seed: int, done: list[Step], steps: int | None) -> BaseException | None:
    """What goes wrong in a run: of so many steps that are chosen, and added to those that are `done`; else of those."""
    root = Path(tempfile.mkdtemp())
    try:
        one = Run(root / "one", seed)
        try:
            with tiny(one.choice.small):
                if steps is None:
                    one.replay(done)
                else:
                    for step in one.choose(steps):
                        done.append(step)
        except Exception as error:  # whatever goes wrong is what is looked for
            return error
        finally:
            one.newsroom.close()
        return None
    finally:
        shutil.rmtree(root)


def _kind(error: BaseException) -> tuple[str, int]:
    """Where it went wrong: the innermost line."""
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    return (at.tb_frame.f_code.co_filename, at.tb_lineno) if at else ("", 0)


def main() -> None:
    """Looks for a failure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--steps", type=int, default=STEPS_A_RUN)
    asked.add_argument("--tries", type=int, default=TRIES, help="shorter runs that are tried after a failure")
    asked.add_argument("--on", action="store_true", help="go on after a failure")
    given = asked.parse_args()
    logging.disable()
    begin, number, failed = time.monotonic(), 0, 0
    for seed in range(given.seed, given.seed + -(-given.steps // STEPS_A_RUN)):
        try:
            run(seed, min(STEPS_A_RUN, given.steps), given.tries)
        except AssertionError as error:
            print(error, flush=True)
            failed += 1
            if not given.on:
                sys.exit(1)
        number += STEPS_A_RUN
        print(f"seed {seed}: {number} steps, {failed} failures, {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
