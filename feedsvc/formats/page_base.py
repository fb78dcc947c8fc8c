"""What every page for people is made with: the templates and what they may call, the stylesheet, the script and the icon.

Pure: no clock, no globals; templates, stylesheet and script are part of the program and are read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment
from jinja2.environment import TemplateModule
from markupsafe import Markup

from feedsvc.formats import site_icons, ticker_script
from feedsvc.formats.content import COLUMN, srcset
from feedsvc.formats.credits import credits_of
from feedsvc.formats.dates import day, month, rfc3339
from feedsvc.formats.recordings import label
from feedsvc.formats.templating import templates
from feedsvc.model.article import Image, Recording
from feedsvc.model.author import author_slug
from feedsvc.model.edition import Entry
from feedsvc.model.hashing import digest, integrity
from feedsvc.model.site import Site, Topic, digest_slug, story_slug
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import (
    CORRECTIONS_PATH,
    EMBEDDING_PATH,
    FOLLOW_PATH,
    TOPICS_PATH,
    Urls,
    author_path,
    feed_path,
    headlines_path,
    month_path,
    topic_path,
)
from feedsvc.text import is_web_url

STYLE_PATH, SCRIPT_PATH, ICON_PATH = "/style.css", "/pages.js", "/icon.svg"
STRIP = 3  # headlines at the top of a page
SECTIONS = 12  # topics in the navigation of every page
FEEDS = (
    ("RSS", "rss", "application/rss+xml"),
    ("Atom", "atom", "application/atom+xml"),
    ("JSON Feed", "json", "application/feed+json"),
)
# The addresses at which web readers accept a percent-encoded feed address, as their makers document them.
READERS = (
    ("Feedbin", "https://feedbin.com/?subscribe="),
    ("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
)
# Languages written from right to left if a tag names no script; iw and ji are the old codes for Hebrew and Yiddish.
_RTL_LANGUAGE = re.compile("ar|arc|azb|bal|ckb|dv|fa|he|iw|ji|ks|lrc|mzn|nqo|pnb|prs|ps|sd|sdh|skr|syr|ug|ur|yi")
_RTL_SCRIPT = re.compile("adlm|arab|aran|hebr|mand|nkoo|rohg|samr|syrc|thaa")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


@cache
def stylesheet() -> bytes:
    """The content of `/style.css`: the one stylesheet of every page."""
    return (files("feedsvc.formats") / "static" / "style.css").read_bytes()


@cache
def script() -> bytes:
    """The content of `/pages.js`: the copy buttons, and the form that makes the ticker's code."""
    return (files("feedsvc.formats") / "static" / "pages.js").read_bytes()


@cache
def icon() -> bytes:
    """The content of `/icon.svg`: the icon of a portal that has no logo."""
    return (files("feedsvc.formats") / "static" / "icon.svg").read_bytes()


def direction(language: str) -> str:
    """The writing direction of a language tag, `ltr` or `rtl`; a script subtag outweighs the language (RFC 5646, section 2.2.3)."""
    primary, *others = language.lower().split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), "")
    backwards = _RTL_SCRIPT.fullmatch(script) if script else _RTL_LANGUAGE.fullmatch(primary)
    return "rtl" if backwards else "ltr"


def render_page(name: str, site: Site, addresses: Urls, section: str = "", **context: object) -> bytes:
    """A page from its template; `section` is the slug of the topic that it is of.

    Of what else it gets, `described` is what it says of itself to search engines, and `pictured` the picture by which it is shared.
    """
    always = {**_known(site, addresses), "section": section, "described": (), "pictured": None}
    page = _templates().get_template(name).render(always | context)
    return page.encode()


def page_macros(name: str, addresses: Urls) -> TemplateModule:
    """The macros of a template, for what of a page is rendered by itself."""
    return _templates().get_template(name).make_module(_known(addresses.site, addresses))


def _known(site: Site, addresses: Urls) -> dict[str, object]:
    # The public URL may have a path, which a proxy removes. A link inside this service needs it.
    return {"site": site, "addresses": addresses, "root": urlsplit(addresses.public_url).path}


def pictured(entries: Iterable[Entry]) -> Image | None:
    """The picture by which a page is shared: that of its article, or of the first of its articles that has one."""
    return next((entry.article.image for entry in entries if entry.article.image), None)


@cache
def _templates() -> Environment:
    found = templates()
    found.globals.update(FEEDS=FEEDS, direction=direction, ticker=ticker_script)
    found.globals.update(feed_path=feed_path, headlines_path=headlines_path, topic_path=topic_path)
    found.globals.update(author_path=author_path, author_slug=author_slug, credits_of=credits_of)
    found.globals.update(month_path=month_path, digest_slug=digest_slug)
    found.globals.update(recording_label=label, plays=_plays)
    found.globals.update(FOLLOW_PATH=FOLLOW_PATH, EMBEDDING_PATH=EMBEDDING_PATH, TOPICS_PATH=TOPICS_PATH)
    found.globals.update(CORRECTIONS_PATH=CORRECTIONS_PATH, sections=_sections)
    found.globals.update(icons=site_icons, ICON_PATH=ICON_PATH, STYLE=_versioned(STYLE_PATH, stylesheet()))
    found.globals.update(SCRIPT=_versioned(SCRIPT_PATH, script()), SCRIPT_INTEGRITY=integrity(script()))
    found.filters.update(timestamp=rfc3339, month=month, shown=_shown, paragraphs=_paragraphs, contact_url=_contact_url)
    found.filters.update(fediverse_url=_fediverse_url)
    found.filters.update(srcset=lambda image: Markup(srcset(image)))  # noqa: S704  (escaped there)
    found.globals.update(COLUMN=COLUMN)
    found.filters.update(readers=_readers, story_path=lambda name: topic_path(story_slug(slugify(name))))
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return found


def current(topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """The topics that still have a page and feeds."""
    return tuple(topic for topic in topics if not topic.retired)


def strip(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The headlines at the top of a page: the breaking entries, or the newest ones if there are none."""
    return ([entry for entry in entries if entry.breaking] or entries)[:STRIP]


def _sections(site: Site) -> tuple[Topic, ...]:
    """The topics in the navigation of every page: the first of those in `site.toml`, which every page knows without a list."""
    return current(site.topics)[:SECTIONS]


def _versioned(path: str, body: bytes) -> str:
    """An address that changes with the bytes at it, so that no page gets another version from a cache."""
    return f"{path}?{digest(body)[:8]}"


def _readers(feed: str) -> list[tuple[str, str]]:
    """Links that open a feed in a reader: in the device's own for the scheme `feed`, and in web readers."""
    return [("An app on this device", f"feed:{feed}"), *((name, url + quote(feed, safe="")) for name, url in READERS)]


def _plays(recording: Recording, addresses: Urls) -> bool:
    """Whether a page may play a recording: its policy lets it load what is here or comes by https."""
    return recording.is_secure or recording.src.startswith(f"{addresses.public_url}/")


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    """A time for people, in the newsroom's time zone: 21 May 2026, 10:00."""
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]


def _fediverse_url(account: str) -> str:
    """The address of an account such as `@ada@quay.example`, where most servers have it."""
    name, _, host = account.removeprefix("@").partition("@")
    return f"https://{host}/@{name}"


def _contact_url(contact: str) -> str:
    """The link of a contact: the web or e-mail address (RFC 6068) in it; "" if there is none."""
    if is_web_url(contact):
        return contact
    email = _EMAIL.search(contact)
    return f"mailto:{email[0]}" if email else ""
