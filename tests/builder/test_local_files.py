"""Pictures and articles beside an article: what its text shows and where it leads, as files come, change and go."""

from __future__ import annotations

import json
from datetime import timedelta
from unicodedata import normalize

import pytest

from support.live import NOON, Newsroom

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
OTHER_GIF = GIF.replace(b"\xff\xff\xff", b"\xff\xff\x00", 1)


def body(newsroom: Newsroom, title: str = "Crane") -> str:
    [found] = [item for item in json.loads(newsroom.body("/feeds/all.json"))["items"] if item["title"] == title]
    return str(found["content_html"])


def shown_in(newsroom: Newsroom) -> list[str]:
    """The paths of the pictures that the article shows."""
    return [part.partition('"')[0].removeprefix(newsroom.public_url) for part in body(newsroom).split('src="')[1:]]


def put(newsroom: Newsroom, path: str, data: bytes = GIF) -> None:
    file = newsroom.articles / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def warnings(newsroom: Newsroom, path: str = "harbour/crane.md") -> list[str]:
    return [fault.reason for fault in newsroom.store.files()[path].faults]


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("crane.gif", "harbour/crane.gif"),
        ("./img/a%20crane.gif?v=2", "harbour/img/a crane.gif"),
        ("../images/crane.gif", "images/crane.gif"),
        ("/images/crane.gif", "images/crane.gif"),
        ("été.gif", "harbour/été.gif"),
        ("asset.gif", "harbour/crane/asset.gif"),
        ("../images/crane.gif", "harbour/images/crane.gif"),
        ("{static}/images/crane.gif", "images/crane.gif"),
        ("{attach}crane.gif", "harbour/crane.gif"),
    ],
)
def test_a_picture_in_a_text_is_served_like_the_lead_one(newsroom: Newsroom, written: str, file: str) -> None:
    put(newsroom, file)
    newsroom.write("harbour/crane.md", body=f"See ![A]({written}).", date=NOON - DAY)
    newsroom.build()
    [shown] = [part.partition('"')[0] for part in body(newsroom).split('src="')[1:]]
    path = shown.removeprefix(newsroom.public_url)
    assert path.startswith("/media/")
    assert newsroom.document(path).encodings["identity"].body == GIF
    assert warnings(newsroom) == []


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("![A](gone.gif)", 'the picture "gone.gif" does not exist, so it is left out'),
        ("![A](page.gif)", 'the picture "page.gif" is of no kind that can be shown, so it is left out'),
        ("![A](link.gif)", 'the picture "link.gif" does not exist, so it is left out'),
        ("![A](../../../out.gif)", 'the picture "../../../out.gif" is left out, since that is no address that can be shown'),
        ("![A](.hidden.gif)", 'the picture ".hidden.gif" is left out, since that is no address that can be shown'),
        ("![A](chart.svg)", 'the picture "chart.svg" is left out, since that is no address that can be shown'),
    ],
)
def test_a_picture_that_nobody_could_see_is_left_out_and_said(newsroom: Newsroom, written: str, reason: str) -> None:
    put(newsroom, "harbour/page.gif", b"<script>")
    put(newsroom, "harbour/chart.svg", b"<svg/>")
    put(newsroom, "harbour/.hidden.gif")
    outside = newsroom.articles.parent / "out.gif"
    outside.write_bytes(GIF)
    (newsroom.articles / "harbour" / "link.gif").symlink_to(outside)
    newsroom.write("harbour/crane.md", body=f"See {written} it.", date=NOON - DAY)
    newsroom.build()
    assert "<img" not in body(newsroom)
    assert warnings(newsroom) == [reason]


def test_a_picture_in_a_text_comes_changes_and_goes(newsroom: Newsroom) -> None:
    newsroom.write("harbour/crane.md", body="See ![A](crane.gif) it.", date=NOON - DAY)
    newsroom.build()
    assert "<img" not in body(newsroom)
    put(newsroom, "harbour/crane.gif")
    newsroom.build("harbour/crane.gif", after=MINUTE)
    [first] = shown_in(newsroom)
    assert newsroom.picture("/media/harbour/crane.gif") == newsroom.document(first)
    put(newsroom, "harbour/crane.gif", OTHER_GIF)
    newsroom.build("harbour/crane.gif", after=MINUTE)
    assert newsroom.picture("/media/harbour/crane.gif").encodings["identity"].body == OTHER_GIF
    assert newsroom.document(first).encodings["identity"].body == GIF and shown_in(newsroom) != [first]
    (newsroom.articles / "harbour/crane.gif").unlink()
    newsroom.build(after=MINUTE)
    assert "<img" not in body(newsroom)
    assert newsroom.document("/media/harbour/crane.gif") is None


