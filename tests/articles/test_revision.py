"""The revision of the articles folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.revision import revision_of

COMMIT, OTHER = "a" * 40, "b" * 40


def found(folder: Path, *, commits: bool = True, **files: str) -> str:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return revision_of(ArticlesFolder(folder, (".md",)), commits=commits)


def test_there_may_be_none(tmp_path: Path) -> None:
    assert found(tmp_path) == ""
    assert found(tmp_path / "gone") == ""


def test_what_the_deployment_wrote_counts_before_the_commit(tmp_path: Path) -> None:
    assert found(tmp_path, _git__HEAD=f"{COMMIT}\n") == COMMIT
    assert found(tmp_path, _revision=" 17\n\n") == "17"


def test_the_commit_is_that_of_the_branch(tmp_path: Path) -> None:
    assert found(tmp_path, _git__HEAD="ref: refs/heads/main\n") == ""
    packed = f"# pack-refs with: peeled\n{OTHER} refs/heads/domain\n{COMMIT} refs/heads/main\n"
    assert found(tmp_path, **{"_git__packed-refs": packed}) == COMMIT
    assert found(tmp_path, _git__refs__heads__main=f"{OTHER}\n") == OTHER  # git updates this one first
    assert found(tmp_path, commits=False) == ""


@pytest.mark.parametrize("head", ["ref: refs/../../../secret", "ref: /etc/hostname", "ref: refs/heads/.hidden", "dead", "\0" * 9])
def test_nothing_else_is_read_or_shown(tmp_path: Path, head: str) -> None:
    (tmp_path / "secret").write_text(COMMIT)
    assert found(tmp_path / "articles", _git__HEAD=head) == ""


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("17")
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/.revision").symlink_to(tmp_path / "outside")
    assert found(tmp_path / "articles") == ""
