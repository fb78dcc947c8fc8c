"""Editions as documents: which paths there are, and what is published at each.

Pure: no I/O, no clock, no globals; the cache of rendered entries is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple
from urllib.parse import urlsplit

from feedsvc.formats import (
    content,
    corrections_page,
    feed_style,
    follow_pages,
    front_page,
    opml,
    page_base,
    pages,
    partners,
    podcasts,
    robots,
    site_icons,
    sitemap,
    ticker_script,
)
from feedsvc.formats.cards import Cards, Fragments, Marks
from feedsvc.formats.compression import encode
from feedsvc.formats.corrections_page import PutRight
from feedsvc.formats.table import FEEDS, FORMATS, Format
from feedsvc.model import cache_control
from feedsvc.model import urls as at
from feedsvc.model.author import Credit, author_slug
from feedsvc.model.document import HTML, SVG, Document, Encoded, Kept
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.etag import etag
from feedsvc.model.feed import Feed, Text, is_feed
from feedsvc.model.file_copy import FileCopy
from feedsvc.model.front import Front
from feedsvc.model.hashing import digest
from feedsvc.model.site import PARTNERS, Site, Topic, digest_slug, story_slug
from feedsvc.model.urls import Urls

# Raised when the same editions would give other bytes or headers, so that an upgrade rebuilds everything.
VERSION = "31"

OPML_PATH, OPML_TYPE = "/feeds.opml", "text/x-opml; charset=utf-8"
STYLE_TYPE, SCRIPT_TYPE = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
SITEMAP_TYPE = "application/xml; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"

# Addresses that one may guess by putting `all` for a topic, and where they redirect to.
EVERYTHING = {
    "/topics/all": at.topic_path("all"),
    "/headlines/all.json": at.headlines_path("all"),
    **{f"/feeds/digest/all.{form.name}": form.path(digest_slug("all")) for form in FEEDS},
}

# What Google accepts of a feed (Publisher Center, "RSS feed guidelines"); others accept no less.
MAX_FEED_BYTES = 2_000_000
MAX_ENTRY_BYTES = 1_900_000

Make = Callable[[datetime], Document]


class Draft(NamedTuple):
    """A document without the time of its newest event, which is found by comparing it with what is published already."""

    path: str
    dated: Make


@cache
def version() -> str:
    """A text that changes if the same editions would give other bytes or headers: pages and feeds name what they load by digest."""
    return digest(VERSION, page_base.stylesheet(), page_base.script(), ticker_script.script(), feed_style.stylesheet())


def topic_paths(slug: str, partners: Iterable[str] = PARTNERS) -> tuple[str, ...]:
    """The paths of all documents of a topic and of its digest, or of a defined feed, without archives."""
    feeds = tuple(form.path(slug) for form in FORMATS)
    if is_feed(slug):
        return feeds
    own = (*feeds, at.topic_path(slug))
    if slug.startswith(story_slug("")):
        return own
    return (*own, *(form.path(digest_slug(slug)) for form in FEEDS), *(at.partner_path(partner, slug) for partner in partners))


def author_paths(slug: str) -> tuple[str, ...]:
    """The paths of what is kept of an author."""
    published = author_slug(slug)
    return (*(form.path(published) for form in FEEDS), at.author_path(slug))


def archive_paths(slug: str, archive: str) -> tuple[str, ...]:
    """The paths of one of a topic's archives, the sitemap of one of everything included."""
    own = (*(at.archive_path(slug, archive, form.name) for form in FEEDS), at.month_path(slug, archive))
    return (*own, at.sitemap_path(archive)) if slug == "all" else own


