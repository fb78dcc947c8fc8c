"""The `audio:` and `video:` keys: sound and film elsewhere, or a file in the articles folder. Pure.

What is wrong with a recording is a warning: the article's words come out without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedsvc.articles.parsers.checks import NO, YES, Checks, is_empty, typed
from feedsvc.articles.parsers.faults import quoted
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.images import file_source, image_of
from feedsvc.articles.parsers.sanitise import visible
from feedsvc.kinds import Kind
from feedsvc.model.article import EPISODE_TYPES, MAX_TEXT, Image, Medium, Recording, TextFile
from feedsvc.model.media_types import LOCAL_TEXTS, TEXTS, is_of, read_type, suffixes_of, type_of, usual_type
from feedsvc.text import one_line

LONGEST_SECONDS = 1_000 * 3_600
LARGEST_BYTES = 10**13
HIGHEST_NUMBER = 1_000_000  # of an episode: a daily podcast has two thousand in its sixth year
_OWN = (
    *("src", "type", "length", "duration", "title", "captions", "transcript", "poster"),
    *("episode", "season", "episode_type", "explicit"),
)
# What other systems call the parts.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "src": ("src", "url", "file", "path", "href"),
    "type": ("type", "mime", "mime_type"),
    "length": ("length", "bytes", "size", "filesize", "file_size"),
    "duration": ("duration",),
    "title": ("title", "caption"),
    "captions": ("captions", "subtitles"),
    "transcript": ("transcript",),
    "poster": ("poster", "image", "thumbnail", "cover"),
    "episode": ("episode", "episode_number", "episodenumber"),
    "season": ("season", "season_number", "seasonnumber"),
    "episode_type": ("episode_type", "episodetype"),
    "explicit": ("explicit",),
}
_KNOWN = frozenset(name for names in _PARTS.values() for name in names)
_CLOCK = re.compile(r"(?:(?:(?P<hours>\d{1,4}):)?(?P<minutes>\d{1,5}):)?(?P<seconds>\d{1,8})(?:\.\d{1,9})?", re.ASCII)
_WHAT = {Medium.AUDIO: "sound", Medium.VIDEO: "film"}


def recording_of(medium: Medium, key: str, value: Value, checks: Checks, base: str) -> Recording | None:
    """The recording that a key names by its address, by a table, or by a list of one of these; None where there is none."""
    return _Recording(medium, key, checks, base).read(value)


def bytes_in(text: str) -> int | None:
    """A length in bytes; None for what is none."""
    digits = re.sub(r"[ ,_\u00a0\u202f](?=\d{3}\b)", "", text)
    sound = digits.isascii() and digits.isdigit() and 0 < len(digits) < 20 and 0 < int(digits) <= LARGEST_BYTES
    return int(digits) if sound else None


def number_in(text: str) -> int | None:
    """A number of an episode or of a season; None for what is none."""
    sound = text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= HIGHEST_NUMBER
    return int(text) if sound else None


def seconds_in(text: str) -> int | None:
    """A duration that is written as seconds, as `12:34` or as `1:02:03`; None for what is none."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(found[part] or 0) for part in ("hours", "minutes", "seconds"))
    whole = hours * 3_600 + minutes * 60 + seconds
    sound = 0 < whole <= LONGEST_SECONDS and (found["minutes"] is None or seconds < 60) and (not found["hours"] or minutes < 60)
    return whole if sound else None


