"""The rules of the house that a machine can keep."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import feedsvc

ROOT = Path(feedsvc.__file__).parent.parent
SOURCES = sorted((ROOT / "feedsvc").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES = 450
BOUNDED = {"pulse.wait", "start.wait"}  # a poll waits a second at most, and a barrier has its own limit
NOT_OURS = re.compile(r"(?:^|_)(?:items?|posts?|managers?|helpers?|utils?)(?:_|$)", re.IGNORECASE)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tool(*words: str) -> None:
    ended = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_ruff_has_nothing_to_say() -> None:
    tool("ruff", "check", "--no-cache", ".")


def test_mypy_has_nothing_to_say() -> None:
    tool("mypy", "--strict", "-p", "feedsvc")


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=named)
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=named)
def test_nothing_is_left_for_later(path: Path) -> None:
    left = re.compile("|".join(("TO" "DO", "FIX" "ME", "X" "XX", "pragma: no " "cover", "Not" "ImplementedError")))
    assert not left.search(path.read_text("utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_the_words_are_those_of_the_design(path: Path) -> None:
    names = {path.stem, *_given_names(ast.parse(path.read_text("utf-8")))}
    # RSS and JSON Feed call an element so, and the formats speak their language.
    theirs = {"item", "items"} if path.parent.name == "formats" else set()
    assert not [name for name in names - theirs if NOT_OURS.search(_in_words(name))]


def _in_words(name: str) -> str:
    return "" if name.startswith("__") else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


def _given_names(tree: ast.AST) -> Iterator[str]:
    """What the code names itself; what a library calls its own things is the library's."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_what_is_public_explains_itself(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [tree, *(node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_"))]
    for node in public:
        said = ast.get_docstring(node)
        assert said or not tree.body, getattr(node, "name", path.name)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_source_names_a_place_on_one_machine(path: Path) -> None:
    assert not re.search(r"/(?:home|root|work|Users|tmp)/", path.read_text("utf-8"))


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_no_test_can_wait_for_ever(path: Path) -> None:
    # Where a test fails before what it waits for, a run of all tests would stand still without a word.
    endless = []
    for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
        name, given = ast.unparse(call.func), {keyword.arg for keyword in call.keywords}
        waits = name.endswith((".join", ".wait", ".result", ".communicate")) and not call.args and "timeout" not in given
        runs = name == "subprocess.run" and "timeout" not in given and path.name != "busy.py"
        holds = name.endswith("Thread") and not name.startswith("_") and "daemon" not in given
        if (waits and name not in BOUNDED) or runs or holds or (name == "threading.Barrier" and "timeout" not in given):
            endless.append(f"{call.lineno}: {name}")
    assert not endless


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_decoder_of_a_class_is_made_where_there_may_be_threads(path: Path) -> None:
    # Two threads that make msgspec look at one class at the same moment can end the process (SIGSEGV).
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    decoding = [call for call in calls if ast.unparse(call.func).endswith(".decode")]
    types = [ast.unparse(keyword.value) for call in decoding for keyword in call.keywords if keyword.arg == "type"]
    assert not [type for type in types if re.search(r"\b[A-Z]\w", type)]