def test_a_picture_of_an_article_that_is_not_out_is_not_served(newsroom: Newsroom) -> None:
    put(newsroom, "harbour/crane.gif")
    newsroom.write("harbour/crane.md", body="See ![A](crane.gif) it.", date=NOON + DAY)
    newsroom.build()
    assert newsroom.document("/media/harbour/crane.gif") is None
    newsroom.build(after=2 * DAY)
    assert newsroom.picture("/media/harbour/crane.gif").encodings["identity"].body == GIF


@pytest.mark.parametrize(
    ("root", "shown"),
    [
        ("static", "/media/static/images/crane.gif"),
        ("/static/", "/media/static/images/crane.gif"),
        ("https://cdn.example/site/", "https://cdn.example/site/images/crane.gif"),
        (None, "https://tideway.example/images/crane.gif"),
    ],
)
def test_media_root_is_where_the_portals_pictures_lie(newsroom: Newsroom, root: str | None, shown: str) -> None:
    put(newsroom, "static/images/crane.gif")
    setting = f'media_root = "{root}"\n' if root else ""
    newsroom.write("site.toml", f'[site]\ntitle = "T"\nurl = "https://tideway.example/"\n{setting}')
    newsroom.write("harbour/crane.md", body="See ![A](/images/crane.gif) it.", date=NOON - DAY, image="/images/crane.gif")
    newsroom.build()
    shown = str(newsroom.document(shown).location) if shown.startswith("/media/") else shown
    assert f'<img src="{shown}" alt="A"' in body(newsroom)
    assert body(newsroom).count("<img") == 1


