"""RSS by a partner's own rules, as a table of profiles over the one RSS renderer.

Readers show an article again when its `pubDate` changes; some partners require exactly that. So partners get feeds of their own,
each with a way to withdraw an article, because a partner may keep what is no longer in the feed.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import unescape
from types import MappingProxyType

from feedgen.entry import FeedEntry

from feedsvc.formats import content, rss
from feedsvc.formats.dates import rfc3339
from feedsvc.formats.extensions import MEDIA, Element, RssElements, cut, splice
from feedsvc.formats.feed_style import styled
from feedsvc.formats.table import FEEDS, FORMATS, Format
from feedsvc.model.article import MAX_TEXT, Article
from feedsvc.model.edition import Edition, Entry, Tombstone
from feedsvc.model.feed import Feed
from feedsvc.model.urls import Urls, partner_path

DCTERMS = "{http://purl.org/dc/terms/}"
MSN = "{http://schemas.ingestion.microsoft.com/common/}"
SMARTNEWS = "{http://www.smartnews.be/snf}"

# The only text of a withdrawn article: its own must not be repeated.
TAKEN_BACK = "This article is no longer available."


def _nothing(_: object) -> Iterator[Element]:
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The rules of one partner, from its own documentation at `source`, as it was on the day `read`.

    For an article: `title` is the minimum and maximum of characters, `oldest` the maximum age, `image_size` the minimum of pixels
    in width and height, `longer_side` that in the larger of them, `image_types` the types that it can show (empty: any),
    `counts_body` whether pictures in the text count, `https` whether it takes no other addresses.
    For a feed: `least` is the minimum of entries, `one_language` whether all must be in the site's language, `description` the
    maximum of characters of its own, `needs_logo` whether the site must have one, `follows_changes` whether pubDate is the last
    change, `plain_summary` whether an entry's description is plain text; `head`, `live` and `gone` are its elements in the channel,
    in an entry, and in a withdrawn one.
    Without `gone`, an article is withdrawn by leaving it out.
    """

    name: str
    source: str
    read: str
    title: tuple[int, int] = (1, MAX_TEXT)
    oldest: timedelta | None = None
    needs_image: bool = False
    counts_body: bool = False
    image_size: tuple[int, int] = (0, 0)
    longer_side: int = 0
    image_types: tuple[str, ...] = ()
    https: bool = False
    least: int = 0
    one_language: bool = False
    description: int | None = None
    needs_logo: bool = False
    follows_changes: bool = False
    plain_summary: bool = False
    namespaces: Mapping[str, str] = field(default_factory=dict)
    head: Callable[[Edition], Iterator[Element]] = _nothing
    live: Callable[[Entry], Iterator[Element]] = _nothing
    gone: Callable[[Entry], Iterator[Element]] | None = None

    def date(self, entry: Entry) -> datetime:
        """An entry's pubDate."""
        return entry.updated if self.follows_changes else entry.published

    def too_old(self, entry: Entry, at: datetime) -> bool:
        """Whether an entry is older at a moment than the partner accepts."""
        return self.oldest is not None and self.date(entry) <= at - self.oldest

    def takes(self, entry: Entry, at: datetime) -> bool:
        """Whether the partner's feed may have an entry at a moment."""
        return not self.too_old(entry, at)


def _msn(entry: Entry) -> Iterator[Element]:
    """The time of the last change, without which MSN does not look again, and the end; an end in the past withdraws the article.

    Source: “MSN content expiration and takedown rules” (https://support.microsoft.com/topic/c06e8a18-8365-43dc-a5b3-364f1a470edf).
    """
    yield Element(f"{DCTERMS}modified", rfc3339(entry.updated))
    if end := entry.article.expires:
        # A DCMI Period without a start, because MSN would take a start for the date of publication.
        yield Element(f"{DCTERMS}valid", f"end={rfc3339(end)}; scheme=W3C-DTF")
        yield Element(f"{MSN}expirationDate", rfc3339(end))


def _smartnews_head(edition: Edition) -> Iterator[Element]:
    """What SmartFormat 2.1 requires of a channel beyond RSS."""
    yield Element("pubDate", format_datetime(edition.updated))
    if logo := edition.site.logo:
        yield Element(f"{SMARTNEWS}logo", children=(Element("url", logo),))


def _smartnews_live(entry: Entry) -> Iterator[Element]:
    yield Element(f"{MEDIA}status", attributes={"state": "active"})
    if image := entry.article.image:
        yield Element(f"{MEDIA}thumbnail", attributes={"url": image.src})


