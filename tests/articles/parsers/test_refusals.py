"""What writers often get wrong is refused with what to write instead, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles import parsers
from feedsvc.articles.site_toml import read_site
from feedsvc.builder.topic_names import without_topic
from feedsvc.errors import ArticleError, SiteError
from feedsvc.kinds import Kind
from feedsvc.model.article import Article
from feedsvc.model.site import Site, Topic
from feedsvc.model.urls import Urls

PLACE = Urls("https://feeds.example", Site())
OTHERWISE = "is not a date such as 2026-05-21 or 2026-05-21T09:00:00+01:00"


def refused(text: str) -> list[str]:
    """The faults of a file as lines and reasons."""
    try:
        parsers.read("a.md", text.encode(), PLACE)
    except ArticleError as error:
        return [f"{fault.line} {fault.reason}" for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("28/11/2026", "has its year last; write 2026-11-28"),
        ("11/28/2026", "has its year last; write 2026-11-28"),
        ("28.11.2026", "has its year last; write 2026-11-28"),
        ("28-11-2026 9:30", "has its year last; write 2026-11-28 9:30"),
        ("28/11/2026, 09:30:15 GMT", "has its year last; write 2026-11-28 09:30:15"),
        ("5/5/2026", "has its year last; write 2026-05-05"),
        ("05/06/2026", "may be either of two days; write 2026-06-05 or 2026-05-06"),
        ("5.6.2026 09:00", "may be either of two days; write 2026-06-05 09:00 or 2026-05-06 09:00"),
        ("29/02/2026", OTHERWISE),
        ("31/31/2026", OTHERWISE),
        ("28/11/0026", OTHERWISE),
        ("28/11/26", OTHERWISE),
        ("28/11-2026", OTHERWISE),
    ],
)
def test_a_date_with_its_year_last(written: str, said: str) -> None:
    assert refused(f"---\ntitle: T\ndate: {written}\n---\nText.\n") == [f'3 date "{written}" {said}']


@pytest.mark.parametrize("dash", ["—", "–", "——", "–-", "-–", "―", "−−−"])
def test_a_dash_for_three_hyphens(dash: str) -> None:
    front = "title: T\nauthor: Ada Keel\n"
    opens = f'1 the front matter opens with "{dash}"; write ---, three hyphens'
    assert refused(f"{dash}\n{front}{dash}\nText.\n") == refused(f"{dash} \n{front}---\nText.\n") == [opens]
    assert refused(f"---\n{front}{dash}\nText.\n") == [f'4 the front matter is closed with "{dash}"; write ---, three hyphens']


def test_a_dash_in_a_text_is_a_dash() -> None:
    for text in ("—\n\nText: words.\n", "— Yes, she said.\n", "—\nA line\n"):
        assert parsers.read("a.md", f"---\ntitle: T\n---\n{text}".encode(), PLACE).article.body
        assert refused(text) == ["1 has no title; give it one with title: in the front matter"]


@pytest.mark.parametrize("written", ["The Lantern", "“The Lantern”", "„The Lantern“", "The Lantern  "])
def test_a_text_without_quotes_in_toml(written: str) -> None:
    said = 'title is a text without quotes; write title = "The Lantern"'
    with pytest.raises(SiteError) as error:
        read_site(f"# Ours\n[site]\ntitle = {written}\n".encode())
    assert [(fault.line, fault.reason) for fault in error.value.faults] == [(3, f"is not TOML: {said}")]
    assert refused(f"+++\ndraft = true\ntitle = {written}\n+++\nText.\n") == [f"3 the front matter is not TOML: {said}"]


@pytest.mark.parametrize("value", ["= x", "[a", '"open', "2026-13-45", "a\\b", 'The "Lantern"', "x" * 200, "tru", "{a"])
def test_what_else_is_no_toml_is_said_in_one_line(value: str) -> None:
    with pytest.raises(SiteError) as error:
        read_site(f"[site]\ntitle = {value}\n".encode())
    (fault,) = error.value.faults
    assert fault.line in (2, 3) and "\n" not in fault.reason and len(fault.reason) < 250


@given(st.text(max_size=40))
def test_whatever_stands_in_site_toml_is_answered(text: str) -> None:
    try:
        read_site(f"[site]\ntitle = {text}".encode("utf-8", "replace"))
    except SiteError as error:
        assert error.faults


@pytest.mark.parametrize(("key", "value"), [("retracted", "true"), ("retracted", "yes")])
def test_a_retraction_without_a_reason_counts_and_is_said(key: str, value: str) -> None:
    reading = parsers.read("a.md", f"---\ntitle: T\n{key}: {value}\n---\nText.\n".encode(), PLACE)
    (warning,) = reading.warnings
    assert reading.article.retracted and (warning.kind, warning.line) == (Kind.NO_REASON, 3)
    assert "retracted: The figures were wrong" in warning.reason


def test_what_other_systems_write_is_read() -> None:
    assert parsers.read("a.md", b"# The title\n\nText.\n", PLACE).article.title == "The title"
    assert parsers.read("a.md", b"---\nTitle: The title\n---\nText.\n", PLACE).article.title == "The title"


def test_an_article_in_no_topic_is_a_warning() -> None:
    bare = Article(title="T", slug="t", body="<p>A ferry sails.</p>")
    keywords = Site(topics=(Topic(slug="harbour", name="Harbour", keywords=("ferry",)),))
    (warning,) = without_topic(bare, "t.md", Site())
    assert (warning.path, warning.kind) == ("t.md", Kind.NO_TOPIC) and "only the feed of everything has it" in warning.reason
    assert not [*without_topic(bare, "t.md", keywords)]
    assert not [*without_topic(Article(title="T", slug="t", body="", folder="sport"), "t.md", Site())]
    assert [*without_topic(Article(title="T", slug="t", body="", topics=("Sport",)), "t.md", Site(new_topics=False))]
    assert not [*without_topic(Article(title="T", slug="t", body="", retracted="Wrong."), "t.md", Site())]
