"""The docs, read as a program reads them: sections, tables, and what is marked as code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"),
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")),
)


def doc(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    """A document's text under one heading, up to the next of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", outside_fences(doc(name)), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no heading {heading}"
    return found[1]


def outside_fences(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def fences(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", doc(name), re.MULTILINE | re.DOTALL)


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
    """What is marked as code in the first column of the tables under one heading."""
    return {span for row in rows(name, heading) for span in spans(row[0])}