def feed_documents(
    edition: Edition, front: Sequence[Entry], marks: Marks, addresses: Urls, fragments: Fragments
) -> Iterator[Draft]:
    """The documents of an edition's feed by path; `front` are its entries with breaking news first, for its headlines.

    `marks` gives for an entry's id the digest of all that it shows: an entry is rendered once per format and mark.
    """
    feed = edition.feed or Feed(slug=edition.topic.slug)
    if feed.is_defined:  # whose entries are whole where those of the portal's own feeds are not
        whole = {entry.id for entry in (*edition.entries, *front) if entry.article.syndicate is not None}
        marks = {id: f"{mark} whole" if id in whole else mark for id, mark in marks.items()}
    if feed.form:
        marks = {id: f"{mark} {feed.form}" for id, mark in marks.items()}
        gone, expired = ([replace(one, url=feed.leads_to(one.url)) for one in some] for some in (edition.gone, edition.expired))
        edition = replace(edition, gone=tuple(gone), expired=tuple(expired))
    for form in partners.forms_of(feed):
        path = form.path(feed.slug)
        taken = [entry for entry in (front if form.most else edition.entries) if form.takes(entry, edition.updated)]
        spoken = [entry for entry in taken if not form.one_language or _is_in_language(entry, edition.site)]
        # A topic's headlines are as many as there may be, a defined feed's no more than it has entries.
        most = min(form.most, feed.entries) if form.most and feed.is_defined else form.most
        shown = replace(edition, entries=tuple(spoken[:most]))
        yield Draft(path, _feed(form, path, shown, marks, addresses, fragments, foreign=len(taken) - len(spoken)))


def _is_in_language(entry: Entry, site: Site) -> bool:
    """Whether an article is in the site's language, whatever the country."""
    own, sites = (tag.lower().partition("-")[0] for tag in (entry.article.language or site.language, site.language))
    return own == sites


def topic_page(edition: Edition, marks: Marks, addresses: Urls, fragments: Fragments) -> Draft:
    """A topic's page, or a story's."""
    shown = replace(edition, entries=edition.entries[: edition.site.entries_per_feed])
    path, body = at.topic_path(edition.topic.slug), pages.topic(shown, addresses, Cards(addresses, marks, fragments))
    return Draft(path, lambda updated: page(path, body, updated))


def digest_documents(edition: Edition, marks: Marks, addresses: Urls, fragments: Fragments) -> Iterator[Draft]:
    """The feeds of a topic's digests by path."""
    for form in FEEDS:
        path = form.path(edition.topic.slug)
        yield Draft(path, _feed(form, path, edition, marks, addresses, fragments))


def archive(suffix: str, edition: Edition, addresses: Urls) -> Document:
    """One of a topic's archives in one format."""
    form = next(form for form in FEEDS if form.name == suffix)
    path = at.archive_path(edition.topic.slug, str(edition.archive), suffix)
    return _feed(form, path, edition, {entry.id: entry.id for entry in edition.entries}, addresses, {})(edition.updated)


def author_feed(suffix: str, edition: Edition, addresses: Urls) -> Draft:
    """An author's feed in one format."""
    form = next(form for form in FEEDS if form.name == suffix)
    path = form.path(edition.topic.slug)
    return Draft(path, _feed(form, path, edition, {entry.id: entry.id for entry in edition.entries}, addresses, {}))


def author_page(edition: Edition, author: Credit, month: str | None, addresses: Urls) -> Draft:
    """An author's page; `month` is that of the oldest article on it, if there are older ones."""
    path = at.topic_path(edition.topic.slug)
    return Draft(path, partial(page, path, pages.author(edition, author, addresses, month)))


def month_page(edition: Edition, following: str | None, addresses: Urls) -> Document:
    """The page of a topic's month; `following` names the archive after it, if there is one."""
    path = at.month_path(edition.topic.slug, str(edition.archive))
    return page(path, pages.month(edition, following, addresses), edition.updated)


