"""Which file lies at a path, and which one is a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from feedsvc.files import database_file, identity


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///var/feedsvc.db", Path("var/feedsvc.db")),
        ("sqlite:////var/lib/feedsvc/feedsvc.db", Path("/var/lib/feedsvc/feedsvc.db")),
        ("sqlite:///:memory:", None),
        ("sqlite://", None),
        ("postgresql://desk@db.example/feedsvc", None),
    ],
)
def test_the_file_of_a_database(url: str, file: Path | None) -> None:
    assert database_file(make_url(url)) == file


def test_another_file_at_the_same_path_is_another(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    assert identity(path) is None
    path.touch()
    other.touch()
    before = identity(path)
    assert before == identity(path) != identity(other)
    other.replace(path)
    assert identity(path) != before
