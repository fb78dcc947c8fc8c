"""Newsrooms of one article that has one key, with a text in it that stands nowhere else: where it is found, there the key goes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from feedsvc.model.site import PARTNERS
from support import leaves
from support.leaves import Leaf
from support.live import NOON, Newsroom

# The article comes out at ten, its day's digest at eleven, and the builder runs at noon.
SITE = f'[site]\ntitle = "Gazette"\ndigest_hour = 11\npartners = {json.dumps(PARTNERS)}\n'
ID, ADDRESS = "urn:example:planted", "https://planted.example/a.png"
CORRECTIONS = [{"date": "2026-05-20T07:08:09Z", "text": "Planted words"}]


@dataclass(frozen=True)
class Sample:
    """A key as it is written, and the texts by which it is known again; `before` stood there an hour earlier."""

    written: dict[str, Any]
    known_by: tuple[str, ...]
    before: dict[str, Any] | None = field(default=None)


def _sound(**parts: Any) -> dict[str, Any]:
    return {"audio": {"src": "https://x.example/a.mp3", **parts}}


def _gallery(**picture: str) -> dict[str, Any]:
    return {"image": "https://x.example/b.png", "images": [{"src": "https://x.example/c.png", **picture}]}


def _text(key: str, text: str = "Planted words") -> Sample:
    return Sample({key: text}, (text,))


SAMPLES = {
    "title": _text("title"),
    "id": _text("id", ID),
    "slug": _text("slug", "planted"),
    "date": Sample({"date": "2026-05-21T07:08:09Z"}, ("2026-05-21T07:08:09", "21 May 2026 07:08:09", "21 May 2026, 07:08")),
    "updated": Sample({"updated": "2026-05-21T11:12:13Z"}, ("2026-05-21T11:12:13", "21 May 2026 11:12:13", "21 May 2026, 11:12")),
    "expires": Sample({"expires": "2026-06-30T13:14:15Z"}, ("2026-06-30T13:14:15", "30 Jun 2026 13:14:15", "30 June 2026")),
    "draft": Sample({"title": "Planted words", "draft": True}, ("Planted words",)),
    "authors": Sample({"authors": ["Planted words"]}, ("Planted words",)),
    "authors.url": Sample({"authors": [{"name": "Ada Keel", "url": ADDRESS}]}, (ADDRESS,)),
    "topics": Sample({"topics": ["Planted words"]}, ("Planted words", "planted-words")),
    "tags": Sample({"tags": ["Planted words"]}, ("Planted words",)),
    "story": Sample({"story": "Planted words"}, ("Planted words", "Another planted")),
    "standfirst": _text("standfirst"),
    "key_points": Sample({"key_points": ["Planted words"]}, ("Planted words",)),
    "why_it_matters": _text("why_it_matters"),
    "what_it_means": _text("what_it_means"),
    "link": _text("link", ADDRESS),
    "image.src": Sample({"image": {"src": ADDRESS}}, (ADDRESS,)),
    "image.alt": Sample({"image": {"src": "https://x.example/a.png", "alt": "Planted words"}}, ("Planted words",)),
    "image.caption": Sample({"image": {"src": "https://x.example/a.png", "caption": "Planted words"}}, ("Planted words",)),
    "image.credit": Sample({"image": {"src": "https://x.example/a.png", "credit": "Planted words"}}, ("Planted words",)),
    "images.src": Sample(_gallery(src=ADDRESS), (ADDRESS,)),
    "images.alt": Sample(_gallery(alt="Planted words"), ("Planted words",)),
    "images.caption": Sample(_gallery(caption="Planted words"), ("Planted words",)),
    "images.credit": Sample(_gallery(credit="Planted words"), ("Planted words",)),
    "audio.src": Sample({"audio": {"src": "https://planted.example/a.mp3"}}, ("https://planted.example/a.mp3",)),
    "audio.type": Sample(_sound(type="audio/planted"), ("audio/planted",)),
    "audio.length": Sample(_sound(length=87654321), ("87654321",)),
    "audio.duration": Sample(_sound(duration="1:23:45"), ("1:23:45", "5025", "PT1H23M45S")),
    "audio.title": Sample(_sound(title="Planted words"), ("Planted words",)),
    "audio.captions": Sample(_sound(captions="https://planted.example/a.vtt"), ("https://planted.example/a.vtt",)),
    "audio.transcript": Sample(_sound(transcript="https://planted.example/a.vtt"), ("https://planted.example/a.vtt",)),
    "audio.episode": Sample(_sound(episode=87654), ("87654",)),
    "audio.season": Sample(_sound(season=87654), ("87654",)),
    "audio.episode_type": Sample(_sound(episode_type="trailer"), ("trailer",)),
    "audio.explicit": Sample(_sound(explicit=True), ("true",)),
    "video.src": Sample({"video": {"src": "https://planted.example/a.mp4"}}, ("https://planted.example/a.mp4",)),
    "video.poster": Sample({"video": {"src": "https://x.example/a.mp4", "poster": ADDRESS}}, (ADDRESS,)),
    "lead": Sample({"lead": True}, ("lead",)),
    "breaking": Sample({"breaking": "2026-06-30T13:14:15Z"}, ("breaking", "true", "2026-06-30T13:14:15")),
    "claim": Sample({"claim": "reported"}, ("reported",)),
    "corrections.date": Sample({"corrections": CORRECTIONS}, ("2026-05-20T07:08:09", "20 May 2026")),
    "corrections.text": Sample({"corrections": CORRECTIONS}, ("Planted words",)),
    "retracted": Sample({"id": ID, "retracted": "Planted words"}, ("Planted words", ID), before={"id": ID}),
    "language": _text("language", "cy"),
    "translation_of": Sample({"translation_of": "another"}, ("Planted words", "cy")),
    "aliases": Sample({"aliases": ["/planted"]}, ("/planted",)),
    "kind": Sample({"kind": "letter"}, ("letter", "Letter")),
    "syndicate": Sample({"syndicate": ["msn", "smartnews", "flipboard"]}, ()),
    "its text": _text("body"),
}


# What site.toml says decides what documents there are, how many entries they hold, or when they are made: no text of it is shown.
SITE_SAMPLES = {
    "title": Sample({"title": "Planted words"}, ("Planted words",)),
    "tagline": Sample({"tagline": "Planted words"}, ("Planted words",)),
    "description": Sample({"description": "Planted words"}, ("Planted words",)),
    "language": Sample({"language": "cy"}, ("cy",)),
    "timezone": Sample({"timezone": "Pacific/Auckland"}, ("21 May 2026, 22:00",)),
    "url": Sample({"url": ADDRESS}, (ADDRESS,)),
    "article_url": Sample({"article_url": "https://planted.example/{slug}"}, ("https://planted.example/article",)),
    "media_root": Sample({"media_root": "pictures"}, ()),
    "copyright": Sample({"copyright": "Planted words"}, ("Planted words",)),
    "license": Sample({"license": ADDRESS}, (ADDRESS,)),
    "contact": Sample({"contact": "desk@planted.test (Desk)"}, ("desk@planted.test",)),
    "logo": Sample({"logo": ADDRESS}, (ADDRESS,)),
    "links": Sample({"links": {"Planted words": ADDRESS}}, ("Planted words", ADDRESS)),
    "entries_per_feed": Sample({"entries_per_feed": 17}, ()),
    "feed_hours": Sample({"feed_hours": 17}, ()),
    "breaking_minutes": Sample({"breaking_minutes": 17}, ()),
    "partners": Sample({"partners": ["msn"]}, ()),
    "sponsored": Sample({"sponsored": ["msn", "digest"]}, ()),
    "digest_hour": Sample({"digest_hour": 7}, ()),
    "hub": Sample({"hub": ADDRESS}, (ADDRESS,)),
    "tags_are_topics": Sample({"tags_are_topics": True}, ()),
    "new_topics": Sample({"new_topics": True}, ()),
}


def places_of_key(sample: Sample, folder: Path) -> dict[str, set[str]]:
    """Where the sample text of an article is found in each kind of document, by the name of its column in docs/formats.md."""
    newsroom = Newsroom(folder)
    try:
        newsroom.write("site.toml", SITE)
        if "story" in sample.written:
            newsroom.write("another.md", title="Another planted", story=sample.written["story"], date="2026-05-10T10:00:00Z")
        if "translation_of" in sample.written:
            newsroom.write("another.md", title="Planted words", language="cy", date="2026-05-10T10:00:00Z")
        if sample.before is not None:
            newsroom.now = NOON - timedelta(hours=1)
            newsroom.write("article.md", **{"title": "Title", **sample.before})
            newsroom.build()
        newsroom.now = NOON
        newsroom.write("article.md", age=7200, **{"title": "Title", "body": "Text.", **sample.written})
        newsroom.build()
        return {kind: {place for place, text in found if _known(sample, text)} for kind, found in _article_leaves(newsroom)}
    finally:
        newsroom.close()


def places_of_site_key(sample: Sample, folder: Path) -> dict[str, set[str]]:
    """Where the sample text of the site is found in each kind of document, by the name of its column in docs/formats.md."""
    newsroom = Newsroom(folder)
    try:
        written = "".join(f"{key} = {_toml(value)}\n" for key, value in {"title": "Gazette", **sample.written}.items())
        newsroom.write("site.toml", f"[site]\n{written}")
        newsroom.write("article.md", age=7200, title="Title", body="Text.")
        newsroom.build()
        return {kind: {place for place, text in found if _known(sample, text)} for kind, found in _site_leaves(newsroom)}
    finally:
        newsroom.close()


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def _known(sample: Sample, text: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(known)}(?:Z|\b)", text, re.IGNORECASE) for known in sample.known_by)


def _article_leaves(newsroom: Newsroom) -> Iterator[tuple[str, list[Leaf]]]:
    """The leaves of the article's own part of every kind of document: it is the newest, and so the first."""
    client = newsroom.client()
    feeds = {
        "RSS": "/feeds/all.rss",
        "Atom": "/feeds/all.atom",
        "digest": "/feeds/digest.rss",
        "news sitemap": "/sitemap-news.xml",
        **{partner: f"/partners/{partner}/all.rss" for partner in PARTNERS},
    }
    for kind, path in feeds.items():
        root = etree.fromstring(client.get(path).data)
        yield kind, [*_first(root, "item"), *_first(root, "{*}entry"), *_first(root, "{*}url"), *_first(root, "{*}deleted-entry")]
    for kind, path, listed in (("JSON Feed", "/feeds/all.json", "items"), ("headlines", "/headlines.json", "headlines")):
        yield kind, [leaf for entry in client.get(path).json[listed][:1] for leaf in leaves.of_json(entry)]
    (record,) = (one for one in newsroom.store.records() if one.path == "article.md")
    page = client.get(f"/articles/{record.slug}").text
    yield "page", list(leaves.of_page(page, ".//main/*"))
    yield "page’s head", list(leaves.of_head(page))


def _first(root: Any, name: str) -> Iterator[Leaf]:
    if (found := root.find(f".//{name}")) is not None:
        yield from leaves.of_xml(found, leaves.prefixed(found, found.tag) if "deleted" in name else "")


def _site_leaves(newsroom: Newsroom) -> Iterator[tuple[str, list[Leaf]]]:
    """The leaves of whole documents, from the channel or the root on."""
    client = newsroom.client()
    yield "RSS", list(leaves.of_xml(etree.fromstring(client.get("/feeds/all.rss").data)[0]))
    for kind, path in (("Atom", "/feeds/all.atom"), ("OPML", "/feeds.opml")):
        yield kind, list(leaves.of_xml(etree.fromstring(client.get(path).data)))
    for kind, path in (("JSON Feed", "/feeds/all.json"), ("headlines", "/headlines.json")):
        yield kind, list(leaves.of_json(client.get(path).json))
    yield "home page", list(leaves.of_page(client.get("/").text, "body"))
