"""Versions of an article in several languages: each page leads to all of them, and to none that readers may not see."""

from __future__ import annotations

import re

import pytest
from lxml import html

from feedsvc.builder.check import check
from feedsvc.kinds import Kind
from feedsvc.model.translations import MOST
from support.live import NOON, PUBLIC_URL, Newsroom

NAMED = re.compile(rf"^{re.escape(PUBLIC_URL)}/articles/(.*)$")


def versions(newsroom: Newsroom, slug: str) -> dict[str, str]:
    """The slugs of the versions that an article's page names, by language."""
    links = html.fromstring(newsroom.client().get(f"/articles/{slug}").data).xpath("//head/link[@rel='alternate'][@hreflang]")
    articles = [(link.get("hreflang"), NAMED.match(link.get("href"))) for link in links if not link.get("type")]
    return {language: found[1] for language, found in articles if found}


def warned(newsroom: Newsroom) -> list[str]:
    return [str(fault) for fault, _ in newsroom.store.faults() if fault.kind == Kind.TRANSLATION]


def three(newsroom: Newsroom) -> dict[str, str]:
    newsroom.write("harbour/ferry.md", title="Night ferry")
    newsroom.write("harbour/fähre.md", title="Nachtfähre", language="de", translation_of="ferry")
    newsroom.write("harbour/bac.md", title="Bac de nuit", language="fr", translation_of="ferry")
    newsroom.build()
    return {"de": "f%C3%A4hre", "en": "ferry", "fr": "bac", "x-default": "ferry"}


def test_each_page_leads_to_all_and_to_itself(newsroom: Newsroom) -> None:
    all_of_them = three(newsroom)
    for slug in ("ferry", "f%C3%A4hre", "bac"):
        assert versions(newsroom, slug) == all_of_them
    page = html.fromstring(newsroom.client().get("/articles/bac").data)
    shown = page.xpath("//article//a[@hreflang]")
    assert [(link.get("lang"), link.text) for link in shown] == [("de", "Nachtfähre"), ("en", "Night ferry")]
    assert warned(newsroom) == []


@pytest.mark.parametrize("key", ["draft: true\n", "retracted: Wrong.\n", "expires: 2026-05-01\n", "date: 2031-01-01\n"])
def test_none_leads_to_what_readers_may_not_see(newsroom: Newsroom, key: str) -> None:
    all_of_them = three(newsroom)
    assert versions(newsroom, "bac") == all_of_them
    newsroom.write("harbour/ferry.md", f"---\ntitle: Night ferry\n{key}---\nText.\n")
    newsroom.build()
    # What both were made from is gone, and they are versions of one article still.
    assert versions(newsroom, "bac") == versions(newsroom, "f%C3%A4hre") == {"de": "f%C3%A4hre", "fr": "bac"}
    newsroom.write("harbour/ferry.md", title="Night ferry")
    newsroom.build()
    assert versions(newsroom, "bac") == versions(newsroom, "ferry") == all_of_them


def test_one_that_is_deleted_or_comes_back_or_is_called_otherwise(newsroom: Newsroom) -> None:
    all_of_them = three(newsroom)
    assert versions(newsroom, "bac") == all_of_them
    (newsroom.articles / "harbour/fähre.md").unlink()
    newsroom.build()
    assert versions(newsroom, "bac") == versions(newsroom, "ferry") == {"en": "ferry", "fr": "bac", "x-default": "ferry"}
    newsroom.write("harbour/fähre.md", title="Die Nachtfähre", language="de", translation_of="ferry", slug="nacht")
    newsroom.build()
    assert versions(newsroom, "bac") == versions(newsroom, "ferry") == all_of_them | {"de": "nacht"}
    assert "Die Nachtfähre" in newsroom.client().get("/articles/ferry").text


def test_all_who_name_the_same_and_who_is_named_belong_together(newsroom: Newsroom) -> None:
    newsroom.write("a.md", title="Quay", id="tag:quay", slug="quay", translation_of="hafen")
    newsroom.write("b.md", title="Hafen", language="de", slug="hafen", translation_of="quay")
    newsroom.write("c.md", title="Port", language="fr", slug="port", translation_of="tag:quay")
    newsroom.write("d.md", title="Porto", language="it", slug="porto", translation_of="port")
    newsroom.build()
    expected = {"de": "hafen", "en": "quay", "fr": "port", "it": "porto", "x-default": "quay"}
    assert all(versions(newsroom, slug) == expected for slug in ("quay", "hafen", "port", "porto"))


