"""Which file lies at a path, and which one is a database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from feedsvc.files import database_file, identity


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///var/feedsvc.db", Path("var/feedsvc.db")),
        ("sqlite:////var/lib/feedsvc/feedsvc.db", Path("/var/lib/feedsvc/feedsvc.db")),
        ("sqlite:///C:/feedsvc.db", Path("C:/feedsvc.db")),
        ("sqlite:///var/feed%20svc.db", Path("var/feed svc.db")),
        ("sqlite:///var/feedsvc.db?timeout=5", Path("var/feedsvc.db")),
        ("sqlite:///:memory:", None),
        ("sqlite:///", None),
        ("sqlite://", None),
        ("postgresql://desk@db.example/feedsvc", None),
    ],
)
def test_the_file_of_a_database(url: str, file: Path | None) -> None:
    assert database_file(url) == database_file(make_url(url)) == file


@given(st.from_regex(r"[\w./%?:@ -]{0,20}", fullmatch=True))
def test_a_plain_path_is_what_the_database_makes_of_it(path: str) -> None:
    try:
        expected = database_file(make_url(f"sqlite:///{path}"))
    except ArgumentError:
        return
    assert database_file(f"sqlite:///{path}") == expected


def test_what_is_no_url_is_refused_and_needs_no_database_library() -> None:
    with pytest.raises(ValueError, match="not a database URL"):
        database_file("feedsvc.db")
    light = "import sys, feedsvc.settings as s; s.Settings().folder; print('sqlalchemy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", light], text=True, timeout=60).strip() == "False"


def test_another_file_at_the_same_path_is_another(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    assert identity(path) is None
    path.touch()
    other.touch()
    before = identity(path)
    assert before == identity(path) != identity(other)
    other.replace(path)
    assert identity(path) != before
