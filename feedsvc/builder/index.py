"""`TopicIndex`: every topic's standing articles, newest first, kept in order while records come and go.

Pure: no I/O, no clock, no globals; `now` comes in. One change costs a few binary searches, whatever the size of the archive.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import islice, takewhile
from operator import itemgetter
from unicodedata import normalize

from cachetools import LRUCache

from feedsvc.model.feed import is_feed, published_name
from feedsvc.model.record import TOMBSTONE, Record, Seen, State
from feedsvc.model.rights import goes_to, goes_to_partner
from feedsvc.model.site import Site, Topic, story_slug
from feedsvc.model.translations import MOST, is_named, keys_of, slug_of, versions
from feedsvc.model.upcoming import Upcoming

Place = tuple[float, str]  # (minus the time of publication, id): newest first, and never two alike
MOST_LISTED = 2_000  # entries of a feed: more never fit, as summaries either
_when = itemgetter(0)


class TopicIndex:
    """The records of the ledger by id and in lists; `put` is the only way in."""

    def __init__(self, site: Site, records: Iterable[Record] = (), called: Mapping[str, str] | None = None) -> None:
        self.site = site
        self.records: dict[str, Record] = {}
        self._topics: dict[str, list[Place]] = {"all": []}
        self._names: dict[str, list[tuple[datetime, str, str]]] = {}
        self._breaking: set[str] = set()
        self._expiring: set[str] = set()
        self._corrected: set[str] = set()
        self._instants: list[tuple[datetime, str]] = []
        self._late: list[tuple[datetime, str]] = []  # those that readers first saw after their dates
        self._slugs: dict[str, str] = {}
        self._media: dict[str, set[str]] = {}
        self._leading: dict[str, set[str]] = {}
        self._translating: dict[str, set[str]] = {}
        self._gone: dict[str, set[str]] = {}
        self._taken_back: dict[str, set[str]] = {}
        self._removed: dict[str, set[str]] = {}
        self._removed_at: dict[str, str] = {}
        self._left: dict[str, set[str]] = {}
        self._words: dict[str, str] = {}
        self._called = dict(called or {})
        self._author_keys: dict[str, str] = {}
        self._authors: Counter[str] = Counter()
        self._resolved: LRUCache[tuple[object, ...], tuple[str, ...]] = LRUCache(10_000)
        self._composed = tuple((topic.slug, topic.chosen) for topic in site.topics if topic.composed and not topic.retired)
        by_key = ((feed, tuple(map(self.key_of_author, feed.chosen.authors))) for feed in site.feeds)
        self._defined = tuple((feed.slug, replace(feed.chosen, authors=authors)) for feed, authors in by_key)
        for record in records:
            self._add(record, ordered=False)
        for places in self._topics.values():
            places.sort()
        for names in self._names.values():
            names.sort()
        self._instants.sort()
        self._late.sort()

    def put(self, record: Record) -> None:
        """Takes in a record, in the place of the one that had its id."""
        before = self.records.get(record.id)
        if before:
            self._drop(before)
        self._add(record, ordered=True)

    def topics_of(self, record: Record | Seen) -> tuple[str, ...]:
        """The slugs of all that a record is listed in: `all`, its own topics, aliases resolved, those made of others, defined
        feeds, its story."""
        # Where nothing is chosen by other traits, each author would be resolved anew.
        traits = record.traits if self._composed or self._defined else record.topics
        slugs = self._resolved.get(traits)
        if slugs is None:
            slugs = self._resolved[traits] = self._listings(record)
        return (*slugs, story_slug(record.story[0])) if record.story else slugs

    def _listings(self, record: Record | Seen) -> tuple[str, ...]:
        """The slugs of all that selects a record by its traits: topics made of its own, then feeds made of all of these."""
        slugs: tuple[str, ...] = ("all", *self.site.resolve(slug for slug, _ in record.topics))
        language = record.language or self.site.language
        authors = tuple(map(self.key_of_author, record.authors))
        for selecting in (self._composed, self._defined):
            taken = (slug for slug, chosen in selecting if chosen.takes(slugs, authors, record.kind, language))
            allowed = (slug for slug in taken if not is_feed(slug) or goes_to(record, published_name(slug)))
            slugs = tuple(dict.fromkeys((*slugs, *allowed)))
        return slugs

    def key_of_author(self, name: str) -> str:
        """What tells authors apart, whichever of an author's names it is."""
        key = self._author_keys.get(name)
        if key is None:
            key = self._author_keys[name] = self.site.key_of_author(name)
        return key

    def authors(self) -> list[str]:
        """What tells apart all authors who have an article that is not removed."""
        return [key for key, number in self._authors.items() if number]

    def named_topics(self, record: Record, now: datetime) -> tuple[Topic, ...]:
        """The topics that an article names itself, in its own order, without retired ones."""
        return tuple(self.topic(slug, now) for slug in self.site.resolve(slug for slug, _ in record.topics))

    def topic(self, slug: str, now: datetime) -> Topic:
        """The topic of a slug; one that `site.toml` does not name is called what its first article calls it."""
        if slug == "all":
            return self.site.everything
        return self.site.topic(slug) or Topic(slug=slug, name=self._name(slug, now))

    def known(self, now: datetime, before: Iterable[str] = ()) -> tuple[str, ...]:
        """The slugs of the topics that have documents: `all`, those in `site.toml`, those with a live article or known `before`;
        defined feeds are none.

        A topic that only an embargoed article names is none yet: its name alone might tell the story.
        """
        configured = {topic.slug for topic in self.site.topics}
        before = set(before)
        topics = (slug for slug in self._topics.keys() | before if not is_feed(slug))
        own = (slug for slug in topics if slug in before or self.has_live(slug, now))
        return ("all", *sorted(set(self.site.resolve((*configured, *own))) - {"all"}))

    def has_live(self, slug: str, now: datetime) -> bool:
        """Whether a topic has a live article."""
        return next(self.all_live(slug, now), None) is not None

    def is_usual(self, slug: str, articles: int) -> bool:
        """Whether at least so many articles that stand have a topic."""
        return len(self._topics.get(slug, ())) >= articles

    def usual(self, articles: int) -> list[str]:
        """The slugs of the topics that at least so many articles have that stand."""
        return [slug for slug, places in self._topics.items() if len(places) >= articles and "/" not in slug and slug != "all"]

    def _name(self, slug: str, now: datetime) -> str:
        for since, id, name in self._names.get(slug, ()):
            if since > now:
                break
            if self.records[id].shown or self.records[id].live(now):
                return name
        return self._called.get(slug) or slug.removeprefix("story/").replace("-", " ").capitalize()

    def call(self, slug: str, name: str) -> None:
        """Remembers what a topic is called, for when no live article says so any more."""
        self._called[slug] = name

    def newest(
        self,
        slug: str,
        now: datetime,
        most: int,
        wanted: Callable[[Record], bool] = lambda record: True,
        since: datetime | None = None,
    ) -> list[Record]:
        """A topic's newest live records that are wanted: so many, and all besides that readers first saw after a moment.

        Of an archive that is filed at once, there are not more than `MOST_LISTED`.
        """
        live = filter(wanted, self.all_live(slug, now))
        newest = list(islice(live, most))
        if since is None:
            return newest
        listed = {record.id: record for record in (*newest, *takewhile(lambda record: record.published > since, live))}
        late = (self.records[id] for _, id in self._late[bisect_right(self._late, since, key=_when) :])
        here = (one for one in late if one.live(now) and slug in self.topics_of(one) and wanted(one))
        listed |= {record.id: record for record in here}
        return sorted(listed.values(), key=place)[: max(most, MOST_LISTED)]

    def all_live(self, slug: str, now: datetime) -> Iterator[Record]:
        """A topic's live records, newest first."""
        places = self._topics.get(slug, [])
        for index in range(bisect_left(places, (-now.timestamp(), "")), len(places)):
            record = self.records[places[index][1]]
            if record.live(now):
                yield record

    def between(self, slug: str, begin: datetime, end: datetime, now: datetime) -> list[Record]:
        """A topic's live records published from one moment on and before another, the oldest first."""
        places = self._topics.get(slug, [])
        first, last = (bisect_right(places, -moment.timestamp(), key=_when) for moment in (end, begin))
        found = (self.records[id] for _, id in reversed(places[first:last]))
        return [record for record in found if record.live(now)]

    def breaking(self, slug: str, now: datetime) -> list[Record]:
        """A topic's live records that are breaking news, newest first."""
        found = (self.records[id] for id in self._breaking)
        chosen = [record for record in found if record.live(now) and record.breaking_at(now) and slug in self.topics_of(record)]
        return sorted(chosen, key=place)

    def gone(self, slug: str, now: datetime) -> list[Record]:
        """The records that readers have seen in a topic and that were retracted or removed not long ago, the latest first."""
        found = (self.records[id] for id in self._gone.get(slug, ()))
        return sorted((one for one in found if now < one.since + TOMBSTONE), key=lambda one: (-one.since.timestamp(), one.id))

    def receivers(self, record: Record | Seen) -> tuple[str, ...]:
        """Who gets an article besides its readers: the slugs of defined feeds, and the partners."""
        feeds = (slug for slug in self.topics_of(record) if is_feed(slug))
        return (*feeds, *(partner for partner in self.site.partners if goes_to_partner(record, partner, self.site)))

    def taking_back(self, record: Record, seen: Seen, moment: datetime) -> Record:
        """A live record that is taken back from who had it as it was `seen` last, and may not have it now."""
        has, before = self.receivers(record), dict(record.taken_back)
        lost = dict.fromkeys(self.receivers(seen), moment) | before
        return replace(record, taken_back=tuple((name, since) for name, since in lost.items() if name not in has))

    def taken_back(self, receiver: str, now: datetime) -> list[tuple[Record, datetime]]:
        """The records that a feed or a partner had and may not have any more, since not long ago, each with since when."""
        found = (self.records[id] for id in self._taken_back.get(receiver, ()))
        known = ((record, since) for record in found for name, since in record.taken_back if name == receiver)
        lately = ((record, since) for record, since in known if now < since + TOMBSTONE)
        # One that is under embargo again leaves no trace.
        return [(one, since) for one, since in lately if one.state is not State.STANDING or one.published <= now]

    def expired(self, slug: str, now: datetime) -> list[Record]:
        """The records of a topic that readers saw until they expired, not long ago, the latest first."""
        found = ((record.over, record) for id in self._expiring if (record := self.records[id]).over)
        late = ((when, one) for when, one in found if one.shown and when <= now < when + TOMBSTONE)
        over = [(-when.timestamp(), one.id) for when, one in late if _stays(one) and slug in self.topics_of(one.last_seen)]
        return [self.records[id] for _, id in sorted(over)]

    def corrected(self, now: datetime, most: int) -> list[Record]:
        """The live records with a correction and those retracted that readers have seen, the latest put right first."""
        found = (self.records[id] for id in self._corrected)
        public = (one for one in found if one.live(now) or (one.state is State.RETRACTED and one.shown))
        return nsmallest(most, public, key=lambda one: (-_put_right(one).timestamp(), one.id))

    def story(self, record: Record, now: datetime) -> list[Record]:
        """The live records of a record's story, newest first."""
        return list(self.all_live(story_slug(record.story[0]), now)) if record.story else []

    def story_members(self, record: Record) -> list[Record]:
        """The other standing records of a record's story, live or not."""
        places = self._topics.get(story_slug(record.story[0]), []) if record.story else []
        return [self.records[id] for _, id in places if id != record.id]

    def versions(self, record: Record) -> list[Record]:
        """An article and its versions in other languages, live or not."""
        return versions(record, self._near, 2 * MOST) if self._translating else [record]

    def named_as_original(self, record: Record) -> Record | None:
        """The article that one names as what it translates."""
        if not (key := record.translation_of):
            return None
        named = self.records.get(key), self.by_slug(slug_of(key))
        return next((one for one in named if one and one.state is not State.REMOVED and is_named(one, key)), None)

    def translating(self, key: str) -> Collection[str]:
        """The ids of the articles that share a name for what they translate."""
        return self._translating.get(key, ())

    def _near(self, record: Record, most: int) -> list[Record]:
        ids = [id for key in (*keys_of(record), record.translation_of or "") for id in self.translating(key)]
        original = self.named_as_original(record)
        return [self.records[id] for id in ids[: most + 1]] + ([original] if original else [])

    def by_slug(self, slug: str) -> Record | None:
        """The record that holds an article's slug at present; a removed one holds none."""
        id = self._slugs.get(slug)
        return self.records[id] if id else None

    def with_words(self, words: str) -> Record | None:
        """An article with these words that was not removed; of several one."""
        id = self._words.get(words)
        return self.records[id] if id else None

    def owners(self, words: str, id: str | None) -> list[Record]:
        """The articles with these words, and with this id, that were not removed."""
        known = self.with_words(words), self.records.get(id or "")
        return [record for record in known if record and record.state is not State.REMOVED]

    def left_at(self, slug: str) -> bool:
        """Whether a removed article that readers have seen had this slug last."""
        return any(self.records[id].shown for id in self._left.get(slug, ()))

    def removed(self, words: str) -> list[Record]:
        """The removed articles with these words."""
        return [self.records[id] for id in self._removed.get(words, ())]

    def removed_at(self, path: str) -> Record | None:
        """The removed article whose file was the last at a path."""
        id = self._removed_at.get(path)
        return self.records[id] if id else None

    def paths(self) -> list[str]:
        """The files of all articles that are there."""
        return [record.path for record in self.records.values() if record.state is not State.REMOVED]

    def pictures(self) -> list[str]:
        """The files of the articles folder that articles show."""
        return [file for file, users in self._media.items() if users]

    def is_used(self, file: str) -> bool:
        """Whether an article that is not removed shows or plays a file, or would once it is public."""
        return bool(self._media.get(file))

    def users_of(self, media: str) -> list[Record]:
        """The records that show this file of the articles folder."""
        return [self.records[id] for id in self._media.get(media, ())]

    def leading_to(self, path: str) -> list[Record]:
        """The records whose text leads to the article at a path."""
        return [self.records[id] for id in self._leading.get(normalize("NFC", path), ())]

    def next_older(self, now: datetime, age: timedelta) -> datetime | None:
        """The moment at which the oldest of the articles that are younger is of this age."""
        places = self._topics["all"]
        younger = bisect_left(places, (age.total_seconds() - now.timestamp(), ""))
        return self.records[places[younger - 1][1]].published + age if younger else None

    def next_instant(self, now: datetime) -> datetime | None:
        """The next moment after `now` at which time alone changes an edition."""
        index = bisect_right(self._instants, now, key=_when)
        return self._instants[index][0] if index < len(self._instants) else None

    def upcoming(self, now: datetime, most: int) -> tuple[Upcoming, ...]:
        """What happens next by time alone, at most so much, the soonest first."""
        begin = bisect_right(self._instants, now, key=_when)
        later = dict.fromkeys(islice(self._instants, begin, None))
        coming = (Upcoming(when, what, one.title, one.path) for when, id in later for one, what in _events(self.records[id], when))
        return tuple(islice(coming, most))

    def due(self, after: datetime, until: datetime) -> list[Record]:
        """The records with an instant later than `after` and not later than `until`."""
        begin, end = (bisect_right(self._instants, moment, key=_when) for moment in (after, until))
        return [self.records[id] for id in dict.fromkeys(id for _, id in self._instants[begin:end])]

    def _add(self, record: Record, ordered: bool) -> None:
        self.records[record.id] = record
        insert = insort if ordered else list.append
        for instant in record.instants():
            insert(self._instants, (instant, record.id))
        for receiver, _ in record.taken_back:
            self._taken_back.setdefault(receiver, set()).add(record.id)
        if record.shown and record.state is not State.STANDING and _stays(record):
            for slug in self.topics_of(record.last_seen):
                self._gone.setdefault(slug, set()).add(record.id)
        if record.state is State.REMOVED:
            self._removed.setdefault(record.words, set()).add(record.id)
            if record.path:
                self._removed_at[record.path] = record.id
            self._left.setdefault(record.last_seen.slug, set()).add(record.id)
            return
        for author in record.authors:
            self._authors[self.key_of_author(author)] += 1
        if record.corrected or record.state is State.RETRACTED:
            self._corrected.add(record.id)
        self._slugs[record.slug] = record.id
        self._words[record.words] = record.id
        for file in record.files:
            self._media.setdefault(file, set()).add(record.id)
        for file in record.leads_to:
            self._leading.setdefault(normalize("NFC", file), set()).add(record.id)
        if record.translation_of:
            self._translating.setdefault(record.translation_of, set()).add(record.id)
        if record.state is not State.STANDING:
            return
        where = place(record)
        for slug in self.topics_of(record):
            insert(self._topics.setdefault(slug, []), where)
        for slug, name in _names(record):
            insert(self._names.setdefault(slug, []), name)
        if record.appeared:
            insert(self._late, (record.appeared, record.id))
        if record.breaking:
            self._breaking.add(record.id)
        if record.expires:
            self._expiring.add(record.id)

    def _drop(self, record: Record) -> None:
        for instant in record.instants():
            del self._instants[bisect_left(self._instants, (instant, record.id))]
        for receiver, _ in record.taken_back:
            self._taken_back[receiver].discard(record.id)
        if record.shown and record.state is not State.STANDING and _stays(record):
            for slug in self.topics_of(record.last_seen):
                self._gone[slug].discard(record.id)
        if record.state is State.REMOVED:
            self._removed[record.words].discard(record.id)
            if self._removed_at.get(record.path) == record.id:
                del self._removed_at[record.path]
            self._left[record.last_seen.slug].discard(record.id)
            return
        for author in record.authors:
            self._authors[self.key_of_author(author)] -= 1
        self._corrected.discard(record.id)
        if self._slugs.get(record.slug) == record.id:
            del self._slugs[record.slug]
        if self._words.get(record.words) == record.id:
            del self._words[record.words]
        for file in record.files:
            self._media[file].discard(record.id)
        for file in record.leads_to:
            self._leading[normalize("NFC", file)].discard(record.id)
        if record.translation_of:
            self._translating[record.translation_of].discard(record.id)
        if record.state is not State.STANDING:
            return
        for slug in self.topics_of(record):
            places = self._topics[slug]
            del places[bisect_left(places, place(record))]
        for slug, name in _names(record):
            names = self._names[slug]
            del names[bisect_left(names, name)]
        if record.appeared:
            del self._late[bisect_left(self._late, (record.appeared, record.id))]
        self._breaking.discard(record.id)
        self._expiring.discard(record.id)


def place(record: Record) -> Place:
    """Where a record is in a list."""
    return (-record.published.timestamp(), record.id)


def _put_right(record: Record) -> datetime:
    """When a record was corrected last, or retracted."""
    return record.corrected if record.corrected and record.state is State.STANDING else record.since


def _stays(record: Record) -> bool:
    """Whether readers saw it under the id that it has: what is withdrawn under a new one is gone under the old."""
    return record.last_seen.id == record.id


def _events(record: Record, when: datetime) -> Iterator[tuple[Record, str]]:
    """What happens to a standing article at one of its instants."""
    if record.state is State.STANDING:
        events = ((record.published, "embargo ends"), (record.expires, "expires"), (record.breaking_until, "stops breaking"))
        yield from ((record, what) for instant, what in events if instant == when)


def _names(record: Record) -> Iterator[tuple[str, tuple[datetime, str, str]]]:
    """What an article calls its topics and its story, where it writes a name: since when, its id, and the name."""
    seen = record.seen or record
    yield from ((slug, (seen.published, record.id, name)) for slug, name in seen.topics if name)
    if seen.story:
        yield story_slug(seen.story[0]), (seen.published, record.id, seen.story[1])
