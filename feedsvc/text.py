"""Text that is valid in every document: what XML, a line and an address allow. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Noncharacters end every plane of Unicode.
_NEVER = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef{_NEVER}]")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_URI = re.compile(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)
_NOT_IN_URL = re.compile("[\\s\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def character_data(text: str) -> str:
    """A text without the characters that XML 1.0 forbids or discourages (section 2.2), which are errors in HTML too.

    U+0085, which separates words, becomes a space.
    """
    if text.replace("\n", "").isprintable():  # as most are, and this check is twenty times as fast
        return text
    return _FORBIDDEN.sub("", text.replace("\x85", " "))


def one_line(text: str) -> str:
    """A text as one XML-safe line, its white space folded."""
    if text.isprintable() and "  " not in text and text == text.strip():  # a space is the only printable white space
        return text
    return " ".join(character_data(text).split())


def is_language_tag(text: str) -> bool:
    """Whether a text has the form of a language tag such as `en-GB` (RFC 5646, 2.1: a language and its subtags)."""
    return bool(_LANGUAGE_TAG.fullmatch(text))


def is_uri(text: str) -> bool:
    """Whether a text has only what an address may have, percent-encoded, so that it can stand in headers and documents as it is
    (RFC 3986, 2)."""
    return _URI.fullmatch(text) is not None


def is_web_url(text: str) -> bool:
    """Whether a text is an absolute http or https URL with a host, without white space or control characters."""
    if _NOT_IN_URL.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
