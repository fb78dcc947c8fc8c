"""Pages for people: a topic, a story, an article, and notices. No inline scripts.

Pure: no clock, no globals. A page is complete without
its two scripts, the ticker and what pages.js adds. No page holds a relative date, so the same articles give the same bytes. The
templates escape all text; only `Article.body`, sanitised when it was parsed, is passed through as markup. Links inside this
service are paths; what others may copy (articles, feeds) has an absolute URL.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from markupsafe import Markup

from feedsvc.formats import categories
from feedsvc.formats.content import BEGINNING, gallery, lead_picture, on_page, plain, summary
from feedsvc.formats.dates import rfc3339
from feedsvc.formats.page_base import current, render_page, strip
from feedsvc.formats.recordings import iso8601
from feedsvc.model.article import Article, Image, Recording
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls


def topic(edition: Edition, addresses: Urls) -> bytes:
    """The page of a topic, `/topics/<slug>`: its addresses and latest articles; for a story, `/stories/<slug>`: a timeline."""
    name = "story.html" if edition.topic.is_story else "topic.html"
    found = edition.topic
    return render_page(name, edition.site, addresses, found.slug, edition=edition, strip=strip(edition.entries), topic=found)


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
    return render_page("gone.html", site, addresses, title=title, reason=reason, date=date)


def not_found(site: Site, addresses: Urls) -> bytes:
    """The page for an address that never existed."""
    return render_page("not_found.html", site, addresses)


def frame(path: str, listed: bytes, layout: str, limit: int, theme: str | None, addresses: Urls) -> bytes:
    """The page `/embed/ticker`: only the ticker, with its headlines as a list for browsers without scripts."""
    published = msgspec.json.decode(listed)
    shown = {"title": published["title"], "headlines": published["headlines"][:limit], "path": path}
    return render_page("embed.html", addresses.site, addresses, layout=layout, limit=limit, theme=theme, **shown)


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
