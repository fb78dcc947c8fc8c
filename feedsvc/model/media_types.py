"""The media types of sound, film and the texts beside them: by the ending of a name. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from feedsvc.model.article import Medium

# Apple's names where it has some (“A Podcaster's Guide to RSS”: enclosure), else IANA's.
SOUND: Mapping[str, str] = MappingProxyType(
    {
        ".mp3": "audio/mpeg",
        ".m4a": "audio/x-m4a",
        ".aac": "audio/aac",
        ".ogg": "audio/ogg",
        ".oga": "audio/ogg",
        ".opus": "audio/ogg",
        ".flac": "audio/flac",
        ".wav": "audio/wav",
        ".weba": "audio/webm",
    }
)
FILM: Mapping[str, str] = MappingProxyType(
    {
        ".mp4": "video/mp4",
        ".m4v": "video/x-m4v",
        ".mov": "video/quicktime",
        ".webm": "video/webm",
        ".ogv": "video/ogg",
    }
)
# Of these a folder may hold some: a `.txt` there is an article, and a `.json` anything.
LOCAL_TEXTS = (".vtt", ".srt")
# Podcasting 2.0 names these for transcripts, and text/html, which may hold scripts.
TEXTS: Mapping[str, str] = MappingProxyType(
    {".vtt": "text/vtt", ".srt": "application/x-subrip", ".json": "application/json", ".txt": "text/plain"}
)
_ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {".m3u8": "application/x-mpegurl", ".mpd": "application/dash+xml", ".html": "text/html", ".htm": "text/html"}
)
_BY_MEDIUM = {Medium.AUDIO: SOUND, Medium.VIDEO: FILM}
_STREAMS = frozenset({"application/x-mpegurl", "application/vnd.apple.mpegurl", "application/dash+xml"})
# Other names for the same.
_SAME = {
    "application/ogg": "audio/ogg",
    "audio/mp3": "audio/mpeg",
    "audio/mpeg3": "audio/mpeg",
    "audio/m4a": "audio/x-m4a",
    "audio/x-wav": "audio/wav",
    "text/srt": "application/x-subrip",
    "application/srt": "application/x-subrip",
}
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")


def suffixes_of(medium: Medium) -> tuple[str, ...]:
    """The endings of the files of sound or film."""
    return tuple(_BY_MEDIUM[medium])


def type_of(url: str) -> str | None:
    """The media type of what lies at an address, by its ending."""
    name = urlsplit(url).path.rpartition("/")[2].lower()
    suffix = name[name.rfind(".") :] if "." in name else ""
    return SOUND.get(suffix) or FILM.get(suffix) or TEXTS.get(suffix) or _ELSEWHERE.get(suffix)


def usual_type(medium: Medium) -> str:
    """What sound or film most often is."""
    return next(iter(_BY_MEDIUM[medium].values()))


def read_type(written: str) -> str | None:
    """A media type as it is called here, without parameters; an ending such as `mp3` stands for its type. None for what is none."""
    text = written.partition(";")[0].strip().lower()
    if _TYPE.fullmatch(text):
        return _SAME.get(text, text)
    return type_of(f"/x.{text.lstrip('.')}") if text.lstrip(".").isalnum() else None


def bare(type: str) -> str:
    """A type without its parameters."""
    return type.partition(";")[0]


def is_of(type: str, medium: Medium) -> bool:
    """Whether a type is one of sound, or one of film; what is streamed may be either."""
    return type.startswith(f"{medium}/") or type in _STREAMS
