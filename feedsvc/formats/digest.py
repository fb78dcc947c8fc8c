"""A day's digest as an entry whose content is an e-mail: a newsletter service sends what it finds in the feed.

Pure: no I/O, no clock, no globals. The content has only headings, paragraphs and links, without styles, classes or pictures:
every mail program shows these, and a newsletter service can style them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from feedsvc.formats import dates
from feedsvc.formats.atom import permanent
from feedsvc.model.article import Article, Claim
from feedsvc.model.daily_digest import DailyDigest, DigestLine
from feedsvc.model.edition import Entry
from feedsvc.model.site import Topic
from feedsvc.model.urls import Urls

SUBJECTS = 3  # headlines in a day's summary


def entry(topic: Topic, digest: DailyDigest, addresses: Urls) -> Entry | None:
    """The entry of a topic's day without the articles that are withheld; None if nothing is left."""
    gone = {id for id, _ in digest.withheld}
    lines = [line for line in digest.lines if line.id not in gone]
    if not lines:
        return None
    site = addresses.site
    day = date.fromisoformat(digest.day)
    whose = site.title_of(topic)
    page = addresses.topic(topic.slug)
    rest = sum(id not in gone for id in digest.rest)
    return Entry(
        id=permanent(site, f"{topic.slug}#{digest.day}"),
        url=f"{page}#{digest.day}",
        published=digest.made,
        updated=digest.updated,
        article=Article(
            title=f"{whose}: {dates.date(day)}",
            slug=digest.day,
            body=_body(lines, rest, whose, page, addresses),
            standfirst=_summary(lines, rest),
        ),
    )


def _body(lines: Sequence[DigestLine], rest: int, whose: str, page: str, addresses: Urls) -> str:
    more = f"{rest} more from {whose}" if rest else f"All from {whose}"
    link = f'<p><a href="{escape(page)}">{escape(more, quote=False)}</a></p>'
    return "".join(_section(line, addresses) for line in lines) + link


def _section(line: DigestLine, addresses: Urls) -> str:
    reported = "<strong>Reported:</strong> " if line.claim is Claim.REPORTED else ""
    link = f'<a href="{escape(line.url(addresses))}">{escape(line.title, quote=False)}</a>'
    standfirst = f"<p>{escape(line.standfirst, quote=False)}</p>" if line.standfirst else ""
    return f"<h2>{reported}{link}</h2>{standfirst}"


def _summary(lines: Sequence[DigestLine], rest: int) -> str:
    named = "; ".join(line.title for line in lines[:SUBJECTS])
    others = len(lines) - SUBJECTS + rest
    return f"{named}; and {others} more" if others > 0 else named
