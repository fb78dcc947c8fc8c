"""WordPress's export files (WXR 1.0 to 1.2, https://wordpress.org/documentation/article/tools-export-screen/) as entries. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from feedsvc.articles.parsers.faults import Faults, quoted
from feedsvc.importing.enclosed import Enclosed
from feedsvc.importing.feed_entry import FeedEntry, Source, each, plain
from feedsvc.importing.wordpress_text import as_html
from feedsvc.kinds import Kind
from feedsvc.model.article import EARLIEST_YEAR, LATEST_YEAR, Image
from feedsvc.model.urls import as_path

_NAMESPACE = "wordpress.org/export/"
_DRAFTS = frozenset({"draft", "pending", "private"})
_NO_ARTICLES = frozenset({"trash", "auto-draft", "inherit"})
_MOST_NAMED = 5
_DURATION = re.compile(r'"duration";s:\d{1,3}:"([0-9:]{1,20})"')
_MOST_SERIALISED = 10_000


def is_export(root: Any) -> bool:
    """Whether an XML document is an export of WordPress's."""
    return any(_NAMESPACE in address for address in root.nsmap.values())


def read_export(root: Any, zone: ZoneInfo, faults: Faults) -> list[Source]:
    """The posts in an export, in its order; what else it holds is counted in a warning. `zone` is that of dates without one."""
    elements = list(root.iter("item"))
    attached: defaultdict[str, list[str]] = defaultdict(list)
    attachments = {_wp(element, "post_id"): element for element in elements if _wp(element, "post_type") == "attachment"}
    for id, element in attachments.items():
        attached[_wp(element, "post_parent")].append(id)
    site = _Site(
        url=root.findtext("channel/link") or "",
        language=root.findtext("channel/language") or "",
        zone=zone,
        names={_wp(one, "author_login"): _wp(one, "author_display_name") for one in root.iter("{*}author")},
        pictures=dict(_pictures(attachments, faults)),
        attached=attached,
    )
    left_out: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    articles = []
    for element in elements:
        kind, status = _wp(element, "post_type") or "post", _wp(element, "status")
        if kind != "post":
            left_out[kind] += kind != "attachment"
        elif status in _NO_ARTICLES:
            left_out[status] += 1
        else:
            articles.append(element)
    sources = each(articles, lambda element: _entry(element, site, lost))
    if named := _named(left_out):
        faults.warn(Kind.IMPORT, 0, f"is an export of WordPress's; only posts become articles, and these are left out: {named}")
    if named := _named(lost):
        reason = f"shortcodes that have no meaning outside WordPress were taken out of so many articles: {named}"
        faults.warn(Kind.IMPORT, 0, reason)
    return sources


@dataclass(frozen=True, slots=True)
class _Site:
    """What all articles of an export share: names by login, pictures by id, and the ids of what is attached to each article."""

    url: str
    language: str
    zone: ZoneInfo
    names: Mapping[str, str]
    pictures: Mapping[str, Image]
    attached: Mapping[str, Sequence[str]]

    def gallery(self, ids: Sequence[str], article: str) -> str:
        """Pictures as HTML, as far as they are in the export; those of the article where no ids are given."""
        found = (self.pictures[id] for id in ids or self.attached.get(article, ()) if id in self.pictures)
        return "".join(f'<figure><img src="{escape(one.src)}" alt="{escape(one.alt)}"></figure>\n' for one in found)


