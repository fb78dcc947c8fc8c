"""The entries of JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/); our own feeds have all of an article. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from feedsvc.articles.parsers.dates import read_date
from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.parts import MAX_LISTED, MAX_PASSAGE
from feedsvc.articles.parsers.sanitise import visible
from feedsvc.formats import content
from feedsvc.importing.enclosed import Enclosed, recordings_of
from feedsvc.importing.feed_entry import FeedEntry, Source, each, paragraphs
from feedsvc.importing.json_values import objects_in, text_in, values_in
from feedsvc.model.article import MAX_TEXT, Article, ArticleKind, Claim, Correction, Image, Medium
from feedsvc.model.edition import Entry
from feedsvc.model.site import Site
from feedsvc.model.slugs import slugify
from feedsvc.text import one_line

_VERSION = "jsonfeed.org/version/1"
_BODY = "\0"  # a placeholder for the body, because no document can contain it
_FIGURE = re.compile(
    r'<figure><img src="(?P<src>[^"]*)" alt="(?P<alt>[^"]*)"(?: width="(?P<width>\d{1,9})")?(?: height="(?P<height>\d{1,9})")?>'
    r"(?:<figcaption>(?P<caption>[^<]*?) ?(?:<small>(?P<credit>[^<]*)</small>)?</figcaption>)?</figure>"
)
_FIGURE_WITHIN = 20_000  # characters from the start
_PLAYED = (
    r'(?:<figure><a href="{0}"><img src="(?P<poster>[^"]*)" alt="(?P<alt>[^"]*)"[^<>]*></a></figure>)?'
    r'<p><a href="{0}">[^<]*</a>(?: · <a href="(?P<transcript>[^"]*)">Transcript</a>)?</p>'
)
_BLANK_LINE = re.compile(r"\n\s*\n")


def read_feed(said: Mapping[str, Any], site: Site, faults: Faults) -> list[Source]:
    """The entries of a JSON Feed, in its order."""
    if _VERSION not in text_in(said, "version"):
        faults.fail(1, "is JSON, but no JSON Feed, and no export of Ghost's")
    home = text_in(said, "home_page_url")
    language = text_in(said, "language")
    if not isinstance(said.get("items"), list):
        faults.fail(1, "is a JSON Feed without items")
    return each(objects_in(said, "items"), lambda entry: _source(entry, home, language, site))


def _source(entry: Mapping[str, Any], home: str, language: str, site: Site) -> FeedEntry:
    published, updated = _date(entry, "date_published", site), _date(entry, "date_modified", site)
    authors = [(text_in(one, "name"), text_in(one, "url")) for one in (*objects_in(entry, "authors"), *objects_in(entry, "author"))]
    pictures = [text_in(entry, "image"), text_in(entry, "banner_image"), *_attached(entry)]
    picture = next(filter(None, pictures), "")
    source = FeedEntry(
        id=text_in(entry, "id"),
        title=text_in(entry, "title"),
        content=text_in(entry, "content_html") or paragraphs(text_in(entry, "content_text")),
        summary=paragraphs(text_in(entry, "summary")),
        link=text_in(entry, "url") or text_in(entry, "external_url"),
        base="" if text_in(entry, "url") else home,
        published=published,
        updated=updated,
        undated=text_in(entry, "date_published") or text_in(entry, "date_modified"),
        authors=tuple(dict.fromkeys(name for name, _ in authors)),
        author_urls=tuple(authors),
        topics=tuple(tag for tag in values_in(entry, "tags") if isinstance(tag, str)),
        language=text_in(entry, "language") or language,
        image=Image(src=picture) if picture else None,
        enclosed=tuple(map(_enclosed, objects_in(entry, "attachments"))),
    )
    newsroom = entry.get("_newsroom")
    return _ours(source, newsroom, site) if isinstance(newsroom, dict) else source


def _ours(source: FeedEntry, newsroom: Mapping[str, Any], site: Site) -> FeedEntry:
    """An entry of a feed of this service: what is in `_newsroom` is removed from the content."""
    points = [one_line(point) for point in values_in(newsroom, "key_points") if isinstance(point, str)]
    own: dict[str, Any] = {
        "claim": Claim(newsroom["claim"]) if newsroom.get("claim") in tuple(Claim) else None,
        "kind": ArticleKind(newsroom["kind"]) if newsroom.get("kind") in tuple(ArticleKind) else ArticleKind.NEWS,
        "story": one_line(text_in(newsroom, "story")),
        "key_points": tuple(point for point in points if visible(point) and len(point) <= MAX_TEXT)[:MAX_LISTED],
        "why_it_matters": _passage(newsroom, "why_it_matters"),
        "what_it_means": _passage(newsroom, "what_it_means"),
        "corrections": tuple(_corrections(newsroom, site))[:MAX_LISTED],
        "retracted": one_line(text_in(newsroom, "retracted")),
    }
    fields = {key: value for key, value in own.items() if value and (key != "story" or slugify(str(value)))}
    shown = image = source.image
    figure = _FIGURE.search(source.content, 0, _FIGURE_WITHIN) if image else None
    if figure and image and unescape(figure["src"]) == image.src:
        alt, caption, credit = (unescape(figure[name] or "") for name in ("alt", "caption", "credit"))
        image = replace(image, alt=alt, caption=caption, credit=credit)
        shown = replace(image, width=int(figure["width"] or 0), height=int(figure["height"] or 0))
    enclosed = tuple(_with_links(one, source.content) for one in source.enclosed)
    recordings = recordings_of(enclosed, "")
    audio, video = recordings.get(Medium.AUDIO), recordings.get(Medium.VIDEO)
    article = Article(title="", slug="", body=_BODY, image=shown, audio=audio, video=video, **fields)
    moment = datetime.min.replace(tzinfo=UTC)
    entry = Entry(id="", url="", published=moment, updated=moment, article=article)
    above, _, below = content.html(entry, site.zone).partition(_BODY)
    body = source.content
    if body.startswith(above) and body.endswith(below) and len(body) > len(above) + len(below):
        body = body[len(above) : len(body) - len(below)]
    return replace(source, content=body, image=image, enclosed=enclosed, fields=fields)


def _with_links(one: Enclosed, content: str) -> Enclosed:
    """A file with the poster and the transcript that our content shows beside it."""
    found = re.search(_PLAYED.format(re.escape(escape(one.src))), content[:_FIGURE_WITHIN])
    if found is None:
        return one
    poster = Image(src=unescape(found["poster"]), alt=unescape(found["alt"])) if found["poster"] else None
    return replace(one, poster=poster, transcript=unescape(found["transcript"] or ""))


def _corrections(newsroom: Mapping[str, Any], site: Site) -> list[Correction]:
    dated = [(_date(one, "date", site), one_line(text_in(one, "text"))) for one in objects_in(newsroom, "corrections")]
    return [Correction(date, text) for date, text in dated if date and visible(text) and len(text) <= MAX_PASSAGE]


def _passage(newsroom: Mapping[str, Any], key: str) -> str:
    paragraphs = [one_line(part) for part in _BLANK_LINE.split(text_in(newsroom, key))]
    text = "\n\n".join(filter(None, paragraphs))
    return text if visible(text) and len(text) <= MAX_PASSAGE else ""


def _enclosed(attachment: Mapping[str, Any]) -> Enclosed:
    return Enclosed(
        src=text_in(attachment, "url"),
        type=text_in(attachment, "mime_type"),
        length=text_in(attachment, "size_in_bytes"),
        duration=text_in(attachment, "duration_in_seconds"),
        title=text_in(attachment, "title"),
    )


def _attached(entry: Mapping[str, Any]) -> list[str]:
    return [text_in(one, "url") for one in objects_in(entry, "attachments") if text_in(one, "mime_type").startswith("image/")]


def _date(table: Mapping[str, Any], key: str, site: Site) -> datetime | None:
    with suppress(ValueError):
        return read_date(text_in(table, key), site.zone)[0]
    return None
