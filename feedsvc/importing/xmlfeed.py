"""The entries of RSS and Atom of every version, through feedparser. Pure: it is given bytes, so it opens and fetches nothing.

feedparser joins ids with the base address and collapses their slashes, mistakes a picture's description for the entry's, and
repairs broken XML by guessing. So lxml parses the XML first, without a document type: it must be well-formed, and ids and pictures
are taken from its tree.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.entities import html5
from typing import Any

import feedparser
from lxml import etree

from feedsvc.articles.parsers.faults import Faults
from feedsvc.importing.enclosed import Enclosed
from feedsvc.importing.feed_entry import FeedEntry, Source, each, paragraphs, plain
from feedsvc.kinds import Kind
from feedsvc.model.article import EARLIEST_YEAR, LATEST_YEAR, Image
from feedsvc.text import one_line

_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|RDF)[\s>]")
_ENTRIES = ("{*}item", "{*}entry")
# feedparser's search for an e-mail address in a name is quadratic: minutes for 200 KB.
_NAMES = (
    *("{*}author", "{*}creator", "{*}name", "{*}email", "{*}owner"),
    *("{*}managingEditor", "{*}webMaster", "{*}publisher"),
)
_MOST_NAME = 300
_MEDIA = "{http://search.yahoo.com/mrss/}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
_PODCAST = "{https://podcastindex.org/namespace/1.0}"
# Characters that XML forbids; a document in UTF-16 has such bytes within other characters.
_CONTROL = bytes({*range(32)} - {*b"\t\n\r"})
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_NAMED_IN_BRACKETS = re.compile(r"\S+@\S+\s+\(([^()]+)\)")  # as RSS 2.0 wants an author


def document(data: bytes, head: str, faults: Faults) -> Any:
    """The root of an RSS or Atom feed that begins with `head`."""
    if not _ROOT.search(head):
        faults.fail(1, "is neither a feed nor the text of a page")
    return _tree(data, faults)


def read_feed(root: Any, faults: Faults) -> list[Source]:
    """The entries of an RSS or Atom feed, in its order."""
    elements = list(root.iter(*_ENTRIES))
    feed = feedparser.parse(
        io.BytesIO(etree.tostring(root, encoding="utf-8")),
        sanitize_html=False,  # our own sanitiser does, later
        resolve_relative_uris=False,
    )
    if len(feed.entries) != len(elements) or feed.bozo:
        faults.fail(1, "is no feed of a kind that is known")
    language = _first(feed.feed.get("language"), feed.feed.get("title_detail", {}).get("language"))
    return each(zip(feed.entries, elements, strict=True), lambda one: _source(*one, language))


def _tree(data: bytes, faults: Faults) -> Any:
    """The feed's elements; only named characters of HTML are replaced."""
    if b"\0" not in data:
        clean = data.translate(None, _CONTROL)
        if len(clean) < len(data):
            faults.warn(Kind.CHARACTERS, 0, f"{len(data) - len(clean):,} characters that no feed may hold were removed")
            data = clean
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root: Any = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        faults.fail(getattr(error, "lineno", 0) or 1, f"is not well-formed XML: {one_line(str(error))}")
    for found in parser.error_log:
        if found.type not in (etree.ErrorTypes.ERR_UNDECLARED_ENTITY, etree.ErrorTypes.WAR_UNDECLARED_ENTITY):
            faults.fail(found.line, f"is not well-formed XML: {one_line(found.message)}")
    if root is None:
        faults.fail(1, "is not well-formed XML")
    for reference in root.iter(etree.Entity):
        reference.tail = html5.get(f"{reference.name};", "") + (reference.tail or "")
    etree.strip_tags(root, etree.Entity)
    for named in root.iter(*_NAMES):
        named.text = (named.text or "")[:_MOST_NAME]
    return root


