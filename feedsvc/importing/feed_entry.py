"""`FeedEntry`: an article as a feed describes it, in the feed's own terms, and the `Article` made of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from typing import Any, TypeVar

from feedsvc.articles.parsers.dates import read_date
from feedsvc.articles.parsers.faults import quoted
from feedsvc.articles.parsers.links import web_link
from feedsvc.articles.parsers.markup import MarkupError, resolved, texts
from feedsvc.articles.parsers.parts import MAX_LISTED
from feedsvc.articles.parsers.sanitise import sanitise, visible
from feedsvc.errors import UsageError
from feedsvc.importing.enclosed import Enclosed, recordings_of, without_players
from feedsvc.model.article import MAX_TEXT, MAX_TOPICS, Article, Image, Medium
from feedsvc.model.site import RESERVED, Site
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import author_path
from feedsvc.text import is_language_tag, one_line

MAX_MADE_TITLE = 80
T = TypeVar("T")
_BLANK_LINE = re.compile(r"\n\s*\n")
# How programs end a text that they have cut: "…", "...", "[…]".
_CUT = re.compile(r"\s*\[?(?:…|\.\.\.)\]?$")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of an import: a topic for all articles, and a date for those without one."""

    topic: str | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry of a feed: `content` and `summary` are HTML, not sanitised; all else is plain text.

    `base` is the base of relative addresses, "" if that is the link; `undated` is a date that can't be read;
    `aliases` are paths as in `Article`, and `fields` are those of its fields that the feed gives as they are. A `draft` has no date
    and no address, whatever is said of them.
    """

    id: str = ""
    title: str = ""
    content: str = ""
    summary: str = ""
    link: str = ""
    base: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    undated: str = ""
    authors: tuple[str, ...] = ()
    author_urls: tuple[tuple[str, str], ...] = ()
    topics: tuple[str, ...] = ()
    language: str = ""
    image: Image | None = None
    enclosed: tuple[Enclosed, ...] = ()
    slug: str = ""
    aliases: tuple[str, ...] = ()
    draft: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


# An entry, or the reason why there is none.
Source = FeedEntry | ValueError


def each(found: Iterable[T], read: Callable[[T], FeedEntry]) -> list[Source]:
    """The entries in a file, in its order; one that can't be read stops none of the others."""
    sources: list[Source] = []
    for one in found:
        try:
            sources.append(read(one))
        except ValueError as error:
            sources.append(error)
    return sources


def import_options(topic: str | None, date: str | None, site: Site) -> ImportOptions:
    """The options as typed; a date is read as in front matter.

    Raises `UsageError` for an invalid one.
    """
    if topic is not None and (not slugify(topic) or slugify(topic) in RESERVED or "/" in topic or "\\" in topic):
        raise UsageError(f"topic {quoted(topic)} is not a name that a topic can have")
    try:
        moment = read_date(date, site.zone)[0] if date is not None else None
    except ValueError as error:
        raise UsageError(f"date {error}") from error
    return ImportOptions(one_line(topic) if topic else None, moment)