def _feed(
    form: Format, path: str, edition: Edition, marks: Marks, addresses: Urls, fragments: Fragments, foreign: int = 0
) -> Make:
    unheard, protected = 0, edition.feed.name if edition.feed and edition.feed.protected else ""
    if edition.topic.podcast and form.name == "rss":
        everything, edition = edition, podcasts.episodes(edition)
        unheard = len(everything.entries) - len(edition.entries)
    parts = []
    for entry in edition.entries:
        key = (form.name, marks[entry.id])
        part = fragments.get(key)
        if part is None:
            part = fragments[key] = fitting(form, delivered(entry, edition.feed), addresses)
        parts.append(part)

    def brief(index: int) -> bytes:
        entry = edition.entries[index]
        key = (form.name, f"{marks[entry.id]} brief")
        part = fragments.get(key)
        if part is None:
            part = fragments[key] = form.entry(content.brief(delivered(entry, edition.feed)), addresses)
        return part

    def make(updated: datetime) -> Document:
        dated = replace(edition, updated=updated)
        # An archive is a part of a month that was measured to fit: nothing is cut.
        whole = edition.archive is not None
        shown, cut = len(parts), 0
        if whole:
            body = form.whole(dated, parts, addresses)
        else:
            body, shown, cut = _within_limit(form, dated, parts, brief, addresses)
        warning = None
        if cut and shown == len(parts):
            warning = f"has summaries alone of its {cut} oldest entries of {shown}, because a feed has at most 2 MB"
        if shown < len(parts):
            longest = max(range(shown + 1), key=lambda index: len(parts[index]))
            title = edition.entries[longest].article.title
            warning = f'holds {shown} of {len(parts)} entries, because a feed has at most 2 MB; the longest is "{title}"'
        if unheard:
            left_out = f"is a podcast, and leaves out {unheard} of its topic's articles, which have no sound or film"
            warning = f"{left_out}; {warning}" if warning else left_out
        if foreign:
            left_out = f"leaves out {foreign} of its articles, not in {edition.site.language}: the partner takes one language"
            warning = f"{left_out}; {warning}" if warning else left_out
        links = [f'<{addresses.url(path)}>; rel="self"']
        if edition.hub and form.name != "headlines":
            links.append(f'<{edition.hub}>; rel="hub"')
        if edition.site.license:
            links.append(f'<{edition.site.license}>; rel="license"')
        document = _made(path, body, form.content_type, updated, max_age=form.max_age(edition), links=links, warning=warning)
        return replace(document, protected=protected, open=not protected)

    return make


def delivered(entry: Entry, feed: Feed | None) -> Entry:
    """An entry as a feed gives it; its id is the same in all of them.

    The text of an article that not everybody may have is for those whom it names: the portal's own feeds lead to it.
    """
    restricted = entry.article.syndicate is not None
    if feed is None or not (feed.is_defined or feed.partner):
        return content.shortened(entry) if restricted else entry
    if feed.link_query:
        related = tuple((title, feed.leads_to(url)) for title, url in entry.related)
        entry = replace(entry, url=feed.leads_to(entry.url), related=related)
    return content.shortened(entry) if feed.text is Text.SUMMARY else entry


def fitting(form: Format, entry: Entry, addresses: Urls) -> bytes:
    """An entry in a format, with its summary instead of a body that is too big for any feed."""
    part = form.entry(entry, addresses)
    return part if len(part) <= MAX_ENTRY_BYTES else form.entry(content.brief(entry), addresses)


def _within_limit(
    form: Format, edition: Edition, parts: Sequence[bytes], brief: Callable[[int], bytes], addresses: Urls
) -> tuple[bytes, int, int]:
    """A feed that is as large as aggregators accept, the number of its entries, and of those of which it has the summaries.

    The oldest bodies give way to their summaries, by `brief`, before any entry is left out.
    """
    body = form.whole(edition, parts, addresses)
    excess, given = len(body) - MAX_FEED_BYTES, list(parts)
    for index in reversed(range(len(parts))):
        if excess <= 0:
            break
        given[index] = min(parts[index], brief(index), key=len)
        excess -= len(parts[index]) - len(given[index])
    shown = len(parts)
    while excess > 0 and shown:
        shown -= 1
        excess -= len(given[shown])
    cut = sum(given[index] is not parts[index] for index in range(shown))
    return (body if shown == len(parts) and not cut else form.whole(edition, given[:shown], addresses)), shown, cut


