"""What a newsroom does to its folder in any order: steps that are chosen by a seed, applied to real files, and printed for replay.

A step is a list of operations, each a plain tuple, and then one build. An operation that does not fit is left out, so that any part
of a run is a run too, and a failing one can be made shorter. `docs/faults.md` says how to run it for hours.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from support.live import Newsroom

FOLDERS = ("town", "harbour", "2026/may")
MOST_FILES = 9
# Both changes of the hour in London and New York are near.
BEGINNINGS = tuple(datetime(2026, *when, tzinfo=UTC) for when in ((3, 27, 20, 30), (10, 23, 21, 30), (5, 21, 12)))
SPANS = (1, 59, 60, 1800, 3600, 3 * 3600, 11 * 3600, 86_400, 86_400, 5 * 86_400, 31 * 86_400)
PARTNERS = 'partners = ["msn", "smartnews", "flipboard"]'
SITES = (
    "",
    f'[site]\ntitle = "The Quay"\ntimezone = "Europe/London"\nentries_per_feed = 2\n{PARTNERS}\n',
    '[site]\ntimezone = "America/New_York"\ndigest_hour = 2\nentries_per_feed = 3\n',
    f'[site]\ntimezone = "Europe/London"\ndigest_hour = 1\nsponsored = ["msn", "digest"]\n{PARTNERS}\n'
    '[topics.shared]\nname = "Everybody\'s"\naliases = ["town"]\n',
    '[site]\nentries_per_feed = 3\n[topics.shared]\nname = "Shared"\nretired = true\n'
    '[topics.family]\nname = "Kin"\nkeywords = ["family"]\n',
    '[site]\narticle_url = "https://news.example/{slug}"\n[topics.mixed]\nname = "Mixed"\nany = ["shared", "town"]\n'
    '[feeds.kin]\ntext = "summary"\nentries = 2\n[authors.ada]\nname = "Ada Keel"\naliases = ["Ben"]\n',
    f'[site]\ntimezone = "Europe/London"\n{PARTNERS}\n[topics.shared]\n[topics.town]\n[topics.mixed]\nany = ["shared", "town"]\n'
    '[feeds.kin]\nany = ["mixed"]\nnone = ["town"]\npartner = "smartnews"\nlink_query = "from=kin"\nentries = 3\n'
    '[feeds.paid]\nkinds = ["sponsored", "opinion"]\n[feeds.adas]\nauthors = ["Ada"]\nprotected = true\n[authors.ben]\n'
    '[feeds.town-too]\npartner = "msn"\n',
)

Operation = tuple[Any, ...]
Step = tuple[str, tuple[Operation, ...]]  # how it is built, and what was done before


@dataclass(frozen=True)
class Text:
    """What a file says: a story (`family`), and which version of it; every word of a version is its own."""

    family: int
    version: int
    keys: tuple[tuple[str, Any], ...] = ()
    broken: bool = False

    @property
    def said(self) -> dict[str, Any]:
        return dict(self.keys)

    def with_key(self, key: str, value: Any) -> Text:
        keys = {name: one for name, one in self.keys if name != key} | ({} if value is None else {key: value})
        return replace(self, keys=tuple(sorted(keys.items())))

    def standing(self, now: datetime) -> bool:
        said = self.said
        return not (said.get("draft") or said.get("retracted")) and ("date" not in said or said["date"] <= now)

    def live(self, now: datetime) -> bool:
        return self.standing(now) and ("expires" not in self.said or now < self.said["expires"])


@dataclass
class Folder:
    """The folder as it is, and as it was at the last build: what may be done next without a doubt which file is which."""

    newsroom: Newsroom
    files: dict[str, Text] = field(default_factory=dict)
    built: dict[str, Text] = field(default_factory=dict)
    gone: dict[int, tuple[str, Text, datetime]] = field(default_factory=dict)  # by family: what was deleted
    loose: set[int] = field(default_factory=set)  # families that were copied: which copy is which, nobody can say
    used: set[str] = field(default_factory=set)
    hints: set[str] = field(default_factory=set)
    families: dict[int, int] = field(default_factory=dict)  # by version
    slugs: set[str] = field(default_factory=set)  # whose pages may have been looked at

    def apply(self, operation: Operation) -> None:
        name, *given = operation
        getattr(self, f"do_{name}")(*given)

    # ---- how files change

    def put(self, path: str, text: Text | None) -> None:
        self.hints.add(path)
        file = self.newsroom.articles / path
        if text is None:
            self.files.pop(path)
            file.unlink()
            return
        self.files[path] = text
        self.used.add(path)
        version = text.version
        self.families[version] = text.family
        keys = {key: value.replace("{}", str(version)) if isinstance(value, str) else value for key, value in text.keys}
        if "topics" in keys:
            keys["topics"] = [one.replace("{}", str(version)) for one in keys["topics"]]
        body = f"Words zb{version}z of a family zf{text.family}z."
        written = self.newsroom.write(path, title=f"Title zt{version}z", standfirst=f"Summary zs{version}z.", body=body, **keys)
        if text.broken:
            written.write_text(f"---\ntitle: [zt{version}z\n---\n{body}\n", "utf-8")

    def same_words(self, path: str) -> bool:
        """Whether a file holds the words that were built of its story: it may be moved."""
        text = self.files[path]
        known = [one for one in self.built.values() if one.family == text.family]
        return not text.broken and any(one.version == text.version and not one.broken for one in known)

    def same_place(self, path: str) -> bool:
        """Whether a file lay there at the last build: it may be edited."""
        before = self.built.get(path)
        return before is not None and before.family == self.files[path].family

    def lone(self, path: str) -> bool:
        return sum(one.family == self.files[path].family for one in self.files.values()) == 1

    def doubt(self) -> None:
        """A new story in the place of one that ended in the same step looks like an edit of it."""
        stories, built = ({text.family for text in some.values()} for some in (self.files, self.built))
        for path in self.files.keys() & self.built.keys():
            now, before = self.files[path].family, self.built[path].family
            if now not in built and before not in stories:
                self.loose |= {now, before}

    # ---- operations

    def do_write(self, path: str, family: int, version: int, keys: tuple[tuple[str, Any], ...]) -> None:
        if path not in self.used and len(self.files) < MOST_FILES:
            self.put(path, Text(family, version, keys))

    def do_edit(self, path: str, version: int) -> None:
        if path in self.files and (self.same_place(path) or "id" in self.files[path].said):
            self.put(path, replace(self.files[path], version=version, broken=False))

    def do_set(self, path: str, key: str, value: Any) -> None:
        if path in self.files and not self.files[path].broken:
            text = self.files[path].with_key(key, value)
            if {"date", "expires"} <= text.said.keys() and text.said["expires"] <= text.said["date"]:
                text = text.with_key("expires", None)
            self.put(path, text)

    def do_edit_and_set(self, path: str, version: int, key: str, value: Any) -> None:
        self.do_edit(path, version)
        self.do_set(path, key, value)

    def do_move(self, old: str, new: str) -> None:
        if old in self.files and new not in self.files and self.same_words(old):
            self.rename(old, new)

    def do_overwrite(self, old: str, new: str) -> None:
        """A move onto another file, whose story ends with it."""
        if old in self.files and new in self.files and old != new and self.same_words(old) and self.lone(new):
            self.gone[self.files[new].family] = (new, self.files[new], self.newsroom.now)
            self.rename(old, new)

    def rename(self, old: str, new: str) -> None:
        target = self.newsroom.articles / new
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.newsroom.articles / old).rename(target)
        self.files[new] = self.files.pop(old)
        self.used.add(new)
        self.hints |= {old, new}

    def do_swap(self, one: str, other: str) -> None:
        if one in self.files and other in self.files and one != other and self.same_words(one) and self.same_words(other):
            self.rename(one, "aside")
            self.rename(other, one)
            self.rename("aside", other)
            self.hints.discard("aside")
            self.used.discard("aside")

    def do_replace(self, path: str, old: str, family: int, version: int, keys: tuple[tuple[str, Any], ...]) -> None:
        """The lead moves to another name, and a new one is saved under its own."""
        if path in self.files and old not in self.files and self.same_words(path) and len(self.files) < MOST_FILES:
            self.rename(path, old)
            self.put(path, Text(family, version, keys))

    def do_move_folder(self, old: str, new: str) -> None:
        inside = [path for path in self.files if path.startswith(f"{old}/")]
        for path in inside:
            self.do_move(path, f"{new}/{PurePosixPath(path).name}")
        self.hints |= {old, new}

    def do_delete(self, path: str) -> None:
        if path in self.files and self.lone(path):
            text = self.files[path]
            self.gone[text.family] = (path, text, self.newsroom.now)
            if not self.same_words(path):
                self.loose.add(text.family)  # these words may never have been read
            self.put(path, None)

    def do_restore(self, family: int) -> None:
        path, text, _ = self.gone.get(family, ("", None, None))
        if text and path not in self.files and len(self.files) < MOST_FILES:
            del self.gone[family]
            self.put(path, text)

    def do_copy(self, path: str, new: str) -> None:
        if path in self.files and new not in self.used and len(self.files) < MOST_FILES:
            self.loose.add(self.files[path].family)
            self.put(new, self.files[path].with_key("id", None))

    def do_break(self, path: str) -> None:
        if path in self.files and self.same_place(path):
            self.put(path, replace(self.files[path], broken=True))

    def do_mend(self, path: str) -> None:
        if path in self.files and self.files[path].broken:
            self.put(path, replace(self.files[path], broken=False))

    def do_exchange(self, key: str, one: str, other: str) -> None:
        if one in self.files and other in self.files and one != other and self.same_words(one) and self.same_words(other):
            values = self.files[one].said.get(key), self.files[other].said.get(key)
            if key == "id" and all(values):  # an id is the article, so each story is the other's now
                self.loose |= {self.files[one].family, self.files[other].family}
            if key == "slug" or all(values):
                self.put(one, self.files[one].with_key(key, values[1]))
                self.put(other, self.files[other].with_key(key, values[0]))

    def do_site(self, number: int) -> None:
        self.newsroom.write("site.toml", SITES[number])
        self.hints.add("site.toml")

    def do_wait(self, seconds: float) -> None:
        self.newsroom.now += timedelta(seconds=seconds)

    def do_restart(self) -> None:
        self.newsroom.begin()


class Choice:
    """Steps as a seed chooses them; a few traits of a run are chosen once: how many files have a date, and how many an id."""

    def __init__(self, seed: int, folder: Folder) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.folder = folder
        self.number = 0
        self.dated, self.named = self.random.choice((0, 0.3, 1)), self.random.choice((0, 0, 0.5))
        self.small = self.random.random() < 0.3  # whether builds leave files for the next

    def step(self) -> Step:
        operations = []
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            operations.append(self.operation())
            self.folder.apply(operations[-1])
        how = self.random.choices(("hinted", "scanned", "restarted", "backed up", "restored"), (50, 35, 5, 4, 3))[0]
        return how, tuple(operations)

    def new(self) -> int:
        self.number += 1
        return self.number

    def path(self) -> str:
        return f"{self.random.choice(FOLDERS)}/n{self.new()}.md"

    def old_name(self) -> str:
        """A path that may have been another's."""
        free = sorted(self.folder.used - self.folder.files.keys())
        return self.random.choice(free) if free and self.random.random() < 0.4 else self.path()

    def some(self) -> str:
        return self.random.choice(sorted(self.folder.files) or ["none.md"])

    def moment(self) -> datetime:
        away = timedelta(seconds=self.random.choice(SPANS[:-1]) * self.random.choice((-1, -1, 1)))
        return (self.folder.newsroom.now + away).replace(microsecond=0)

    def value(self, key: str) -> Any:
        chosen: dict[str, Callable[[], Any]] = {
            "date": self.moment,
            "expires": self.moment,
            "draft": lambda: True,
            "retracted": lambda: "It was not so.",
            "breaking": lambda: True,
            "story": lambda: self.random.choice(("Regatta", "Story zk{}z")),
            "topics": lambda: self.random.choice((("Shared",), ("Own zk{}z", "Shared"), ("SHARED", "Town"))),
            "slug": lambda: f"s{self.random.randrange(4)}",
            "id": lambda: f"tag:x,2026:{self.random.choice((self.new(), self.random.randrange(9)))}",
            "link": lambda: f"https://news.example/{self.new()}",
            "kind": lambda: self.random.choice(("opinion", "sponsored")),
            "syndicate": lambda: self.random.choice((False, ("kin",), ("kin", "msn", "smartnews"))),
            "authors": lambda: self.random.choice((("Ada",), ("Ben", "Ada"))),
            "language": lambda: self.random.choice(("cy", "de")),
            "translation_of": lambda: self.random.choice(("s0", "s1", "tag:x,2026:1", "shared")),
        }
        return chosen[key]()

    def keys(self) -> tuple[tuple[str, Any], ...]:
        often = ("topics", "story", "slug", "draft", "expires", "breaking", "authors", "kind", "syndicate")
        often += ("language", "translation_of")
        wanted = [key for key in often if self.random.random() < 0.2]
        keys = {key: self.value(key) for key in wanted}
        if self.random.random() < self.dated:
            keys["date"] = self.moment()
        if self.random.random() < self.named:
            keys["id"] = f"tag:x,2026:{self.new()}"
        if {"date", "expires"} <= keys.keys() and keys["expires"] <= keys["date"]:
            del keys["expires"]
        return tuple(sorted(keys.items()))

    def operation(self) -> Operation:
        changeable = ["expires", "draft", "retracted", "breaking", "story", "topics", "slug", "link"]
        changeable += ["authors", "kind", "syndicate", "language", "translation_of"]
        changeable += ["date"] * (2 if self.dated else 0) + (["id"] if self.named else [])
        key = self.random.choice(changeable)
        value = self.value(key) if self.random.random() < 0.6 else None
        kinds: dict[str, tuple[int, Callable[[], Operation]]] = {
            "write": (12, lambda: (self.path(), self.new(), self.new(), self.keys())),
            "edit": (8, lambda: (self.some(), self.new())),
            "set": (14, lambda: (self.some(), key, value)),
            "edit_and_set": (8, lambda: (self.some(), self.new(), key, value)),
            "move": (6, lambda: (self.some(), self.old_name())),
            "overwrite": (2, lambda: (self.some(), self.some())),
            "swap": (3, lambda: (self.some(), self.some())),
            "replace": (3, lambda: (self.some(), self.old_name(), self.new(), self.new(), self.keys())),
            "move_folder": (1, lambda: (self.random.choice(FOLDERS), self.random.choice((*FOLDERS, "attic")))),
            "delete": (4, lambda: (self.some(),)),
            "restore": (4, lambda: (self.random.choice(sorted(self.folder.gone) or [0]),)),
            "copy": (1, lambda: (self.some(), self.path())),
            "break": (2, lambda: (self.some(),)),
            "mend": (3, lambda: (self.some(),)),
            "exchange": (3, lambda: (self.random.choice(("slug", "id")), self.some(), self.some())),
            "site": (2, lambda: (self.random.randrange(len(SITES)),)),
            "wait": (14, lambda: (self.random.choice(SPANS),)),
            "restart": (3, lambda: ()),
        }
        name = self.random.choices(list(kinds), [weight for weight, _ in kinds.values()])[0]
        return (name, *kinds[name][1]())


