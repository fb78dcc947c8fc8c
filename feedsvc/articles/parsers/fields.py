"""The keys of the front matter: what each may hold, and what it means for an article. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

from feedsvc.articles.parsers import synonyms
from feedsvc.articles.parsers.dates import read_date
from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.images import image_source
from feedsvc.articles.parsers.links import web_link
from feedsvc.articles.parsers.names import among_drafts, day_of
from feedsvc.articles.parsers.parts import MAX_LISTED, MAX_PASSAGE
from feedsvc.articles.parsers.sanitise import visible
from feedsvc.model.article import MAX_TEXT, MAX_TOPICS, Claim, Correction, Image
from feedsvc.model.site import RESERVED
from feedsvc.model.slugs import is_slug, slug_from_file, slugify
from feedsvc.model.urls import Urls
from feedsvc.text import is_language_tag, one_line

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
_PUBLIC = frozenset({"published", "publish", "public", "live"})
_DATES = frozenset({"date", "updated", "expires"})
_NEVER_EMPTY = frozenset({"title", "slug", "id", "topics"})
_RETRACTED = "This article has been retracted."


def read_fields(front: Mapping[str, Value], path: str, addresses: Urls, faults: Faults) -> dict[str, Any]:
    """The fields of `Article` that the front matter and the path give, checked; always with `slug` and `folder`."""
    return _Fields(path, addresses, faults).read(front)


class _Key(NamedTuple):
    """A key as it is written, with its value."""

    name: str
    value: Value


class _Fields:
    """Checks one article's keys; a check gives the field's value, or None where it has refused it."""

    def __init__(self, path: str, addresses: Urls, faults: Faults) -> None:
        self.path = path
        self.addresses = addresses
        self.faults = faults
        self.checks: Mapping[str, Callable[[str, Value], Any]] = {
            "title": self.text,
            "id": self.text,
            "slug": self.slug,
            "date": self.date,
            "updated": self.date,
            "expires": self.date,
            "draft": self.flag,
            "authors": self.texts,
            "topics": self.topics,
            "story": self.story,
            "standfirst": self.passage,
            "key_points": self.texts,
            "why_it_matters": self.passage,
            "what_it_means": self.passage,
            "link": self.link,
            "image": self.image,
            "breaking": self.breaking,
            "claim": self.claim,
            "corrections": self.corrections,
            "retracted": self.retracted,
            "language": self.language,
        }
        self.base = ""

    def read(self, front: Mapping[str, Value]) -> dict[str, Any]:
        written = self.known(front)
        given = {field: self.one(field, keys) for field, keys in written.items() if field not in _DATES | {"draft"}}
        fields: dict[str, Any] = {"slug": self.slug_of(given), "folder": self.folder()}
        self.base = self.addresses.article(fields["slug"])
        for key, value in given.items():
            if key == "slug":
                continue
            if _is_empty(value) and (value.content is None or key not in _NEVER_EMPTY):
                if key == "title":
                    self.faults.refuse(value.line, "title is empty")
            elif (field := self.checks[key](key, value)) is not None:
                fields[key] = field
        if self.draft(written.get("draft", [])) or among_drafts(self.path):
            fields["draft"] = True
        self.dates(written, fields)
        if isinstance(until := fields.get("breaking"), datetime):
            fields |= {"breaking": True, "breaking_until": until}
        return fields

    def known(self, front: Mapping[str, Value]) -> Mapping[str, list[_Key]]:
        """The keys by the fields they are for, as they are written; a key of another name is a warning."""
        written: dict[str, list[_Key]] = {}
        for key, value in front.items():
            name = key.lower()
            field = name if name in self.checks else synonyms.FIELD_OF.get(name)
            if field is None:
                self.unknown(key, value.line, (*self.checks, *synonyms.OWN))
            else:
                if field == "draft" and name in synonyms.PUBLISHED and _looks_like_a_date(value):
                    field = "date"
                written.setdefault(field, []).append(_Key(key, value))
        return written

    def one(self, field: str, keys: list[_Key]) -> Value:
        """The value that counts of all that are given for a field."""
        for again in keys[1:]:
            first = keys[0]
            self.faults.refuse(again.value.line, f"{again.name} is the same as {first.name} in line {first.value.line}; keep one")
        return keys[0].value

    def draft(self, keys: list[_Key]) -> bool:
        """Whether the article is held back; keys that contradict each other are refused, for one of them would let it out."""
        said: dict[bool, _Key] = {}
        hidden = False
        for key in keys:
            name = key.name.lower()
            if name in synonyms.HIDDEN:
                hidden = hidden or not (_is_empty(key.value) or _text(key.value) in _NO)
            elif not _is_empty(key.value) and (held := self.holds(key.name, key.value)) is not None:
                said.setdefault(held, key)
        if len(said) == 2:
            first, second = sorted(said.values(), key=lambda key: key.value.line)
            self.disagree(first, second)
        return hidden or True in said

    def holds(self, key: str, value: Value) -> bool | None:
        """Whether a key holds the article back, None where its value is refused."""
        if key.lower() in synonyms.STATUS:
            if (text := self.text(key, value)) is None:
                return None
            if text.lower() not in _PUBLIC | {"draft"}:
                self.faults.warn(value.line, f'{key} {quoted(text)} is not "published", so the article is a draft')
            return text.lower() not in _PUBLIC
        said = self.flag(key, value)
        return not said if said is not None and key.lower() in synonyms.PUBLISHED else said

    def disagree(self, first: _Key, second: _Key) -> None:
        self.faults.refuse(
            second.value.line, f"{second.name} contradicts {first.name} in line {first.value.line}; keep one, or make them agree"
        )

    def dates(self, written: Mapping[str, list[_Key]], fields: dict[str, Any]) -> None:
        """When the article comes out, was changed, and expires."""
        for field in sorted(_DATES & written.keys()):
            found = [(key, moment) for key in written[field] if (moment := self.moment(key)) is not None]
            if field == "date" and any(key.name.lower() not in synonyms.WHEN_MADE for key, _ in found):
                found = [(key, moment) for key, moment in found if key.name.lower() not in synonyms.WHEN_MADE]
            if found:
                # What was changed several times was last changed at the last of them.
                fields[field] = max(moment for _, moment in found) if field == "updated" else self.agreed(found)
        if "date" not in written and (day := day_of(self.path, self.addresses.site.zone)):
            fields["day"] = day
        begin = fields.get("date") or fields.get("day")
        if begin and "expires" in fields and fields["expires"] <= begin:
            self.faults.refuse(written["expires"][0].value.line, "expires is not after date")

    def moment(self, key: _Key) -> datetime | None:
        return None if _is_empty(key.value) else self.date(key.name, key.value)

    def agreed(self, found: list[tuple[_Key, datetime]]) -> datetime:
        """The moment on which all keys agree; one that gives the day alone agrees with another that gives its time too."""
        exact = [one for one in found if ":" in _text(one[0].value)] or found
        zone = self.addresses.site.zone
        first, moment = exact[0]
        for key, other in found:
            if other != moment and ((key, other) in exact or other.astimezone(zone).date() != moment.astimezone(zone).date()):
                self.disagree(*sorted((first, key), key=lambda one: one.value.line))
        return moment

    def unknown(self, key: str, line: int, known: tuple[str, ...]) -> None:
        near = get_close_matches(key.lower().replace("-", "_")[:MAX_TEXT], known, 1)
        hint = f"did you mean {quoted(near[0])}?" if near else f"known are {', '.join(known)}"
        self.faults.warn(line, f"unknown key {quoted(key)}; {hint}")

    def slug_of(self, given: Mapping[str, Value]) -> str:
        if "slug" in given and given["slug"].content is not None:
            return self.slug("slug", given["slug"]) or "slug"
        name = posixpath.basename(self.path)
        if not (slug := slug_from_file(name)):
            self.faults.refuse(1, f"no slug can be made of the file's name {quoted(name)}; give it one with slug:")
        return slug or "slug"

    def folder(self) -> str | None:
        first, _, inside = self.path.partition("/")
        if not inside or first.isdigit() or not (slug := slugify(first)):
            return None
        if slug in RESERVED:
            self.faults.warn(0, f"the folder {quoted(first)} is no topic, since that name is reserved")
            return None
        return one_line(first)

    def text(self, key: str, value: Value, most: int = MAX_TEXT) -> str | None:
        if not isinstance(value.content, str):
            given = "a list" if isinstance(value.content, tuple) else "a table"
            self.faults.refuse(value.line, f"{key} is empty" if value.content is None else f"{key} is a text, not {given}")
            return None
        text = one_line(value.content)
        return text if self.fits(key, value.line, text, most) else None

    def fits(self, key: str, line: int, text: str, most: int) -> bool:
        if not visible(text):
            self.faults.refuse(line, f"{key} is empty")
        elif len(text) > most:
            self.faults.refuse(line, f"{key} has {len(text):,} characters; at most {most:,} are allowed")
        else:
            return True
        return False

    def passage(self, key: str, value: Value) -> str | None:
        if key == "standfirst" or not isinstance(value.content, str):
            return self.text(key, value, MAX_PASSAGE)
        paragraphs = (one_line(paragraph) for paragraph in re.split(r"\n\s*\n", value.content))
        text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        return text if self.fits(key, value.line, text, MAX_PASSAGE) else None

    def texts(self, key: str, value: Value, most: int = MAX_LISTED) -> tuple[str, ...] | None:
        listed = value.content if isinstance(value.content, tuple) else (value,)
        if len(listed) > most:
            self.faults.refuse(value.line, f"{key} has {len(listed):,} of them; at most {most} are allowed")
            return None
        texts = [self.text(key if listed[0] is value else f"one of {key}", one) for one in listed]
        return tuple(text for text in texts if text is not None)

    def topics(self, key: str, value: Value) -> tuple[str, ...] | None:
        if isinstance(value.content, str):
            value = Value(value.line, tuple(Value(value.line, name) for name in value.content.split(",")))
        if not isinstance(value.content, tuple):
            self.faults.refuse(value.line, "topics is a list of names, not a table")
            return None
        if len(value.content) > MAX_TOPICS:
            self.faults.refuse(value.line, f"{len(value.content):,} topics are named; at most {MAX_TOPICS} are allowed")
            return None
        topics: dict[str, str] = {}
        for one in value.content:
            if (name := self.text("a topic", one)) is None:
                continue
            slug = slugify(name)
            if not slug or "/" in name or "\\" in name:
                self.faults.refuse(one.line, f"topic {quoted(name)} is not a name")
            elif slug in RESERVED:
                self.faults.warn(one.line, f"topic {quoted(name)} is left out, since that name is reserved")
            else:
                topics.setdefault(slug, name)
        return tuple(topics.values())

    def slug(self, key: str, value: Value) -> str | None:
        text = self.text(key, value)
        if text is None or is_slug(text):
            return text
        better = f"; {quoted(slugify(text))} would be one" if slugify(text) else ""
        self.faults.refuse(value.line, f"slug {quoted(text)} is not letters, digits and hyphens{better}")
        return None

    def story(self, key: str, value: Value) -> str | None:
        text = self.text(key, value)
        if text is not None and not slugify(text):
            self.faults.refuse(value.line, f"story {quoted(text)} is not a name")
            return None
        return text

    def date(self, key: str, value: Value) -> datetime | None:
        text = self.text(key, value)
        if text is None:
            return None
        try:
            moment, warning = read_date(text, self.addresses.site.zone)
        except ValueError as error:
            self.faults.refuse(value.line, f"{key} {error}")
            return None
        if warning:
            self.faults.warn(value.line, f"{key} {warning}")
        return moment

    def flag(self, key: str, value: Value) -> bool | None:
        text = self.text(key, value)
        if text is None or text.lower() in _YES | _NO:
            return None if text is None else text.lower() in _YES
        self.faults.refuse(value.line, f"{key} {quoted(text)} is neither true nor false")
        return None

    def breaking(self, key: str, value: Value) -> bool | datetime | None:
        written = value.content.strip() if isinstance(value.content, str) else ""
        return self.date(key, value) if written[:1].isdigit() else self.flag(key, value)

    def retracted(self, key: str, value: Value) -> str | None:
        text = self.text(key, value, MAX_PASSAGE)
        if text is None or text.lower() in _NO:
            return None
        return _RETRACTED if text.lower() in _YES else text

    def claim(self, key: str, value: Value) -> Claim | None:
        text = self.text(key, value)
        if text is None or text.lower() in tuple(Claim):
            return None if text is None else Claim(text.lower())
        self.faults.refuse(value.line, f"claim {quoted(text)} is neither {Claim.REPORTED} nor {Claim.CONFIRMED}")
        return None

    def language(self, key: str, value: Value) -> str | None:
        text = self.text(key, value)
        if text is None or is_language_tag(text):
            return text
        self.faults.refuse(value.line, f'language {quoted(text)} is not a language tag such as "en-GB"')
        return None

    def link(self, key: str, value: Value) -> str | None:
        text = self.text(key, value, most=2 * MAX_TEXT)
        url = web_link(text, self.base) if text is not None else None
        if text is not None and url is None:
            self.faults.refuse(value.line, f"link {quoted(text)} is not an http(s) address")
        return url

    def image(self, key: str, value: Value) -> Image | None:
        table = value.content if isinstance(value.content, Mapping) else {"src": value}
        texts: dict[str, str] = {}
        for name, inner in table.items():
            if name not in ("src", "alt", "credit"):
                self.unknown(name, inner.line, ("src", "alt", "credit"))
            elif (name == "src" or inner.content not in (None, "")) and (text := self.text(f"image {name}", inner)) is not None:
                texts[name] = text
        if "src" not in texts:
            if "src" not in table:
                self.faults.refuse(value.line, "image has no src")
            return None
        try:
            src, file = image_source(texts["src"], self.path, self.base, self.addresses)
        except ValueError as error:
            self.faults.refuse(table["src"].line, f"image {error}")
            return None
        return Image(src=src, alt=texts.get("alt", ""), credit=texts.get("credit", ""), file=file)

    def corrections(self, key: str, value: Value) -> tuple[Correction, ...] | None:
        listed = value.content if isinstance(value.content, tuple) else (value,)
        if len(listed) > MAX_LISTED:
            self.faults.refuse(value.line, f"{key} has {len(listed):,} of them; at most {MAX_LISTED} are allowed")
            return None
        corrections = [self.correction(one) for one in listed]
        return tuple(correction for correction in corrections if correction)

    def correction(self, value: Value) -> Correction | None:
        table = value.content if isinstance(value.content, Mapping) else {}
        if not {"date", "text"} <= table.keys():
            self.faults.refuse(value.line, "a correction has a date and a text")
            return None
        for name in table.keys() - {"date", "text"}:
            self.unknown(name, table[name].line, ("date", "text"))
        date = self.date("a correction's date", table["date"])
        text = self.text("a correction's text", table["text"], MAX_PASSAGE)
        return Correction(date, text) if date is not None and text is not None else None


def _is_empty(value: Value) -> bool:
    return value.content is None or value.content == ""


def _text(value: Value) -> str:
    return value.content.strip().lower() if isinstance(value.content, str) else ""


def _looks_like_a_date(value: Value) -> bool:
    return len(_text(value)) > 1 and any(char.isdigit() for char in _text(value))
