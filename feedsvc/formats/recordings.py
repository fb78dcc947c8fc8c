"""Sound and film of an article: as a link in its content, and as elements of feeds.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from feedsvc.formats.extensions import ITUNES, MEDIA, PODCAST, Element
from feedsvc.model.article import Article, Image, Medium, Recording

LABELS = {Medium.AUDIO: "Listen", Medium.VIDEO: "Watch"}


def clock(seconds: int) -> str:
    """A duration as people read it: `12:34`, `1:02:03`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def iso8601(seconds: int) -> str:
    """A duration as programs read it (ISO 8601): `PT12M34S`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{rest}S" if rest or seconds == 0 else "")


def label(recording: Recording) -> str:
    """The words of a link to a recording."""
    said = f"{LABELS[recording.medium]}: {recording.title}" if recording.title else LABELS[recording.medium]
    return f"{said} ({clock(recording.duration)})" if recording.duration else said


def html(recording: Recording) -> str:
    """A recording as a link, with its poster above and its transcript beside it; a feed's reader plays what the feed encloses."""
    url = escape(recording.src)
    shown = ""
    if recording.poster:
        shown = f'<figure><a href="{url}">{_poster(recording.poster, recording.title)}</a></figure>'
    beside = f' · <a href="{escape(recording.transcript.src)}">Transcript</a>' if recording.transcript else ""
    return f'{shown}<p><a href="{url}">{escape(label(recording), quote=False)}</a>{beside}</p>'


def _poster(image: Image, title: str) -> str:
    size = f' width="{image.width}" height="{image.height}"' if image.width and image.height else ""
    return f'<img src="{escape(image.src)}" alt="{escape(image.alt or title)}"{size}>'


def rss_elements(article: Article) -> Iterator[Element]:
    """What an RSS item says of its recordings beside its enclosure, which is the first of them.

    A group has two contents at least (Media RSS 1.5.1); a podcast's duration is that of the enclosure (Apple); its transcripts
    have https addresses (Podcasting 2.0).
    """
    recordings = article.recordings
    contents = [media(one, first=len(recordings) > 1 and one is recordings[0]) for one in recordings]
    yield from [Element(f"{MEDIA}group", children=contents)] if len(contents) > 1 else contents
    for first in recordings[:1]:
        if first.duration:
            yield Element(f"{ITUNES}duration", str(first.duration))
        yield from _of_podcasts(first)
        beside = {text.src: (text, rel) for text, rel in ((first.transcript, {}), (first.captions, {"rel": "captions"})) if text}
        for text, rel in beside.values():
            if text.src.startswith("https:"):
                yield Element(f"{PODCAST}transcript", None, {"url": text.src, "type": text.type, **rel})


def _of_podcasts(recording: Recording) -> Iterator[Element]:
    """What Apple asks of an episode where it is not as its podcast (“A Podcaster's Guide to RSS”)."""
    if recording.episode:
        yield Element(f"{ITUNES}episode", str(recording.episode))
    if recording.season:
        yield Element(f"{ITUNES}season", str(recording.season))
    if recording.episode_type:
        yield Element(f"{ITUNES}episodeType", recording.episode_type)
    if recording.explicit is not None:
        yield Element(f"{ITUNES}explicit", "true" if recording.explicit else "false")


def media(recording: Recording, *, first: bool = False) -> Element:
    """A recording as `media:content` (Media RSS 1.5.1)."""
    known = {
        "url": recording.src,
        "medium": recording.medium,
        "type": recording.type,
        "fileSize": recording.length,
        "duration": recording.duration,
        "isDefault": "true" if first else None,
    }
    children = [Element(f"{MEDIA}title", recording.title)] if recording.title else []
    if recording.poster:
        sides = {"width": recording.poster.width, "height": recording.poster.height}
        size = {side: str(pixels) for side, pixels in sides.items() if pixels}
        children.append(Element(f"{MEDIA}thumbnail", None, {"url": recording.poster.src, **size}))
    return Element(f"{MEDIA}content", None, {name: str(value) for name, value in known.items() if value}, children)
