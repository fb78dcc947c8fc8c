"""Slugs: the names of topics, stories and articles in addresses. Pure."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG_BYTES = 200  # file names have at most 255 bytes; `feedsvc build --out` adds endings
_FRACTION = "\u2044"  # what NFKC makes of the stroke in ½
_SIGNS = frozenset({"Sm", "Sc"})
# Names that only need lower case and hyphens for spaces, as most do.
_NEARLY = re.compile(r"[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*")
_DATE_PREFIX = re.compile(r"^\d{4}-\d{2}-\d{2}[-_ ]")


def slugify(name: str) -> str:
    """A name as a slug in its own script: letters, marks and digits, case folded, joined by single hyphens; "" if none is left.

    Marks are kept with the letters (they are vowels in Devanagari or Thai). Signs of arithmetic and money are written out, because
    C++, C# and C are three things; emoji only if there is nothing else.
    """
    if _NEARLY.fullmatch(name):
        return _cut(name.lower().replace(" ", "-"))
    return _spelled(name)


def _spelled(name: str) -> str:
    bare = unicodedata.normalize("NFKC", name).replace("'", "").replace("’", "")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())
    return _joined(folded, _SIGNS) or _joined(folded, _SIGNS | {"So"})


def _joined(text: str, spoken: frozenset[str]) -> str:
    return _cut("-".join("".join(_kept(char, spoken) for char in text).split()))


def _kept(char: str, spoken: frozenset[str]) -> str:
    category = unicodedata.category(char)
    if (category in spoken and char != _FRACTION) or char == "#":
        named = unicodedata.name(char, "").lower().removesuffix(" sign")
        return f" {''.join(letter if letter.isalnum() else ' ' for letter in named)} "
    return char if category[0] in "LMN" and not _is_variation(char) else " "


def _is_variation(char: str) -> bool:
    """Whether a mark only chooses how an emoji looks."""
    return "\ufe00" <= char <= "\ufe0f"


def slug_from_file(name: str) -> str:
    """The slug from a file's name, without its ending and a leading date."""
    return slug_from_stem(name.rsplit(".", 1)[0])


def slug_from_stem(stem: str) -> str:
    """The slug from a name that has no ending, without a leading date."""
    return slugify(_DATE_PREFIX.sub("", stem)) or slugify(stem)


def is_slug(text: str) -> bool:
    """Whether a text can be in an address as it is: letters, marks, digits, hyphens and underscores, at most 200 bytes."""
    return 0 < len(text.encode("utf-8", "replace")) <= MAX_SLUG_BYTES and all(
        char in "-_" or unicodedata.category(char)[0] in "LMN" for char in text
    )


def _cut(slug: str) -> str:
    encoded = slug.encode("utf-8", "replace")
    return slug if len(encoded) <= MAX_SLUG_BYTES else encoded[:MAX_SLUG_BYTES].decode("utf-8", "ignore").rstrip("-")
