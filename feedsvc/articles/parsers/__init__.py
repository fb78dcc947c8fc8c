"""Bytes → `Article`: one file as the newsroom wrote it, read and checked. Pure: no I/O, no clock, no globals.

    split off the front matter (frontmatter) and check its keys (fields: dates, links, images)
    → what the text itself gives (markdown, html or page, by the file's suffix → Parts)
    → its body sanitised (markup, then sanitise)

Whatever the bytes are, there is a `Reading` or an `ArticleError` that names every fault found.
"""

from __future__ import annotations

import codecs
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from feedsvc.articles.parsers import frontmatter
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.fields import read_fields
from feedsvc.articles.parsers.html import read_html
from feedsvc.articles.parsers.links import Links
from feedsvc.articles.parsers.local_links import LocalLink, LocalLinks, line_of
from feedsvc.articles.parsers.markdown import read_markdown
from feedsvc.articles.parsers.markup import MarkupError
from feedsvc.articles.parsers.page import read_page
from feedsvc.articles.parsers.parts import MAX_LISTED, MAX_PASSAGE, Parts
from feedsvc.articles.parsers.sanitise import sanitise, shows_something, visible
from feedsvc.articles.parsers.synonyms import taken
from feedsvc.articles.parsers.template_tags import without_tags
from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.article import MAX_BYTES, MAX_TEXT, Article
from feedsvc.model.site import Site
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls
from feedsvc.text import character_data

# Raised when the same bytes would read differently; it is stored with what was read.
VERSION = 19
MAX_HTML = 2 * MAX_BYTES

