"""`Checks`: what a key's value may be, and what is said of it otherwise: the checks that all keys share. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from html import unescape
from typing import NamedTuple

from feedsvc.articles.parsers.dates import read_date
from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.parts import MAX_LISTED, MAX_PASSAGE
from feedsvc.articles.parsers.sanitise import visible
from feedsvc.kinds import Kind
from feedsvc.model.article import MAX_TEXT
from feedsvc.model.urls import Urls
from feedsvc.text import one_line

YES = frozenset({"true", "yes", "on", "1"})
NO = frozenset({"false", "no", "off", "0"})
_INLINE = "a abbr b bdi br cite code del dfn em font i ins kbd mark nobr q s samp small span strong sub sup tt u var wbr"
# The tags of a line of text as other systems take them in a title; `a < b` and `<script>` are texts as typed.
_TAG = re.compile(rf"""</?(?:{_INLINE.replace(" ", "|")})(?:\s[^<>]*+)?/?>""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_MARKUP = re.compile(r"[<&*_`\[~]")
_MAY_BE_MORE = re.compile(r"[<&*_`\[~{]")  # what markup and template tags have
# Markdown within a line where it can be nothing else: no `snake_case`, no `2 * 3 * 4`, no `[sic]`.
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"!?\[([^\[\]\n]+)\]\((?:https?://|/|#|www\.|mailto:)[^()\s]*\)")
_EMPHASIS = tuple(
    re.compile(rf"(?<![\w{edge}]){mark}(?=[^\s{edge}])([^{edge}\n]*[^\s{edge}]){mark}(?![\w{edge}])")
    for edge, mark in (("*", r"\*\*"), ("_", "__"), ("~", "~~"), ("*", r"\*"), ("_", "_"))
)
_TEMPLATE = re.compile(r"\{\{[^{}\n]*\}\}|\{%[^{}%\n]*%\}")


class Key(NamedTuple):
    """A key as it is written, with its value."""

    name: str
    value: Value