def home_document(
    front: Front[Entry], stories: Sequence[Topic], marks: Marks, addresses: Urls, fragments: Fragments, month: str | None = None
) -> Draft:
    """The home page, which changes with every article; `month` names the newest archive of everything."""
    body = front_page.home(front, stories, addresses, month, Cards(addresses, marks, fragments))
    return Draft("/", lambda updated: page("/", body, updated))


def corrections_document(listed: Sequence[PutRight], addresses: Urls) -> Draft:
    """The page of what was corrected and retracted."""
    return Draft(at.CORRECTIONS_PATH, partial(page, at.CORRECTIONS_PATH, corrections_page.corrections(listed, addresses)))


def site_documents(topics: Sequence[Topic], stories: Sequence[Topic], addresses: Urls) -> Iterator[Draft]:
    """The documents that a portal has once beside its home page: how to follow it, its topics, its feeds, the pages' files, and the
    answers for aliases and retired topics."""
    site = addresses.site
    for path, make in (
        (at.FOLLOW_PATH, follow_pages.follow),
        (at.EMBEDDING_PATH, follow_pages.embedding),
        (at.TOPICS_PATH, follow_pages.every_topic),
    ):
        yield Draft(path, partial(page, path, make(topics, addresses)))
    feeds = opml.whole(site, topics, stories, addresses)
    yield Draft(OPML_PATH, lambda updated: _made(OPML_PATH, feeds, OPML_TYPE, updated, open=True))
    for path, body, kind in (
        (page_base.STYLE_PATH, page_base.stylesheet(), STYLE_TYPE),
        (feed_style.PATH, feed_style.stylesheet(), STYLE_TYPE),
        (page_base.SCRIPT_PATH, page_base.script(), SCRIPT_TYPE),
        (page_base.ICON_PATH, page_base.icon(), SVG),
        (ticker_script.STYLE_PATH, ticker_script.style(), STYLE_TYPE),
    ):
        yield Draft(path, partial(_loaded_by_pages, path, body, kind))
    for path, body, kind in site_icons.pictures():
        icon = partial(_loaded_by_pages, path, body, kind)
        yield Draft(path, moved(path, site.logo, 302) if site.logo and path == site_icons.FAVICON_PATH else icon)
    manifest = site_icons.manifest(site, urlsplit(addresses.public_url).path)
    yield Draft(site_icons.MANIFEST_PATH, partial(_loaded_by_pages, site_icons.MANIFEST_PATH, manifest, site_icons.MANIFEST_TYPE))
    for path, max_age in ((ticker_script.PATH, cache_control.ASSET), (ticker_script.versioned_path(), cache_control.FOR_EVER)):
        yield Draft(path, _script(path, max_age))
    rules = robots.whole(addresses)
    yield Draft(robots.PATH, lambda updated: _made(robots.PATH, rules, PLAIN, updated, max_age=cache_control.ASSET))
    for path, new in EVERYTHING.items():
        yield Draft(path, moved(path, addresses.url(new)))
    known = site.partners
    for topic in site.topics:
        for old in topic.aliases if not topic.retired else ():
            for path, new in zip(topic_paths(old, known), topic_paths(topic.slug, known), strict=True):
                yield Draft(path, moved(path, addresses.url(new)))
        for old in (topic.slug, *topic.aliases) if topic.retired else ():
            for path in topic_paths(old, known):
                yield Draft(path, ended(path, topic, site, addresses))


def _loaded_by_pages(path: str, body: bytes, kind: str, updated: datetime) -> Document:
    return _made(path, body, kind, updated, max_age=cache_control.ASSET)


def _script(path: str, max_age: int) -> Make:
    return lambda updated: _made(path, ticker_script.script(), ticker_script.TYPE, updated, max_age=max_age, open=True)


