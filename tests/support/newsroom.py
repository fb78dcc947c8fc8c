"""A small newsroom for tests: builders of articles, entries and editions, a hostile text, and Hypothesis strategies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from hypothesis import strategies as st

from feedsvc.model.article import Article, Claim, Correction, Image, Medium, Recording, TextFile
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.site import Site, Topic
from feedsvc.model.translations import Translation
from feedsvc.model.urls import Urls
from feedsvc.text import character_data

NINE = datetime(2026, 5, 21, 9, 0, tzinfo=UTC)
TEN = datetime(2026, 5, 21, 10, 0, tzinfo=UTC)

# Ends a CDATA section, opens markup, closes attributes; a family joined by zero-width joiners, Arabic, every quote.
HOSTILE = """]]> <script>alert("1")</script> & &amp; </title></item> 👩‍👩‍👧‍👦 مرحبا \u202eabc\u202c 'x' "y" “z” «w» {slug} %00 \\"""

HOSTILE_VERSIONS = tuple(Translation(one, "https://quay.example/?a=1&b='2'", HOSTILE) for one in ("ar", "cy"))
HARBOUR = Topic(slug="harbour", name="Harbour", description="Boats, tides and the quay.")
COUNCIL = Topic(slug="council", name="Council")
ALL = Topic(slug="all", name="All")

SITE = Site(
    title="The Quay Gazette",
    tagline="News from the waterside",
    description="What happens between the lighthouse and the lock.",
    language="en-GB",
    timezone="Europe/London",
    url="https://quay.example/",
    copyright="© The Quay Gazette",
    contact="desk@quay.test (News desk)",
    logo="https://quay.example/logo.png",
    topics=(HARBOUR, COUNCIL),
)
ADDRESSES = Urls("https://feeds.quay.example", SITE)

PICTURE = Image(
    src="https://feeds.quay.example/media/harbour/dusk.jpg",
    alt="The harbour at dusk",
    credit="Photograph: A. Keel",
    file="harbour/dusk.jpg",
    type="image/jpeg",
    width=1200,
    height=675,
    length=98_304,
)

SOUND = Recording(
    medium=Medium.AUDIO,
    src="https://media.quay.example/ferry.mp3",
    type="audio/mpeg",
    length=8_123_456,
    duration=754,
    title="The captain on the last boat",
    transcript=TextFile(src="https://media.quay.example/ferry.vtt", type="text/vtt"),
    episode=7,
    season=2,
    episode_type="bonus",
    explicit=True,
)
FILM = Recording(
    medium=Medium.VIDEO,
    src="https://media.quay.example/ferry.mp4",
    type="video/mp4",
    duration=61,
    title="The boat leaves",
    captions=TextFile(src="https://media.quay.example/boat.vtt", type="text/vtt"),
    poster=Image(src="https://media.quay.example/boat.jpg", alt="A lit boat"),
)

FULL = Article(
    title="Ferry to run later on Fridays",
    slug="ferry-later",
    body='<p>The last boat will leave at eleven.</p><h2>Why now</h2><p>Shops asked for it, said the <a href="https://x.example/">union</a>.</p>',
    authors=("Ada Keel", "Tom Rudder"),
    author_urls=(("Ada Keel", "https://quay.example/people/ada"),),
    story="ferry",
    standfirst="From June the last boat leaves an hour later.",
    key_points=("From June", "Fridays only"),
    why_it_matters="Late shifts end after the present last boat.",
    what_it_means="Your return ticket is good for the later boat.",
    image=PICTURE,
    claim=Claim.REPORTED,
    corrections=(Correction(datetime(2026, 5, 21, 23, 30, tzinfo=UTC), "The boat is the Heron, not the Hern."),),
)
PLAIN = Article(title="Tide tables are out", slug="tide-tables", body="<p>They hang at the lock.</p>")


def make_entry(article: Article = FULL, **changes: Any) -> Entry:
    """An entry of an article, first published at nine and changed at ten."""
    made = Entry(
        id=f"urn:example:{article.slug}",
        url=f"https://feeds.quay.example/articles/{article.slug}",
        published=NINE,
        updated=TEN,
        article=article,
        topics=(HARBOUR, COUNCIL),
        breaking=True,
        breaking_until=TEN + timedelta(hours=1),
        related=(("Ferry fares rise", "https://feeds.quay.example/articles/ferry-fares"),),
    )
    return replace(made, **changes)


def make_edition(*entries: Entry, **changes: Any) -> Edition:
    """The harbour's edition."""
    made = Edition(site=SITE, topic=HARBOUR, entries=entries, updated=TEN + timedelta(minutes=5))
    return replace(made, **changes)