class Checks:
    """Checks one article's values; a check gives what the field holds, or None where it has refused the value."""

    def __init__(self, path: str, addresses: Urls, faults: Faults) -> None:
        self.path = path
        self.addresses = addresses
        self.faults = faults

    def text(self, key: str, value: Value, most: int = MAX_TEXT) -> str | None:
        """A text on one line."""
        if not isinstance(value.content, str):
            given = "a list" if isinstance(value.content, tuple) else "a table"
            self.faults.refuse(value.line, f"{key} is empty" if value.content is None else f"{key} is a text, not {given}")
            return None
        text = one_line(value.content)
        if text[:1].isalnum() and len(text) <= most:  # as most do
            return text
        return text if self.fits(key, value.line, text, most) else None

    def words(self, key: str, value: Value, most: int = MAX_TEXT) -> str | None:
        """A text that readers see, on one line: entities and inline markup become text, and a `#` in it is no remark."""
        return self.text(key, self.whole(key, value), most)

    def whole(self, key: str, value: Value) -> Value:
        """A value with the text that YAML would take for a remark, and without markup."""
        content = value.content
        if not isinstance(content, str):
            return value
        if not value.remark and not _MAY_BE_MORE.search(content):
            return value
        if value.remark.lstrip()[1:2].strip():
            reason = f'{key} has " #", where YAML begins a remark; it is read as text, and should be in quotes'
            self.faults.warn(Kind.REMARK, value.line, reason)
            content += value.remark
        elif value.remark:
            reason = f'{key} ends at " #", where YAML begins a remark; put it in quotes if that belongs to it'
            self.faults.warn(Kind.REMARK, value.line, reason)
        if "{{" in content or "{%" in content:
            content, gone = _TEMPLATE.subn("", content)
            if gone:
                self.faults.warn(Kind.TEMPLATE_TAG, value.line, f"{key} has a template tag, which is taken out")
        content = without_markup(content)
        return value if content is value.content else Value(value.line, content)

    def fits(self, key: str, line: int, text: str, most: int) -> bool:
        """Whether a text shows something and is not too long."""
        if not visible(text):
            self.faults.refuse(line, f"{key} is empty")
        elif len(text) > most:
            self.faults.refuse(line, f"{key} has {len(text):,} characters; at most {most:,} are allowed")
        else:
            return True
        return False

    def passage(self, key: str, value: Value) -> str | None:
        """A text of a sentence or more, its paragraphs parted by empty lines."""
        if not isinstance(value.content, str):
            return self.text(key, value, MAX_PASSAGE)
        content = str(self.whole(key, value).content)
        paragraphs = map(one_line, re.split(r"\n\s*\n", content) if "\n" in content else (content,))
        text = "\n\n".join(filter(None, paragraphs))
        return text if self.fits(key, value.line, text, MAX_PASSAGE) else None

    def texts(self, key: str, value: Value) -> tuple[str, ...] | None:
        """A list of texts, or one."""
        listed = self.listed(key, value)
        if listed is None:
            return None
        texts = [self.words(key if one is value else f"one of {key}", one) for one in listed]
        return tuple(text for text in texts if text is not None)

    def listed(self, key: str, value: Value, most: int = MAX_LISTED) -> tuple[Value, ...] | None:
        """The values of a list, or one value; None where there are too many."""
        listed = value.content if isinstance(value.content, tuple) else (value,)
        if len(listed) > most:
            self.faults.refuse(value.line, f"{key} has {len(listed):,} of them; at most {most} are allowed")
            return None
        return listed

    def flag(self, key: str, value: Value) -> bool | None:
        """True or false."""
        text = self.text(key, value)
        if text is None or text.lower() in YES | NO:
            return None if text is None else text.lower() in YES
        self.faults.refuse(value.line, f"{key} {quoted(text)} is neither true nor false")
        return None

    def date(self, key: str, value: Value) -> datetime | None:
        """A moment, in UTC."""
        text = self.text(key, value)
        if text is None:
            return None
        try:
            moment, warning = read_date(text, self.addresses.site.zone)
        except ValueError as error:
            self.faults.refuse(value.line, f"{key} {error}")
            return None
        if warning:
            self.faults.warn(Kind.NO_ZONE, value.line, f"{key} {warning}")
        return moment

    def contradict(self, first: Key, second: Key) -> None:
        """Refuses two keys of which one would let the article out and the other would not."""
        first, second = sorted((first, second), key=lambda key: key.value.line)
        self.faults.refuse(
            second.value.line, f"{second.name} contradicts {first.name} in line {first.value.line}; keep one, or make them agree"
        )

    def unknown(self, key: str, line: int, known: Iterable[str]) -> None:
        """Warns of a key that nobody knows."""
        known = tuple(known)
        near = get_close_matches(key.lower().replace("-", "_")[:MAX_TEXT], known, 1)
        hint = f"did you mean {quoted(near[0])}?" if near else f"known are {', '.join(known)}"
        self.faults.warn(Kind.UNKNOWN_KEY, line, f"unknown key {quoted(key)}; {hint}")


def without_markup(text: str) -> str:
    """A text with its entities resolved and without inline tags or Markdown, as other systems write them into titles."""
    if not _MARKUP.search(text):
        return text
    text = _LINK.sub(r"\1", _CODE.sub(r"\1", text))
    for mark in _EMPHASIS:
        text = mark.sub(r"\1", text)
    return _ENTITY.sub(lambda entity: unescape(entity[0]), _TAG.sub("", _BREAK.sub(" ", text)))


def is_empty(value: Value) -> bool:
    """Whether nothing is written: such a key counts as missing."""
    return value.content is None or value.content == ""


def typed(value: Value) -> str:
    """A text in small letters, "" for what is none."""
    return value.content.strip().lower() if isinstance(value.content, str) else ""
