"""What a build changes, as other machines are told of it: `announcement_of`.

No clock and no globals; what was published before is asked of `heads`. Nothing in it is secret: an article that readers have never
seen is not in it, and neither are its page and its pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from feedsvc.builder.state import BuildState
from feedsvc.builder.touched import Touched
from feedsvc.formats.render import archive_paths, author_paths
from feedsvc.model.announcement import Announcement, ArticleNews
from feedsvc.model.archive import name as archive_name
from feedsvc.model.feed import is_feed
from feedsvc.model.publication import Publication
from feedsvc.model.record import Record
from feedsvc.model.surrogate_keys import changed_keys
from feedsvc.model.target import EVENTS, Event
from feedsvc.model.urls import Urls, article_path
from feedsvc.storage.facts import BUILT
from feedsvc.storage.published import VOID, DocumentHead

Heads = Callable[[Iterable[str]], Mapping[str, DocumentHead]]


def announcement_of(
    state: BuildState, publication: Publication, touched: Touched, public_url: str, now: datetime, heads: Heads
) -> Announcement | None:
    """What a publication changes, before it is published; None if nobody sees a difference."""
    paths = _paths(state, publication, touched, heads)
    articles = {} if state.fresh else _articles(state, publication, touched, Urls(public_url, state.site), now)
    if not (paths or articles or publication.void_below):
        return None
    return Announcement(at=now, paths=paths, keys=changed_keys(paths, publication.void_below), articles=articles)


def _paths(state: BuildState, publication: Publication, touched: Touched, heads: Heads) -> tuple[str, ...]:
    """Where readers get something else from now on: not what is made anew as it was, nor what nobody was ever to know of."""
    gone, shown = publication.void | publication.hidden, publication.unhidden
    known = heads(sorted(gone | shown))
    # Of a protected feed nobody is told, and no cache keeps it.
    turned = {path for path, head in known.items() if head.published == (path in gone) and not head.headers.protected}
    made = {document.path for document in publication.documents if document.status != VOID and not document.protected}
    records = state.index.records
    ids = touched.records | touched.page_dates.keys()
    # What was made on request may be in caches, and is not always among the documents.
    parts = [part for part in publication.archives if not is_feed(part[0])]
    archives = {path for slug, month, number in parts for path in archive_paths(slug, archive_name(month, number))}
    seen = [records[id].last_seen for id in ids if id in records and records[id].shown]
    pages = {article_path(one.slug) for one in seen}
    authors = {state.site.slug_of_author(name) for one in seen for name in one.authors} - {""}
    listed = {path for slug in authors for path in author_paths(slug)}
    return tuple(sorted(made | turned | archives | pages | listed))


def _articles(
    state: BuildState, publication: Publication, touched: Touched, urls: Urls, now: datetime
) -> dict[Event, tuple[ArticleNews, ...]]:
    """The articles to which something happened, by what it was; of a new ledger none, whose articles are no news."""
    found: dict[Event, list[ArticleNews]] = {}
    last = BUILT.read(state.facts) or now
    for id in sorted(publication.records.keys() | publication.live.keys()):
        record = publication.records.get(id) or state.index.records[id]
        before = touched.before.get(id, record)
        was, is_live = id in state.live, publication.live.get(id, id in state.live)
        if is_live and not was:
            happened = [Event.PUBLISHED]
        elif was and not is_live:
            happened = [Event.WITHDRAWN]
        else:
            happened = [Event.UPDATED] if is_live and before and _differ(before, record) else []
        if is_live and record.breaking_at(now) and not (was and before and before.breaking_at(last)):
            happened.append(Event.BREAKING)
        if happened:
            news = _news(record, state, urls, seen=not is_live)
            for event in happened:
                found.setdefault(event, []).append(news)
    return {event: tuple(found[event]) for event in EVENTS if event in found}


def _differ(before: Record, now: Record) -> bool:
    return (before.stamp, before.published, before.updated, before.slug) != (now.stamp, now.published, now.updated, now.slug)


def _news(record: Record, state: BuildState, urls: Urls, *, seen: bool) -> ArticleNews:
    """What is told of an article; of one that is withdrawn only what readers saw of it."""
    shown = record.last_seen if seen else record
    topic = shown.topics[0][0] if shown.topics else ""
    url = shown.link or urls.article(shown.slug, shown.published, topic, record.path)
    topics = tuple(slug for slug in state.index.topics_of(shown)[1:] if "/" not in slug)  # no stories, and no feeds
    return ArticleNews(id=shown.id, url=url, title=shown.title, topics=topics)