def shorter(steps: list[Step], fails: Callable[[list[Step]], bool], most: int) -> list[Step]:
    """A part of some steps that fails as well, found in at most so many tries."""
    size = max(1, len(steps) // 2)
    while most > 0:
        before = len(steps)
        begin = 0
        while begin < len(steps) and most > 0:
            part = steps[:begin] + steps[begin + size :]
            most -= 1
            if part and fails(part):
                steps = part
            else:
                begin += size
        if size == 1 and len(steps) == before:
            break
        size = max(1, size // 2)
    return _fewer_operations(steps, fails, most)


def _fewer_operations(steps: list[Step], fails: Callable[[list[Step]], bool], most: int) -> list[Step]:
    places = [(at, one) for at, step in enumerate(steps) for one in range(len(step[1]))]
    for at, one in reversed(places):
        how, operations = steps[at]
        part = [*steps[:at], (how, operations[:one] + operations[one + 1 :]), *steps[at + 1 :]]
        most -= 1
        if most < 0:
            break
        if fails(part):
            steps = part
    return steps


def scratch(folder: Path, seed: int) -> Newsroom:
    """A newsroom whose clock stands before something."""
    folder.mkdir(parents=True)
    newsroom = Newsroom(folder)
    newsroom.now = BEGINNINGS[seed % len(BEGINNINGS)]
    return newsroom
