"""JSON from elsewhere: an object, and the values in it, whatever their types are. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from feedsvc.articles.parsers.faults import Faults


def document(data: bytes, name: str, faults: Faults) -> Mapping[str, Any] | None:
    """The object in a JSON file; None if the file is not JSON and does not claim to be."""
    try:
        # Numbers stay as written: version 1.0 allows ids that are numbers.
        said = json.loads(data, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        if name.lower().endswith(".txt"):
            return None
        faults.fail(error.lineno, f"is not JSON: {error.msg}")
    except (UnicodeDecodeError, RecursionError) as error:
        faults.fail(0, f"is not JSON that can be read: {error}")
    if not isinstance(said, dict):
        faults.fail(1, "is JSON, but no JSON Feed")
    return said


def text_in(table: Mapping[str, Any], key: str) -> str:
    """A text, "" for what is none."""
    value = table.get(key)
    return value if isinstance(value, str) else ""


def values_in(table: Mapping[str, Any], key: str) -> list[Any]:
    """A list, or what stands alone as one."""
    value = table.get(key)
    return value if isinstance(value, list) else [value]


def objects_in(table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [one for one in values_in(table, key) if isinstance(one, dict)]
