"""Slugs in every script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.model import slugs
from feedsvc.model.slugs import MAX_SLUG_BYTES, is_slug, slug_from_file, slugify


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Politics", "politics"),
        ("  Out & about  ", "out-about"),
        ("Britain's news", "britains-news"),
        ("Britain’s news", "britains-news"),
        ("Rock ’n’ roll", "rock-n-roll"),
        ("a/b\\c.d", "a-b-c-d"),
        ("../x", "x"),
        ("under_score", "under-score"),
        ("already-a-slug", "already-a-slug"),
        ("--a--b--", "a-b"),
        ("2026", "2026"),
        ("½ price", "1-2-price"),
        ("Été à Paris", "été-à-paris"),
        ("E\u0301te\u0301", "été"),
        ("Straße", "strasse"),
        ("İstanbul", "i̇stanbul"),
        ("ΟΔΟΣ", "οδοσ"),
        ("Новости", "новости"),
        ("日本 ニュース", "日本-ニュース"),
        ("ＦＵＬＬ ｗｉｄｔｈ", "full-width"),
        ("한국", "한국"),
        ("مرحبا بالعالم", "مرحبا-بالعالم"),
        ("हिन्दी समाचार", "हिन्दी-समाचार"),
        ("ข่าวท่วม", "ข่าวท่วม"),
        ("தமிழ்", "தமிழ்"),
        ("ქართული", "ქართული"),
        ("👩‍👩‍👧 family", "family"),
        ("C++", "c-plus-plus"),
        ("C#", "c-number"),
        ("C", "c"),
        ("£100 fines", "pound-100-fines"),
        ("a < b", "a-less-than-b"),
        ("Fun 🎉", "fun"),
        ("🎉", "party-popper"),
        ("❤️", "heavy-black-heart"),
        ("", ""),
        ("!!! ---", ""),
        ("\u202e", ""),
        ("\ud800", ""),
        ("\x00a\x00", "a"),
    ],
)
def test_slugify(name: str, slug: str) -> None:
    assert slugify(name) == slug


@pytest.mark.parametrize("letter", ["a", "é", "日", "𝔞"])
def test_a_slug_is_cut_between_characters(letter: str) -> None:
    slug = slugify(letter * 300)
    assert 0 <= MAX_SLUG_BYTES - len(slug.encode()) < 4
    assert is_slug(slug)


def test_a_cut_slug_ends_with_no_hyphen() -> None:
    assert slugify("a" * 199 + " b") == "a" * 199


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a", True),
        ("A_b-9", True),
        ("été", True),
        ("हिन्दी", True),
        ("a" * 200, True),
        ("a" * 201, False),
        ("é" * 101, False),
        ("", False),
        ("a b", False),
        ("a/b", False),
        ("a.b", False),
        (".", False),
        ("..", False),
        ("a%20b", False),
        ("a?b", False),
        ("a#b", False),
        ("a\n", False),
        ("a\u200db", False),
        ("\x00", False),
        ("\ud800", False),
        ("a\u202eb", False),
    ],
)
def test_is_slug(text: str, fits: bool) -> None:
    assert is_slug(text) is fits


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("ferry.md", "ferry"),
        ("2026-05-21-ferry.md", "ferry"),
        ("2026-05-21_Ferry late.html", "ferry-late"),
        ("2026-05-21 ferry.txt", "ferry"),
        ("2026-05-21.md", "2026-05-21"),
        ("2026-05-21-.md", "2026-05-21"),
        ("2026-05-21-2026-05-22-tides.md", "2026-05-22-tides"),
        ("2026-5-1-tides.md", "2026-5-1-tides"),
        ("a.b.md", "a-b"),
        ("no ending", "no-ending"),
        ("!!!.md", ""),
    ],
)
def test_a_files_slug(name: str, slug: str) -> None:
    assert slug_from_file(name) == slug


joined = st.text(st.sampled_from("aÉ'’\u0345\u0301\u0740\u08d1ﬁΣςſİŉ日\u200d -_"), max_size=12)


@given(st.text() | joined)
@example("\u0740’\u08d1")
@example("e'\u0301")
@example("ŉ")
def test_a_slug_is_its_own_slug(name: str) -> None:
    slug = slugify(name)
    assert slugify(slug) == slug
    assert slug == "" or is_slug(slug)
    assert slug == slug.casefold() == unicodedata.normalize("NFC", slug)
    assert not slug.startswith("-") and not slug.endswith("-") and "--" not in slug


@given(st.text())
def test_case_and_composition_do_not_count(name: str) -> None:
    assert slugify(unicodedata.normalize("NFD", name)) == slugify(unicodedata.normalize("NFC", name))


@given(st.from_regex(slugs._NEARLY, fullmatch=True) | st.text("abcYZ09 -", max_size=8))
def test_names_that_are_nearly_slugs_are_spelled_as_others_are(name: str) -> None:
    assert slugify(name) == slugs._spelled(name)


@given(st.text(min_size=1))
def test_any_files_name_gives_a_slug_or_none(name: str) -> None:
    slug = slug_from_file(name)
    assert slug == "" or is_slug(slug)
