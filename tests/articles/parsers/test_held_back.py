"""What must not get out: drafts, embargoes and expiries, in whatever words other systems say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedsvc.articles.parsers import Reading, read
from feedsvc.errors import ArticleError
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

LONDON = Urls("https://feeds.example", Site(timezone="Europe/London"))
PATH = "harbour/ferry.md"


def reading(*lines: str, path: str = PATH) -> Reading:
    return read(path, "\n".join(("---", "title: x", *lines, "---", "Body.")).encode(), LONDON)


def faults(*lines: str) -> list[str]:
    with pytest.raises(ArticleError) as caught:
        reading(*lines)
    return [str(fault).removeprefix(f"{PATH}:") for fault in caught.value.faults]


@pytest.mark.parametrize(
    "line",
    [
        *("draft: true", "Draft: yes", "DRAFT: 'true'", 'draft: "1"', "isDraft: true", "is_draft: on"),
        *("published: false", "Published: no", "publish: false", "isPublished: false", "public: 'no'", "published: 0"),
        *("status: draft", "Status: Draft", "status: private", "status: pending", "status: scheduled", "post_status: trash"),
        *("wip: true", "state: draft", "State: In review", "visibility: private", "visibility: members", "stage: unpublished"),
        *("_build: {render: never, list: never}", "build: {list: false}"),
        *("hidden: true", "unlisted: true", "private: yes", "password: hunter2", "eleventyExcludeFromCollections: true"),
    ],
)
def test_it_is_a_draft(line: str) -> None:
    assert reading(line).article.draft


@pytest.mark.parametrize(
    "text",
    [
        *("Title: Ferry\nStatus: draft\n\nBody.\n", "TITLE: Ferry\nDate: 2026-05-21\nPublished: no\n\nBody.\n"),
        *("---\nTitle: Ferry\nDraft: true\n---\nBody.\n", '{"Title": "Ferry", "Draft": true}\n\nBody.\n'),
        '+++\nTitle = "Ferry"\nDraft = true\n+++\nBody.\n',
    ],
)
def test_so_it_is_in_every_dialect_with_its_title_in_any_case(text: str) -> None:
    article = read(PATH, text.encode(), LONDON).article
    assert (article.title, article.draft) == ("Ferry", True)


@pytest.mark.parametrize(
    "line",
    [
        *("draft: false", "draft:", "published: true", "published: 2026-05-21T09:00Z", "published:", "status: published"),
        *("wip: false", "state: Ohio", "state:", "visibility: public", "build: 2026.1", "_build: {publishResources: false}"),
        *("Status: Public", "status:", "hidden: false", "unlisted: no", "private:", "password: ''", "publish: yes"),
    ],
)
def test_it_is_no_draft(line: str) -> None:
    assert not reading(line).article.draft


@pytest.mark.parametrize("path", ["_drafts/a.md", "harbour/_drafts/a.md", "_Drafts/2026/a.md", "drafts/a.html"])
def test_what_lies_among_drafts_is_one_whatever_it_says(path: str) -> None:
    assert reading("published: true", path=path).article.draft


@pytest.mark.parametrize("path", ["drafts.md", "harbour/nfl-draft/a.md", "my_drafts/a.md", "draft/a.md"])
def test_other_folders_are_no_folders_of_drafts(path: str) -> None:
    assert not reading(path=path).article.draft


def test_a_status_that_nobody_knows_holds_back_and_says_so() -> None:
    found = reading("status: With the lawyers")
    assert found.article.draft
    reason = f'{PATH}:3: warning: status "With the lawyers" is not "published", so the article is a draft'
    assert [str(warning) for warning in found.warnings] == [reason]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["draft: false", "published: false"], "4: published contradicts draft in line 3; keep one, or make them agree"),
        (["status: draft", "Published: true"], "4: Published contradicts status in line 3; keep one, or make them agree"),
        (["published: true", "draft: true"], "4: draft contradicts published in line 3; keep one, or make them agree"),
        (["draft: no", "Draft: yes"], "4: Draft contradicts draft in line 3; keep one, or make them agree"),
        (
            ["date: 2026-05-21T09:00Z", "publishDate: 2099-01-01T09:00Z"],
            "4: publishDate contradicts date in line 3; keep one, or make them agree",
        ),
        (
            ["pubDate: 2026-05-21", "published: 2026-05-22"],
            "4: published contradicts pubDate in line 3; keep one, or make them agree",
        ),
        (
            ["expires: 2027-01-01", "expiryDate: 2028-01-01"],
            "4: expiryDate contradicts expires in line 3; keep one, or make them agree",
        ),
    ],
)
def test_two_keys_that_disagree_are_refused_with_both_lines(lines: list[str], fault: str) -> None:
    assert faults(*lines) == [fault]


@pytest.mark.parametrize(
    "lines",
    [
        ["date: 2026-05-21T09:00+01:00", "publishDate: 2026-05-21T08:00Z"],
        ["date: 2026-05-21", "publishDate: 2026-05-21T09:00+01:00"],
        ["published: true", "date: 2026-05-21T08:00Z", "draft: false", "status: published"],
        ["created: 2020-01-01", "date: 2026-05-21T08:00Z"],
        ["created: 2026-05-21T08:00Z"],
        ["Date: 2026-05-21T08:00Z"],
        ["PubDate: 2026-05-21T08:00Z"],
    ],
)
def test_keys_that_agree_are_one_date(lines: list[str]) -> None:
    assert reading(*lines).article.date == datetime(2026, 5, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize("key", ["expiryDate", "expires", "expiry_date", "expirationDate", "unpublishDate"])
def test_an_expiry(key: str) -> None:
    assert reading("date: 2026-05-21T08:00Z", f"{key}: 2026-06-01T00:00Z").article.expires == datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("key", ["lastmod", "last_modified_at", "modified", "modified_time", "Updated", "dateModified"])
def test_a_last_change(key: str) -> None:
    assert reading(f"{key}: 2026-06-01T00:00Z", "updated: 2026-05-30T00:00Z").article.updated == datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2026-05-21-ferry.md", datetime(2026, 5, 20, 23, tzinfo=UTC)),
        ("harbour/2026-01-21_ferry.txt.md", datetime(2026, 1, 21, tzinfo=UTC)),
        ("harbour/2026-5-1 ferry.md", datetime(2026, 4, 30, 23, tzinfo=UTC)),
        ("2026.01.21.md", datetime(2026, 1, 21, tzinfo=UTC)),
        ("20260121-ferry.md", datetime(2026, 1, 21, tzinfo=UTC)),
        ("harbour/2099-01-01-ferry/index.md", datetime(2099, 1, 1, tzinfo=UTC)),
        ("harbour/2099-01-01-ferry/INDEX.HTML", datetime(2099, 1, 1, tzinfo=UTC)),
        ("2026-02-30-ferry.md", None),
        ("9999-01-01-ferry.md", None),
        ("1226-01-01-ferry.md", None),
        ("2026-05-211-ferry.md", None),
        ("202601211-ferry.md", None),
        ("ferry-2099-01-01.md", None),
        ("2099-01-01/ferry.md", None),
        ("٢٠٢٦-٠٥-٢١-ferry.md", None),
    ],
)
def test_the_day_in_a_name(path: str, day: datetime | None) -> None:
    found = read(path, b"---\ntitle: x\nslug: x\n---\nBody.", LONDON)
    assert (found.article.date, found.article.day) == (None, day)
    assert not found.warnings


def test_a_date_in_the_file_comes_before_the_day_in_its_name() -> None:
    found = reading("date: 2026-05-22T08:00Z", path="2099-01-01-a.md").article
    assert (found.date, found.day) == (datetime(2026, 5, 22, 8, tzinfo=UTC), None)


def test_an_article_expires_after_the_day_in_its_name() -> None:
    with pytest.raises(ArticleError, match=r"a\.md:3: expires is not after date"):
        reading("expires: 2026-05-21", path="2026-05-21-a.md")
