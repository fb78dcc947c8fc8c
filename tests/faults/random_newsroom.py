"""`RandomNewsroom`: saves, breaks, embargoes, retracts, renames and deletes at random, and knows what readers may see when.

Each version of an article carries a word of its own, such as `K17v3`, in its title and its text. For each word, `windows` has
the times between which readers may see it, by the clock of this machine, which the service shares.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

WORD = re.compile(r"\bK\d+v\d+\b")
TOPICS = ("sport", "harbour", "council", "weather", "markets")
STORIES = ("cup", "ferry")
FEW, MANY = 40, 70  # articles that readers see: with fewer it writes, with more it takes away
MOST_BROKEN = 10
MOST_REMOVED = 8  # within two minutes, so that the brake never holds
BREAK = '---\ntitle: ["never closed\nthe rest of {word}\n'
SITE = """[site]
title = "The Quay Gazette"
timezone = "UTC"
entries_per_feed = 200
partners = ["flipboard"]
"""
NEVER = float("inf")


@dataclass
class Window:
    """When readers may see a word."""

    opens: float
    closes: float = NEVER


@dataclass
class Piece:
    """An article of the newsroom: its file, its version, and what was done to it last and when."""

    number: int
    path: Path
    keys: dict[str, str] = field(default_factory=dict)
    version: int = 0
    state: str = "live"
    touched: float = 0.0
    shown: str = ""  # the word that readers are to see

    @property
    def word(self) -> str:
        return f"K{self.number}v{self.version}"

    @property
    def slug(self) -> str:
        return self.path.stem

    def text(self, **more: str) -> str:
        keys = {"title": f"{self.word} by the quay", **self.keys, **more}
        front = "".join(f'{key}: "{value}"\n' for key, value in keys.items())
        words = f"{self.word}: the tide came in, & the tide < went out.\n" + "It rained all day. " * (self.number % 40)
        return f"---\n{front}---\n{words}"


class RandomNewsroom:
    """The newsroom; `settled` says whether what was done at a time must be served by now."""

    def __init__(self, folder: Path, seed: int, settled: Callable[[float], bool]) -> None:
        self.folder = folder
        self.windows: dict[str, list[Window]] = defaultdict(list)
        self.slugs: list[str] = []
        self.done: dict[str, int] = defaultdict(int)
        self._chance = random.Random(seed)
        self._settled = settled
        self._pieces: list[Piece] = []
        self._late: list[tuple[float, Callable[[], None]]] = []  # what ends a slow save, an embargo or an article's time
        self._removed: list[float] = []
        self._lock = threading.RLock()
        (folder / "site.toml").write_text(SITE)
        for topic in TOPICS:
            (folder / topic).mkdir()
        for _ in range(FEW):
            self._new()

    def step(self) -> None:
        """One thing that a newsroom does, and what is due by now."""
        with self._lock:
            now = time.time()
            due = [end for when, end in self._late if when <= now]
            self._late = [(when, end) for when, end in self._late if when > now]
            for end in due:
                end()
            live = [piece for piece in self._pieces if piece.state == "live"]
            broken = [piece for piece in self._pieces if piece.state == "broken"]
            others = [piece for piece in self._pieces if piece.state in ("retracted", "gone")]
            seen = len(live) + len(broken)
            self._removed = [when for when in self._removed if when > time.time() - 130]
            if len(broken) > self._chance.randrange(2 * MOST_BROKEN):
                self._mend(self._chance.choice(broken))
            elif others and seen < MANY and self._chance.random() < 0.2:
                self._mend(self._chance.choice(others))
            elif not live or seen < FEW or (seen < MANY and self._chance.random() < 0.1):
                self._chance.choice((self._new, self._new, self._embargo))()
            else:
                away = (self._retract, self._expire, self._delete) if seen >= MANY else ()
                act = (self._edit, self._edit, self._rename, self._break, self._retract, self._expire, self._delete)
                self._chance.choice(away or act)(self._chance.choice(live))

    def finish(self) -> None:
        """Ends what is under way, and waits for embargoes and expiries."""
        while self._late:
            self._late.sort(key=lambda late: late[0], reverse=True)
            when, end = self._late.pop()
            time.sleep(max(0.0, when - time.time()))
            end()

    def signal(self) -> str:
        """Saves an article anew at once; the word by which it is known that this is served."""
        with self._lock:
            piece = next((piece for piece in self._pieces if piece.path.stem == "signal"), None)
            if piece is None:
                piece = Piece(0, self.folder / "harbour/signal.md", state="apart")
                self._pieces.append(piece)
            self._save(piece, "rename")
            return piece.word

    def expected(self) -> set[str]:
        """The words that readers are to see now, and no others."""
        return {piece.shown for piece in self._pieces if piece.shown}

    # ---- what may be done to an article

    def _new(self, **keys: str) -> Piece:
        number = len(self._pieces) + 1
        piece = Piece(number, self.folder / self._chance.choice(TOPICS) / f"piece-{number}.md", keys)
        if number % 3 == 0:
            keys["id"] = f"tag:quay.example,2026:{number}"
        if number % 4 == 0:
            keys["story"] = self._chance.choice(STORIES)
        self._pieces.append(piece)
        self.slugs.append(piece.slug)
        if "date" not in keys:
            self._save(piece)
        return piece

    def _embargo(self) -> None:
        when = int(time.time()) + self._chance.randint(2, 6)
        piece = self._new(date=_written(when))
        piece.state = "under embargo"
        self._save(piece, opens=float(when))

        def out() -> None:
            piece.state = "live"

        self._late.append((float(when), out))
        self.done["embargoed"] += 1

    def _edit(self, piece: Piece) -> None:
        self._save(piece)

    def _mend(self, piece: Piece) -> None:
        if not self._settled(piece.touched):
            return
        if piece.state == "gone" and self._chance.random() < 0.5:
            self.done["restored"] += 1
            self._open(piece, time.time())  # the very same file again
            piece.state = "live"
            self._write(piece, piece.text(), "rename")
        else:
            self._save(piece)

    def _break(self, piece: Piece) -> None:
        if not self._settled(piece.touched):  # what is broken before it was built never was
            return
        self.done["broken"] += 1
        piece.state, piece.touched = "broken", time.time()
        self._write(piece, BREAK.format(word=piece.word), self._chance.choice(("rename", "in place")))

    def _retract(self, piece: Piece) -> None:
        self.done["retracted"] += 1
        piece.version += 1
        self._write(piece, piece.text(retracted="It was another boat."), "rename")
        self._close(piece, "retracted")

    def _expire(self, piece: Piece) -> None:
        self.done["expired"] += 1
        when = int(time.time()) + self._chance.randint(3, 6)
        self._save(piece, "rename", expires=_written(when))
        self.windows[piece.word][-1].closes = when
        piece.state = "expiring"

        def over() -> None:
            piece.state, piece.shown = "retracted", ""

        self._late.append((float(when), over))

    def _delete(self, piece: Piece) -> None:
        if len(self._removed) < MOST_REMOVED:
            self.done["deleted"] += 1
            self._removed.append(time.time())
            piece.path.unlink()
            self._close(piece, "gone")

    def _rename(self, piece: Piece) -> None:
        # Words that change while their file is on its way to another name are another article's, unless an id says otherwise.
        if not self._settled(piece.touched):
            return
        self.done["renamed"] += 1
        target = piece.path.with_name(f"piece-{piece.number}-{piece.version}-{self.done['renamed']}.md")
        piece.path.rename(target)
        piece.path, piece.touched, piece.state = target, time.time(), "renamed"
        self.slugs.append(piece.slug)
        self._late.append((time.time() + 0.5, lambda: self._settle(piece)))

    def _settle(self, piece: Piece) -> None:
        if self._settled(piece.touched):
            piece.state = "live"
        else:
            self._late.append((time.time() + 0.5, lambda: self._settle(piece)))

    # ---- how a file is saved

    def _save(self, piece: Piece, how: str = "", opens: float = 0.0, **more: str) -> None:
        how = how or self._chance.choice(("rename", "rename", "in place", "slowly"))
        piece.version += 1
        self.done[f"saved {how}"] += 1
        if piece.state in ("broken", "retracted", "gone"):
            piece.state = "live"
        if how == "slowly":
            self._save_slowly(piece, piece.text(**more), opens)
            return
        before = time.time()
        self._open(piece, opens or before)
        self._write(piece, piece.text(**more), how)

    def _save_slowly(self, piece: Piece, text: str, opens: float) -> None:
        state, piece.state = piece.state, "being written"
        file = piece.path.open("w")
        file.write(text[: len(text) // 2])
        file.flush()

        def close() -> None:
            file.write(text[len(text) // 2 :])
            self._open(piece, max(opens, time.time()))
            file.close()
            piece.touched = time.time()
            piece.state = state

        self._late.append((time.time() + self._chance.uniform(0.1, 0.6), close))

    def _open(self, piece: Piece, opens: float) -> None:
        """Readers may see its word from now on, and those of earlier versions no more."""
        self._close(piece, piece.state)
        self.windows[piece.word].append(Window(opens))
        piece.shown = piece.word

    def _close(self, piece: Piece, state: str) -> None:
        now = piece.touched = time.time()
        for version in range(piece.version + 1):
            for window in self.windows.get(f"K{piece.number}v{version}", ()):
                window.closes = min(window.closes, now)
        piece.state, piece.shown = state, ""

    def _write(self, piece: Piece, text: str, how: str) -> None:
        if how == "rename":
            beside = piece.path.with_name(f".{piece.path.name}.tmp")
            beside.write_text(text)
            os.replace(beside, piece.path)
        else:
            piece.path.write_text(text)


def _written(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat()