Parser = Callable[[str, int, Mapping[str, Any], Site, Faults], Parts]
SUFFIXES: Mapping[str, Parser] = MappingProxyType(
    {
        **dict.fromkeys((".md", ".markdown", ".mdown", ".mdx"), read_markdown),
        **dict.fromkeys((".html", ".htm"), read_html),
        ".txt": read_page,
    }
)
# What a file begins with that is no text, whatever its name.
_NO_TEXTS = (
    (b"PK\x03\x04", "a Word file or another zipped one"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"{\\rtf", "a file in Rich Text Format"),
    (b"%PDF-", "a PDF"),
)
# Bytes that Windows-1252 has letters and quotes for, and Latin-1 has not.
_WINDOWS = frozenset(b"\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as read, with what its writer should know of, and the files of the articles folder to which its body leads.

    `synonyms` are the keys that have another system's name, in front matter of a `dialect`.
    """

    article: Article
    warnings: tuple[Fault, ...] = ()
    links: tuple[LocalLink, ...] = ()
    synonyms: tuple[str, ...] = ()
    dialect: str = ""


def read(path: str, data: bytes, addresses: Urls) -> Reading:
    """The article that a file holds; `path` is the file's POSIX path in the articles folder.

    Raises `ArticleError` with every fault found, and nothing else.
    """
    faults = Faults(path)
    reader = SUFFIXES.get(posixpath.splitext(path)[1].lower())
    if reader is None:
        faults.fail(0, f"is not one of {', '.join(SUFFIXES)}")
    whole = _decoded(data, faults)
    front, text, line = frontmatter.split(whole, faults)
    fields = read_fields(front, path, addresses, faults)
    bare = text if reader is read_page else without_tags(text, line, path, faults, markdown=reader is read_markdown)
    parts = reader(bare, line, fields, addresses.site, faults)
    fields |= _from_text(parts, fields, faults, titled="title" in front or any(key.lower() == "title" for key in front))
    by_slug = addresses.site.is_addressed_by_slug
    topic = "" if by_slug else slugify(next(iter((*fields.get("topics", ()), fields.get("folder") or "")), ""))
    links = LocalLinks(path, addresses.article(fields["slug"], fields.get("date"), topic, path), addresses)
    fields["body"] = _body(parts, links, faults, plays=bool(fields.get("audio") or fields.get("video")))
    for written, (kind, reason) in links.lost.items():
        faults.warn(kind, line_of(written, text, line, parts.line), reason)
    faults.settle()
    found = links.with_lines(text, line, parts.line) if links.found else ()
    synonyms = taken(front)
    return Reading(Article(**fields), faults.warnings, found, synonyms, frontmatter.dialect(whole) if synonyms else "")


def _decoded(data: bytes, faults: Faults) -> str:
    """A file's text with line feeds alone as line ends, without what no document may hold."""
    if len(data) > MAX_BYTES:
        faults.fail(0, f"has {len(data):,} bytes; at most {MAX_BYTES:,} are allowed")
    for beginning, what in _NO_TEXTS:
        if data.startswith(beginning):
            faults.fail(1, f"is {what}, not a text; save its text as Markdown (.md) or as plain text (.txt), in UTF-8")
    try:
        text = _with_line_feeds(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = 1 + _with_line_feeds(data[: error.start].decode("utf-8")).count("\n")
        looks = " (it looks like UTF-16)" if data.startswith(_UTF_16) else ""
        faults.fail(line, f"is not UTF-8{looks}: a wrong byte at offset {error.start:,}{_advice(data)}")
    if "\0" in text:
        faults.fail(1 + text.count("\n", 0, text.index("\0")), f"contains U+0000, at byte offset {data.index(0):,}{_advice(data)}")
    clean = character_data(text)
    if len(clean) < len(text):
        first = len(posixpath.commonprefix((text, clean)))
        reason = f"{len(text) - len(clean):,} characters that no feed may hold were removed"
        faults.warn(Kind.CHARACTERS, 1 + text.count("\n", 0, first), reason)
    if not visible(clean):
        faults.fail(1, "is empty")
    return clean


def _advice(data: bytes) -> str:
    """What bytes that are not UTF-8 look like, and what to do; "" where nothing tells."""
    beginning = data[:1_000]
    if data.startswith(_UTF_16) or beginning.count(0) > len(beginning) // 4:
        return "; it looks like UTF-16: save it as UTF-8"
    high = {byte for byte in data if byte > 0x7F}
    if b"\0" in data or not high:
        return ""
    return f"; it looks like {'Windows-1252' if high & _WINDOWS else 'Latin-1 or Windows-1252'}: save it as UTF-8"


def _with_line_feeds(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _from_text(parts: Parts, fields: Mapping[str, Any], faults: Faults, titled: bool) -> dict[str, Any]:
    """The fields that the text gives and the front matter does not."""
    given: dict[str, Any] = {}
    for key in ("title", "standfirst", "why_it_matters", "what_it_means"):
        text, line = getattr(parts, key), parts.title_line if key == "title" else parts.line
        most = MAX_TEXT if key == "title" else MAX_PASSAGE
        if not text or key in fields:
            continue
        if len(text) > most:
            faults.refuse(line, f"{key} has {len(text):,} characters; at most {most:,} are allowed")
        given[key] = text
    if not titled and not visible(parts.title):
        faults.refuse(1, "has no title; give it one with title: in the front matter")
    if parts.key_points and "key_points" not in fields:
        if len(parts.key_points) > MAX_LISTED:
            faults.refuse(parts.line, f"there are {len(parts.key_points):,} key points; at most {MAX_LISTED} are allowed")
        elif any(len(point) > MAX_TEXT for point in parts.key_points):
            faults.refuse(parts.line, f"a key point has more than {MAX_TEXT:,} characters")
        given["key_points"] = parts.key_points
    return given


def _body(parts: Parts, links: Links, faults: Faults, *, plays: bool) -> str:
    """The article's body as it may be published; one that `plays` something needs no words."""
    if len(parts.html) > MAX_HTML:
        faults.refuse(parts.line, f"the text makes {len(parts.html):,} characters of HTML; at most {MAX_HTML:,} are allowed")
        return ""
    try:
        body, unclosed = sanitise(parts.html, links.base, links)
        shown = shows_something(body)  # where tags are not closed, it holds more of them than was written
    except MarkupError as error:
        faults.refuse(parts.line_at(error.offset), str(error))
        return ""
    if unclosed is not None:
        reason = "a comment, tag or script is not closed here, so what follows is not shown"
        faults.warn(Kind.HIDDEN_TEXT, parts.line_at(unclosed), reason)
    if not shown and not plays:
        faults.refuse(parts.line, "has no body: there is neither text nor a picture beside the title")
    return body
