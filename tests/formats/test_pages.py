"""Pages: well-formed, plain text stays text, nothing to run, every field seen, every link leads somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

from feedsvc.formats import corrections_page, follow_pages, front_page, page_base, pages
from feedsvc.formats.corrections_page import PutRight
from feedsvc.formats.table import FORMATS
from feedsvc.model.article import Article, Claim, Correction, Image
from feedsvc.model.edition import Edition, Entry
from feedsvc.model.front import Front
from feedsvc.model.hashing import digest
from feedsvc.model.site import Site, Topic, story_slug
from feedsvc.model.slugs import slugify
from feedsvc.model.urls import Urls
from support.htmlpage import Page
from support.newsroom import ADDRESSES, ALL, COUNCIL, FULL, HARBOUR, HOSTILE, NINE, PLAIN, SITE, make_edition, make_entry, texts

STORY = Topic(slug="story/ferry", name="Ferry")
RETIRED = Topic(slug="whaling", name="Whaling", retired=True)
TOPICS = (HARBOUR, COUNCIL, RETIRED)
HOSTILE_URL = "https://x.example/\"><script>alert(1)</script>?a=1&b='2'"


def planted(text: str, url: str = "https://x.example/") -> list[bytes]:
    """Every page, with a text in every field that holds one, and a URL in every field that holds one."""
    topic = Topic(slug="planted", name=text, description=text)
    plain: dict[str, Any] = dict.fromkeys(("title", "tagline", "description", "copyright"), text)
    story = Topic(slug=story_slug(slugify(text)), name=text)
    site = Site(**plain, contact=f"{text} x@x.example", url=url, logo=url, links=((text, url),))
    article = Article(
        title=text,
        slug="planted",
        body="<p>Body.</p>",
        authors=(f"2 {text}",) * 3,
        story=text,
        standfirst=text,
        key_points=(text, text),
        why_it_matters=text,
        what_it_means=text,
        image=Image(src=url, alt=text, credit=text, width=2, height=1),
        claim=Claim.REPORTED,
        corrections=(Correction(NINE, text),),
        retracted=text,
        link=url,
    )
    entry = make_entry(article, id=text, url=url, topics=(topic,), related=((text, url),))
    edition = Edition(site=site, topic=topic, entries=(entry,), updated=NINE)
    addresses = Urls("https://feeds.quay.example", site)
    return [
        front_page.home(Front((entry,) * 2, ((topic, (entry,) * 2),), (entry,)), (story,), addresses),
        pages.topic(edition, addresses),
        pages.topic(replace(edition, topic=replace(topic, slug="story/planted")), addresses),
        pages.month(replace(edition, archive="2026-05", before="2026-04-2"), "2026-06", addresses),
        corrections_page.corrections(
            [PutRight(article, url, NINE, text, retracted) for retracted in (True, False)], addresses
        ),
        follow_pages.follow((topic,), addresses),
        follow_pages.embedding((topic,), addresses),
        follow_pages.every_topic((topic,), addresses),
        pages.article(entry, site, addresses),
        pages.gone(text, text, NINE, site, addresses),
        pages.not_found(site, addresses),
    ]


def sample_home(*entries: Entry, addresses: Urls = ADDRESSES) -> bytes:
    return front_page.home(Front(entries[:4], ((HARBOUR, entries[4:]),)), (), addresses)


def sample_article(article: Article = FULL, site: Site = SITE, **changes: Any) -> Page:
    return Page(pages.article(make_entry(article, **changes), site, Urls(ADDRESSES.public_url, site)))


def in_welsh() -> Entry:
    return make_entry(replace(PLAIN, title="Mae’r llanw’n uchel", language="cy"))


EVERY_PAGE: dict[str, Callable[[], bytes]] = {
    "home": lambda: sample_home(make_entry(), make_entry(PLAIN), in_welsh()),
    "empty home": lambda: front_page.home(Front(), (), Urls("https://feeds.quay.example", Site())),
    "topic": lambda: pages.topic(make_edition(make_entry(), make_entry(PLAIN), in_welsh()), ADDRESSES),
    "empty topic": lambda: pages.topic(make_edition(), ADDRESSES),
    "story": lambda: pages.topic(make_edition(make_entry(), make_entry(PLAIN), in_welsh(), topic=STORY), ADDRESSES),
    "empty story": lambda: pages.topic(make_edition(topic=STORY), ADDRESSES),
    "month": lambda: pages.month(make_edition(make_entry(), in_welsh(), archive="2026-05"), None, ADDRESSES),
    "corrections": lambda: corrections_page.corrections((), ADDRESSES),
    "follow": lambda: follow_pages.follow(TOPICS, ADDRESSES),
    "follow without topics": lambda: follow_pages.follow((), ADDRESSES),
    "embedding": lambda: follow_pages.embedding(TOPICS, ADDRESSES),
    "every topic": lambda: follow_pages.every_topic(TOPICS, ADDRESSES),
    "no topic": lambda: follow_pages.every_topic((), ADDRESSES),
    "all as a topic": lambda: pages.topic(make_edition(make_entry(), topic=ALL), ADDRESSES),
    "article": lambda: pages.article(make_entry(), SITE, ADDRESSES),
    "plain article": lambda: pages.article(make_entry(PLAIN, topics=(), related=(), breaking=False), SITE, ADDRESSES),
    "article in Arabic": lambda: pages.article(make_entry(replace(FULL, language="ar", retracted="")), SITE, ADDRESSES),
    "gone": lambda: pages.gone("Ferry sold", "It was not sold.", NINE, SITE, ADDRESSES),
    "gone, nameless": lambda: pages.gone("", "It has expired.", None, SITE, ADDRESSES),
    "not found": lambda: pages.not_found(SITE, ADDRESSES),
    **{f"hostile {n}": lambda n=n: planted(HOSTILE, HOSTILE_URL)[n] for n in range(11)},
}
every_page = pytest.mark.parametrize("make", EVERY_PAGE.values(), ids=EVERY_PAGE.keys())


@every_page
def test_a_page_is_well_formed_and_has_its_landmarks(make: Callable[[], bytes]) -> None:
    data = make()
    page = Page(data)
    assert data.startswith(b"<!DOCTYPE html>\n<html lang=")
    assert [len(page.all(tag)) for tag in ("main", "h1", "title", "footer")] == [1, 1, 1, 1]
    assert page.said("h1") and page.said("title")
    assert page.elements.index(("a", {"class": "skip", "href": "#main"})) < page.outline.index(("header", ("class",)))
    assert len(page.all("main", id="main")) == 1


@every_page
def test_ids_are_unique_and_labels_lead_to_them(make: Callable[[], bytes]) -> None:
    page = Page(make())
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    labels = {attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes}
    assert len(ids) == len(set(ids))
    assert labels <= set(ids)


@every_page
def test_headings_skip_no_level(make: Callable[[], bytes]) -> None:
    levels = [int(tag[1]) for tag, _ in Page(make()).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@every_page
def test_nothing_on_a_page_runs_and_nothing_is_styled_in_place(make: Callable[[], bytes]) -> None:
    page = Page(make())
    scripts = [attributes for attributes in page.all("script") if attributes != {"type": "application/ld+json"}]
    assert {script["type"] for script in scripts} == {"module"}
    assert [re.sub(r"\w{8,}", "", script["src"]) for script in scripts] == ["/ticker-.js", "/pages.js?"]
    assert {tag for tag, _ in page.elements}.isdisjoint({"style", "iframe", "object", "embed", "base", "form"})
    names = {name for _, attributes in page.elements for name in attributes} - {"only"}
    assert not [name for name in names if name == "style" or name.startswith("on")]


@every_page
def test_links_are_absolute_or_paths_from_the_root(make: Callable[[], bytes]) -> None:
    for tag, attributes in Page(make()).elements:
        for name in {"href", "src"} & attributes.keys():
            inside = attributes[name].startswith("#") and Page(make()).ids >= {attributes[name][1:]}
            assert inside or re.match(r"(feed:)?https?://[^/]|/(?!/)|mailto:", attributes[name]), (tag, attributes)


@every_page
def test_the_same_input_gives_the_same_bytes(make: Callable[[], bytes]) -> None:
    assert make() == make()


@every_page
def test_pictures_have_an_alternative_text_and_pages_stay_light(make: Callable[[], bytes]) -> None:
    data = make()
    assert all("alt" in picture for picture in Page(data).all("img"))
    assert len(data) < 30_000


@pytest.mark.parametrize(
    "text", [HOSTILE, "<b>", "</title><script>", '" onload="x', "{{ 7 * 7 }}", "{% raw %}", "<!--", "&lt;b&gt;", "]]>"]
)
def test_hostile_text_stays_text(text: str) -> None:
    for data, harmless in zip(planted(text, HOSTILE_URL), planted("harmless"), strict=True):
        page = Page(data)
        assert page.outline == Page(harmless).outline
        assert " ".join(text.split()) in page.text


@settings(max_examples=25, deadline=None)
@given(texts(min_size=1))
def test_no_text_changes_the_markup_or_is_changed(text: str) -> None:
    for data, harmless in zip(planted(text), planted("harmless"), strict=True):
        page = Page(data)
        assert page.outline == Page(harmless).outline
        assert " ".join(text.split()) in page.text


def test_the_body_is_let_through_as_it_was_sanitised() -> None:
    assert FULL.body.encode() in pages.article(make_entry(), SITE, ADDRESSES)


def test_an_article_shows_every_field() -> None:
    page = sample_article(replace(FULL, authors=("Ada Keel", "Tom Rudder", "Bo Stern"), retracted="The ferry denies it."))
    for text in (
        *(FULL.title, FULL.standfirst, *FULL.key_points, FULL.why_it_matters, FULL.what_it_means),
        *("The last boat will leave at eleven.", "Photograph: A. Keel", "By Ada Keel, Tom Rudder and Bo Stern"),
        *("Published 21 May 2026, 10:00", "Updated 21 May 2026, 11:00", "22 May 2026, 00:30 The boat is the Heron, not the Hern."),
        *("More on this story: ferry", "Ferry fares rise", "Breaking", "Harbour", "Council"),
        *("Reported: this has not been confirmed.", "Retracted: The ferry denies it."),
        *("© The Quay Gazette", "desk@quay.test (News desk)"),
    ):
        assert text in page.text
    assert page.all("img", src=FULL.image.src if FULL.image else "", alt="The harbour at dusk", width="1200", height="675")
    assert "Confirmed by the newsroom." in sample_article(replace(PLAIN, claim=Claim.CONFIRMED)).text


def test_what_an_article_lacks_leaves_no_trace() -> None:
    page = sample_article(PLAIN, topics=(), related=(), breaking=False, updated=NINE)
    absent = ("Key points", "Why this", "What this", "More on", "By", "Updated", "Breaking", "Reported")
    for label in absent:
        assert label not in page.text
    assert "corrections" not in page.ids
    assert page.all("a", href="/follow")


def test_several_paragraphs_stay_several() -> None:
    page = Page(pages.article(make_entry(replace(PLAIN, why_it_matters="One.\n\nTwo.")), SITE, ADDRESSES))
    assert [data for path, data in page.seen if path[-2:] == ("section", "p")] == ["One.", "Two."]


def test_dates_are_absolute_on_the_newsrooms_clocks_and_exact_for_machines() -> None:
    page = sample_article(site=replace(SITE, timezone="Asia/Kolkata"), updated=NINE)
    assert "Published 21 May 2026, 14:30" in page.text
    assert "Updated" not in page.text
    assert page.all("time", datetime="2026-05-21T09:00:00Z")


def test_an_article_describes_itself_to_machines() -> None:
    page = sample_article()
    assert page.all("link", rel="canonical", href="https://feeds.quay.example/articles/ferry-later")
    said = {attributes["property"]: attributes["content"] for attributes in page.all("meta") if "property" in attributes}
    assert said["og:type"] == "article"
    assert said["og:title"] == FULL.title
    assert said["og:description"] == FULL.standfirst
    assert said["og:url"] == "https://feeds.quay.example/articles/ferry-later"
    assert said["og:image"] == "https://feeds.quay.example/media/harbour/dusk.jpg"
    assert said["article:published_time"] == "2026-05-21T09:00:00Z"
    described = json.JSONDecoder().raw_decode(page.said("script"))[0]
    assert described["@type"] == "NewsArticle"
    assert described["headline"] == FULL.title
    assert described["dateModified"] == "2026-05-21T10:00:00Z"
    assert [author["name"] for author in described["author"]] == ["Ada Keel", "Tom Rudder"]
    assert described["image"][0]["creditText"] == "Photograph: A. Keel"
    assert described["correction"][0]["text"] == "The boat is the Heron, not the Hern."
    assert described["publisher"]["logo"] == {"@type": "ImageObject", "url": "https://quay.example/logo.png"}
    anonymous = json.JSONDecoder().raw_decode(sample_article(PLAIN).said("script"))[0]
    assert anonymous.keys().isdisjoint({"image", "correction"})
    assert anonymous["author"] == [anonymous["publisher"]]


def test_the_data_block_can_not_be_closed_from_inside() -> None:
    data = pages.article(make_entry(replace(PLAIN, title="</script><script>alert(1)</script><!--")), SITE, ADDRESSES)
    block = data.split(b'<script type="application/ld+json">')[1].split(b"</script>")[0]
    assert json.loads(block)["headline"] == "</script><script>alert(1)</script><!--"
    assert b"<" not in block


@pytest.mark.parametrize(
    ("make", "slugs"),
    [
        (EVERY_PAGE["home"], ["all"]),
        (EVERY_PAGE["topic"], ["harbour", "all"]),
        (EVERY_PAGE["article"], ["harbour", "council", "author/ada-keel", "author/tom-rudder", "all"]),
        (EVERY_PAGE["not found"], ["all"]),
    ],
)
def test_a_reader_finds_the_feeds_by_itself(make: Callable[[], bytes], slugs: list[str]) -> None:
    found = [(link["type"], link["href"]) for link in Page(make()).all("link", rel="alternate")]
    assert found == [
        (kind, f"https://feeds.quay.example/feeds/{slug}.{suffix}") for slug in slugs for _, suffix, kind in page_base.FEEDS
    ]


def test_the_feeds_are_those_of_the_table_of_formats() -> None:
    table = {row.name: row.content_type.split(";")[0] for row in FORMATS}
    assert {suffix: kind for _, suffix, kind in page_base.FEEDS} == {name: table[name] for name in ("rss", "atom", "json")}


def test_the_page_on_following_has_every_address_to_copy() -> None:
    page = Page(follow_pages.follow(TOPICS, ADDRESSES))
    for path in ("feeds/all.rss", "feeds/harbour.rss", "feeds/council.atom", "feeds/harbour.json", "feeds.opml", "headlines.json"):
        assert f"https://feeds.quay.example/{path}" in page.said("code")
        assert page.all("a", href=f"https://feeds.quay.example/{path}")
    assert page.all("a", href="/topics/harbour")
    assert "Whaling" not in page.text


def test_a_topic_page_shows_its_addresses_to_copy() -> None:
    page = Page(pages.topic(make_edition(make_entry()), ADDRESSES))
    for path in ("feeds/harbour.rss", "feeds/harbour.atom", "feeds/harbour.json", "headlines/harbour.json"):
        assert f"https://feeds.quay.example/{path}" in page.said("code")
    for text in ("Harbour", HARBOUR.description, FULL.title, FULL.standfirst, "21 May 2026, 10:00", "Breaking", "Reported:"):
        assert text in page.text


def test_a_retired_topic_is_not_led_to() -> None:
    page = sample_article(topics=(HARBOUR, RETIRED))
    assert "Whaling" not in page.text
    assert "Whaling" not in Page(follow_pages.every_topic(TOPICS, ADDRESSES)).text


@pytest.mark.parametrize(("breaking", "label", "count"), [((), "Latest", 3), ((4,), "Breaking", 1), ((0, 1, 2, 3), "Breaking", 3)])
def test_the_strip_holds_what_is_breaking_else_the_newest(breaking: tuple[int, ...], label: str, count: int) -> None:
    entries = [make_entry(replace(PLAIN, title=f"Tide {n}"), breaking=n in breaking) for n in range(5)]
    page = Page(pages.topic(make_edition(*entries), ADDRESSES))
    start = page.elements.index(("p", {"id": "strip"}))
    assert (
        len([tag for tag, _ in page.elements[start : page.outline.index(("main", ("id", "class", "tabindex")))] if tag == "li"])
        == count
    )
    assert page.text.split("Skip to the news")[1].split("All topics")[1].startswith(f" {label} Tide {min(breaking, default=0)}")


@pytest.mark.parametrize("name", ["empty home", "empty topic"])
def test_an_empty_edition_says_so_kindly(name: str) -> None:
    page = Page(EVERY_PAGE[name]())
    assert "to get the next one" in page.text or "Nothing has been published" in page.text
    assert not page.all("ol")
    assert not page.all("p", id="strip")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (None, {}),
        ("en-GB", {}),
        ("cy", {"lang": "cy", "dir": "ltr"}),
        ("ar", {"lang": "ar", "dir": "rtl"}),
        ("ur-Latn", {"lang": "ur-Latn", "dir": "ltr"}),
    ],
)
def test_an_article_in_another_language_says_so(language: str | None, expected: dict[str, str]) -> None:
    entry = make_entry(replace(FULL, language=language))
    assert Page(pages.article(entry, SITE, ADDRESSES)).all("article") == [{"class": "story", **expected}]
    assert Page(pages.topic(make_edition(entry), ADDRESSES)).all("article") == [expected]


def test_an_undeclared_language_lets_the_first_letter_decide() -> None:
    assert {"dir": "auto"} in sample_article(replace(FULL, title="مرحبا")).all("h1")
    assert {} in sample_article(replace(FULL, title="NHS مرحبا", language="ar")).all("h1")


def test_our_own_words_keep_their_language_in_an_article_in_another() -> None:
    page = sample_article(replace(FULL, language="ar"))
    assert page.all("h2", id="why") == [{"id": "why", "lang": "en-GB", "dir": "ltr"}]
    assert sample_article().all("h2", id="why") == [{"id": "why"}]


LEFT = ("en-GB", "ku", "az-Latn", "ur-Latn", "art")
RIGHT = ("ar", "AR-eg", "he", "fa-IR", "ku-Arab-IQ")


@pytest.mark.parametrize(("language", "expected"), [*((tag, "ltr") for tag in LEFT), *((tag, "rtl") for tag in RIGHT)])
def test_the_direction_of_a_language(language: str, expected: str) -> None:
    assert page_base.direction(language) == expected


@pytest.mark.parametrize(
    ("contact", "leads_to"),
    [
        ("desk@quay.example", ["mailto:desk@quay.example"]),
        ("News desk <desk@quay.example>", ["mailto:desk@quay.example"]),
        ("https://quay.example/contact", ["https://quay.example/contact"]),
        ("1 Quay Street", []),
        ("javascript:alert(1)", []),
    ],
)
def test_a_contact_leads_where_it_can(contact: str, leads_to: list[str]) -> None:
    page = Page(pages.not_found(replace(SITE, contact=contact, links=(), url=None), ADDRESSES))
    footer = page.elements[page.outline.index(("footer", ())) :]
    assert [attributes["href"] for tag, attributes in footer if tag == "a"] == ["/", "/topics", "/corrections", "/embed", *leads_to]
    assert contact in page.text


def test_a_notice_says_why_and_leads_onward_and_is_not_indexed() -> None:
    page = Page(pages.gone("Ferry sold", "It was not sold.", NINE, SITE, ADDRESSES))
    assert page.said("h1") == "Ferry sold"
    assert "This page is no longer here Ferry sold It was not sold." in page.text
    assert "21 May 2026, 10:00" in page.text
    assert page.all("meta", name="robots", content="noindex")
    assert page.all("a", href="/")


def test_links_inside_keep_the_path_of_the_public_url() -> None:
    page = Page(sample_home(make_entry(), addresses=Urls("https://quay.example/news", SITE)))
    assert page.all("link", rel="stylesheet", href=f"/news/style.css?{digest(page_base.stylesheet())[:8]}")
    assert page.all("headline-ticker", src="/news/headlines.json")
    assert page.all("a", href="/news/topics/harbour")
    assert page.all("link", rel="canonical", href="https://quay.example/news/")


def test_a_topic_in_any_script_has_a_link() -> None:
    topic = Topic(slug="أخبار", name="أخبار")
    page = sample_article(topics=(topic,))
    assert page.all("a", href="/topics/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", dir="auto", rel="tag")
