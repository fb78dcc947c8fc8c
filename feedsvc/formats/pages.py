"""Pages for people: what there is to subscribe to, a topic, an article, a notice. HTML without scripts or inline styles.

Pure: no clock, no globals; templates and stylesheet belong to the program and are read once. No page shows a relative date,
so the same articles give the same bytes. All text is escaped by the templates; `Article.body`, sanitised when it was read,
is the only markup let through. Links inside this service are paths; what others keep (articles, feeds) has its whole URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from feedsvc import ticker
from feedsvc.addresses import Addresses, feed_path, headlines_path, topic_path
from feedsvc.edition import Edition, Entry
from feedsvc.formats.content import summary
from feedsvc.formats.dates import day, rfc3339
from feedsvc.text import is_web_url
from feedsvc.topics import Site, Topic

LATEST = 10  # articles on the home page
STRIP = 3  # headlines in the strip above a page
FEEDS = (
    ("RSS", "rss", "application/rss+xml"),
    ("Atom", "atom", "application/atom+xml"),
    ("JSON Feed", "json", "application/feed+json"),
)
# What is written from right to left where a tag names no script; iw and ji are the old codes for Hebrew and Yiddish.
_RTL_LANGUAGE = re.compile("ar|arc|azb|bal|ckb|dv|fa|he|iw|ji|ks|lrc|mzn|nqo|pnb|prs|ps|sd|sdh|skr|syr|ug|ur|yi")
_RTL_SCRIPT = re.compile("adlm|arab|aran|hebr|mand|nkoo|rohg|samr|syrc|thaa")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def home(latest: Edition, topics: Sequence[Topic], addresses: Addresses) -> bytes:
    """The page `/`: the latest articles of the whole portal, and every topic with its addresses."""
    named = tuple(topic for topic in _current(topics) if topic.slug != "all")
    listed = _topics(named, addresses)
    shown = {"edition": latest, "strip": _strip(latest), "topics": named, "listed": listed, "latest": LATEST}
    return _render("home.html", latest.site, addresses, **shown)


@lru_cache(maxsize=8)
def _topics(topics: tuple[Topic, ...], addresses: Addresses) -> Markup:
    """All topics with their addresses: half of the home page, which changes with every article while they seldom do."""
    return Markup(_render("topics.html", addresses.site, addresses, topics=topics).decode())  # noqa: S704  (a template's)


def topic(edition: Edition, addresses: Addresses) -> bytes:
    """The page `/topics/<slug>`: a topic's addresses and its latest articles."""
    return _render("topic.html", edition.site, addresses, edition=edition, strip=_strip(edition), topic=edition.topic)


def article(entry: Entry, site: Site, addresses: Addresses) -> bytes:
    """The page `/articles/<slug>`: an article whole, with Open Graph (ogp.me) and schema.org's NewsArticle for machines."""
    return _render(
        "article.html",
        site,
        addresses,
        entry=entry,
        article=entry.article,
        body=Markup(entry.article.body),  # noqa: S704  (sanitised when it was read)
        topics=_current(entry.topics),
        summary=summary(entry),
        news_article=_news_article(entry, site, addresses),
    )


def gone(title: str, reason: str, date: datetime | None, site: Site, addresses: Addresses) -> bytes:
    """The page in the place of an article that was retracted, withdrawn or has expired, or of an ended topic; `date` is when."""
    return _render("gone.html", site, addresses, title=title, reason=reason, date=date)


def not_found(site: Site, addresses: Addresses) -> bytes:
    """The page for an address at which nothing ever was."""
    return _render("not_found.html", site, addresses)


def frame(path: str, listed: bytes, layout: str, limit: int, theme: str | None, addresses: Addresses) -> bytes:
    """The page `/embed/ticker`: the ticker alone, around its headlines as a list for browsers without scripts."""
    published = msgspec.json.decode(listed)
    shown = {"title": published["title"], "headlines": published["headlines"][:limit], "path": path}
    return _render("embed.html", addresses.site, addresses, layout=layout, limit=limit, theme=theme, **shown)


@cache
def stylesheet() -> bytes:
    """What `/style.css` serves: the one stylesheet of every page."""
    return (files("feedsvc") / "static" / "style.css").read_bytes()


def direction(language: str) -> str:
    """The writing direction of a language tag, `ltr` or `rtl`; a script subtag outweighs the language (RFC 5646, section 2.2.3)."""
    primary, *others = language.lower().split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), "")
    backwards = _RTL_SCRIPT.fullmatch(script) if script else _RTL_LANGUAGE.fullmatch(primary)
    return "rtl" if backwards else "ltr"


def _render(name: str, site: Site, addresses: Addresses, **context: object) -> bytes:
    # A public URL may hold a path of its own, which a proxy takes off: a link inside this service needs it.
    root = urlsplit(addresses.public_url).path
    page = _templates().get_template(name).render(site=site, addresses=addresses, root=root, **context)
    return page.encode()


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("feedsvc", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.globals.update(FEEDS=FEEDS, direction=direction, ticker=ticker)
    templates.globals.update(feed_path=feed_path, headlines_path=headlines_path, topic_path=topic_path)
    templates.filters.update(timestamp=rfc3339, shown=_shown, paragraphs=_paragraphs, contact_url=_contact_url)
    templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return templates


def _current(topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """The topics that still have a page and feeds to lead to."""
    return tuple(topic for topic in topics if not topic.retired)


def _strip(edition: Edition) -> tuple[Entry, ...]:
    """What is breaking, else the newest."""
    breaking = tuple(entry for entry in edition.entries if entry.breaking)
    return (breaking or edition.entries)[:STRIP]


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    """A moment for a person, on the clocks of the newsroom: 21 May 2026, 10:00."""
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]


def _contact_url(contact: str) -> str:
    """Where a contact leads: an address of the Web or of e-mail (RFC 6068) that it holds, else nowhere."""
    if is_web_url(contact):
        return contact
    email = _EMAIL.search(contact)
    return f"mailto:{email[0]}" if email else ""


def _news_article(entry: Entry, site: Site, addresses: Addresses) -> dict[str, Any]:
    """An article as schema.org describes one (schema.org/NewsArticle); what is not known is left out."""
    written, publisher = entry.article, {"@type": "NewsMediaOrganization", "name": site.title, "url": addresses.home()}
    if site.logo:
        publisher["logo"] = site.logo
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": written.title,
        "description": summary(entry),
        "url": entry.url,
        "mainEntityOfPage": entry.url,
        "datePublished": rfc3339(entry.published),
        "dateModified": rfc3339(entry.updated),
        "inLanguage": written.language or site.language,
        "author": [{"@type": "Person", "name": author} for author in written.authors],
        "articleSection": [topic.name for topic in entry.topics],
        "publisher": publisher,
    }
    if written.image:
        image = written.image
        size = {"width": image.width, "height": image.height, "caption": image.alt, "creditText": image.credit}
        described["image"] = {"@type": "ImageObject", "url": image.src} | {key: value for key, value in size.items() if value}
    return {key: value for key, value in described.items() if value}
