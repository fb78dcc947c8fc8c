"""`read_settings_file`: settings in a file in the format of systemd's EnvironmentFile (systemd.exec(5)).

A running process keeps the environment that it started with; a file can change before a reload.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from feedsvc.errors import UsageError
from feedsvc.settings import ENVIRONMENT_PREFIX, NAMED_SECRETS, SECRETS, SETTINGS, environment_name

MOST_BYTES = 100_000
_ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*", re.ASCII)


def read_settings_file(path: Path) -> dict[str, Any]:
    """The settings in a file by their names, those of many secrets as tables; other programs' variables in it are ignored.

    Raises `UsageError`, which names file and line.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UsageError(f"settings {path}: larger than {MOST_BYTES:,} bytes")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"settings {path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"settings {path}: not UTF-8 at byte {error.start}") from error
    names = {environment_name(name): name for name in (*SETTINGS, *SECRETS)}
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        assignment = _ASSIGNMENT.fullmatch(line)
        if assignment is None:  # not shown, because it may be a secret
            raise UsageError(f"settings {path}:{number}: not of the form NAME=value")
        key, value = assignment.groups()
        if key in names:
            found[names[key]] = _plain(value, f"settings {path}:{number}")
        elif family := next((name for name, prefix in NAMED_SECRETS.items() if key.startswith(prefix)), None):
            found.setdefault(family, {})[key.removeprefix(NAMED_SECRETS[family])] = _plain(value, f"settings {path}:{number}")
        elif key.startswith(ENVIRONMENT_PREFIX):
            raise UsageError(f"settings {path}:{number}: {key} is not a setting; known are {', '.join(names)}")
    return found


def _plain(value: str, where: str) -> str:
    if value.endswith("\\"):
        raise UsageError(f"{where}: continues on the next line, which is not supported")
    if value[:1] in ("'", '"'):
        if len(value) < 2 or value[-1] != value[0] or value[0] in value[1:-1]:
            raise UsageError(f"{where}: its quotation mark is not closed")
        return value[1:-1]
    return value
