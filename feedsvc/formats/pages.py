"""Pages for people: home, a topic, a story, an article, how to follow, and notices. No inline scripts.

Pure: no clock, no globals; templates, stylesheet and scripts are part of the program and are read once. A page is complete without
its two scripts, the ticker and the copy buttons. No page shows a relative date, so the same articles give the same bytes. The
templates escape all text; only `Article.body`, sanitised when it was parsed, is passed through as markup. Links inside this
service are paths; what others may copy (articles, feeds) has an absolute URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment
from markupsafe import Markup

from feedsvc.formats import categories, ticker_script
from feedsvc.formats.content import BEGINNING, COLUMN, gallery, lead_picture, on_page, plain, srcset, summary
from feedsvc.formats.dates import day, rfc3339
from feedsvc.formats.recordings import iso8601, label
from feedsvc.formats.templating import templates
from feedsvc.model.article import Article, Image, Recording
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.hashing import digest, integrity
from feedsvc.model.site import Site, Topic, digest_slug, story_slug
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import HELP_PATH, Urls, feed_path, headlines_path, topic_path
from feedsvc.text import is_web_url

STYLE_PATH, SCRIPT_PATH, ICON_PATH = "/style.css", "/pages.js", "/icon.svg"
LATEST = 10  # articles on the home page
RUNNING = 6  # stories on the home page
STRIP = 3  # headlines at the top of a page
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
# Feed readers by device, in alphabetical order, with their makers' own addresses.
_NETNEWSWIRE, _THUNDERBIRD = ("NetNewsWire", "https://netnewswire.com/"), ("Thunderbird", "https://www.thunderbird.net/")
_FLUENT = ("Fluent Reader", "https://hyliu.me/fluent-reader/")
APPS = (
    (
        "iPhone and iPad",
        (_NETNEWSWIRE, ("Reeder", "https://reederapp.com/"), ("Unread", "https://www.goldenhillsoftware.com/unread/")),
    ),
    ("Android", (("Feeder", "https://github.com/spacecowboy/Feeder"), ("Read You", "https://github.com/ReadYouApp/ReadYou"))),
    ("Windows", (_FLUENT, ("RSS Guard", "https://github.com/martinrotter/rssguard"), _THUNDERBIRD)),
    ("Mac", (_FLUENT, _NETNEWSWIRE, _THUNDERBIRD, ("Vienna", "https://www.vienna-rss.com/"))),
    ("Linux", (("Liferea", "https://lzone.de/liferea/"), ("Newsboat", "https://newsboat.org/"), _THUNDERBIRD)),
    (
        "In the browser",
        (
            *(("Feedbin", "https://feedbin.com/"), ("Feedly", "https://feedly.com/"), ("Inoreader", "https://www.inoreader.com/")),
            *(("NewsBlur", "https://www.newsblur.com/"), ("The Old Reader", "https://theoldreader.com/")),
        ),
    ),
    ("On a server of your own", (("FreshRSS", "https://freshrss.org/"), ("Miniflux", "https://miniflux.app/"))),
)
# Languages written from right to left if a tag names no script; iw and ji are the old codes for Hebrew and Yiddish.
_RTL_LANGUAGE = re.compile("ar|arc|azb|bal|ckb|dv|fa|he|iw|ji|ks|lrc|mzn|nqo|pnb|prs|ps|sd|sdh|skr|syr|ug|ur|yi")
_RTL_SCRIPT = re.compile("adlm|arab|aran|hebr|mand|nkoo|rohg|samr|syrc|thaa")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def home(latest: Edition, topics: Sequence[Topic], addresses: Urls, stories: Sequence[Topic] = ()) -> bytes:
    """The page `/`: the latest articles of the whole portal, running stories, every topic, and the code to embed the ticker."""
    named = tuple(topic for topic in _current(topics) if topic.slug != "all")
    return _render(
        "home.html",
        latest.site,
        addresses,
        edition=latest,
        strip=_strip(latest),
        topics=named,
        running=_running(latest, stories),
        listed=_topics(named, addresses),
        latest=LATEST,
    )


@lru_cache(maxsize=8)
def _topics(topics: tuple[Topic, ...], addresses: Urls) -> Markup:
    """All topics with their addresses. They are most of the home page and seldom change; the rest changes with every article."""
    page = _render("topics.html", addresses.site, addresses, topics=topics, lines=_lines(addresses))
    return Markup(page.decode())  # noqa: S704  (a template's)


def _running(latest: Edition, stories: Sequence[Topic]) -> list[tuple[Topic, Entry]]:
    """The stories among the latest articles, each with its newest article, newest first."""
    known, running = {story.slug: story for story in stories}, dict[str, Entry]()
    for entry in latest.entries:
        if entry.article.story and (slug := story_slug(slugify(entry.article.story))) in known:
            running.setdefault(slug, entry)
    return [(known[slug], entry) for slug, entry in running.items()][:RUNNING]


def _lines(addresses: Urls) -> dict[str, str]:
    """What a site owner pastes to embed the ticker: two lines of script and markup, or a frame where scripts are not allowed."""
    name = escape(addresses.site.title)
    script, source = addresses.url(ticker_script.versioned_path()), addresses.url(headlines_path("all"))
    frame = escape(addresses.url(ticker_script.embed_path("all", "line")))
    shape = 'width="100%" height="132" frameborder="0" loading="lazy"'
    iframe = f'<iframe src="{frame}" title="Latest headlines from {name}" {shape}></iframe>'
    integrity = ticker_script.integrity()
    return {
        "element": f'<script type="module" src="{script}" integrity="{integrity}" crossorigin="anonymous"></script>\n'
        f'<headline-ticker src="{source}"><a href="{addresses.topic("all")}">Latest headlines</a></headline-ticker>',
        "frame": iframe,
        "noscript": f"<noscript>{iframe}</noscript>",
        "style": "headline-ticker { color-scheme: light dark }",
    }


def topic(edition: Edition, addresses: Urls) -> bytes:
    """The page of a topic, `/topics/<slug>`: its addresses and latest articles; for a story, `/stories/<slug>`: a timeline."""
    name = "story.html" if edition.topic.is_story else "topic.html"
    return _render(name, edition.site, addresses, edition=edition, strip=_strip(edition), topic=edition.topic)


def follow(site: Site, addresses: Urls) -> bytes:
    """The page `/help`: how to follow the portal, for people who have never used a feed."""
    return _render("help.html", site, addresses)


def article(entry: Entry, site: Site, addresses: Urls) -> bytes:
    """The page `/articles/<slug>`: a whole article, with Open Graph (ogp.me) and schema.org's NewsArticle for machines."""
    return _render(
        "article.html",
        site,
        addresses,
        entry=entry,
        article=entry.article,
        standfirst=_above_body(entry.article),
        lead=lead_picture(entry.article),
        gallery=gallery(entry.article),
        body=Markup(on_page(entry.article)),  # noqa: S704  (sanitised when it was read)
        topics=_current(entry.topics),
        tags=categories.tags(entry),
        summary=summary(entry),
        news_article=_news_article(entry, site, addresses),
    )


