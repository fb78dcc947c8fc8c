"""What pages say of themselves to search engines: JSON-LD by schema.org, one object a script.

Pure: no I/O, no clock, no globals. What is not known is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feedsvc.formats import categories
from feedsvc.formats.content import summary
from feedsvc.formats.credits import credits_of
from feedsvc.formats.dates import rfc3339
from feedsvc.formats.recordings import iso8601
from feedsvc.model.article import Image, Recording
from feedsvc.model.author import Credit
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

Described = dict[str, Any]
CONTEXT = "https://schema.org"


def of_home(site: Site, addresses: Urls) -> list[Described]:
    """The home page: the site (schema.org/WebSite), and whose it is."""
    website = {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": site.title,
        "url": addresses.url("/"),
        "description": site.description or site.tagline or site.title,
        "inLanguage": site.language,
        "publisher": {"@type": "NewsMediaOrganization", "name": site.title, "url": addresses.home()},
    }
    return [website, {"@context": CONTEXT, **_publisher(site, addresses)}]


def of_topic(edition: Edition, addresses: Urls) -> list[Described]:
    """The page of a topic: where it stands; of a story, its timeline too (schema.org/LiveBlogPosting)."""
    topic = edition.topic
    trail = _breadcrumbs([(topic.name, addresses.topic(topic.slug))], edition.site, addresses)
    return [trail, _live_blog(edition, addresses)] if topic.is_story and edition.entries else [trail]


def of_article(entry: Entry, site: Site, addresses: Urls) -> list[Described]:
    """The page of an article: all of it (schema.org/NewsArticle), and where it stands."""
    topics = [(topic.name, addresses.topic(topic.slug)) for topic in entry.topics if not topic.retired and topic.slug != "all"][:1]
    return [_news_article(entry, site, addresses), _breadcrumbs([*topics, (entry.article.title, entry.url)], site, addresses)]


def of_author(author: Credit, site: Site, addresses: Urls) -> list[Described]:
    """The page of an author: who that is (schema.org/ProfilePage), and where it stands."""
    page = addresses.author(author.slug)
    elsewhere = {"sameAs": [author.url]} if author.url and author.url != page else {}
    person = {**_person(author), "url": page, **elsewhere, "worksFor": _publisher(site, addresses)}
    profile = {"@context": CONTEXT, "@type": "ProfilePage", "url": page, "mainEntity": person}
    return [profile, _breadcrumbs([(author.name, page)], site, addresses)]


def _breadcrumbs(places: Sequence[tuple[str, str]], site: Site, addresses: Urls) -> Described:
    listed = [(site.title, addresses.url("/")), *places]
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": url} for number, (name, url) in enumerate(listed, start=1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}


def _live_blog(edition: Edition, addresses: Urls) -> Described:
    site, entries = edition.site, edition.entries
    publisher = _publisher(site, addresses)
    updates = [
        {
            "@type": "BlogPosting",
            "headline": entry.article.title,
            "url": entry.url,
            "datePublished": rfc3339(entry.published),
            "dateModified": rfc3339(entry.updated),
            "articleBody": summary(entry),
            "author": _authors(entry, addresses) or [publisher],
            "inLanguage": entry.article.language or site.language,
        }
        for entry in entries
    ]
    return {
        "@context": CONTEXT,
        "@type": "LiveBlogPosting",
        "headline": edition.topic.name,
        "description": edition.description,
        "url": addresses.topic(edition.topic.slug),
        "coverageStartTime": rfc3339(min(entry.published for entry in entries)),
        "datePublished": rfc3339(min(entry.published for entry in entries)),
        "dateModified": rfc3339(max(entry.updated for entry in entries)),
        "author": [publisher],
        "publisher": publisher,
        "liveBlogUpdate": updates,
    }


def _authors(entry: Entry, addresses: Urls) -> list[dict[str, str]]:
    return [_person(credit) for credit in credits_of(entry.article, addresses)]


def _news_article(entry: Entry, site: Site, addresses: Urls) -> Described:
    """An article as schema.org describes it (schema.org/NewsArticle); what is not known is left out."""
    written, publisher = entry.article, _publisher(site, addresses)
    described: Described = {
        "@context": CONTEXT,
        "@type": "NewsArticle",
        "headline": written.title,
        "description": summary(entry),
        "url": entry.url,
        "mainEntityOfPage": entry.url,
        "datePublished": rfc3339(entry.published),
        "dateModified": rfc3339(entry.updated),
        "inLanguage": written.language or site.language,
        "author": _authors(entry, addresses) or [publisher],
        "articleSection": [topic.name for topic in entry.topics],
        "keywords": categories.tags(entry),
        "publisher": publisher,
        # What not everybody may have is under no licence for all.
        "license": site.license if written.syndicate is None else None,
        "correction": [
            {"@type": "CorrectionComment", "text": correction.text, "datePublished": rfc3339(correction.date)}
            for correction in written.corrections
        ],
    }
    described["image"] = [_image_object(image) for image in written.pictures]
    described |= {recording.medium.value: _media_object(recording, entry) for recording in written.recordings}
    return {key: value for key, value in described.items() if value}


def _image_object(image: Image) -> Described:
    size = {"width": image.width, "height": image.height, "caption": image.caption or image.alt, "creditText": image.credit}
    return {"@type": "ImageObject", "url": image.src} | {key: value for key, value in size.items() if value}


def _media_object(recording: Recording, entry: Entry) -> Described:
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


def _person(credit: Credit) -> dict[str, str]:
    known = {"@type": "Person", "name": credit.name, "url": credit.url, "image": credit.picture}
    return {key: value for key, value in known.items() if value}


def _publisher(site: Site, addresses: Urls) -> Described:
    known = {"@type": "NewsMediaOrganization", "name": site.title, "url": addresses.home()}
    logo = {"logo": {"@type": "ImageObject", "url": site.logo}} if site.logo else {}
    return {**known, **logo, **({"sameAs": [url for _, url in site.links]} if site.links else {})}
