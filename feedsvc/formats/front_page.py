"""The front page. Pure: no clock, no globals."""

from __future__ import annotations

from collections.abc import Sequence

from feedsvc.formats import json_ld
from feedsvc.formats.cards import Cards
from feedsvc.formats.page_base import STRIP, pictured, render_page
from feedsvc.model.edition import Entry
from feedsvc.model.front import Front
from feedsvc.model.site import Topic, story_slug
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls

RUNNING = 6  # stories on the front page


def home(
    front: Front[Entry], stories: Sequence[Topic], addresses: Urls, month: str | None = None, cards: Cards | None = None
) -> bytes:
    """The page `/`: what leads, the topics with their newest articles, and the stories that run; breaking news above all.

    `month` names the newest archive of everything, where older articles are; `cards` renders what `front` has.
    """
    return render_page(
        "home.html",
        addresses.site,
        addresses,
        front=front,
        cards=cards or Cards(addresses),
        month=month,
        strip=[entry for entry in front.all if entry.breaking][:STRIP],
        running=_running(front, stories),
        described=json_ld.of_home(addresses.site, addresses),
        pictured=pictured(front.all),
    )


def _running(front: Front[Entry], stories: Sequence[Topic]) -> list[tuple[Topic, Entry]]:
    """The stories on the front page, each with its newest article there, the newest first."""
    known, running = {story.slug: story for story in stories}, dict[str, Entry]()
    for entry in sorted(front.all, key=lambda entry: entry.published, reverse=True):
        if entry.article.story and (slug := story_slug(slugify(entry.article.story))) in known:
            running.setdefault(slug, entry)
    return [(known[slug], entry) for slug, entry in running.items()][:RUNNING]