def _smartnews_gone(_: Entry) -> Iterator[Element]:
    """Withdraws an article; its date changes too (https://publishers.smartnews.com/hc/en-us/articles/360021354914)."""
    yield Element(f"{MEDIA}status", attributes={"state": "deleted"})


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "msn": Profile(
            name="MSN",
            source="https://support.microsoft.com/topic/0114c19c-36bb-4fef-8322-4a1ed6888329",
            read="2026-11-29",
            title=(21, 150),
            oldest=timedelta(days=365),
            needs_image=True,
            longer_side=720,
            https=True,
            one_language=True,
            image_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
            plain_summary=True,
            namespaces={"dcterms": DCTERMS[1:-1], "mi": MSN[1:-1]},
            live=_msn,
            gone=_msn,
        ),
        "smartnews": Profile(
            name="SmartNews",
            source="https://publishers.smartnews.com/hc/en-us/articles/360036526213",
            read="2026-11-29",
            description=30,
            needs_logo=True,
            follows_changes=True,
            namespaces={"snf": SMARTNEWS[1:-1]},
            head=_smartnews_head,
            live=_smartnews_live,
            gone=_smartnews_gone,
        ),
        "flipboard": Profile(
            name="Flipboard",
            source="https://about.flipboard.com/rss-spec/",
            read="2026-11-29",
            needs_image=True,
            counts_body=True,
            image_size=(400, 400),
            least=30,
            plain_summary=True,
        ),
    }
)


class _PartnerElements(RssElements):
    """A partner's own elements in the channel."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        super().__init__()
        self._namespaces = namespaces

    def extend_ns(self) -> dict[str, str]:
        """The namespaces for feedgen to declare on the root, beside those of every RSS document."""
        return dict(self._namespaces)


def forms_of(feed: Feed) -> tuple[Format, ...]:
    """The formats of a feed: of a topic a partner has its RSS alone, of a defined feed its RSS in the place of the usual one."""
    if feed.partner is None:
        return FORMATS
    if feed.is_defined:
        return (form(feed.partner, FEEDS[0].path), *(_taking(other, PROFILES[feed.partner]) for other in FORMATS[1:]))
    return (form(feed.partner),)


def _taking(form: Format, profile: Profile) -> Format:
    return replace(form, takes=profile.takes, one_language=profile.one_language)


def form(name: str, path: Callable[[str], str] | None = None) -> Format:
    """A partner's row in the table of formats, at a path that is its own where no other is given."""
    profile, path = PROFILES[name], path or partial(partner_path, name)
    return Format(
        name,
        path,
        FEEDS[0].content_type,
        partial(_live, profile),
        partial(_whole, profile, path),
        least=profile.least,
        one_language=profile.one_language,
        takes=profile.takes,
    )


def _live(profile: Profile, entry: Entry, addresses: Urls) -> bytes:
    return _entry(profile, entry, profile.live(entry), addresses)


def _whole(
    profile: Profile, path: Callable[[str], str], edition: Edition, entries: Sequence[bytes], addresses: Urls
) -> bytes:
    slug = edition.topic.slug
    # Partners read no archives, and the topic's own archives follow other rules.
    feed = rss.fill_feed(replace(edition, topic=replace(edition.topic, podcast=None), before=None), addresses)
    feed.link(href=addresses.url(path(slug)), rel="self", type="application/rss+xml", replace=True)
    feed.link(href=addresses.topic(slug), rel="alternate")
    feed.register_extension("partner", partial(_PartnerElements, profile.namespaces), None, atom=False)
    feed.partner.add(*profile.head(edition))
    if profile.description:
        feed.description(short_description(edition, profile.description))
    everything = (*entries, *_taken_back(profile, edition, addresses))
    return styled(splice(rss.hexadecimal(feed.rss_str()), everything, b"</channel>"), addresses)


def short_description(edition: Edition, most: int) -> str:
    """What is in an edition, in so many characters: the first that fits, else the beginning of the portal's title."""
    texts = (edition.description, edition.site.tagline, edition.title, edition.site.title)
    return next((text for text in texts if text and len(text) <= most), edition.site.title[:most].strip())


def _taken_back(profile: Profile, edition: Edition, addresses: Urls) -> Iterator[bytes]:
    if profile.gone:
        for entry in map(_without_content, (*edition.gone, *edition.expired)):
            yield _entry(profile, entry, profile.gone(entry), addresses)


def _without_content(gone: Tombstone) -> Entry:
    """A withdrawn article as an entry that says only this, and since when."""
    article = Article(title=gone.title, slug="", body=f"<p>{TAKEN_BACK}</p>", expires=gone.since)
    return Entry(id=gone.id, url=gone.url, published=gone.published, updated=gone.since, article=article)


def _reads_the_same(text: str) -> bool:
    """Whether a plain text means the same if it is read as HTML; any other stays escaped, because it might be markup."""
    return "<" not in text and unescape(text) == text


def _entry(profile: Profile, entry: Entry, elements: Iterator[Element], addresses: Urls) -> bytes:
    filled: FeedEntry = rss.fill_entry(entry, addresses)
    filled.published(profile.date(entry))
    if profile.plain_summary and _reads_the_same(summary := content.summary(entry)):
        filled.description(summary)
    filled.extra.add(*elements)
    return rss.hexadecimal(cut(filled.rss_entry(), {**rss.NAMESPACES, **profile.namespaces}))
