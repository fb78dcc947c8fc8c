"""What the first bytes of a recording, or of a text beside it, say of it. Pure."""

from __future__ import annotations

import posixpath
import re

from feedsvc.model.media_types import FILM, LOCAL_TEXTS, SOUND, TEXTS

SIGNATURE_BYTES = 512
_BOM = b"\xef\xbb\xbf"
# By the ending of a name, what such a file begins with: another is not what its name says.
_MP4 = re.compile(rb".{4}(?:ftyp|moov|mdat|wide|free|skip)", re.DOTALL)
_OGG = re.compile(rb"OggS")
_MATROSKA = re.compile(rb"\x1a\x45\xdf\xa3")
_SIGNATURES = {
    # With an ID3 tag, or at once with a frame: eleven bits that are set, then a layer (ISO 11172-3).
    ".mp3": re.compile(rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]", re.DOTALL),
    ".aac": re.compile(rb"ID3|\xff[\xf0\xf1\xf8\xf9]|ADIF"),
    ".flac": re.compile(rb"fLaC|ID3"),
    ".wav": re.compile(rb"(?:RIFF|RF64).{4}WAVE", re.DOTALL),
    **dict.fromkeys((".ogg", ".oga", ".opus", ".ogv"), _OGG),
    **dict.fromkeys((".weba", ".webm"), _MATROSKA),
    **dict.fromkeys((".m4a", ".mp4", ".m4v", ".mov"), _MP4),
}


def kind_of(path: str, data: bytes) -> str | None:
    """The media type with which readers get a file, by the ending of its name and its first bytes; None where they disagree."""
    suffix = posixpath.splitext(path)[1].lower()
    if suffix in LOCAL_TEXTS:
        text = data.removeprefix(_BOM)
        fits = b"\0" not in text and (suffix != ".vtt" or text.startswith(b"WEBVTT"))
        return f"{TEXTS[suffix]}; charset=utf-8" if fits else None
    signature = _SIGNATURES.get(suffix)
    return (SOUND.get(suffix) or FILM.get(suffix)) if signature and signature.match(data) else None
