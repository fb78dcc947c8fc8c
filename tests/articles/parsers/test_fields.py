"""The keys of the front matter: what each may hold, and what is said of it otherwise."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from feedsvc.articles.parsers import Reading, read
from feedsvc.errors import ArticleError
from feedsvc.model.article import Article, ArticleKind, Claim, Correction, Image, Medium, Recording
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

ADDRESSES = Urls("https://feeds.example", Site(timezone="Europe/London"))
NINE = datetime(2026, 5, 21, 9, tzinfo=UTC)
PATH = "politics/2026/2026-05-21-ferry.md"


def reading(*lines: str, path: str = PATH) -> Reading:
    front = "\n".join(lines) if lines and lines[0].startswith("title") else "\n".join(("title: x", *lines))
    return read(path, f"---\n{front}\n---\nBody.\n".encode(), ADDRESSES)


def article(*lines: str) -> Article:
    return reading(*lines).article


def faults(*lines: str, path: str = PATH) -> list[str]:
    with pytest.raises(ArticleError) as caught:
        reading(*lines, path=path)
    return [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults]


def warnings(*lines: str, path: str = PATH) -> list[str]:
    return [str(fault).removeprefix(f"{path}:") for fault in reading(*lines, path=path).warnings]


def test_every_key_at_once() -> None:
    found = article(
        "title: The *ferry* — & more", "id: urn:x:1", "slug: Ferry_1", "date: 2026-05-21T09:00Z", "updated: 2026-05-22T09:00Z",
        "expires: 2027-01-01T00:00Z", "draft: Yes", "authors: [{name: Ada, url: https://ada.example/}, Tom]",
        "topics: [Harbour, Late boats]", "story: The ferry",
        "summary: |", "  Two", "  lines.", "key_points:", "  - One", "  - Two", "why_it_matters: |", "  A", "  b.", "", "  C.",
        "what_it_means: D", "link: /boats?a=1", "image: {src: dusk.jpg, alt: Dusk, credit: A. Keel}", "breaking: 2026-05-21T12:00Z",
        "images: [dawn.jpg]", "audio: https://x.example/a.mp3", "video: https://x.example/a.mp4",
        "claim: Confirmed", "corrections:", "  - date: 2026-05-23T09:00Z", "    text: It is the Heron.",
        "tags: night life, [x]",
        "retracted: Wrong boat", "lead: true", "kind: Opinion", "syndicate: [Evening]",
        "language: en-GB", "translation_of: cwch", "aliases: [/2019/boat/, gong, /2019/boat]",
    )  # fmt: skip
    assert found == Article(
        title="The ferry — & more",
        slug="Ferry_1",
        body="<p>Body.</p>",
        id="urn:x:1",
        date=NINE,
        updated=datetime(2026, 5, 22, 9, tzinfo=UTC),
        expires=datetime(2027, 1, 1, tzinfo=UTC),
        draft=True,
        authors=("Ada", "Tom"),
        author_urls=(("Ada", "https://ada.example/"),),
        topics=("Harbour", "Late boats"),
        tags=("night life", "[x]"),
        folder="politics",
        story="The ferry",
        standfirst="Two lines.",
        key_points=("One", "Two"),
        why_it_matters="A b.\n\nC.",
        what_it_means="D",
        link="https://feeds.example/boats?a=1",
        image=Image(
            src="https://feeds.example/media/politics/2026/dusk.jpg",
            alt="Dusk",
            credit="A. Keel",
            file="politics/2026/dusk.jpg",
        ),
        images=(Image(src="https://feeds.example/media/politics/2026/dawn.jpg", file="politics/2026/dawn.jpg"),),
        audio=Recording(medium=Medium.AUDIO, src="https://x.example/a.mp3", type="audio/mpeg"),
        video=Recording(medium=Medium.VIDEO, src="https://x.example/a.mp4", type="video/mp4"),
        breaking=True,
        breaking_until=datetime(2026, 5, 21, 12, tzinfo=UTC),
        claim=Claim.CONFIRMED,
        corrections=(Correction(datetime(2026, 5, 23, 9, tzinfo=UTC), "It is the Heron."),),
        retracted="Wrong boat",
        lead=True,
        kind=ArticleKind.OPINION,
        syndicate=("evening",),
        language="en-GB",
        translation_of="cwch",
        aliases=("/2019/boat", "/politics/2026/gong"),
    )
    silent = Article(title="x", slug="x", body="<p>Body.</p>")
    besides = ("body", "day", "body_pictures")  # a day counts only where no date is given; the last are known later
    assert all(getattr(found, field.name) != getattr(silent, field.name) for field in fields(Article) if field.name not in besides)


@pytest.mark.parametrize("typed", ["no", "12:30:45", "2024", "0123", "2026-05-21", "<script>alert(1)</script> ]]> & a < b"])
def test_a_title_is_the_text_as_typed(typed: str) -> None:
    assert article(f"title: {typed}").title == typed


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        (["author: Ada Keel, MP"], "authors", ("Ada Keel, MP",)),
        (["topics: Harbour, Late boats ,council"], "topics", ("Harbour", "Late boats", "council")),
        (["topics: [Harbour, harbour, HARBOUR]"], "topics", ("Harbour",)),
        (["topics: []"], "topics", ()),
        (["key_points: One, and only"], "key_points", ("One, and only",)),
        (["breaking: true"], "breaking", True),
        (["breaking: no"], "breaking", False),
        (["draft: off"], "draft", False),
        (["retracted: true"], "retracted", "This article has been retracted."),
        (["retracted: false"], "retracted", None),
        (["expires:", "id: ~", "slug:", "story: ''", "image:", "author:"], "slug", "ferry"),
        (["link: //x.example/y"], "link", "https://x.example/y"),
        (["corrections: {date: 2026-05-21T09:00Z, text: A}"], "corrections", (Correction(NINE, "A"),)),
    ],
)
def test_short_ways_to_write_it(lines: list[str], field: str, value: object) -> None:
    assert getattr(article(*lines), field) == value


@pytest.mark.parametrize(
    ("written", "src", "file"),
    [
        ("https://x.example/a.svg", "https://x.example/a.svg", None),
        ("//x.example/a.png", "https://x.example/a.png", None),
        ("/a.png", "https://feeds.example/a.png", None),
        ("a b.PNG", "https://feeds.example/media/politics/2026/a%20b.PNG", "politics/2026/a b.PNG"),
        ("./sub/../a.webp", "https://feeds.example/media/politics/2026/a.webp", "politics/2026/a.webp"),
        ("../../a.gif", "https://feeds.example/media/a.gif", "a.gif"),
    ],
)
def test_an_image_lies_elsewhere_or_beside_the_article(written: str, src: str, file: str | None) -> None:
    assert article(f"image: '{written}'").image == Image(src=src, file=file)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("title:", "2: title is empty"),
        ("title: null", "2: title is empty"),
        ("title: ''", "2: title is empty"),
        ('title: "\\u200b"', "2: title is empty"),
        ("title: [a]", "2: title is a text, not a list"),
        ("title: {a: b}", "2: title is a text, not a table"),
        ("title: " + "x" * 1001, "2: title has 1,001 characters; at most 1,000 are allowed"),
        ("id: ''", "3: id is empty"),
        ("id: " + "x" * 1001, "3: id has 1,001 characters; at most 1,000 are allowed"),
        ("slug: ''", "3: slug is empty"),
        ("slug: ../x", '3: slug "../x" is not letters, digits and hyphens; "x" would be one'),
        ("slug: a/../b", '3: slug "a/../b" is not letters, digits and hyphens; "a-b" would be one'),
        ("slug: .", '3: slug "." is not letters, digits and hyphens'),
        ("topics: ../x", '3: topic "../x" is not a name'),
        ("topics: [a/b]", '3: topic "a/b" is not a name'),
        ("topics: [.]", '3: topic "." is not a name'),
        ("topics: ['']", "3: a topic is empty"),
        ("topics: ''", "3: a topic is empty"),
        ("topics: [~]", "3: a topic is empty"),
        ("topics: {a: b}", "3: topics is a list of names, not a table"),
        ("topics: [[a]]", "3: a topic is a text, not a list"),
        (f"topics: [{', '.join(f't{number}' for number in range(10_000))}]", "3: 10,000 topics are named; at most 50 are allowed"),
        (f"authors: [{', '.join('a' * 51)}]", "3: authors has 51 of them; at most 50 are allowed"),
        ("key_points: [a, ~]", "3: one of key_points is empty"),
        ("story: '!'", '3: story "!" is not a name'),
        ("date: 2024-02-30", '3: date "2024-02-30" is not a date'),
        ("updated: 2026-05-21T25:00Z", '3: updated "2026-05-21T25:00Z" is not a time of day'),
        ("expires: 9999-01-01", '3: expires "9999-01-01" is outside the years 1970 to 2100'),
        ("date: [2026-05-21]", "3: date is a text, not a list"),
        ("draft: perhaps", '3: draft "perhaps" is neither true nor false'),
        ("breaking: soon", '3: breaking "soon" is neither true nor false'),
        ("breaking: 2026-02-30", '3: breaking "2026-02-30" is not a date'),
        ("breaking: [a]", "3: breaking is a text, not a list"),
        ("claim: rumour", '3: claim "rumour" is neither reported nor confirmed'),
        ("language: English!", '3: language "English!" is not a language tag such as "en-GB"'),
        ("link: javascript:alert(1)", '3: link "javascript:alert(1)" is not an http(s) address'),
        ("link: mailto:a@b.example", '3: link "mailto:a@b.example" is not an http(s) address'),
        ("image: data:image/png;base64,x", '3: image "data:image/png;base64,x" is not an http(s) address'),
        ("image: ../../../x.png", '3: image "../../../x.png" leads out of the articles folder'),
        ("image: .git/x.png", '3: image ".git/x.png" is a hidden file'),
        ("image: a\\b.png", '3: image "a\\b.png" contains a backslash; separate folders with /'),
        ("image: x.doc", '3: image "x.doc" is not a picture; known are .jpg, .jpeg, .png, .gif, .webp, .avif'),
        ("image: ../../../x.svg", '3: image "../../../x.svg" leads out of the articles folder'),
        ("image: {alt: x}", "3: image has no src"),
        ("image: {src: ~}", "3: image src is empty"),
        ("image: [a.png]", "3: image src is a text, not a list"),
        ("corrections: x", "3: a correction has a date and a text"),
        ("corrections: [{date: 2026-05-21T09:00Z}]", "3: a correction has a date and a text"),
        ("corrections: [{date: x, text: y}]", '3: a correction\'s date "x" is not a date such as'),
        (f"corrections: [{', '.join('a' * 51)}]", "3: corrections has 51 of them; at most 50 are allowed"),
        ("why_it_matters: [a]", "3: why_it_matters is a text, not a list"),
        ("standfirst: " + "x" * 10_001, "3: standfirst has 10,001 characters; at most 10,000 are allowed"),
    ],
    ids=lambda text: text[:30],
)
def test_a_fault_has_its_line_and_reason(line: str, fault: str) -> None:
    found = faults(line)
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_all_faults_of_a_file_come_at_once_by_line() -> None:
    found = faults("date: 2024-02-30", "topics: [ok, a/b]", "claim: x", "corrections:", "  - date: y", "    text: [z]")
    assert [fault.split(":")[0] for fault in found] == ["3", "4", "5", "7", "8"]


def test_two_spellings_of_one_key_are_refused() -> None:
    assert faults("author: a", "standfirst: b", "authors: c", "summary: d") == [
        "5: authors is the same as author in line 3; keep one",
        "6: summary is the same as standfirst in line 4; keep one",
    ]


def test_an_article_expires_after_its_date() -> None:
    assert faults("expires: 2026-05-21T09:00Z", "date: 2026-05-21T10:00+01:00") == ["3: expires is not after date"]


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        ("topcis: a", '3: warning: unknown key "topcis"; did you mean "topics"?'),
        ("Key-Points: a", '3: warning: unknown key "Key-Points"; did you mean "key_points"?'),
        (
            "image: chart.svg",
            '3: warning: image "chart.svg" can\'t be shown, so the article has none; save it as .jpg, .jpeg, .png',
        ),
        ("zzz: a", '3: warning: unknown key "zzz"; known are title, id, slug'),
        ("image: {src: /a.png, atl: x}", '3: warning: unknown key "atl"; did you mean "alt"?'),
        ("corrections: {date: 2026-05-21T09:00Z, text: a, by: b}", '3: warning: unknown key "by"; known are date, text'),
        ("date: 2026-05-21", '3: warning: date "2026-05-21" has no time zone; it is read as Europe/London time'),
        ("topics: [All, a]", '3: warning: topic "All" is left out, since that name is reserved'),
    ],
)
def test_what_does_no_harm_is_a_warning(line: str, warning: str) -> None:
    found = warnings(line)
    assert len(found) == 1
    assert found[0].startswith(warning)


@pytest.mark.parametrize(
    ("path", "slug", "folder"),
    [
        ("2026-05-21-a-b.md", "a-b", None),
        ("2026/a.md", "a", None),
        ("politics/a.md", "a", "politics"),
        ("Local News/deep/er/A.md", "a", "Local News"),
        ("!/a.md", "a", None),
        ("x/2026-05-21.md", "2026-05-21", "x"),
    ],
)
def test_the_path_gives_the_slug_and_a_topic(path: str, slug: str, folder: str | None) -> None:
    found = reading(path=path).article
    assert (found.slug, found.folder) == (slug, folder)


def test_a_reserved_folder_is_a_warning_and_no_topic() -> None:
    assert reading(path="digest/a.md").article.folder is None
    assert warnings(path="digest/a.md") == [' warning: the folder "digest" is no topic, since that name is reserved']


def test_a_file_name_that_makes_no_slug_asks_for_one() -> None:
    assert faults(path="x/!!.md") == ['1: no slug can be made of the file\'s name "!!.md"; give it one with slug:']
    assert reading("slug: a", path="x/!!.md").article.slug == "a"
