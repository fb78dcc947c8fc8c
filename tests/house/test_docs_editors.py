"""What docs/commands.md gives editors, commits and GitHub fits what `check` prints."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from feedsvc.articles import parsers
from feedsvc.builder.check import check
from feedsvc.builder.check_report import check_report
from support.docs import doc, fences

PAGE = "docs/commands.md"
ARTICLES = {
    "harbour/bad.md": "---\ntitle: Bad\ndate: 2024-02-30\n---\nx\n",
    "empty.md": "",
    "harbour/warned.md": "---\ntitle: Warned\nstandfrist: x\ndate: 2026-05-20T09:00Z\n---\nx\n",
    "notes.docx": "x",
}


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a check prints of a folder with all that it may say."""
    monkeypatch.chdir(tmp_path)
    for path, text in ARTICLES.items():
        (tmp_path / "articles" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "articles" / path).write_text(text)
    return [*check_report(check(Path("articles"), (), "https://feeds.example", datetime(2026, 5, 21, tzinfo=UTC)), True)]


def patterns() -> list[dict[str, object]]:
    tasks, matcher = (json.loads(text) for text in fences(PAGE, "json"))
    (task,), (github,) = tasks["tasks"], matcher["problemMatcher"]
    assert task["problemMatcher"]["severity"] == github["severity"] == "error"
    return [task["problemMatcher"]["pattern"], *github["pattern"]]


@pytest.mark.parametrize("number", [0, 1])
def test_a_problem_matcher_finds_every_fault_and_warning_and_nothing_else(lines: list[str], number: int) -> None:
    pattern = patterns()[number]
    places = [int(str(pattern[name])) for name in ("file", "line", "severity", "message")]
    matches = [found for line in lines if (found := re.fullmatch(str(pattern["regexp"]), line))]
    found = [tuple(match[place] for place in places) for match in matches]
    assert {one[:3] for one in found} == {
        ("articles/empty.md", "1", None),
        ("articles/harbour/bad.md", "3", None),
        ("articles/harbour/warned.md", "3", "warning"),
        ("articles/notes.docx", "1", "warning"),
    }
    assert len(matches) == sum(": " in line and line.startswith("articles/") for line in lines)
    assert all(one[3] for one in found)


def test_the_editor_knows_when_a_check_begins_and_ends(lines: list[str]) -> None:
    background = json.loads(fences(PAGE, "json")[0])["tasks"][0]["problemMatcher"]["background"]
    assert [line for line in lines if re.search(background["endsPattern"], line)] == lines[-1:]
    assert re.search(background["beginsPattern"], "---- 23:40:00, harbour/a.md changed")
    assert re.search(background["beginsPattern"], "---- 23:40:00, 1,200 files changed")


def test_the_hook_checks_articles_and_what_the_newsroom_says_of_itself() -> None:
    hook, workflow = map(yaml.safe_load, fences(PAGE, "yaml"))
    (wanted,) = hook["repos"][0]["hooks"]
    for path in ("site.toml", "a.md", *(f"harbour/2026/é b{suffix}" for suffix in parsers.SUFFIXES)):
        assert re.search(wanted["files"], f"articles/{path}"), path
    assert not any(re.search(wanted["files"], path) for path in ("README.md", "articles/dusk.jpg", "articles/x/site.toml"))
    steps = [step.get("run", "") for step in workflow["jobs"]["check"]["steps"]]
    assert steps[-1].startswith(wanted["entry"]) and "::add-matcher::.github/feedsvc.json" in steps[-2]
    assert "`.github/feedsvc.json`" in doc(PAGE)
