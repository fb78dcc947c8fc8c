"""Reads `podcast = {…}` of a topic in `site.toml`. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from feedsvc.model.podcast import CATEGORIES, TYPES, Podcast
from feedsvc.text import is_web_url, one_line

KEYS = tuple(field.name for field in fields(Podcast))
_EMAIL = re.compile(r"[^\s@()<>,]+@[^\s@()<>,]+\.[^\s@()<>,]+")
_COVER = re.compile(r".*\.(?:jpe?g|png)(?:[?#].*)?", re.IGNORECASE | re.ASCII)
_BY_NAME = {name.lower(): name for name in CATEGORIES}

Wrong = Callable[[str], None]


def read_podcast(given: Any, wrong: Wrong) -> Podcast | None:
    """The podcast that a table describes; None where something is wrong, of which `wrong` is told the reasons."""
    if not isinstance(given, dict):
        wrong('podcast is a table such as {category = "News > Politics", image = "https://…/cover.jpg"}')
        return None
    values: dict[str, Any] = {}
    faults: list[str] = []
    fault = faults.append

    for key in given.keys() - {*KEYS}:
        near = get_close_matches(key, KEYS, 1)
        fault(f'has the unknown key "{key}"' + (f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(KEYS)}"))
    for key, read in _READERS.items():
        if key in given and (value := read(given[key], fault)) is not None:
            values[key] = value
    if "locked" in values and "owner" not in given:
        fault("is locked for its owner, and has none; give it an owner")
    missing = [key for key in ("category", "image") if key not in given]
    if missing and not faults:
        fault(f"has no {' and no '.join(missing)}, which directories ask for")
    for reason in faults:
        wrong(f"podcast {reason}")
    return None if faults else Podcast(**values)


def _category(given: Any, fault: Wrong) -> tuple[str, ...] | None:
    """A category of Apple's and one below it: `News > Politics`, or a list of both."""
    parts = given if isinstance(given, list) else given.split(">") if isinstance(given, str) else []
    names = [one_line(part).lower() for part in parts if isinstance(part, str)]
    if not 1 <= len(names) <= 2:
        fault('category is one of Apple\'s, or one with another below it, such as "News > Politics"')
        return None
    main = _BY_NAME.get(names[0])
    if main is None:
        fault(f'category "{parts[0]}" is none of Apple\'s{_near(names[0], _BY_NAME)}')
        return None
    below = {name.lower(): name for name in CATEGORIES[main]}
    if len(names) == 1:
        return (main,)
    if names[1] not in below:
        fault(f'category "{main}" has no "{one_line(parts[1])}"{_near(names[1], below)}')
        return None
    return (main, below[names[1]])


def _near(name: str, known: Mapping[str, str]) -> str:
    near = get_close_matches(name, known, 1)
    return f'; did you mean "{known[near[0]]}"?' if near else f"; known are {', '.join(known.values())}" if known else ""


def _image(given: Any, fault: Wrong) -> str | None:
    if not isinstance(given, str) or not is_web_url(given) or not _COVER.fullmatch(given):
        fault("image is the address of a square JPEG or PNG of 1,400 to 3,000 pixels, which ends in .jpg or .png")
        return None
    return given


def _text(given: Any, fault: Wrong) -> str | None:
    if not isinstance(given, str) or not one_line(given):
        fault("author is a text in quotes")
        return None
    return one_line(given)


def _flag(name: str) -> Callable[[Any, Wrong], bool | None]:
    def read(given: Any, fault: Wrong) -> bool | None:
        if not isinstance(given, bool):
            fault(f"{name} is true or false")
            return None
        return given

    return read


def _type(given: Any, fault: Wrong) -> str | None:
    if given not in TYPES:
        fault('type is "episodic", or "serial" where episodes have numbers')
        return None
    return str(given)


def _owner(given: Any, fault: Wrong) -> tuple[str, str] | None:
    name, email = (given.get("name"), given.get("email")) if isinstance(given, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(email, str) or not one_line(name) or not _EMAIL.fullmatch(email):
        fault('owner is a name and an e-mail address, which all can read: {name = "…", email = "…"}')
        return None
    return one_line(name), email


def _guid(given: Any, fault: Wrong) -> str | None:
    try:
        return str(UUID(given))
    except (ValueError, AttributeError, TypeError):
        fault("guid is a UUID: that of the podcast where it was before")
        return None


_READERS: Mapping[str, Callable[[Any, Wrong], Any]] = {
    "category": _category,
    "image": _image,
    "author": _text,
    "explicit": _flag("explicit"),
    "type": _type,
    "owner": _owner,
    "guid": _guid,
    "locked": _flag("locked"),
}