def test_what_does_not_lie_under_media_root_is_the_portals(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntitle = "T"\nurl = "https://tideway.example/"\nmedia_root = "static"\n')
    newsroom.write("harbour/crane.md", body="See ![A](/images/crane.gif) it.", date=NOON - DAY)
    newsroom.build()
    assert '<img src="https://tideway.example/images/crane.gif" alt="A">' in body(newsroom)


@pytest.mark.parametrize(
    "written",
    ["vote.md", "./vote.md", "../harbour/vote.md", "/harbour/vote.md", "@/harbour/vote.md", "{filename}vote.md", "vote.md#part"],
)
def test_a_link_to_a_file_is_a_link_to_its_article(newsroom: Newsroom, written: str) -> None:
    newsroom.write("harbour/crane.md", body=f"See [the vote]({written}).", date=NOON - DAY)
    newsroom.write("harbour/vote.md", date=NOON - DAY, slug="the-vote")
    newsroom.build()
    fragment = "#part" if "#" in written else ""
    assert f'<a href="{newsroom.public_url}/articles/the-vote{fragment}">the vote</a>' in body(newsroom)


def test_a_link_to_an_article_follows_it(newsroom: Newsroom) -> None:
    newsroom.write("harbour/crane.md", body="See [the vote](vote.md).", date=NOON - DAY)
    newsroom.build()
    assert body(newsroom) == "<p>See the vote.</p>"
    assert warnings(newsroom) == ['the link "vote.md" leads to no article in the folder, so its words stand alone']
    newsroom.write("harbour/vote.md", date=NOON - DAY)
    newsroom.build("harbour/vote.md", after=MINUTE)
    assert f'href="{newsroom.public_url}/articles/vote"' in body(newsroom)
    assert warnings(newsroom) == []
    newsroom.write("harbour/vote.md", date=NOON - DAY, link="https://tideway.example/vote")
    newsroom.begin()
    newsroom.build("harbour/vote.md", after=MINUTE)
    assert 'href="https://tideway.example/vote"' in body(newsroom)


def test_articles_that_lead_to_each_other(newsroom: Newsroom) -> None:
    newsroom.write("a.md", body="[b](b.md)", title="A", slug="one", date=NOON - DAY)
    newsroom.write("b.md", body="[a](a.md) [itself](b.md)", title="B", slug="two", date=NOON - DAY)
    newsroom.build()
    published = json.loads(newsroom.body("/feeds/all.json"))["items"]
    assert f'href="{newsroom.public_url}/articles/two"' in body(newsroom, "A")
    assert body(newsroom, "B").count(f"{newsroom.public_url}/articles/") == 2
    newsroom.begin()
    assert newsroom.build(after=MINUTE).generation is None
    assert [(item["id"], item["date_published"]) for item in published] == [
        (item["id"], item["date_published"]) for item in json.loads(newsroom.body("/feeds/all.json"))["items"]
    ]


def test_a_link_to_a_page_that_is_no_article_stays(newsroom: Newsroom) -> None:
    newsroom.write("a.md", body="[b](b.html) [c](c)", title="Crane", date=NOON - DAY)
    newsroom.build()
    assert f'href="{newsroom.public_url}/articles/b.html"' in body(newsroom)


FORMS = [("NFC", "NFD"), ("NFD", "NFC")]


@pytest.mark.parametrize(("written", "stored"), FORMS)
def test_a_picture_is_found_however_its_letters_are_composed(newsroom: Newsroom, written: str, stored: str) -> None:
    """A name typed on one system is composed, the file that a Mac copied is not; folders may differ from names."""
    name, file = normalize(written, "é/été.gif"), normalize(stored, "harbour/é/été.gif")
    newsroom.write("harbour/crane.md", body=f"See ![A]({name}).", image=normalize(written, "é/lead.gif"), date=NOON - DAY)
    newsroom.build()
    assert len(warnings(newsroom)) == 2
    put(newsroom, file)
    put(newsroom, f"harbour/{normalize(stored, 'é')}/lead.gif", OTHER_GIF)
    newsroom.build(after=MINUTE)
    assert warnings(newsroom) == []
    shown = shown_in(newsroom)[-1]
    assert newsroom.document(shown).encodings["identity"].body == GIF
    [item] = json.loads(newsroom.body("/feeds/all.json"))["items"]
    assert newsroom.document(item["image"].removeprefix(newsroom.public_url)).encodings["identity"].body == OTHER_GIF
    put(newsroom, file, OTHER_GIF)
    newsroom.build(after=MINUTE)
    assert newsroom.document(shown_in(newsroom)[-1]).encodings["identity"].body == OTHER_GIF
    newsroom.begin()
    assert newsroom.build(after=MINUTE).generation is None, "nothing is read again for its spelling"


@pytest.mark.parametrize(("written", "stored"), FORMS)
def test_a_link_finds_its_article_however_its_letters_are_composed(newsroom: Newsroom, written: str, stored: str) -> None:
    file = normalize(stored, "harbour/été.md")
    newsroom.write("harbour/crane.md", body=f"See [the summer]({normalize(written, 'été.md')}).", date=NOON - DAY)
    newsroom.build()
    assert body(newsroom) == "<p>See the summer.</p>"
    newsroom.write(file, date=NOON - DAY)
    newsroom.build(file, after=MINUTE)
    assert f'href="{newsroom.public_url}/articles/%C3%A9t%C3%A9"' in body(newsroom)
    assert warnings(newsroom) == []
    newsroom.begin()
    assert newsroom.build(after=MINUTE).generation is None


def test_a_pdf_to_which_a_text_leads_is_served_to_be_saved(newsroom: Newsroom) -> None:
    put(newsroom, "harbour/Minutes of May.PDF", b"%PDF-1.7 minutes")
    put(newsroom, "harbour/no.pdf", b"<script>")
    text = "[The minutes](Minutes%20of%20May.PDF), [no](no.pdf), [gone](gone.pdf), ![shown](no.pdf)"
    newsroom.write("harbour/crane.md", body=text, date=NOON - DAY)
    newsroom.build()
    path = "/media/harbour/Minutes%20of%20May.PDF"
    assert f'<a href="{newsroom.public_url}{path}">The minutes</a>, no, gone' in body(newsroom)
    answer = newsroom.client().get(path)
    assert (answer.status_code, answer.data) == (200, b"%PDF-1.7 minutes")
    sent = [answer.headers[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")]
    assert sent == ["application/pdf", "attachment", "nosniff"]
    said = warnings(newsroom)
    assert 'the file "gone.pdf" does not exist, so the words of its link stand alone' in said
    assert 'the file "no.pdf" is of no kind that can be shown, so the words of its link stand alone' in said
    newsroom.write("harbour/crane.md", body="No more.", date=NOON - DAY)
    newsroom.build("harbour/crane.md", after=MINUTE)
    assert newsroom.client().get(path).status_code == 404


def test_a_pdf_is_no_lead_picture(newsroom: Newsroom) -> None:
    put(newsroom, "harbour/crane.gif", b"%PDF-1.7 minutes")
    newsroom.write("harbour/crane.md", image="crane.gif", date=NOON - DAY)
    newsroom.build()
    assert warnings(newsroom) == ["its picture harbour/crane.gif is of no kind that can be shown"]
