"""Who may get an article: what it says of itself, and where the newsroom asks for what was paid for.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from feedsvc.model.article import ArticleKind
from feedsvc.model.record import Record, Seen
from feedsvc.model.site import Site

DIGEST, SITEMAP = "digest", "sitemap"


def goes_to(one: Record | Seen, name: str) -> bool:
    """Whether an article lets the feed or the partner of this name have it."""
    return one.syndicate is None or name in one.syndicate


def asked_for(one: Record | Seen, place: str, site: Site) -> bool:
    """Whether a digest, the news sitemap or a partner's feeds may have an article: what is sponsored, where it is asked for."""
    return one.kind is not ArticleKind.SPONSORED or place in site.sponsored


def goes_to_partner(one: Record | Seen, partner: str, site: Site) -> bool:
    """Whether a partner's feeds may have an article."""
    return goes_to(one, partner) and asked_for(one, partner, site)
