"""What `check` says of articles in a folder, in this process; the command itself is in test_cli."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.builder.check import check

NOW = datetime(2026, 5, 21, 12, tzinfo=UTC)
ARTICLES = {
    "small.md": ("The ferry runs later on Fridays", "image: small.gif"),
    "large.md": ("Tide tables for the summer are out", "image: large.gif"),
    "lost.md": ("A seal was seen in the inner harbour", "image: lost.gif"),
    "bare.md": ("Council votes on the new breakwater", "author: Ada Keel"),
    "draft.md": ("Not ready", "draft: true"),
    "wrong.md": ("Not true", "retracted: It was wrong."),
}
SIZES = {"small.gif": (640, 399), "large.gif": (720, 400)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("articles")
    for name, (title, front) in ARTICLES.items():
        (made / name).write_text(f"---\ntitle: {title}\ndate: 2026-05-20T09:30:00Z\ntopics: [Harbour]\n{front}\n---\nIt rained.\n")
    for name, (width, height) in SIZES.items():
        (made / name).write_bytes(b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";")
    return made


def asked(folder: Path, *partners: str) -> list[str]:
    result = check(folder, [], "https://feeds.example", NOW, partners)
    return [str(fault).removeprefix(f"{folder}/") for fault in result.faults]


def test_partners_are_asked_about_every_article_that_is_in_a_feed_and_its_picture_as_it_is(folder: Path) -> None:
    assert asked(folder, "msn", "flipboard") == [
        "bare.md: it has no image; Flipboard asks for one",
        "bare.md: it has no image; MSN asks for one",
        "lost.md: it has no image; Flipboard asks for one",
        "lost.md: it has no image; MSN asks for one",
        "lost.md: warning: its picture lost.gif does not exist",
        "small.md: its image has 640 by 399 pixels; Flipboard asks for 400 by 400",
        "small.md: its image has 640 by 399 pixels; MSN asks for 720 in width or height",
    ]


def test_each_partner_has_its_own_rules(folder: Path) -> None:
    assert [line for line in asked(folder, "smartnews") if ": warning: " not in line] == [
        "site.toml: there is no description or tagline of up to 30 characters; SmartNews asks for one, and gets the title",
        "site.toml: there is no logo; SmartNews asks for one",
    ]


def test_there_is_advice_for_the_partners_that_site_toml_names_and_for_no_others(folder: Path) -> None:
    missing = "lost.md: warning: its picture lost.gif does not exist"
    assert asked(folder) == [missing]
    site = folder / "site.toml"
    site.write_text('[site]\npartners = ["flipboard"]\n')
    try:
        assert asked(folder) == [
            "bare.md: warning: it has no image; Flipboard asks for one",
            "lost.md: warning: it has no image; Flipboard asks for one",
            missing,
            "small.md: warning: its image has 640 by 399 pixels; Flipboard asks for 400 by 400",
        ]
        said = [line for line in asked(folder, "smartnews") if "site.toml" not in line]
        assert said == [missing], "who names a partner asks about that one"
    finally:
        site.unlink()


def test_a_copy_is_refused_as_a_build_does_and_is_no_second_slug(tmp_path: Path) -> None:
    for name in ("2026/ferry.md", "2027/ferry.md"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("---\ntitle: The ferry\ndate: 2026-05-20T09:30:00Z\ntopics: [Harbour]\n---\nIt rained.\n")
    assert asked(tmp_path) == [
        "2027/ferry.md: is a copy of 2026/ferry.md, which was there first; delete one of them, or give it another slug"
    ]