def _above_body(article: Article) -> str:
    """An article's standfirst; "" where its text begins with it, as where its maker has cut it from there."""
    if not article.standfirst:
        return ""
    beginning = " ".join(plain(article.body[:BEGINNING]).split())
    return "" if beginning.startswith(article.standfirst.removesuffix("…")) else article.standfirst


def gone(title: str, reason: str, date: datetime | None, site: Site, addresses: Urls) -> bytes:
    """The page instead of an article that was retracted, withdrawn or has expired, or of an ended topic; `date` is when."""
    return _render("gone.html", site, addresses, title=title, reason=reason, date=date)


def not_found(site: Site, addresses: Urls) -> bytes:
    """The page for an address that never existed."""
    return _render("not_found.html", site, addresses)


def frame(path: str, listed: bytes, layout: str, limit: int, theme: str | None, addresses: Urls) -> bytes:
    """The page `/embed/ticker`: only the ticker, with its headlines as a list for browsers without scripts."""
    published = msgspec.json.decode(listed)
    shown = {"title": published["title"], "headlines": published["headlines"][:limit], "path": path}
    return _render("embed.html", addresses.site, addresses, layout=layout, limit=limit, theme=theme, **shown)


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


def _render(name: str, site: Site, addresses: Urls, **context: object) -> bytes:
    # The public URL may have a path, which a proxy removes. A link inside this service needs it.
    root = urlsplit(addresses.public_url).path
    page = _templates().get_template(name).render(site=site, addresses=addresses, root=root, **context)
    return page.encode()