class _Recording:
    """Reads one key."""

    def __init__(self, medium: Medium, key: str, checks: Checks, base: str) -> None:
        self.medium, self.key, self.checks, self.base = medium, key, checks, base

    def read(self, value: Value) -> Recording | None:
        if isinstance(value.content, tuple):
            if not value.content:
                return None
            if len(value.content) > 1:
                self.warn(value.line, f"is one {_WHAT[self.medium]}, not a list; the first is taken, the others are left out")
            value = value.content[0]
        if typed(value) in YES | NO or is_empty(value):
            return None
        table = value.content if isinstance(value.content, Mapping) else {"src": value}
        for name, inner in table.items():
            if name.lower() not in _KNOWN:
                self.checks.unknown(name, inner.line, _OWN)
        lower = {name.lower(): inner for name, inner in table.items()}
        parts = {
            part: next((lower[name] for name in names if name in lower and not is_empty(lower[name])), None)
            for part, names in _PARTS.items()
        }
        if (written := parts["src"]) is None:
            self.warn(value.line, "is left out: it has no src")
            return None
        found = self.source("src", written, suffixes_of(self.medium), _WHAT[self.medium])
        if found is None:
            return None
        src, file = found
        if src.startswith("http:") and file is None:
            reason = "has an http address, which apps and pages that came by https don't load; write https if its host has that"
            self.warn(written.line, reason)
        return Recording(
            medium=self.medium,
            src=src,
            file=file,
            type=self.type(parts["type"], src, written.line),
            length=self.length(parts["length"]),
            duration=self.duration(parts["duration"]),
            title=self.title(parts["title"]),
            captions=self.text_file("captions", parts["captions"]),
            transcript=self.text_file("transcript", parts["transcript"]),
            poster=self.poster(parts["poster"]),
            episode=self.number("episode", parts["episode"]),
            season=self.number("season", parts["season"]),
            episode_type=self.episode_type(parts["episode_type"]),
            explicit=self.explicit(parts["explicit"]),
        )

    def warn(self, line: int, reason: str) -> None:
        self.checks.faults.warn(Kind.RECORDING, line, f"{self.key} {reason}")

    def source(self, part: str, value: Value, suffixes: tuple[str, ...], what: str) -> tuple[str, str | None] | None:
        name = "" if part == "src" else f"{part} "
        written = typed(value) and str(value.content).strip()
        if not written:
            self.warn(value.line, f"{name}is left out: it is a file or an address, not a list or a table")
            return None
        try:
            src, file = file_source(written, self.checks.path, self.base, self.checks.addresses, suffixes, what)
            return src, file
        except ValueError as error:
            self.warn(value.line, f"{name}is left out: {error}")
            return None

    def type(self, value: Value | None, src: str, line: int) -> str:
        guessed = type_of(src)
        if value is not None:
            given = read_type(typed(value))
            if given and is_of(given, self.medium):
                return given
            better = guessed if guessed and is_of(guessed, self.medium) else usual_type(self.medium)
            reason = f'type {_shown(value)} is no type of {_WHAT[self.medium]}, so "{better}" stands in its place; correct it'
            self.warn(value.line, reason)
            return better
        if guessed and is_of(guessed, self.medium):
            return guessed
        usual = usual_type(self.medium)
        if guessed and guessed.partition("/")[0] in tuple(Medium):
            self.warn(line, f"{quoted(src)} is {guessed}; name it with {guessed.partition('/')[0]}: instead")
        else:
            self.warn(line, f"does not end in a known ending, so it is taken for {usual}; give its type: if it is another")
        return usual

    def length(self, value: Value | None) -> int | None:
        if value is None:
            return None
        if found := bytes_in(typed(value)):
            return found
        self.warn(value.line, f"length {_shown(value)} is no number of bytes, such as 12582912, so it is left out")
        return None

    def duration(self, value: Value | None) -> int | None:
        if value is None:
            return None
        if found := seconds_in(typed(value)):
            return found
        shown = _shown(value)
        self.warn(value.line, f"duration {shown} is neither seconds nor a time such as 12:34 or 1:02:03, so it is left out")
        return None

    def title(self, value: Value | None) -> str:
        if value is None:
            return ""
        if not isinstance(value.content, str):
            self.warn(value.line, "title is left out: it is a text, not a list or a table")
            return ""
        text = one_line(str(self.checks.whole(f"{self.key} title", value).content))
        if len(text) > MAX_TEXT:
            self.warn(value.line, f"title has {len(text):,} characters and is left out; at most {MAX_TEXT:,} are allowed")
            return ""
        return text if visible(text) else ""

    def text_file(self, part: str, value: Value | None) -> TextFile | None:
        if value is None:
            return None
        found = self.source(part, value, tuple(LOCAL_TEXTS), "a text of timed words")
        if found is None:
            return None
        src, file = found
        type = type_of(src)
        if part == "captions" and type != "text/vtt":
            self.warn(value.line, f"{part} {quoted(src)} is no WebVTT, which is all that browsers read; save it as .vtt")
        elif type is None:
            self.warn(value.line, f"{part} {quoted(src)} has none of the endings {', '.join(TEXTS)}, so it is taken for text/html")
        return TextFile(src=src, type=type or ("text/vtt" if part == "captions" else "text/html"), file=file)

    def number(self, part: str, value: Value | None) -> int | None:
        if value is None:
            return None
        if found := number_in(typed(value)):
            return found
        self.warn(value.line, f"{part} {_shown(value)} is no number from 1 to {HIGHEST_NUMBER:,}, so it is left out")
        return None

    def episode_type(self, value: Value | None) -> str:
        found = typed(value).lower() if value else ""
        if value and found not in EPISODE_TYPES:
            self.warn(value.line, f"episode_type {_shown(value)} is none of {', '.join(EPISODE_TYPES)}, so it is left out")
        return found if found in EPISODE_TYPES[1:] else ""

    def explicit(self, value: Value | None) -> bool | None:
        if value is None:
            return None
        if typed(value).lower() in YES | NO:
            return typed(value).lower() in YES
        self.warn(value.line, f"explicit {_shown(value)} is neither true nor false, so it is left out")
        return None

    def poster(self, value: Value | None) -> Image | None:
        return image_of("poster", value, self.checks, self.base) if value else None


def _shown(value: Value) -> str:
    return quoted(value.content) if isinstance(value.content, str) else "in a list or a table"