def hostile_entry() -> Entry:
    """An entry with the hostile text in every field that holds text, once plain and once as the body's escaped text."""
    article = Article(
        title=HOSTILE,
        slug="hostile",
        body=f'<p title="{escape(HOSTILE)}">{escape(HOSTILE)}</p>',
        authors=(HOSTILE, f"2 {HOSTILE}"),
        story=HOSTILE,
        standfirst=HOSTILE,
        key_points=(HOSTILE,),
        why_it_matters=HOSTILE,
        what_it_means=HOSTILE,
        image=replace(PICTURE, alt=HOSTILE, credit=HOSTILE),
        claim=Claim.REPORTED,
        corrections=(Correction(NINE, HOSTILE),),
        retracted=HOSTILE,
        language="ar",
    )
    topic = Topic(slug="hostile", name=HOSTILE)
    related = ((HOSTILE, "https://quay.example/?a=1&b='2'"),)
    return make_entry(article, id=HOSTILE, topics=(topic,), related=related, translations=HOSTILE_VERSIONS)


def hostile_edition(*entries: Entry) -> Edition:
    """An edition with the hostile text in every field that holds text."""
    site = replace(SITE, title=HOSTILE, tagline=HOSTILE, description=HOSTILE, copyright=HOSTILE, contact=HOSTILE)
    return Edition(site=site, topic=Topic(slug="hostile", name=HOSTILE, description=HOSTILE), entries=entries, updated=TEN)


def texts(min_size: int = 0, max_size: int = 60) -> st.SearchStrategy[str]:
    """Texts as an `Article` holds them: on one line, without what XML forbids."""
    any_character = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
    characters = any_character.filter(lambda character: character_data(character) == character)
    hostile = st.sampled_from(["<", ">", "&", "]]>", "&amp;", '"', "'", "</title>", "<b>", "👩‍👧", "\u202e", "é", "日本"])
    mixed = st.lists(st.one_of(characters, hostile), max_size=max_size).map(lambda parts: " ".join("".join(parts).split()))
    return mixed.filter(lambda text: len(text) >= min_size)


def times() -> st.SearchStrategy[datetime]:
    """Times as an article may have them."""
    return st.datetimes(datetime(1970, 1, 1), datetime(2100, 12, 31, 23, 59, 59), timezones=st.just(UTC))


def recordings(medium: Medium) -> st.SearchStrategy[Recording]:
    """Any sound or film."""
    texts_beside = st.none() | st.builds(TextFile, src=st.just("https://quay.example/a.vtt?b=1&c=2"), type=st.just("text/vtt"))
    return st.builds(
        Recording,
        medium=st.just(medium),
        src=st.sampled_from(["https://quay.example/a?b=1&c=2", "http://quay.example/a.mp3"]),
        type=st.sampled_from([f"{medium}/mpeg", "application/x-mpegurl"]),
        length=st.none() | st.integers(1, 10**10),
        duration=st.none() | st.integers(1, 10**6),
        title=texts(),
        captions=texts_beside,
        transcript=texts_beside,
        poster=st.none() | st.builds(Image, src=st.just("https://quay.example/p.png"), alt=texts(), width=st.none() | st.just(640)),
    )


def articles() -> st.SearchStrategy[Article]:
    """Any valid article."""
    pixels = st.none() | st.integers(1, 10_000)
    images = st.builds(
        Image,
        src=st.just("https://quay.example/a.png?b=1&c=2"),
        alt=texts(),
        credit=texts(),
        type=st.sampled_from([None, "image/png"]),
        width=pixels,
        height=pixels,
        length=st.none() | st.integers(0, 10**7),
    )
    some_texts = st.lists(texts(1), max_size=3).map(tuple)
    return st.builds(
        Article,
        title=texts(1),
        slug=st.just("any"),
        body=texts(1).map(lambda text: f"<p>{escape(text)}</p>"),
        authors=some_texts,
        story=st.none() | st.just("ferry"),
        standfirst=texts(),
        key_points=some_texts,
        why_it_matters=texts(),
        what_it_means=texts(),
        image=st.none() | images,
        images=st.lists(images, max_size=2).map(tuple),
        audio=st.none() | recordings(Medium.AUDIO),
        video=st.none() | recordings(Medium.VIDEO),
        claim=st.sampled_from([None, *Claim]),
        corrections=st.lists(st.builds(Correction, times(), texts(1)), max_size=2).map(tuple),
        retracted=st.none() | texts(1),
        language=st.sampled_from([None, "cy", "en-GB"]),
    )


def entries() -> st.SearchStrategy[Entry]:
    """Any valid entry."""
    topics = st.lists(st.builds(Topic, slug=st.sampled_from(["harbour", "été"]), name=texts(1)), max_size=2).map(tuple)
    related = st.lists(st.tuples(texts(1), st.just("https://quay.example/other")), max_size=2).map(tuple)
    return st.builds(
        Entry,
        id=texts(1),
        url=st.just("https://quay.example/any?a=1&b=2"),
        published=times(),
        updated=times(),
        article=articles(),
        topics=topics,
        breaking=st.booleans(),
        related=related,
    )
