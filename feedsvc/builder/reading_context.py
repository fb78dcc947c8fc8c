"""What decides how an article reads, beside its own bytes.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import msgspec

from feedsvc.articles import parsers
from feedsvc.model.hashing import digest
from feedsvc.model.site import Site


def reading_context(site: Site, public_url: str) -> str:
    """The digest of all that it is: with another one, every article is read again."""
    topics = [(topic.slug, topic.aliases, topic.keywords) for topic in site.topics]
    portal = (site.url, site.article_url, site.media_root, site.timezone, site.language, site.title, site.tagline, site.links)
    parts = (*portal, site.tags_are_topics, site.new_topics, site.breaking_minutes, topics)
    return digest(str(parsers.VERSION), public_url, msgspec.json.encode(parts))[:8]
