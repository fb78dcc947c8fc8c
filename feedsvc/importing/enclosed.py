"""`Enclosed`: a file that a feed's entry encloses, as the feed says, and the sound or film that it becomes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from feedsvc.articles.parsers.links import web_link
from feedsvc.articles.parsers.recordings import bytes_in, number_in, seconds_in
from feedsvc.articles.parsers.sanitise import visible
from feedsvc.model.article import EPISODE_TYPES, MAX_TEXT, Image, Medium, Recording, TextFile
from feedsvc.model.media_types import is_of, read_type, type_of
from feedsvc.text import one_line

# A player becomes such a paragraph; WordPress counts those on a page, and our own feeds add a poster and the transcript.
_PLAYER = (
    r'(?:<figure><a href="{0}"><img [^<>]*></a></figure>)?'
    r'<p><a href="{0}(?:\?_=[0-9]+)?">(?:<img [^<>]*><br>)?[^<]*</a>(?: · <a href="[^"]*">Transcript</a>)?</p>\n?'
)
_EXPLICIT = {"true": True, "yes": True, "explicit": True, "false": False, "no": False, "clean": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file by its address, with what a feed says of it; "" for what it doesn't say.

    `captions` and `transcript` are addresses, `poster` is that of a picture.
    """

    src: str
    type: str = ""
    length: str = ""
    duration: str = ""
    title: str = ""
    captions: str = ""
    transcript: str = ""
    poster: Image | None = None
    episode: str = ""
    season: str = ""
    episode_type: str = ""
    explicit: str = ""


def recordings_of(enclosed: Iterable[Enclosed], base: str) -> dict[Medium, Recording]:
    """The first sound and the first film among files; relative addresses are based on `base`."""
    found: dict[Medium, Recording] = {}
    for one in enclosed:
        recording = _recording(one, base)
        if recording and recording.medium not in found:
            found[recording.medium] = recording
    return found


def without_players(body: str, recordings: Iterable[Recording]) -> str:
    """A sanitised body without the paragraphs that only lead to recordings, which are shown with the article itself."""
    for one in recordings:
        body = re.sub(_PLAYER.format(re.escape(escape(one.src))), "", body)
    return body.replace("<figure></figure>", "")


def _recording(one: Enclosed, base: str) -> Recording | None:
    src = _address(one.src, base)
    type = src and (read_type(one.type) or type_of(src))
    medium = next((medium for medium in Medium if type and type.startswith(f"{medium}/")), None)
    if not src or not type or medium is None or not is_of(type, medium):
        return None
    title = one_line(one.title)
    poster = one.poster and _address(one.poster.src, base)
    return Recording(
        medium=medium,
        src=src,
        type=type,
        length=bytes_in(one.length),
        duration=seconds_in(one.duration),
        title=title if visible(title) and len(title) <= MAX_TEXT else "",
        captions=_text_file(one.captions, base, "text/vtt"),
        transcript=_text_file(one.transcript, base, "text/html"),
        poster=Image(src=poster, alt=one_line(one.poster.alt)) if one.poster and poster else None,
        episode=number_in(one.episode),
        season=number_in(one.season),
        episode_type=one.episode_type if one.episode_type in EPISODE_TYPES[1:] else "",
        explicit=_EXPLICIT.get(one.explicit.lower()),
    )


def _text_file(address: str, base: str, usual: str) -> TextFile | None:
    src = _address(address, base)
    return TextFile(src=src, type=type_of(src) or usual) if src else None


def _address(written: str, base: str) -> str | None:
    src = web_link(written.strip(), base) if written.strip() else None
    return src if src and len(src) <= MAX_TEXT else None
