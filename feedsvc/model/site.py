"""`Topic` and `Site`: the newsroom's own settings, from `site.toml`.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from feedsvc.model.author import Author, is_author
from feedsvc.model.feed import Feed, feed_slug, is_feed
from feedsvc.model.podcast import Podcast
from feedsvc.model.selection import Selection, speaks
from feedsvc.model.slugs import slugify
from feedsvc.model.target import HUB, Purge, Webhook

SITE_FILE = "site.toml"
RESERVED = frozenset({"all", "digest", "story"})
PARTNERS = ("msn", "smartnews", "flipboard")
# Those that take no feeds any more, and why; a setting may still name one.
ENDED_PARTNERS: Mapping[str, str] = MappingProxyType(
    {"google": "Google News has taken no feeds since March 2025; it reads the sitemaps, which stay"}
)


def story_slug(slug: str) -> str:
    """The slug under which a story is published: it has the documents of a topic, and no topic can have this slug."""
    return f"story/{slug}"


def digest_slug(slug: str) -> str:
    """The slug under which a topic's daily digest is published; no topic can have it either."""
    return "digest" if slug == "all" else f"digest/{slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A group of articles; `any`, `all` and `none` combine other topics, `keywords` select articles that name no topic.

    `podcast` makes its RSS one.
    """

    slug: str
    name: str
    description: str = ""
    aliases: tuple[str, ...] = ()
    retired: bool = False
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    podcast: Podcast | None = None

    @property
    def is_story(self) -> bool:
        """Whether it is a story, which has a topic's documents but is in no list of topics."""
        return self.slug.startswith(story_slug(""))

    @property
    def is_digest(self) -> bool:
        """Whether it is a topic's daily digest."""
        return self.slug == digest_slug("all") or self.slug.startswith(digest_slug(""))

    @property
    def is_feed(self) -> bool:
        """Whether it is a feed that `site.toml` defines, which has no page, no archives and no digest."""
        return is_feed(self.slug)

    @property
    def is_author(self) -> bool:
        """Whether it is what an author has written, which has a page and feeds, no headlines, no archives and no digest."""
        return is_author(self.slug)

    @property
    def is_category(self) -> bool:
        """Whether it says what its articles are about: not everything, a digest, a defined feed, or what an author has written."""
        return not (self.slug == "all" or self.is_digest or self.is_feed or self.is_author)

    @property
    def composed(self) -> bool:
        """Whether it combines other topics."""
        return bool(self.any or self.all or self.none)

    @property
    def chosen(self) -> Selection:
        """Which articles it takes, if it combines other topics."""
        return Selection(any=self.any, all=self.all, none=self.none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The portal, as every document presents it; `article_url` is a pattern, `links` are (name, URL) pairs in order.

    `media_root` is where a picture lies whose address starts with a slash: a folder in the articles folder, or an address. Unless
    `new_topics`, an article makes no topic that is not in `topics`. `redirects` are pairs of a path at which something was once,
    and the path or URL at which it is now. `feeds` are those that it defines, `authors` those of whom it says more than a name.

    `breaking_minutes` is how long an article is breaking news that doesn't say itself when that ends.

    `partners` are the aggregators that get feeds by their own rules; `sponsored` are the places that have sponsored articles too:
    partners, the `digest` and the `sitemap`; `digest_hour` is the hour of the portal's day at which
    the daily digest is made; `hub` is the WebSub hub that is notified of every change. `tags_are_topics` gives every tag
    feeds of its own. `webhooks` and `purges` are the machines that hear of publications; no document depends on them.
    """

    title: str = "News"
    tagline: str = ""
    description: str = ""
    language: str = "en"
    timezone: str = "UTC"
    url: str | None = None
    article_url: str | None = None
    media_root: str | None = None
    copyright: str = ""
    license: str | None = None
    contact: str = ""
    logo: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    entries_per_feed: int = 30
    feed_hours: int = 24
    breaking_minutes: int = 120
    partners: tuple[str, ...] = ()
    sponsored: tuple[str, ...] = ()
    digest_hour: int = 6
    hub: str | None = None
    tags_are_topics: bool = False
    new_topics: bool = True
    redirects: tuple[tuple[str, str], ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    purges: tuple[Purge, ...] = ()
    topics: tuple[Topic, ...] = ()
    feeds: tuple[Feed, ...] = ()
    authors: tuple[Author, ...] = ()
    # Derived once: a look-up by slug or alias is made for every article.
    _by_slug: dict[str, Topic] = field(default_factory=dict, init=False, repr=False, compare=False)
    _authors: dict[str, Author] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_slug.update({alias: topic for topic in self.topics for alias in topic.aliases})
        self._by_slug.update({topic.slug: topic for topic in self.topics})
        named = (Topic(slug=feed.slug, name=feed.title, description=feed.description) for feed in self.feeds)
        self._by_slug.update({topic.slug: topic for topic in named})
        self._authors.update({alias: author for author in self.authors for alias in author.aliases})
        self._authors.update({author.slug: author for author in self.authors})

    @property
    def is_addressed_by_slug(self) -> bool:
        """Whether nothing but an article's slug decides where it is read."""
        return self.article_url is None or "{" not in self.article_url.replace("{slug}", "")

    @property
    def breaking_for(self) -> timedelta:
        """How long an article is breaking news that doesn't say itself when that ends."""
        return timedelta(minutes=self.breaking_minutes)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of dates without an offset."""
        return ZoneInfo(self.timezone)

    @property
    def everything(self) -> Topic:
        """The topic `all`, which has the portal's name."""
        return Topic(slug="all", name=self.title, description=self.description)

    def title_of(self, topic: Topic) -> str:
        """The title of a topic's documents: the portal alone, or the topic and the portal."""
        if topic.slug == "all":
            return self.title
        return topic.name if topic.is_feed else f"{topic.name} – {self.title}"

    def feeds_of(self, topic: Topic) -> tuple[Feed, ...]:
        """The feeds of a topic: its own, and one for each partner; of a defined feed itself."""
        if topic.is_feed:
            return tuple(feed for feed in self.feeds if feed.slug == topic.slug)
        own = Feed(slug=topic.slug, entries=self.entries_per_feed, hours=self.feed_hours)
        return (own, *(replace(own, partner=name) for name in (self.partners if not topic.is_story else ())))

    def feeds_in(self, language: str) -> tuple[Feed, ...]:
        """The feeds for readers of a language: those that are chosen by nothing else, and for everybody."""
        chosen = (feed for feed in self.feeds if feed.chosen.by_language_alone)
        open_to_all = (feed for feed in chosen if not (feed.protected or feed.partner or feed.link_query))
        return tuple(feed for feed in open_to_all if speaks(language, feed.chosen.language or ""))

    @property
    def targets(self) -> dict[str, str]:
        """The machines that hear of publications: by name, the text that is another where a target is another."""
        hub = {HUB: self.hub} if self.hub else {}
        purges = {one.target: " ".join((one.kind, one.url, one.service, one.zone)) for one in self.purges}
        return hub | {one.target: one.url for one in self.webhooks} | purges

    def topic(self, slug: str) -> Topic | None:
        """The configured topic of this slug or alias, or the defined feed of this slug, if there is one."""
        return self._by_slug.get(slug)

    def author(self, slug: str) -> Author | None:
        """The author of this slug or alias, if the site says more of them than their name."""
        return self._authors.get(slug)

    def slug_of_author(self, name: str) -> str:
        """The slug of an author by the name in an article, whichever of theirs it is; "" where no slug can be made of it."""
        slug = slugify(name)
        author = self._authors.get(slug)
        return author.slug if author else slug

    def key_of_author(self, name: str) -> str:
        """What tells authors apart, whichever of an author's names it is."""
        return self.slug_of_author(name) or name.casefold()

    def has_feed(self, name: str) -> bool:
        """Whether a feed of this name is defined."""
        return feed_slug(name) in self._by_slug

    def resolve(self, slugs: Iterable[str]) -> tuple[str, ...]:
        """The slugs under which some topics are published: aliases resolved, each once, without retired ones and those at whose
        addresses a defined feed is."""
        topics = ((slug, self.topic(slug)) for slug in slugs if not self.has_feed(slug))
        return tuple(dict.fromkeys(topic.slug if topic else slug for slug, topic in topics if not (topic and topic.retired)))
