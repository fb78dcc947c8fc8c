"""`Urls`: the one place where an absolute URL of this service is made, from the configured public URL alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from feedsvc.model.site import Site, digest_slug, story_slug

HELP_PATH = "/help"


@dataclass(frozen=True, slots=True)
class Urls:
    """Paths and URLs under one public URL (without a slash at its end); a path is percent-encoded UTF-8."""

    public_url: str
    site: Site

    def url(self, path: str) -> str:
        """The absolute URL of a path of this service."""
        return self.public_url + path

    def home(self) -> str:
        """The portal's own home page, or this service's if it has none."""
        return self.site.url or self.url("/")

    def topic(self, slug: str) -> str:
        """The page of a topic; of all topics, the home page of this service."""
        return self.url(topic_path(slug))

    def feed(self, slug: str, suffix: str, archive: str | None = None) -> str:
        """A topic's feed, or one of its archives (RFC 5005, 4); `suffix` is `rss`, `atom` or `json`."""
        return self.url(archive_path(slug, archive, suffix) if archive else feed_path(slug, suffix))

    def article(self, slug: str) -> str:
        """An article's address: the portal's own page if `article_url` is set, or this service's."""
        if self.site.article_url:
            return self.site.article_url.replace("{slug}", quote(slug))
        return self.url(article_path(slug))

    def media(self, file: str) -> str:
        """A picture in the articles folder; `file` is its path there."""
        return self.url(media_path(file))


def topic_path(slug: str) -> str:
    """The path of a topic's page, or of a story's; a digest has its topic's."""
    if slug == digest_slug("all"):
        return "/"
    slug = slug.removeprefix(digest_slug(""))
    if slug.startswith(story_slug("")):
        return f"/stories/{quote(slug.removeprefix(story_slug('')))}"
    return "/" if slug == "all" else f"/topics/{quote(slug)}"


def feed_path(slug: str, suffix: str) -> str:
    """The path of a topic's feed."""
    return f"/feeds/{quote(slug)}.{suffix}"


def archive_path(slug: str, archive: str, suffix: str) -> str:
    """The path of one of a topic's archives; `archive` is a month, such as `2026-05`, or a further part of one, `2026-05-2`."""
    return f"/feeds/{quote(slug)}/{archive}.{suffix}"


def partner_path(partner: str, slug: str) -> str:
    """The path of a topic's feed by a partner's rules."""
    return f"/partners/{partner}/{quote(slug)}.rss"


def headlines_path(slug: str) -> str:
    """The path of a topic's headlines."""
    return "/headlines.json" if slug == "all" else f"/headlines/{quote(slug)}.json"


def article_path(slug: str) -> str:
    """The path of an article's page."""
    return f"/articles/{quote(slug)}"


def media_path(file: str) -> str:
    """The path of a picture in the articles folder."""
    return f"/media/{quote(file)}"
