"""The topics that an article names. Those that `site.toml` doesn't name are held back where it says so, and doubted where one is
nearly called like another.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from feedsvc.builder.index import TopicIndex
from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.article import Article
from feedsvc.model.podcast import PLAYED, SERIAL
from feedsvc.model.site import PARTNERS, RESERVED, Site
from feedsvc.model.slugs import slugify

SHORTEST, LONG = 4, 6  # letters of a name that is compared at all, and of one in which two may differ
USUAL = 3  # articles that make a topic known though site.toml doesn't name it


def topics_of(article: Article, site: Site) -> tuple[tuple[str, str], ...]:
    """An article's topics as (slug, name) pairs, in its own order; the name is "" where it names none.

    Its folder is one too. An article that has none gets those of `site.toml` that have one of its words as a keyword.
    """
    tags = [tag for tag in article.tags if slugify(tag) not in RESERVED and (site.tags_are_topics or site.topic(slugify(tag)))]
    names = [*article.topics, *tags]
    named = {slugify(name): name for name in reversed(names)}
    topics = [(slug, named[slug]) for slug in dict.fromkeys(slugify(name) for name in names)]
    folder = slugify(article.folder) if article.folder else ""
    if folder and folder not in RESERVED and folder not in named:
        topics.append((folder, ""))
    if not site.new_topics:
        topics = [(slug, name) for slug, name in topics if site.topic(slug)]
    if not topics:
        words = f"{article.title} {article.standfirst} {' '.join(article.key_points)} {article.body}".casefold()
        taking = (topic for topic in site.topics if not topic.retired)
        topics = [(topic.slug, "") for topic in taking if any(word.casefold() in words for word in topic.keywords)]
    return tuple(topics)


def topic_warnings(article: Article, path: str, site: Site, usual: Mapping[str, str]) -> Iterator[Fault]:
    """What is to be said of an article's topics; `usual` are the names of those that many articles have, by slug."""
    yield from without_topic(article, path, site)
    yield from name_warnings(article, path, site, usual)


def without_topic(article: Article, path: str, site: Site) -> Iterator[Fault]:
    """A warning for an article that is in no topic, by its whole text."""
    if article.retracted is None and not topics_of(article, site):
        reason = "is in no topic, so only the feed of everything has it; put it into a topic's folder, or name one with topics:"
        yield Fault.warn(Kind.NO_TOPIC, path, 0, reason)


def name_warnings(article: Article, path: str, site: Site, usual: Mapping[str, str]) -> Iterator[Fault]:
    """What is to be said of the names of an article's topics."""
    yield from _hidden_by_feeds(article, path, site)
    yield from _doubtful(article, path, site, usual) if site.new_topics else _held_back(article, path, site)
    yield from _as_an_episode(article, path, site)
    for name in article.syndicate or ():
        if not site.has_feed(name) and name not in PARTNERS:
            yield Fault.warn(Kind.VALUE, path, 0, f'syndicate names "{name}", which is no feed of site.toml and no partner')


def usual_topics(article: Article, index: TopicIndex, now: datetime) -> Mapping[str, str]:
    """What the topics are called that many articles have, by slug, where an article has one that few have."""
    slugs = {slugify(name) for name in article.topics}
    if all(index.is_usual(slug, USUAL) for slug in slugs):
        return {slug: slug for slug in slugs}
    return {slug: index.topic(slug, now).name for slug in index.usual(USUAL)}


def _as_an_episode(article: Article, path: str, site: Site) -> Iterator[Fault]:
    """What directories of podcasts would refuse in an article of a topic that is one."""
    recording = next(iter(article.recordings), None)
    found = [topic.podcast for slug, _ in topics_of(article, site) if (topic := site.topic(slug)) and topic.podcast]
    if recording is None or not found:
        return
    key = recording.medium
    if recording.length is None:
        reason = f"{key} has no length, which podcasts ask for; write how many bytes it has, with length:"
        yield Fault.warn(Kind.RECORDING, path, 0, reason)
    if not (recording.episode or recording.episode_type) and any(podcast.type == SERIAL for podcast in found):
        reason = f"{key} has no number, which the episodes of a serial have; write it with episode:"
        yield Fault.warn(Kind.RECORDING, path, 0, reason)
    if recording.type not in PLAYED:
        reason = f"{key} is {recording.type}, which Apple's and other players of podcasts don't play; save it as MP3 or M4A"
        yield Fault.warn(Kind.RECORDING, path, 0, reason)


def _hidden_by_feeds(article: Article, path: str, site: Site) -> Iterator[Fault]:
    """The topics of an article at whose addresses a feed is that `site.toml` defines."""
    for name in dict.fromkeys((*article.topics, *((article.folder,) if article.folder else ()))):
        if site.has_feed(slugify(name)):
            reason = f'the topic "{name}" is left out: site.toml has a feed of that name; give one of them another'
            yield Fault.warn(Kind.LEFT_OUT_TOPIC, path, 0, reason)


def _held_back(article: Article, path: str, site: Site) -> Iterator[Fault]:
    """The topics of an article that it doesn't get, because `site.toml` has none of these names and lets no article make one."""
    for name in dict.fromkeys((*article.topics, *((article.folder,) if article.folder else ()))):
        if site.topic(slugify(name)) is None:
            near = near_miss(slugify(name), {topic.slug: topic.name for topic in site.topics})
            hint = f'; did you mean "{near}"?' if near else ""
            reason = f'the topic "{name}" is left out: site.toml has none of that name{hint}'
            yield Fault.warn(Kind.LEFT_OUT_TOPIC, path, 0, reason)


def _doubtful(article: Article, path: str, site: Site, usual: Mapping[str, str]) -> Iterator[Fault]:
    """The new topics of an article whose names are nearly those of known ones: `usual`, and those of `site.toml`."""
    for name in article.topics:
        slug = slugify(name)
        if site.topic(slug) or slug in usual:
            continue
        if near := near_miss(slug, {**usual, **{topic.slug: topic.name for topic in site.topics}}):
            reason = f'the topic "{name}" is new, and nearly called "{near}"; did you mean that?'
            yield Fault.warn(Kind.NEW_TOPIC, path, 0, reason)


def near_miss(slug: str, known: Mapping[str, str]) -> str | None:
    """The name of the known topic that is one or two letters from a slug, by slug; None where there is none."""
    found = ((_distance(slug, other), other) for other in _comparable(slug, known))
    near = min(((distance, other) for distance, other in found if distance <= _most(slug, other)), default=None)
    return known[near[1]] if near else None


def _comparable(slug: str, known: Iterable[str]) -> Iterator[str]:
    """Those that may be near: about as long, with nearly the same letters, and the same digits, which tell topics apart."""
    letters, digits = set(slug), _digits(slug)
    for other in known:
        near = abs(len(other) - len(slug)) <= 2 and len(letters ^ set(other)) <= 4
        if near and other != slug and min(len(slug), len(other)) >= SHORTEST and _digits(other) == digits:
            yield other


def _digits(slug: str) -> str:
    return "".join(filter(str.isdigit, slug))


def _most(one: str, other: str) -> int:
    return 2 if max(len(one), len(other)) >= LONG else 1


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, added, left out or exchanged to make one of the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        older, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            cost = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
    return row[-1]