def _entry(element: Any, site: _Site, lost: Counter[str]) -> FeedEntry:
    text, id = _text(element, "{http://purl.org/rss/1.0/modules/content/}encoded"), _wp(element, "post_id")
    content, shortcodes = as_html(text, lambda ids: site.gallery(ids, id))
    lost.update(shortcodes)
    link = _text(element, "link")
    meta = list(_meta(element))
    creator = _text(element, "{http://purl.org/dc/elements/1.1/}creator")
    return FeedEntry(
        id=_text(element, "guid"),
        title=plain(_text(element, "title")),
        content=content,
        summary=_excerpt(element),
        link=link,
        base=link or site.url,
        published=_moment(element, "post_date", site.zone),
        updated=_moment(element, "post_modified", site.zone),
        undated=_wp(element, "post_date"),
        authors=tuple(filter(None, [site.names.get(creator) or creator])),
        topics=tuple(_terms(element, "category")),
        language=site.language,
        image=next((site.pictures[value] for key, value in meta if key == "_thumbnail_id" and value in site.pictures), None),
        enclosed=tuple(_enclosed(value) for key, value in meta if key == "enclosure"),
        slug=unquote(_wp(element, "post_name")),
        aliases=tuple(_old_paths(link, meta)),
        draft=_wp(element, "status") in _DRAFTS or bool(_wp(element, "post_password")),
    )


def _old_paths(link: str, meta: list[tuple[str, str]]) -> Iterator[str]:
    """The paths at which an article is and was in WordPress, where its addresses are no questions."""
    place = _split(link)
    path = None if place.query else as_path(place.path)
    if path and path != "/":
        yield path
        parent = path.rpartition("/")[0]
        yield from filter(None, (as_path(f"{parent}/{value}") for key, value in meta if key == "_wp_old_slug"))


def _terms(element: Any, domain: str) -> Iterator[str]:
    for term in element.iter("category"):
        if term.get("domain") == domain and term.get("nicename") != "uncategorized":
            yield plain(term.text or "")


def _meta(element: Any) -> Iterator[tuple[str, str]]:
    for one in element.iter("{*}postmeta"):
        yield _wp(one, "meta_key"), _wp(one, "meta_value")


def _enclosed(value: str) -> Enclosed:
    """An enclosure as WordPress keeps it: lines of address, length and type; PowerPress adds a serialised duration."""
    src, length, type, *more = (line.strip() for line in [*value.split("\n", 3), "", "", ""][:4])
    duration = _DURATION.search(more[0][:_MOST_SERIALISED])
    return Enclosed(src=src, length=length, type=type, duration=duration[1] if duration else "")


def _pictures(attachments: Mapping[str, Any], faults: Faults) -> Iterator[tuple[str, Image]]:
    for id, element in attachments.items():
        try:
            if _is_picture(element):
                yield id, _picture(element)
        except ValueError as error:
            faults.warn(Kind.PICTURE, 0, f"picture {quoted(id)}: {error}")


def _is_picture(element: Any) -> bool:
    path = _split(_wp(element, "attachment_url")).path.lower()
    return path.endswith((".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"))


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # it is none
        return urlsplit("")


def _picture(element: Any) -> Image:
    alt = next((value for key, value in _meta(element) if key == "_wp_attachment_image_alt"), "")
    return Image(src=_wp(element, "attachment_url"), alt=alt, credit=plain(_excerpt(element)))


def _excerpt(element: Any) -> str:
    return next((one.text or "" for one in element.iter("{*}encoded") if "/excerpt/" in one.tag), "")


def _moment(element: Any, key: str, zone: ZoneInfo) -> datetime | None:
    """A date in UTC, or in the site's own time where that one is all zeros, as in exports of old posts."""
    for name, meant in ((f"{key}_gmt", UTC), (key, zone)):
        with suppress(ValueError):
            moment = datetime.fromisoformat(_wp(element, name))
            if EARLIEST_YEAR < moment.year <= LATEST_YEAR:
                return moment.replace(tzinfo=meant)
    return None


def _wp(element: Any, name: str) -> str:
    """A text of WordPress's own, in whichever version of its namespace."""
    for child in element.iterchildren(f"{{*}}{name}"):
        if _NAMESPACE in child.tag:
            return (child.text or "").strip()
    return ""


def _text(element: Any, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _named(counted: Mapping[str, int]) -> str:
    most = sorted((-number, name) for name, number in counted.items() if number)
    more = f" and {len(most) - _MOST_NAMED} other kinds" if len(most) > _MOST_NAMED else ""
    return ", ".join(f"{name} ({-number:,})" for number, name in most[:_MOST_NAMED]) + more
