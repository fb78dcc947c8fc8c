"""The two sides, the purity of the middle, and the direction of imports (docs/design/README.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import feedsvc

ROOT = Path(feedsvc.__file__).parent
PATHS = {path.relative_to(ROOT.parent).with_suffix("").as_posix(): path for path in ROOT.rglob("*.py")}
MODULES = {name.replace("/", ".").removesuffix(".__init__"): path for name, path in PATHS.items()}

# The floors, top down: what each package may import of the others. What lies in feedsvc itself, and `processes`, everybody may.
FLOORS = {
    "cli": {"supervisor", "web", "importing", "status", "builder", "articles", "storage", "model"},
    "supervisor": {"server", "builder", "articles", "storage"},
    "server": {"web", "model"},
    "web": {"status", "formats", "storage", "model"},
    "importing": {"articles", "formats", "model"},
    "status": {"formats", "storage", "model"},
    "builder": {"deliveries", "articles", "formats", "storage", "model"},
    "deliveries": {"storage", "model"},
    "articles": {"model"},
    "formats": {"model"},
    "storage": {"model"},
    "model": set(),
    "processes": set(),
}
GROUND = {"alarm", "errors", "fault_lines", "kinds", "settings", "text", "logs", "progress", "files"}
PURE = (
    *("feedsvc.model", "feedsvc.formats", "feedsvc.articles.parsers", "feedsvc.articles.pictures", "feedsvc.articles.site_toml"),
    *("feedsvc.articles.podcast_toml", "feedsvc.articles.feeds_toml", "feedsvc.articles.targets_toml"),
    *("feedsvc.articles.authors_toml", "feedsvc.articles.toml_faults"),
    *("feedsvc.errors", "feedsvc.kinds", "feedsvc.fault_lines", "feedsvc.text", "feedsvc.storage.rows", "feedsvc.storage.facts"),
    *("feedsvc.server.request", "feedsvc.server.clients", "feedsvc.web.responses", "feedsvc.web.private"),
    *("feedsvc.articles.recording_kinds", "feedsvc.web.byte_ranges"),
    *("feedsvc.builder.index", "feedsvc.builder.brake", "feedsvc.builder.touched", "feedsvc.builder.dry_run"),
    *("feedsvc.builder.page_dates", "feedsvc.builder.topic_names", "feedsvc.builder.reading_context"),
    *("feedsvc.builder.advice", "feedsvc.builder.check_report", "feedsvc.builder.check_result"),
    *("feedsvc.status.status", "feedsvc.status.page", "feedsvc.status.report"),
    *("feedsvc.importing.detect", "feedsvc.importing.feed_entry", "feedsvc.importing.xmlfeed", "feedsvc.importing.jsonfeed"),
    *("feedsvc.importing.wordpress", "feedsvc.importing.wordpress_text", "feedsvc.importing.ghost"),
    *("feedsvc.importing.json_values", "feedsvc.importing.enclosed"),
    "feedsvc.importing.markdown_writer",
)

IMPURE = {
    *("os", "sys", "io", "pathlib", "shutil", "tempfile", "glob", "fcntl", "signal", "subprocess", "socket", "ssl", "select"),
    *("time", "threading", "multiprocessing", "concurrent", "asyncio", "logging", "random", "secrets", "sqlite3"),
    *("sqlalchemy", "flask", "werkzeug", "inotify_simple", "apscheduler", "click", "psycopg", "urllib.request"),
}
IMPURE_CALLS = {"open", "print", "input", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid4"}


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


@cache
def imports(name: str) -> tuple[str, ...]:
    """The modules that a module imports, those for the eyes of the type checker apart."""
    return tuple(_imports(tree_of(name)))


def _imports(tree: ast.Module) -> Iterator[str]:
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


def package(name: str) -> str:
    """The package that a module lies in, "" for those in feedsvc itself."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else ""


def pure(name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in PURE)


