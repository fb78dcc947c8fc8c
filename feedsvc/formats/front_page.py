"""The front page. Pure: no clock, no globals."""

from __future__ import annotations

from collections.abc import Sequence

from feedsvc.formats.page_base import render_page, strip
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.site import Topic, story_slug
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls

LATEST = 10  # articles on the home page
RUNNING = 6  # stories on the home page


def home(latest: Edition, addresses: Urls, stories: Sequence[Topic] = ()) -> bytes:
    """The page `/`: the latest articles of the whole portal and running stories."""
    return render_page(
        "home.html",
        latest.site,
        addresses,
        edition=latest,
        strip=strip(latest.entries),
        running=_running(latest, stories),
        latest=LATEST,
    )


def _running(latest: Edition, stories: Sequence[Topic]) -> list[tuple[Topic, Entry]]:
    """The stories among the latest articles, each with its newest article, newest first."""
    known, running = {story.slug: story for story in stories}, dict[str, Entry]()
    for entry in latest.entries:
        if entry.article.story and (slug := story_slug(slugify(entry.article.story))) in known:
            running.setdefault(slug, entry)
    return [(known[slug], entry) for slug, entry in running.items()][:RUNNING]
