"""What a check has found, as lines for a terminal: faults first, then warnings, and the sums at the end. Pure.

A line about a file is `path:line: reason`, as compilers write it, so that an editor can lead to it; what is wrong with a whole
file is shown at its first line, for editors drop what has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from feedsvc.articles.parsers.synonyms import FIELD_OF, TAXONOMIES
from feedsvc.builder.check_result import CheckResult
from feedsvc.fault_lines import by_kind, counted
from feedsvc.formats.partners import PROFILES
from feedsvc.kinds import Kind


def check_report(result: CheckResult, every_line: bool, partners: Iterable[str] = ()) -> Iterator[str]:
    """The lines of a result: with each warning, or with each kind of warning once; and where the rules of `partners` are from."""
    found = [replace(fault, line=max(fault.line, 1)) for fault in result.faults]
    warnings = [fault for fault in found if fault.warning]
    sections = [
        [str(fault) for fault in found if not fault.warning],
        *([[str(fault) for fault in warnings]] if every_line else by_kind(warnings, "--all")),
        [f"{path} is in order" for path in result.fine],
        [f"Front matter in {dialect}: {_read_as(names)}" for dialect, names in sorted(result.synonyms.items()) if names],
    ]
    for section in filter(None, sections):
        yield from section
        yield ""
    yield _sums(result)
    for profile in (PROFILES[name] for name in partners):
        yield f"{profile.name}'s rules, as read on {profile.read}: {profile.source}"


def _read_as(names: Iterable[str]) -> str:
    """Which keys with another system's name are read as which of ours."""
    fields: dict[str, set[str]] = {}
    for name in names:
        field = "topics and tags" if name.lower() == TAXONOMIES else FIELD_OF[name.lower()]
        fields.setdefault(field, set()).add(name)
    return "; ".join(f"{', '.join(sorted(fields[field]))} read as {field}" for field in sorted(fields))


def _sums(result: CheckResult) -> str:
    """How much there is of what."""
    faults = [fault.path for fault in result.faults if not fault.warning]
    warnings = [fault.path for fault in result.faults if fault.warning and fault.kind != Kind.PASSED_OVER]
    parts = (
        counted(result.articles, "article"),
        _in_files(faults, "fault"),
        _in_files(warnings, "warning"),
        f"{result.passed_over or 'none'} passed over",
    )
    return f"{counted(result.files, 'file')}: {', '.join(parts)}"


def _in_files(paths: list[str], noun: str) -> str:
    return f"{counted(len(paths), noun)} in {counted(len(set(paths)), 'file')}" if paths else f"no {noun}s"
