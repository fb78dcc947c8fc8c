"""Pages for people: a topic, a story, an article, and notices. No inline scripts.

Pure: no clock, no globals. A page is complete without
its two scripts, the ticker and what pages.js adds. No page holds a relative date, so the same articles give the same bytes. The
templates escape all text; only `Article.body`, sanitised when it was parsed, is passed through as markup. Links inside this
service are paths; what others may copy (articles, feeds) has an absolute URL.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

import msgspec
from markupsafe import Markup

from feedsvc.formats import categories, json_ld
from feedsvc.formats.cards import Cards
from feedsvc.formats.content import BEGINNING, gallery, lead_picture, on_page, plain, summary
from feedsvc.formats.credits import credits_of
from feedsvc.formats.dates import day
from feedsvc.formats.page_base import current, pictured, render_page, strip
from feedsvc.model.article import Article
from feedsvc.model.author import Credit
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls


def topic(edition: Edition, addresses: Urls, cards: Cards | None = None) -> bytes:
    """The page of a topic, `/topics/<slug>`: its addresses and latest articles; for a story, `/stories/<slug>`: a timeline.

    `cards` renders a topic's articles.
    """
    name = "story.html" if edition.topic.is_story else "topic.html"
    found = edition.topic
    described, picture = json_ld.of_topic(edition, addresses), pictured(edition.entries)
    context = {"edition": edition, "topic": found, "described": described, "pictured": picture, "cards": cards or Cards(addresses)}
    return render_page(name, edition.site, addresses, found.slug, strip=strip(edition.entries), **context)


def author(edition: Edition, author: Credit, addresses: Urls, month: str | None) -> bytes:
    """The page `/authors/<slug>`: who writes, and what they wrote last; `month` is that of the oldest article here, and before it
    there are more."""
    site, about = edition.site, {"described": json_ld.of_author(author, edition.site, addresses)}
    shown = {"author": author, "topic": edition.topic, "month": month, "pictured": pictured(edition.entries)}
    return render_page("author.html", site, addresses, "", edition=edition, cards=Cards(addresses), **about, **shown)


def month(edition: Edition, following: str | None, addresses: Urls) -> bytes:
    """The page of a topic's month, `/topics/<slug>/2026-05`, by days; `following` names the archive after it, if there is one."""
    site, found = edition.site, edition.topic
    days = [(text, list(some)) for text, some in groupby(edition.entries, lambda entry: day(entry.published, site.zone))]
    shown = {"edition": edition, "topic": found, "days": days, "archive": str(edition.archive), "after": following}
    return render_page("month.html", site, addresses, found.slug, **shown)


def article(entry: Entry, site: Site, addresses: Urls) -> bytes:
    """The page `/articles/<slug>`: a whole article, with Open Graph (ogp.me) and schema.org's NewsArticle for machines."""
    return render_page(
        "article.html",
        site,
        addresses,
        entry=entry,
        article=entry.article,
        standfirst=_above_body(entry.article),
        lead=lead_picture(entry.article),
        gallery=gallery(entry.article),
        body=Markup(on_page(entry.article)),  # noqa: S704  (sanitised when it was read)
        topics=current(entry.topics),
        tags=categories.tags(entry),
        credits=credits_of(entry.article, addresses),
        summary=summary(entry),
        described=json_ld.of_article(entry, site, addresses),
        pictured=pictured((entry,)),
    )


def _above_body(article: Article) -> str:
    """An article's standfirst; "" where its text begins with it, as where its maker has cut it from there."""
    if not article.standfirst:
        return ""
    beginning = " ".join(plain(article.body[:BEGINNING]).split())
    return "" if beginning.startswith(article.standfirst.removesuffix("…")) else article.standfirst


def gone(title: str, reason: str, date: datetime | None, site: Site, addresses: Urls) -> bytes:
    """The page instead of an article that was retracted, withdrawn or has expired, or of an ended topic; `date` is when."""
    return render_page("gone.html", site, addresses, title=title, reason=reason, date=date)


def not_found(site: Site, addresses: Urls) -> bytes:
    """The page for an address that never existed."""
    return render_page("not_found.html", site, addresses)


def frame(path: str, listed: bytes, layout: str, limit: int, theme: str | None, addresses: Urls) -> bytes:
    """The page `/embed/ticker`: only the ticker, with its headlines as a list for browsers without scripts."""
    published = msgspec.json.decode(listed)
    shown = {"title": published["title"], "headlines": published["headlines"][:limit], "path": path}
    return render_page("embed.html", addresses.site, addresses, layout=layout, limit=limit, theme=theme, **shown)