def test_every_package_has_its_floor() -> None:
    assert {package(name) for name in MODULES} == {"", *FLOORS}
    assert {name.split(".")[1] for name in MODULES if "." in name and not package(name)} == GROUND
    assert all(any(pure(name) and name.startswith(one) for name in MODULES) for one in PURE)


@pytest.mark.parametrize("floor", FLOORS)
def test_each_package_imports_only_what_stands_below_it(floor: str) -> None:
    order = list(FLOORS)
    assert all(order.index(below) > order.index(floor) for below in FLOORS[floor])
    found = {package(one) for name in MODULES if package(name) == floor for one in imports(name) if one.startswith("feedsvc.")}
    assert found - {floor, "", "processes"} == FLOORS[floor]


def test_the_ground_stands_on_itself() -> None:
    ground = [name for name in MODULES if package(name) in ("", "processes")]
    below = {package(one) for name in ground for one in imports(name) if one.startswith("feedsvc.")}
    assert below <= {"", "processes"}


def test_no_module_imports_in_a_circle() -> None:
    below = {name: {found for found in imports(name) if found in MODULES} - {name} for name in MODULES}
    while free := {name for name, needed in below.items() if not needed}:
        below = {name: needed - free for name, needed in below.items() if name not in free}
    assert not below


@pytest.mark.parametrize("name", sorted(filter(pure, MODULES)))
def test_the_pure_modules_import_nothing_that_is_not(name: str) -> None:
    assert all(pure(found) for found in imports(name) if found in MODULES)
    allowed = {"feedsvc.articles.pictures": {"io"}, "feedsvc.importing.xmlfeed": {"io"}}.get(name, set())
    foreign = {found for found in imports(name) if found in IMPURE or found.split(".")[0] in IMPURE}
    assert foreign <= allowed


@pytest.mark.parametrize("name", sorted(filter(pure, MODULES)))
def test_the_pure_modules_do_nothing_that_is_not(name: str) -> None:
    tree = tree_of(name)
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not called & IMPURE_CALLS
    assert {call for call in called if call.startswith("io.")} <= {"io.BytesIO"}
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Global, ast.Nonlocal))]


def test_the_fast_path_imports_little() -> None:
    few = {"feedsvc.errors", "feedsvc.web.responses", "feedsvc.server.request", "feedsvc.server.state"}
    assert {one for one in imports("feedsvc.server.connection") if one.startswith("feedsvc.")} <= few


@pytest.mark.parametrize(
    ("library", "where"),
    [
        ("feedgen", {"formats"}),
        ("feedparser", {"importing.xmlfeed"}),
        ("jinja2", {"formats.templating", "formats.page_base", "status.page"}),
        ("nh3", {"articles.parsers.sanitise"}),
        ("cmarkgfm", {"articles.parsers.markdown"}),
        ("yaml", {"articles.parsers.frontmatter", "importing.markdown_writer"}),
        ("sqlalchemy", {"storage", "files"}),
        ("sqlite3", {"storage.damage", "storage.engine"}),
        ("flask", {"web.app", "web.preview_routes", "web.status_routes", "cli"}),
        ("inotify_simple", {"articles.watcher"}),
        ("apscheduler", {"builder.schedule"}),
        ("httptools", {"server.request"}),
        ("asyncio", {"server"}),
        ("click", {"cli", "progress"}),
        ("tenacity", {"deliveries.courier"}),
        ("fcntl", {"articles.folder", "server.connection", "storage.damage", "storage.local_copy", "storage.turns"}),
        ("prometheus_client", {"status.metrics"}),
        ("secrets", {"status.token"}),
    ],
)
def test_each_library_has_its_place(library: str, where: set[str]) -> None:
    users = [name for name in MODULES if any(found.split(".")[0] == library for found in imports(name))]
    places = [f"feedsvc.{place}" for place in where]
    assert users
    assert not [name for name in users if not any(name == place or name.startswith(f"{place}.") for place in places)]


def test_only_the_commands_read_the_environment() -> None:
    reading = {"os.environ", "os.getenv", "os.environb"}
    found = {
        package(name)
        for name in MODULES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in reading
    }
    assert found <= {"cli"}