def _source(entry: Any, element: Any, language: str) -> FeedEntry:
    contents = [one for one in entry.get("content", ()) if one.get("value")]
    content = next((one for one in contents if one.get("type") in _HTML_TYPES), contents[0] if contents else {})
    title = entry.get("title_detail", {})
    # entry["updated"] would give "published" if it is missing, with a warning.
    published, updated = (dict.get(entry, key) for key in ("published_parsed", "updated_parsed"))
    return FeedEntry(
        id=_id(element) or entry.get("id", ""),
        title=plain(entry.get("title", "")) if title.get("type") in _HTML_TYPES else entry.get("title", ""),
        content=_html(content),
        summary=_html({**entry.get("summary_detail", {}), "value": entry.get("summary", "")}),
        link=entry.get("link", ""),
        base=content.get("base", ""),
        published=_moment(published),
        updated=_moment(updated),
        undated=_first(dict.get(entry, "published"), dict.get(entry, "updated")),
        authors=tuple(dict.fromkeys(_authors(entry))),
        author_urls=tuple((one.get("name", ""), one.get("href", "")) for one in entry.get("authors", ())),
        topics=tuple(_first(tag.get("label"), tag.get("term")) for tag in entry.get("tags", ())),
        language=_first(entry.get("language"), content.get("language"), title.get("language"), language),
        image=next(_images(entry, element), None),
        enclosed=tuple(_enclosed(element)),
    )


def _id(element: Any) -> str:
    """The id as it is written: `guid` (RSS 2.0) or `id` (RFC 4287, 4.2.6)."""
    name = "guid" if etree.QName(element).localname == "item" else "{*}id"
    return (element.findtext(name) or "").strip()


def _html(detail: Any) -> str:
    value: str = detail.get("value", "")
    return value if detail.get("type", _HTML_TYPES[0]) in _HTML_TYPES else paragraphs(value)


def _authors(entry: Any) -> Iterator[str]:
    # feedparser cuts the name of an author whose e-mail domain ends in more than four letters.
    if bracketed := _NAMED_IN_BRACKETS.fullmatch(entry.get("author", "")):
        yield bracketed[1]
        return
    for author in entry.get("authors", ()):
        yield _first(author.get("name"), author.get("email"))


def _images(entry: Any, element: Any) -> Iterator[Image]:
    """The pictures of an entry, best first: Media RSS, enclosures, thumbnails."""
    for media in element.iter(f"{_MEDIA}content"):
        if media.get("medium") == "image" or (media.get("type") or "").startswith("image/"):
            alt, credit = (media.findtext(_MEDIA + name) or "" for name in ("description", "credit"))
            yield Image(src=media.get("url") or "", alt=alt, credit=credit)
    for link in entry.get("links", ()):
        if link.get("rel") == "enclosure" and (link.get("type") or "").startswith("image/"):
            yield Image(src=link.get("href") or "")
    for thumbnail in element.iter(f"{_MEDIA}thumbnail"):
        yield Image(src=thumbnail.get("url") or "")


def _enclosed(element: Any) -> Iterator[Enclosed]:
    """The files that an entry encloses: as RSS, Atom and Media RSS name them; a podcast's elements are about the first."""
    media = {one.get("url"): one for one in element.iter(f"{_MEDIA}content")}
    first = True
    for one in element.iter("enclosure", f"{_ATOM}link"):
        if one.tag == "enclosure" or one.get("rel") == "enclosure":
            src = one.get("url") or one.get("href") or ""
            found = _of_media(media.pop(src)) if src in media else Enclosed(src=src, title=one.get("title") or "")
            found = replace(found, type=one.get("type") or found.type, length=one.get("length") or found.length)
            yield _of_podcast(found, element) if first else found
            first = False
    yield from map(_of_media, media.values())


def _of_podcast(found: Enclosed, element: Any) -> Enclosed:
    texts = {one.get("rel") == "captions": one.get("url") or "" for one in reversed(element.findall(f"{_PODCAST}transcript"))}
    names = ("duration", "episode", "season", "episodeType", "explicit")
    duration, episode, season, type, explicit = ((element.findtext(_ITUNES + name) or "").strip() for name in names)
    return replace(
        found,
        duration=duration or found.duration,
        captions=texts.get(True, ""),
        transcript=texts.get(False, ""),
        episode=episode,
        season=season,
        episode_type=type,
        explicit=explicit,
    )


def _of_media(one: Any) -> Enclosed:
    thumbnail = one.find(f"{_MEDIA}thumbnail")
    return Enclosed(
        src=one.get("url") or "",
        type=one.get("type") or "",
        length=one.get("fileSize") or "",
        duration=one.get("duration") or "",
        title=one.findtext(f"{_MEDIA}title") or "",
        poster=Image(src=thumbnail.get("url") or "") if thumbnail is not None else None,
    )


def _moment(parsed: Any) -> datetime | None:
    if not parsed or not EARLIEST_YEAR <= parsed.tm_year <= LATEST_YEAR:
        return None
    return datetime.fromtimestamp(timegm(parsed), UTC)


def _first(*texts: Any) -> str:
    return next((text for text in texts if isinstance(text, str) and text), "")
