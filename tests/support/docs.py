"""The papers of the house, read as a program reads them: sections, tables, and what stands as code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAPERS = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"),
    *("docs/articles.md", "docs/design.md", "docs/faults.md", "docs/formats.md", "docs/lifecycle.md"),
    *("docs/operations.md", "docs/performance.md", "docs/settings.md", "docs/ticker.md"),
)


def paper(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    """A paper's text under one heading, up to the next of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", outside_fences(paper(name)), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no heading {heading}"
    return found[1]


def outside_fences(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def fences(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", paper(name), re.MULTILINE | re.DOTALL)


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def rows(name: str, heading: str) -> list[list[str]]:
    """The cells of all tables under one heading, without their headers."""
    cells = _lines(name, heading)
    rules = {number for number, row in enumerate(cells) if row[0] == "---"}
    return [row for number, row in enumerate(cells) if not rules & {number, number + 1}]


def columns(name: str, heading: str) -> list[dict[str, str]]:
    """The rows of the one table under a heading, each by the names in its header."""
    header = _lines(name, heading)[0]
    return [dict(zip(header, row, strict=True)) for row in rows(name, heading)]


def _lines(name: str, heading: str) -> list[list[str]]:
    lines = [line for line in section(name, heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(name: str, heading: str) -> set[str]:
    """What stands as code in the first column of the tables under one heading."""
    return {span for row in rows(name, heading) for span in spans(row[0])}