@cache
def _templates() -> Environment:
    found = templates()
    found.globals.update(FEEDS=FEEDS, APPS=APPS, direction=direction, ticker=ticker_script)
    found.globals.update(feed_path=feed_path, headlines_path=headlines_path, topic_path=topic_path, digest_slug=digest_slug)
    found.globals.update(recording_label=label, plays=_plays)
    found.globals.update(HELP_PATH=HELP_PATH, ICON_PATH=ICON_PATH, STYLE=_versioned(STYLE_PATH, stylesheet()))
    found.globals.update(SCRIPT=_versioned(SCRIPT_PATH, script()), SCRIPT_INTEGRITY=integrity(script()))
    found.filters.update(timestamp=rfc3339, shown=_shown, paragraphs=_paragraphs, contact_url=_contact_url)
    found.filters.update(srcset=lambda image: Markup(srcset(image)))  # noqa: S704  (escaped there)
    found.globals.update(COLUMN=COLUMN)
    found.filters.update(readers=_readers, story_path=lambda name: topic_path(story_slug(slugify(name))))
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return found


def _versioned(path: str, body: bytes) -> str:
    """An address that changes with the bytes at it, so that no page gets another version from a cache."""
    return f"{path}?{digest(body)[:8]}"


def _readers(feed: str) -> list[tuple[str, str]]:
    """Links that open a feed in a reader: in the device's own for the scheme `feed`, and in web readers."""
    return [("An app on this device", f"feed:{feed}"), *((name, url + quote(feed, safe="")) for name, url in READERS)]


def _plays(recording: Recording, addresses: Urls) -> bool:
    """Whether a page may play a recording: its policy lets it load what is here or comes by https."""
    return recording.is_secure or recording.src.startswith(f"{addresses.public_url}/")


def _current(topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """The topics that still have a page and feeds."""
    return tuple(topic for topic in topics if not topic.retired)


def _strip(edition: Edition) -> tuple[Entry, ...]:
    """The breaking entries, or the newest ones if there are none."""
    breaking = tuple(entry for entry in edition.entries if entry.breaking)
    return (breaking or edition.entries)[:STRIP]


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    """A time for people, in the newsroom's time zone: 21 May 2026, 10:00."""
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]


def _contact_url(contact: str) -> str:
    """The link of a contact: the web or e-mail address (RFC 6068) in it; "" if there is none."""
    if is_web_url(contact):
        return contact
    email = _EMAIL.search(contact)
    return f"mailto:{email[0]}" if email else ""


def _news_article(entry: Entry, site: Site, addresses: Urls) -> dict[str, Any]:
    """An article as schema.org describes it (schema.org/NewsArticle); what is not known is left out."""
    written, publisher = entry.article, _publisher(site, addresses)
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
        "author": [_person(name, url) for name, url in written.credits] or [publisher],
        "articleSection": [topic.name for topic in entry.topics],
        "keywords": categories.tags(entry),
        "publisher": publisher,
        "correction": [
            {"@type": "CorrectionComment", "text": correction.text, "datePublished": rfc3339(correction.date)}
            for correction in written.corrections
        ],
    }
    described["image"] = [_image_object(image) for image in written.pictures]
    described |= {recording.medium.value: _media_object(recording, entry) for recording in written.recordings}
    return {key: value for key, value in described.items() if value}


def _image_object(image: Image) -> dict[str, Any]:
    size = {"width": image.width, "height": image.height, "caption": image.caption or image.alt, "creditText": image.credit}
    return {"@type": "ImageObject", "url": image.src} | {key: value for key, value in size.items() if value}


def _media_object(recording: Recording, entry: Entry) -> dict[str, Any]:
    """A recording as schema.org describes it (AudioObject, VideoObject); search engines ask for a name, a date and a picture."""
    known = {
        "@type": f"{recording.medium.capitalize()}Object",
        "name": recording.title or entry.article.title,
        "contentUrl": recording.src,
        "encodingFormat": recording.type,
        "contentSize": str(recording.length) if recording.length else None,
        "duration": iso8601(recording.duration) if recording.duration else None,
        "uploadDate": rfc3339(entry.published),
        "thumbnailUrl": recording.poster.src if recording.poster else None,
        "caption": {"@type": "MediaObject", "contentUrl": recording.captions.src} if recording.captions else None,
    }
    return {key: value for key, value in known.items() if value}


def _person(name: str, url: str | None) -> dict[str, str]:
    return {"@type": "Person", "name": name, **({"url": url} if url else {})}


def _publisher(site: Site, addresses: Urls) -> dict[str, Any]:
    known = {"@type": "NewsMediaOrganization", "name": site.title, "url": addresses.home()}
    logo = {"logo": {"@type": "ImageObject", "url": site.logo}} if site.logo else {}
    return {**known, **logo, **({"sameAs": [url for _, url in site.links]} if site.links else {})}