def article_of(source: FeedEntry, site: Site, options: ImportOptions) -> Article:
    """The article made of an entry; what exceeds a limit is cut or left out.

    Raises `ValueError` with the reason if none can be made.
    """
    if source.draft:
        source = replace(source, link="", published=None, updated=None, undated="", aliases=())
    link = web_link(source.link, source.base)
    base = source.base or link or ""
    recordings = recordings_of(source.enclosed, base)
    body = without_players(_sanitised(source.content or source.summary, base), recordings.values())
    said = plain(body)
    title = shortened(one_line(source.title), MAX_TEXT) or shortened(said, MAX_MADE_TITLE)
    if not visible(title):
        raise ValueError("has neither a title nor a text")
    date = source.published or source.updated or options.date
    if date is None and source.undated:
        # With today's date, an old story would be news again.
        raise ValueError(f"its date {quoted(source.undated)} can't be read; give it one with --date")
    names = map(one_line, source.authors)
    authors = tuple(name for name in names if visible(name) and len(name) <= MAX_TEXT)[:MAX_LISTED]
    # The page that a service like this one has of every author is here for each of them too.
    written = ((one_line(name), url) for name, url in source.author_urls)
    pages = {name: web_link(url, "") for name, url in written if not url.endswith(author_path(slugify(name) or "?"))}
    language = source.language if is_language_tag(source.language) else ""
    article = Article(
        title=title,
        slug=slugify(source.slug) or slugify(title),
        body=body,
        id=one_line(source.id or source.link) or None,
        date=date,
        draft=source.draft,
        aliases=source.aliases,
        updated=source.updated if source.updated and date and source.updated > date else None,
        authors=authors,
        author_urls=tuple((name, url) for name in authors if (url := pages.get(name))),
        standfirst=_standfirst(source, said),
        link=link,
        image=_image(source.image, base),
        audio=recordings.get(Medium.AUDIO),
        video=recordings.get(Medium.VIDEO),
        language=language if language.lower() != site.language.lower() else None,
    )
    return filed(replace(article, **source.fields), source.topics, options)


def filed(article: Article, topics: Iterable[str], options: ImportOptions) -> Article:
    """An article with its topics, the one from the options first, and the folder of the first one; never without a slug."""
    # RSS separates the levels of a category by slashes (RSS 2.0, category).
    names = (one_line(name) for topic in topics for name in re.split(r"[/\\]", topic))
    by_slug: dict[str, str] = {}
    for name in (*((options.topic,) if options.topic else ()), *names):
        if (slug := slugify(name)) and slug not in RESERVED and len(name) <= MAX_TEXT:
            by_slug.setdefault(slug, name)
    folder = next((slug for slug in by_slug if not slug.isdigit()), None)
    chosen = tuple(by_slug.values())[:MAX_TOPICS]
    return replace(article, topics=chosen, folder=folder, slug=article.slug or "article")


def plain(html: str) -> str:
    """The text of some HTML, on one line."""
    try:
        return one_line("".join(texts(html)))
    except MarkupError as error:
        raise ValueError(str(error)) from error


def paragraphs(text: str) -> str:
    """A plain text as HTML; an empty line separates paragraphs."""
    parts = (part.strip() for part in _BLANK_LINE.split(text.replace("\r\n", "\n").replace("\r", "\n")))
    return "\n".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts if part)


def shortened(text: str, most: int) -> str:
    """A line of at most so many characters, cut between words if there are any."""
    if len(text) <= most:
        return text
    end = text.rfind(" ", most // 2, most)
    return text[: end if end > 0 else most - 1].rstrip() + "…"


def _sanitised(html: str, base: str) -> str:
    markup = html if "<" in html else paragraphs(resolved(html))
    try:
        return sanitise(markup, base)[0]
    except MarkupError as error:
        raise ValueError(str(error)) from error


def _standfirst(source: FeedEntry, said: str) -> str:
    """The summary, unless a program cut it from the content: then our feeds make a better one."""
    summary = plain(source.summary) if source.content else ""
    bare, whole = "".join(_CUT.sub("", summary).split()), "".join(said.split())
    made = bare == whole or (_CUT.search(summary) is not None and whole.startswith(bare))
    return "" if made or not visible(summary) else shortened(summary, MAX_TEXT)


def _image(image: Image | None, base: str) -> Image | None:
    src = web_link(image.src, base) if image else None
    if image is None or src is None or len(src) > MAX_TEXT:
        return None
    alt, caption, credit = (shortened(one_line(text), MAX_TEXT) for text in (image.alt, image.caption, image.credit))
    alt, caption, credit = (text if visible(text) else "" for text in (alt, caption, credit))
    return Image(src=src, alt=alt, caption=caption, credit=credit)
