"""Advice: why aggregators may refuse an article that is valid here. Pure: no I/O, no clock, no globals.

Each partner's rules are in its profile; this module makes sentences of them.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher

from feedsvc.errors import Fault
from feedsvc.formats.partners import Profile
from feedsvc.kinds import Kind
from feedsvc.model.article import Article
from feedsvc.model.edition import Entry
from feedsvc.model.site import Site

NEARLY_THE_SAME = 0.9
RARE_WORDS = 3
MOST_COMPARED = 50


def advise(article: Article, path: str, profiles: Iterable[Profile], at: datetime) -> Iterator[Fault]:
    """What could be better in an article, and what partners would refuse in it, its age apart, which nobody can change."""
    if article.date is None and article.day is None:
        reason = "has no date; it will get the moment at which it is first seen"
        yield Fault.warn(Kind.NO_DATE, path, 0, reason)
    entry = _entry(article, at)
    for profile in profiles:
        yield from (Fault.warn(Kind.PARTNER, path, 0, reason) for reason in _of_article(entry, profile))


def refused(article: Article, path: str, profiles: Iterable[Profile], at: datetime) -> Iterator[Fault]:
    """Why partners would refuse an article at a moment. Faults, because who asks about a partner wants it to accept the article."""
    entry = _entry(article, at)
    for profile in profiles:
        yield from (Fault(path, 0, reason) for reason in (*_of_article(entry, profile), *_of_date(entry, profile, at)))


def lacks(site: Site, profiles: Iterable[Profile]) -> Iterator[str]:
    """What partners ask of a site, and it has not."""
    for profile in profiles:
        if profile.needs_logo and not site.logo:
            yield f"there is no logo; {profile.name} asks for one"
        if profile.description and not any(0 < len(text) <= profile.description for text in (site.description, site.tagline)):
            asked = f"description or tagline of up to {profile.description} characters"
            yield f"there is no {asked}; {profile.name} asks for one, and gets the title"


def _entry(article: Article, at: datetime) -> Entry:
    published = article.date or article.day or at
    return Entry(id="", url="", published=published, updated=max(article.updated or published, published), article=article)


def _of_article(entry: Entry, profile: Profile) -> Iterator[str]:
    yield from _of_title(entry.article, profile)
    yield from _of_image(entry.article, profile)


def _of_title(article: Article, profile: Profile) -> Iterator[str]:
    (fewest, most), length = profile.title, len(article.title)
    if not fewest <= length <= most:
        yield f"its title has {length} characters; {profile.name} takes {fewest} to {most}"


def _of_date(entry: Entry, profile: Profile, at: datetime) -> Iterator[str]:
    date = profile.date(entry)
    if date > at:
        yield f"its date, {date:%Y-%m-%d %H:%M} UTC, is in the future; {profile.name} takes no article before its date"
    elif profile.oldest and profile.too_old(entry, at):
        yield f"it is {(at - date).days:,} days old; {profile.name} takes articles less than {profile.oldest.days} days old"


def _of_image(article: Article, profile: Profile) -> Iterator[str]:
    image = article.image
    if image is None:
        if profile.needs_image and not (profile.counts_body and "<img " in article.body):
            yield f"it has no image; {profile.name} asks for one"
        return
    width, height = profile.image_size
    if image.width and image.height and (image.width < width or image.height < height):
        yield f"its image has {image.width} by {image.height} pixels; {profile.name} asks for {width} by {height}"
    if image.width and image.height and max(image.width, image.height) < profile.longer_side:
        least = f"{profile.longer_side} in width or height"
        yield f"its image has {image.width} by {image.height} pixels; {profile.name} asks for {least}"
    if profile.https and image.src.startswith("http:"):
        yield f"its image is at {image.src}; {profile.name} takes https alone"
    if image.type and profile.image_types and image.type not in profile.image_types:
        yield f"its image is {image.type}; {profile.name} takes {', '.join(profile.image_types)}"


def nearly_the_same(titled: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    """Articles with nearly the same title, as a warning at the later of each pair; `titled` are paths and titles in order.

    Only titles that share one of their rarest words are compared, so that the cost is linear in the number of articles.
    """
    words = {path: _words(title) for path, title in titled}
    number = Counter(word for some in words.values() for word in set(some))
    sharing: defaultdict[str, list[str]] = defaultdict(list)
    for path, title in titled:
        rarest = sorted(set(words[path]), key=lambda word: (number[word], word))[:RARE_WORDS]
        near = dict.fromkeys(other for word in rarest for other in sharing[word][-MOST_COMPARED:])
        if twin := next((other for other in near if _alike(words[path], words[other])), None):
            yield Fault.warn(Kind.SAME_TITLE, path, 0, f'its title "{title}" is almost the same as that of {twin}')
        for word in rarest:
            sharing[word].append(path)


def _alike(one: list[str], other: list[str]) -> bool:
    match = SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False)
    return all(ratio() >= NEARLY_THE_SAME for ratio in (match.real_quick_ratio, match.quick_ratio, match.ratio))  # cheapest first


def _words(title: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(char if char.isalnum() else " " for char in folded).split()
