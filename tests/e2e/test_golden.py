"""The golden documents (tests/support/golden.py): the same articles give the same bytes, and a change shows."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from difflib import unified_diff

import pytest

from feedsvc.articles.authors_toml import KEYS as AUTHOR_KEYS
from feedsvc.articles.feeds_toml import KEYS
from feedsvc.model.site import Site, Topic
from support.docs import named
from support.golden import ANSWERS, EXPECTED, NEWSROOM, make

NAMES = sorted(path.relative_to(EXPECTED).as_posix() for path in EXPECTED.rglob("*") if path.is_file())
RENEWED_BY = "where this is meant, raise VERSION in feedsvc/render.py and run PYTHONPATH=tests python -m support.golden"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return make(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_made_is_what_is_expected(name: str, made: dict[str, str]) -> None:
    expected = (EXPECTED / name).read_bytes().decode()
    now = made.get(name, "")
    if now != expected:
        difference = unified_diff(expected.splitlines(), now.splitlines(), "expected", "made", lineterm="", n=2)
        pytest.fail("\n".join((f"{name} has changed; {RENEWED_BY}", *difference)), pytrace=False)


def test_all_that_is_made_is_expected(made: dict[str, str]) -> None:
    assert sorted(made.keys() - set(NAMES)) == [], RENEWED_BY


def test_no_link_leads_nowhere_and_no_unseen_article_has_a_page(made: dict[str, str]) -> None:
    assert re.findall("^404 (.*?) ", made[ANSWERS], re.MULTILINE) == ["/articles/budget", "/articles/spending"]


def test_nothing_tells_of_a_draft_or_an_embargo(made: dict[str, str]) -> None:
    assert [name for name, text in made.items() if re.search("nobody may see|unseen.plans", text, re.IGNORECASE)] == []


def test_the_newsroom_has_every_key_of_an_article() -> None:
    texts = [file.read_text("utf-8") for file in NEWSROOM.rglob("*.*") if file.suffix in (".md", ".html")]
    fronts = [text.split("---\n")[1] for text in texts]
    assert {key for front in fronts for key in re.findall(r"^(\w+):", front, re.MULTILINE)} == named("docs/articles.md", "Keys")


def test_the_newsroom_has_every_key_of_its_site() -> None:
    written = tomllib.loads((NEWSROOM / "today" / "site.toml").read_text("utf-8"))
    tables = {"topics", "feeds", "authors", "redirects", "webhooks", "purges"}
    assert {*written["site"], *tables} == {field.name for field in fields(Site) if field.init} and tables <= written.keys()
    keys = {key for topic in written["topics"].values() for key in topic}
    assert keys == {field.name for field in fields(Topic) if field.name != "slug"}
    assert {key for author in written["authors"].values() for key in author} == {*AUTHOR_KEYS}
    assert {key for feed in written["feeds"].values() for key in feed} | {"all", "authors"} == {*KEYS}
