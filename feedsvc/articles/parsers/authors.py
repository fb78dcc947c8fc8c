"""The authors of an article, as texts, tables or lists of them; an e-mail address is never published. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedsvc.articles.parsers.checks import Checks, is_empty
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.kinds import Kind

_NAMES = ("name", "display_name", "displayname", "full_name", "fullname", "title")
_EMAIL = re.compile(r"[^\s<>()@,;]++@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+")
_AROUND = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")


def authors_of(key: str, value: Value, checks: Checks) -> tuple[str, ...] | None:
    """The authors' names in their order; None where the key is refused."""
    if isinstance(value.content, Mapping) and _name_in(value.content) is None and value.content:
        tables = tuple(one for one in value.content.values() if isinstance(one.content, Mapping) and _name_in(one.content))
        value = Value(value.line, tables or (value,))
    if (listed := checks.listed(key, value)) is None:
        return None
    names: list[str] = []
    for one in listed:
        shown = key if one is value else f"one of {key}"
        if isinstance(one.content, Mapping):
            if (named := _name_in(one.content)) is None:
                checks.faults.warn(Kind.VALUE, one.line, f"{shown} has no name, and is left out")
                continue
            one = named
        if (name := checks.words(shown, one)) is None:
            continue
        if name := _without_email(name, one.line, shown, checks):
            names.append(name)
    return tuple(names)


def _name_in(table: Mapping[str, Value]) -> Value | None:
    lower = {key.lower(): value for key, value in table.items()}
    return next((lower[name] for name in _NAMES if name in lower and not is_empty(lower[name])), None)


def _without_email(name: str, line: int, key: str, checks: Checks) -> str:
    if "@" not in name:
        return name
    bare = " ".join(_AROUND.sub("", _EMAIL.sub("", name)).split())
    bare = bare.removeprefix("(").removesuffix(")").strip() if bare.startswith("(") else bare
    if not bare:
        checks.faults.warn(Kind.VALUE, line, f"{key} is an e-mail address, which is not published; give a name")
    return bare
