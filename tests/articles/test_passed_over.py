"""What is no article by its name, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.articles.passed_over import MOST_ENDINGS, is_conflict, no_article

CONFLICTS = (
    "harbour/ferry.sync-conflict-20260521-090000-ABCDEFG.md",
    "ferry (Ada's conflicted copy 2026-05-21).md",
    "ferry (conflicted copy 2026-05-21 090000).md",
    "ferry (Case Conflict copy).md",
    "ferry (SFConflict ada@x.example 2026-05-21-09-00-00).md",
    "~$ferry.md",
    "ferry.LOCAL.1234.md",
    "ferry_REMOTE_1234.md",
)


@pytest.mark.parametrize("path", CONFLICTS)
def test_a_conflict_copy(path: str) -> None:
    assert is_conflict(path)
    assert "conflict copy" in (no_article(path) or "")


@pytest.mark.parametrize(
    "path",
    [
        *("_index.md", "harbour/_index.fr.md", "_sidebar.md", "README.md", "harbour/readme.txt", "README.fr.md", "LICENSE.txt"),
        *("_layouts/post.html", "harbour/_includes/a.md", "archetypes/default.md", "node_modules/a/b.md", "index.md", "INDEX.html"),
    ],
)
def test_what_is_no_article(path: str) -> None:
    assert no_article(path) and not is_conflict(path)


@pytest.mark.parametrize(
    "path",
    [
        *("ferry.md", "harbour/index.md", "_posts/ferry.md", "_drafts/ferry.md", "conflict-in-the-port.md", "readme-first.md"),
        *("the-license.md", "security.md", "ferry (copy).md", "a local.md", "reading-me.md", "copyconflict.md"),
    ],
)
def test_what_may_be_an_article(path: str) -> None:
    assert no_article(path) is None


def look(folder: Path, *paths: str, at: list[str] | None = None) -> tuple[list[str], dict[str, str]]:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")
    found = ArticlesFolder(folder, SUFFIXES).look(at)
    assert all(fault.warning for fault in found.faults)
    return sorted(one.path for one in found.found_files), {fault.path: fault.reason for fault in found.faults}


def test_every_ending_of_an_article_in_any_case(tmp_path: Path) -> None:
    names = ["a.md", "b.markdown", "c.MDown", "d.mdx", "e.htm", "f.HTML", "g.Txt"]
    assert look(tmp_path, *names) == (names, {})


def test_what_is_passed_over_is_said_once_for_each_kind(tmp_path: Path) -> None:
    found, said = look(
        tmp_path,
        "a.md",
        "b.docx",
        "c.docx",
        "x/c.DOCX",
        "d.rst",
        "e",
        "site.toml",
        "f.jpg",
        "g.md~",
        ".h.rst",
        "_index.md",
        "x/_index.md",
    )
    assert found == ["a.md"]
    assert said == {
        "b.docx": "is no article: files that end in .docx are passed over; save its text as Markdown (.md) or as plain text (.txt) "
        "(and 2 more)",
        "d.rst": "is no article: files that end in .rst are passed over; convert it to Markdown (.md) or HTML",
        "e": "is no article: files without an ending are passed over",
        "_index.md": "is no article: a name with _ first is that of a section or a part of a page (and 1 more)",
    }


def test_conflict_copies_are_named_one_by_one(tmp_path: Path) -> None:
    found, said = look(tmp_path, "ferry.md", *CONFLICTS)
    assert found == ["ferry.md"]
    assert said.keys() == set(CONFLICTS)
    assert look(tmp_path, at=[CONFLICTS[0]])[1].keys() == {CONFLICTS[0]}


def test_thousands_of_endings_are_a_few_lines(tmp_path: Path) -> None:
    _, said = look(tmp_path, *(f"a.x{number}" for number in range(1_000)))
    assert len(said) == MOST_ENDINGS + 1