def test_a_shared_key_of_hugo_names_no_article(newsroom: Newsroom) -> None:
    newsroom.write("a.md", title="Quay", translationKey="Harbour 1")
    newsroom.write("b.md", title="Hafen", language="de", translationKey="Harbour 1")
    newsroom.build()
    assert versions(newsroom, "a") == versions(newsroom, "b") == {"de": "b", "en": "a", "x-default": "a"}
    assert warned(newsroom) == []


def test_names_of_files_say_so_too(newsroom: Newsroom) -> None:
    newsroom.write("town/2026-05-20-bell.md", title="Bell")
    newsroom.write("town/2026-05-20-bell.fr.md", title="Cloche")
    newsroom.write("content/en/clock/index.md", title="Clock")
    newsroom.write("content/de/clock/index.md", title="Uhr")
    newsroom.write("content/clock/index.it.md", title="Orologio")
    newsroom.write("sport/bell.de.md", title="Glocke")
    newsroom.build()
    assert versions(newsroom, "bell") == versions(newsroom, "bell-fr") == {"en": "bell", "fr": "bell-fr", "x-default": "bell"}
    assert versions(newsroom, "clock") == {"de": "clock-de", "en": "clock", "it": "clock-it", "x-default": "clock"}
    assert versions(newsroom, "bell-de") == {}


def test_of_two_in_one_language_the_first_published_counts(newsroom: Newsroom) -> None:
    three(newsroom)
    newsroom.write("harbour/le-bac.md", title="Le bac", language="fr", translation_of="ferry", date="2026-01-01T00:00:00Z")
    newsroom.build()
    assert versions(newsroom, "ferry")["fr"] == versions(newsroom, "le-bac")["fr"] == "le-bac"
    assert versions(newsroom, "bac") == {}


def test_more_than_can_be_are_none(newsroom: Newsroom) -> None:
    newsroom.write("ferry.md", title="Ferry")
    for number in range(MOST):
        newsroom.write(f"many/{number}.md", title=f"Ferry {number}", language="de", translation_of="ferry")
    newsroom.build()
    assert versions(newsroom, "ferry") == {}
    (newsroom.articles / "many/7.md").unlink()
    newsroom.build()
    assert versions(newsroom, "ferry").keys() == {"de", "en", "x-default"}
    newsroom.write("many/other.md", title="Fähre", language="de", translation_of="ferry")
    newsroom.build()
    assert versions(newsroom, "ferry") == {}


def test_what_names_nothing_is_said_as_long_as_it_is_so(newsroom: Newsroom) -> None:
    newsroom.write("harbour/bac.md", title="Bac de nuit", language="fr", translation_of="ferry")
    newsroom.build()
    reason = 'translation_of names "ferry", which is the slug or id of no article, and which no other article names'
    expected = f"harbour/bac.md: warning: {reason}"
    assert warned(newsroom) == [expected]
    assert reason in [fault.reason for fault in check(newsroom.articles, (), PUBLIC_URL, NOON).faults]
    newsroom.write("harbour/ferry.md", title="Night ferry")
    newsroom.build()
    assert warned(newsroom) == []
    newsroom.begin()
    newsroom.write("harbour/ferry.md", title="Night ferry", slug="night")
    newsroom.build()
    assert warned(newsroom) == [expected]


def test_one_without_a_language_of_its_own_is_told_so(newsroom: Newsroom) -> None:
    newsroom.write("harbour/ferry.md", title="Night ferry")
    newsroom.write("harbour/bac.md", title="Bac de nuit", translation_of="ferry")
    newsroom.build()
    reason = 'is in the language of "ferry", of which it is a translation (en); say with language: what it is in'
    assert warned(newsroom) == [f"harbour/bac.md: warning: {reason}"]
    assert reason in [fault.reason for fault in check(newsroom.articles, (), PUBLIC_URL, NOON).faults]
    assert versions(newsroom, "bac") == {}
    newsroom.write("harbour/bac.md", title="Bac de nuit", language="fr", translation_of="ferry")
    newsroom.build()
    assert warned(newsroom) == []
