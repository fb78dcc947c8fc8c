"""The two sides, the purity of the middle, and the direction of imports (docs/design.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import feedsvc

ROOT = Path(feedsvc.__file__).parent
PATHS = {path.relative_to(ROOT.parent).with_suffix("").as_posix(): path for path in ROOT.rglob("*.py")}
MODULES = {name.replace("/", ".").removesuffix(".__init__"): path for name, path in PATHS.items()}

PURE = {
    *("addresses", "advice", "archives", "article", "digests", "document", "edition", "errors", "ledger"),
    *("lists", "logbook", "picture", "preview", "publication", "render", "report", "request", "rows", "slugs"),
    *("status", "text", "ticker", "topics"),
}
PURE_PACKAGES = {"readers", "formats", "imports"}
EDGES = {
    "alarm": set(),
    "settings": set(),
    "intake": set(),
    "progress": set(),
    "reading": {"process", "source"},
    "damage": {"identity"},
    "identity": set(),
    "schema": {"damage", "identity"},
    "logs": set(),
    "board": set(),
    "doors": set(),
    "process": set(),
    "source": set(),
    "register": {"process"},
    "envfile": {"settings"},
    "mending": {"damage", "identity", "schema", "store"},
    "store": {"schema"},
    "lease": {"process", "schema", "store"},
    "pulse": {"identity", "schema", "store"},
    "survey": {"lease", "store"},
    "token": {"settings"},
    "traffic": set(),
    "watcher": {"identity"},
}
NEWSROOM_SIDE = {
    *("press", "desk", "archivist", "makeup", "memory", "newsletter", "schedule", "check", "filing", "websub", "scribe", "builder"),
}
READERS_SIDE = {
    *("delivery", "web", "article_pages", "archive_feeds", "embeds", "stored", "connection", "kiosk", "worker"),
    *("newsdesk", "metrics"),
}

IMPURE = {
    *("os", "sys", "io", "pathlib", "shutil", "tempfile", "glob", "fcntl", "signal", "subprocess", "socket", "ssl", "select"),
    *("time", "threading", "multiprocessing", "concurrent", "asyncio", "logging", "random", "secrets", "sqlite3"),
    *("sqlalchemy", "flask", "werkzeug", "inotify_simple", "apscheduler", "click", "psycopg", "urllib.request"),
}
IMPURE_CALLS = {"open", "print", "input", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid4"}


def imports(name: str) -> Iterator[str]:
    """The modules that a module imports, those for the eyes of the type checker apart."""
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    typing = {id(inner) for node in ast.walk(tree) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in typing:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def own(name: str) -> set[str]:
    """The parts of feedsvc that a module imports: a module by its name, a package by the package's."""
    return {found.split(".")[1] for found in imports(name) if found.startswith("feedsvc.")}


def part(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def pure(name: str) -> bool:
    return part(name) in PURE | PURE_PACKAGES


def test_every_part_that_is_named_here_exists() -> None:
    parts = {part(name) for name in MODULES}
    assert parts >= PURE | PURE_PACKAGES | EDGES.keys() | NEWSROOM_SIDE | READERS_SIDE


@pytest.mark.parametrize("name", sorted(filter(pure, MODULES)))
def test_the_pure_modules_import_nothing_that_is_not(name: str) -> None:
    assert own(name) <= PURE | PURE_PACKAGES
    allowed = {"feedsvc.picture": {"io"}, "feedsvc.imports.xmlfeed": {"io"}}.get(name, set())
    foreign = {found for found in imports(name) if found in IMPURE or found.split(".")[0] in IMPURE}
    assert foreign <= allowed


@pytest.mark.parametrize("name", sorted(filter(pure, MODULES)))
def test_the_pure_modules_do_nothing_that_is_not(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not called & IMPURE_CALLS
    assert {call for call in called if call.startswith("io.")} <= {"io.BytesIO"}
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Global, ast.Nonlocal))]


def test_the_pure_middle_has_a_direction_too() -> None:
    ground = ["errors", "article", "slugs", "text", "topics", "addresses", "document", "ticker"]
    order = [*ground, "ledger", "edition", "archives", "digests", "lists", "formats", "render"]
    for name in filter(pure, MODULES):
        if part(name) in order:
            above = set(order[order.index(part(name)) + 1 :]) | {"readers"}
            assert not own(name) & above, name


@pytest.mark.parametrize("edge", sorted(EDGES))
def test_edges_touch_one_outside_thing_each(edge: str) -> None:
    assert own(f"feedsvc.{edge}") <= EDGES[edge] | PURE | PURE_PACKAGES


def test_no_module_imports_in_a_circle() -> None:
    below = {name: {found for found in imports(name) if found in MODULES} - {name} for name in MODULES}
    while free := {name for name, needed in below.items() if not needed}:
        below = {name: needed - free for name, needed in below.items() if name not in free}
    assert not below


def test_the_two_sides_meet_in_the_database_alone() -> None:
    for name in READERS_SIDE:
        assert not own(f"feedsvc.{name}") & (NEWSROOM_SIDE - {"schedule", "press"} | {"intake", "readers"}), name
    for name in NEWSROOM_SIDE:
        assert not own(f"feedsvc.{name}") & READERS_SIDE, name
    assert own("feedsvc.delivery") <= {"alarm", "document", "errors", "pulse", "store"}, "the fast path"
    assert own("feedsvc.connection") <= {"document", "errors", "request"}, "the fast path"


@pytest.mark.parametrize(
    ("library", "where"),
    [
        ("feedgen", {"formats"}),
        ("feedparser", {"imports"}),
        ("jinja2", {"formats"}),
        ("nh3", {"readers"}),
        ("cmarkgfm", {"readers"}),
        ("yaml", {"readers", "imports"}),
        ("sqlalchemy", {"schema", "store", "lease", "settings", "pulse", "mending"}),
        ("sqlite3", {"damage", "schema"}),
        ("flask", {"web", "newsdesk", "cli"}),
        ("inotify_simple", {"watcher"}),
        ("apscheduler", {"schedule"}),
        ("httptools", {"request"}),
        ("asyncio", {"connection", "kiosk"}),
        ("click", {"cli", "options", "progress"}),
        ("pebble", {"reading"}),
        ("tenacity", {"websub"}),
        ("fcntl", {"intake", "damage"}),
        ("prometheus_client", {"metrics"}),
        ("secrets", {"token"}),
    ],
)
def test_each_library_has_its_place(library: str, where: set[str]) -> None:
    assert {part(name) for name in MODULES if any(found.split(".")[0] == library for found in imports(name))} <= where


def test_only_the_commands_read_the_environment() -> None:
    reading = {"os.environ", "os.getenv", "os.environb"}
    found = {
        part(name)
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in reading
    }
    assert found <= {"cli"}
