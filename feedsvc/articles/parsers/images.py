"""The `image:` key: a picture elsewhere, or a file in the articles folder. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from feedsvc.articles.parsers.checks import NO, YES, Checks, is_empty, typed
from feedsvc.articles.parsers.faults import quoted
from feedsvc.articles.parsers.frontmatter import Value
from feedsvc.articles.parsers.links import web_link
from feedsvc.articles.parsers.parts import MAX_LISTED
from feedsvc.kinds import Kind
from feedsvc.model.article import Image
from feedsvc.model.urls import Urls

# No SVG: it may hold scripts, and would be served from this service's own address.
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")
OTHER_PICTURES = (".svg", ".bmp", ".tif", ".tiff", ".ico", ".heic", ".psd", ".eps")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

_LEAD = "image"
_OWN = ("src", "alt", "caption", "credit")
# What other systems call a picture's parts in a table; `image` may be a table again, and so may what stands in a list.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "src": ("src", "path", "url", "image", "file", "filename", "href", "source", "feature", "overlay_image", "teaser", "thumbnail"),
    "alt": ("alt", "image_alt", "alttext", "alt_text", "image_description"),
    "caption": ("caption", "image_caption"),
    "credit": ("credit", "credits", "attribution", "photographer", "copyright"),
}
_BESIDES = frozenset({"width", "height", "title", "description", "type", "position", "relative", "hidden", "thumb"})


def image_of(key: str, value: Value, checks: Checks, base: str) -> Image | None:
    """The picture that a key names by its address, by a table or by a list of which the first counts; None where there is none.

    What is wrong with `image:` is refused; under another key it is a warning.
    """
    while isinstance(value.content, tuple) and key != _LEAD:
        if not value.content:
            return None
        value = value.content[0]
    if typed(value) in YES | NO or is_empty(value):
        return None
    table = value.content if isinstance(value.content, Mapping) else {"src": value}
    lower = {name.lower(): inner for name, inner in table.items()}
    texts: dict[str, str] = {}
    for part, names in _PARTS.items():
        name, inner = next(((name, lower[name]) for name in names if name in lower and not is_empty(lower[name])), ("", value))
        if part == "src" and isinstance(inner.content, Mapping) and name:
            return image_of(key, inner, checks, base)
        if name and (text := (checks.text if part == "src" else checks.words)(f"image {part}", inner)) is not None:
            texts[part] = text
    foreign = {name for names in _PARTS.values() for name in names} | _BESIDES
    for name, inner in table.items():
        if name.lower() not in foreign and key == _LEAD:
            checks.unknown(name, inner.line, _OWN)
    if "src" not in texts:
        if "src" in lower and is_empty(lower["src"]):
            _wrong(key, lower["src"].line, "src is empty", checks)
        elif not any(name in lower for name in _PARTS["src"]):
            _wrong(key, value.line, "has no src", checks)
        return None
    try:
        src, file = image_source(texts["src"], checks.path, base, checks.addresses)
    except ValueError as error:
        line = next((lower[name].line for name in _PARTS["src"] if name in lower), value.line)
        _wrong(key, line, str(error), checks)
        return None
    if file and file.lower().endswith(OTHER_PICTURES):
        shown, advice = quoted(texts["src"]), f"save it as {', '.join(PICTURE_SUFFIXES)}"
        own = f"image {shown} can't be shown, so the article has none; {advice}"
        reason = own if key == _LEAD else f"{key} is left out: {shown} can't be shown; {advice}"
        checks.faults.warn(Kind.PICTURE, value.line, reason)
        return None
    alt, caption, credit = (texts.get(part, "") for part in ("alt", "caption", "credit"))
    return Image(src=src, alt=alt, caption=caption, credit=credit, file=file)


def gallery_of(key: str, value: Value, checks: Checks, base: str) -> tuple[Image, ...]:
    """The pictures in a list of what `image:` takes, each address once."""
    listed = value.content if isinstance(value.content, tuple) else (value,)
    if len(listed) > MAX_LISTED:
        reason = f"{key} has {len(listed):,} pictures; the first {MAX_LISTED} are shown, the others are left out"
        checks.faults.warn(Kind.PICTURE, listed[MAX_LISTED].line, reason)
    found = (image_of(key, one, checks, base) for one in listed[:MAX_LISTED])
    return tuple({image.src: image for image in found if image}.values())


def _wrong(key: str, line: int, reason: str, checks: Checks) -> None:
    if key != _LEAD:
        checks.faults.warn(Kind.PICTURE, line, f"{key} is left out: {reason}")
    else:
        checks.faults.refuse(line, f"image {reason}")


def image_source(written: str, path: str, base: str, addresses: Urls) -> tuple[str, str | None]:
    """The absolute URL of a picture, and its path in the articles folder where it lies there, as `file_source` gives them."""
    return file_source(written, path, base, addresses, PICTURE_SUFFIXES, "a picture", OTHER_PICTURES)


def file_source(
    written: str, path: str, base: str, addresses: Urls, suffixes: tuple[str, ...], what: str, besides: tuple[str, ...] = ()
) -> tuple[str, str | None]:
    """The absolute URL of a file, and its path in the articles folder where it lies there; there its name ends in a suffix.

    `path` is the article's own. Raises `ValueError` with a reason that fits behind the key's name.
    """
    shown = quoted(written)
    root = addresses.site.media_root if written.startswith("/") and not written.startswith("//") else None
    if root and _SCHEME.match(root):
        written = root.rstrip("/") + written
    elif root:
        path, written = "", f"{root.strip('/')}{written}"
    if written.startswith("/") or _SCHEME.match(written):
        url = web_link(written, addresses.site.url or base if written.startswith("/") else base)
        if url is None:
            raise ValueError(f"{shown} is not an http(s) address")
        return url, None
    if "\\" in written:
        raise ValueError(f"{shown} contains a backslash; separate folders with /")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    if file == ".." or file.startswith(("../", "/")):
        raise ValueError(f"{shown} leads out of the articles folder")
    if any(part.startswith(".") for part in file.split("/")):
        raise ValueError(f"{shown} is a hidden file")
    if not file.lower().endswith((*suffixes, *besides)):
        raise ValueError(f"{shown} is not {what}; known are {', '.join(suffixes)}")
    return addresses.media(file), file