def news_sitemap(entries: Iterable[bytes], addresses: Urls) -> Draft:
    """The news sitemap of these entries."""
    body = sitemap.whole(entries, addresses)
    return Draft(sitemap.PATH, lambda updated: _made(sitemap.PATH, body, SITEMAP_TYPE, updated))


def sitemap_index(months: Iterable[str], addresses: Urls) -> Draft:
    """The index of the sitemaps: of the news, and of these months."""
    body = sitemap.index(months, addresses)
    return Draft(sitemap.INDEX_PATH, lambda updated: _made(sitemap.INDEX_PATH, body, SITEMAP_TYPE, updated))


def month_sitemap(edition: Edition) -> Document:
    """The sitemap of an archive's articles."""
    return _made(at.sitemap_path(str(edition.archive)), sitemap.month(edition.entries), SITEMAP_TYPE, edition.updated)


def packed(document: Document) -> Document:
    """A document in every coding worth storing. Most drafts equal what is published already, and need none."""
    if document.kept:
        return document
    dense = document.max_age >= cache_control.ASSET
    return replace(document, encodings=encode(document.encodings["identity"].body, document.content_type, dense=dense))


def page(path: str, body: bytes, updated: datetime, status: int = 200) -> Document:
    """A page for people as a document."""
    return _made(path, body, HTML, updated, status=status)


def not_found(addresses: Urls, moment: datetime) -> Document:
    """The page where nothing is published; scripts of other sites may read it, to know an address that is wrong."""
    return replace(page("", pages.not_found(addresses.site, addresses), moment, status=404), open=True)


def frame(
    path: str, listed: bytes, updated: datetime, layout: str, limit: int, theme: str | None, addresses: Urls
) -> Document:
    """The ticker as a page for a frame; `listed` are the headlines that are published at `path`."""
    body = pages.frame(path, listed, layout, limit, theme, addresses)
    return replace(page(ticker_script.EMBED_PATH, body, updated), framed=True)


def file(path: str, body: bytes, kind: str, updated: datetime) -> Document:
    """A file of the articles folder as a document."""
    return _made(path, body, kind, updated, max_age=cache_control.ASSET, open=True)


def copied(path: str, copy: FileCopy, updated: datetime) -> Document:
    """Sound, film or a text beside it as a document; its bytes are those of a copy."""
    encodings = {"identity": Kept(copy.name, copy.size, f'"{copy.digest}"')}
    return Document(
        path=path,
        encodings=encodings,
        content_type=copy.type,
        last_modified=updated,
        max_age=cache_control.ASSET,
        open=True,
    )


def variant(path: str, body: bytes, kind: str, updated: datetime) -> Document:
    """A picture in one size as a document; its address changes with its bytes."""
    return _made(path, body, kind, updated, max_age=cache_control.PICTURE, open=True)


def moved(path: str, location: str, status: int = 301) -> Make:
    """The redirect for what is at another address: for good, or with status 302 for now."""
    body = f"Moved to {location}\n".encode()
    return lambda updated: replace(_made(path, body, PLAIN, updated, status=status, open=True), location=location)


def ended(path: str, topic: Topic, site: Site, addresses: Urls) -> Make:
    """The answer for a topic that has ended."""
    if path.startswith(at.topic_path(topic.slug)):
        body = pages.gone(topic.name, "This topic has ended.", None, site, addresses)
        return lambda updated: page(path, body, updated, status=410)
    return lambda updated: _made(path, b"This topic has ended.\n", PLAIN, updated, status=410, open=True)


def _made(
    path: str,
    body: bytes,
    content_type: str,
    updated: datetime,
    *,
    max_age: int = cache_control.PAGE,
    status: int = 200,
    links: Iterable[str] = (),
    open: bool = False,
    warning: str | None = None,
) -> Document:
    return Document(
        path=path,
        encodings={"identity": Encoded(body, etag(body))},
        content_type=content_type,
        last_modified=updated,
        max_age=max_age,
        status=status,
        links=tuple(links),
        open=open,
        warning=warning,
    )
