"""Previews: exactly what will be published, for who has the token or a link that holds, and for nobody else, anywhere."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from html import escape, unescape

import pytest

from feedsvc.articles.parser_pool import ParserPool
from feedsvc.errors import ArticleError, Fault
from feedsvc.processes.sandboxed_process import Crashed
from feedsvc.web.previews import Previews
from support.live import NOON, Newsroom, until
from support.makers import PNG
from support.newsroom import HOSTILE
from support.previewing import Desk, page_in, shown_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Words that stand nowhere else, in every field of an article that holds some.
PLANTED = "zyxwvut"
WRITTEN = {
    "title": f"{PLANTED}title comes",
    "authors": [f"{PLANTED}author"],
    "topics": [f"{PLANTED}topic", "Harbour"],
    "tags": [f"{PLANTED}tag"],
    "story": f"{PLANTED}story",
    "standfirst": f"{PLANTED}standfirst is here.",
    "key_points": [f"{PLANTED}point"],
    "why_it_matters": f"{PLANTED}why",
    "what_it_means": f"{PLANTED}what",
    "image": {"src": f"{PLANTED}picture.png", "alt": f"{PLANTED}alt", "credit": f"{PLANTED}credit"},
    "corrections": {"date": NOON - DAY, "text": f"{PLANTED}correction"},
    "link": f"https://portal.example/{PLANTED}link",
    "aliases": [f"/{PLANTED}alias"],
    "body": f"{PLANTED}body ![{PLANTED}inner](inner-{PLANTED}.png)",
}


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    """A newsroom of a live article, a draft, an embargo and a broken file, each full of words that nobody else may see."""
    newsroom.write("harbour/win.md", story="Ferry")
    for name in (f"{PLANTED}picture.png", f"inner-{PLANTED}.png"):
        (newsroom.articles / "harbour" / name).write_bytes(PNG)
    newsroom.write(f"harbour/{PLANTED}-draft.md", **{**WRITTEN, "draft": True})
    embargoed = {**WRITTEN, "title": f"{PLANTED}embargo", "date": NOON + DAY, "link": f"https://portal.example/{PLANTED}other"}
    embargoed["image"] = {"src": "https://x.example/a.png", "alt": PLANTED}
    newsroom.write(f"{PLANTED}folder/{PLANTED}-embargo.md", **embargoed)
    newsroom.write(f"harbour/{PLANTED}-broken.md", f"---\ntitle: {PLANTED}broken\ndate: 2024-02-30\n---\n{PLANTED}bytes\n")
    newsroom.build()
    return Desk(newsroom)


PREVIEWS = ("/preview/", "/preview", f"/preview/{PLANTED}-draft", f"/preview/{PLANTED}-embargo", f"/preview/{PLANTED}-broken")
PICTURE = f"/preview/media/harbour/{PLANTED}picture.png"


def public(desk: Desk) -> Iterator[str]:
    """Every address that anybody may ask for, and what a curious person would try."""
    yield from desk.newsroom.store.paths()
    yield from ("/healthz", "/readyz", "/status", "/status.json", "/metrics", "/embed/ticker", "/feeds/all/2026-05.atom")
    yield from ("/follow", "/topics", "/embed")
    for name in (f"{PLANTED}{end}" for end in ("-draft", "-embargo", "-broken", "topic", "tag", "story", "folder")):
        yield from (f"/articles/{name}", f"/topics/{name}", f"/stories/{name}", f"/feeds/{name}.rss", f"/feeds/story/{name}.rss")
        yield from (f"/headlines/{name}.json", f"/embed/ticker?topic={name}", f"/feeds/{name}/2026-05.json")
    yield from (f"/media/harbour/{PLANTED}picture.png", f"/media/harbour/inner-{PLANTED}.png", f"/{PLANTED}alias", "/preview/x/y")
    yield from (*PREVIEWS, PICTURE)
    yield from (f"{path}?signature=x&of=y&until=1&slug=z" for path in (*PREVIEWS, PICTURE))


def said(answer: object) -> str:
    """All that an answer says, but for the address that it was asked for itself."""
    body = answer.get_data().decode("utf-8", "replace")  # type: ignore[attr-defined]
    return f"{body} {answer.headers}"  # type: ignore[attr-defined]


def test_no_public_address_answers_with_a_word_of_it(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    for path in PREVIEWS:  # what the newsroom has seen is kept for nobody
        assert PLANTED in said(desk.get(path)) and desk.client.get(path).status_code == 401
    leaking = [path for path in public(desk) if PLANTED in said(desk.client.get(path))]
    assert leaking == []
    assert PLANTED not in caplog.text
    assert not [path for path in desk.newsroom.store.paths() if PLANTED in path or "preview" in path]


def test_who_has_neither_token_nor_signature_gets_nothing(desk: Desk) -> None:
    for path in (*PREVIEWS, PICTURE, "/preview/nothing"):
        answer = desk.client.get(path)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic")
        assert desk.client.get(path, headers={"Authorization": f"Bearer {desk.token}x"}).status_code == 401
        refused = desk.client.get(f"{path}?signature=")
        assert (refused.status_code, refused.headers["Cache-Control"]) == (403, "no-store")


def test_an_answer_is_kept_and_told_nowhere(desk: Desk) -> None:
    link = desk.link(f"{PLANTED}-draft")
    for path in (*PREVIEWS, PICTURE, "/preview/nothing", link, f"{link}x"):
        headers = desk.get(path).headers
        assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"] and headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    for path in PREVIEWS[2:]:
        assert '<meta name="referrer" content="no-referrer">' in desk.get(path).text and "noindex" in desk.get(path).text


@pytest.mark.parametrize("draft", [True, False])
def test_it_is_exactly_what_will_be_published(newsroom: Newsroom, draft: bool) -> None:
    newsroom.write("harbour/win.md", story="Ferry", title="The first of the story", date=NOON - DAY)
    (newsroom.articles / "harbour/dusk.png").write_bytes(PNG)
    keys = {
        **{"title": "A ferry at dusk", "story": "Ferry", "standfirst": "It sails.", "authors": ["Ada Keel"], "claim": "reported"},
        **{"breaking": not draft, "topics": ["Harbour", "New Boats"]},
        "image": {"src": "dusk.png", "alt": "Dusk", "credit": "A. K."},
        "body": "Text <b>with</b> ![a picture](dusk.png) and [a link](https://x.example/).",
    }
    newsroom.write("harbour/ferry.md", date=NOON - HOUR if draft else NOON + HOUR, draft=draft, **keys)
    newsroom.build()
    desk = Desk(newsroom)
    for path in ("/preview/ferry", desk.link("ferry")):
        preview = desk.client.get(path).text if "?" in path else desk.get(path).text
        pictures = re.findall(r'src="(/preview/media/[^"]*)"', preview)
        assert len(pictures) == 2  # in the text, and on the share card
        for address in map(unescape, pictures):
            picture = desk.client.get(address) if "?" in path else desk.get(address)
            assert (picture.data, picture.headers["Content-Type"]) == (PNG, "image/png")
        page = page_in(preview)
        page = re.sub(r'/preview/media/([^"? ]*)(\?[^" ]*)?', r"https://feeds.example/media/\1", page)
        found = {name: shown_in(preview, name) for name in ("JSON", "RSS", "Atom", "JSON Feed")}
        card = preview.partition('id="pv-card"')[2]
        assert all(text in card for text in ("A ferry at dusk", "It sails.", "feeds.example", pictures[1]))
    newsroom.write("harbour/ferry.md", date=NOON - HOUR if draft else NOON + HOUR, **keys)
    newsroom.build(after=timedelta() if draft else HOUR)
    until(lambda: desk.client.get("/articles/ferry").status_code == 200)
    assert page == desk.client.get("/articles/ferry").text
    (headline,) = [one for one in json.loads(newsroom.body("/headlines.json"))["headlines"] if one["title"] == "A ferry at dusk"]
    assert json.loads(found["JSON"]) == headline
    assert found["RSS"] in newsroom.body("/feeds/all.rss") and found["Atom"] in newsroom.body("/feeds/all.atom")
    assert json.loads(found["JSON Feed"]) in newsroom.feed()["items"]
    moved = desk.get("/preview/ferry")
    assert (moved.status_code, moved.headers["Location"]) == (302, "https://feeds.example/articles/ferry")
    assert newsroom.store.all_held_files() == set() and newsroom.document("/media/harbour/dusk.png")


def test_a_link_shows_one_preview_and_ends(desk: Desk) -> None:
    newsroom = desk.newsroom
    draft, embargo = desk.link(f"{PLANTED}-draft"), desk.link(f"{PLANTED}-embargo", hours=2)
    broken = desk.link(f"{PLANTED}-broken", of=f"harbour/{PLANTED}-broken.md")
    for link in (draft, embargo, broken):
        answer = desk.client.get(link)
        assert answer.status_code == 200 and "All previews" not in answer.text and "data-link=" not in answer.text
    query = draft.partition("?")[2]
    for path in (*PREVIEWS[:2], *PREVIEWS[3:], PICTURE, "/preview/nothing"):
        assert desk.client.get(f"{path}?{query}").status_code == 403, path
    assert desk.client.get(f"/preview/?slug={PLANTED}-draft&{query}").status_code == 403
    assert desk.client.get(f"{PICTURE}?slug={PLANTED}-draft&{query}").status_code == 200
    other = embargo.partition("?")[2]
    assert desk.client.get(f"{PICTURE}?slug={PLANTED}-embargo&{other}").status_code == 404  # it shows no such picture
    newsroom.now += 2 * HOUR
    assert [desk.client.get(link).status_code for link in (draft, embargo, broken)] == [200, 403, 200]
    (newsroom.articles.parent / "var/status-token").write_text("another-token-of-the-newsroom\n")
    assert [desk.client.get(link).status_code for link in (draft, embargo, broken)] == [403] * 3


def test_a_link_follows_its_article(desk: Desk) -> None:
    newsroom = desk.newsroom
    draft = desk.link(f"{PLANTED}-draft")
    broken = desk.link(f"{PLANTED}-broken", of=f"harbour/{PLANTED}-broken.md")
    newsroom.write(f"harbour/{PLANTED}-draft.md", **{**WRITTEN, "draft": True, "slug": "other"})
    newsroom.write(f"harbour/{PLANTED}-broken.md", title="Mended", draft=True)
    newsroom.build(after=HOUR)
    assert [desk.client.get(link).status_code for link in (draft, broken)] == [200, 200]
    assert "Mended" in desk.client.get(broken).text
    newsroom.write(f"harbour/{PLANTED}-draft.md", **{**WRITTEN, "link": None} | {"image": None})
    newsroom.build(after=HOUR)
    (newsroom.articles / f"harbour/{PLANTED}-broken.md").unlink()
    newsroom.build(after=HOUR)
    assert desk.client.get(broken).status_code == 404


def test_the_list_has_all_that_is_not_live_and_nothing_else(desk: Desk) -> None:
    newsroom = desk.newsroom
    newsroom.write("sport/over.md", date=NOON - DAY, expires=NOON - HOUR)
    newsroom.write("sport/wrong.md", retracted="It was wrong.")
    newsroom.write("sport/gone.md", draft=True).unlink()
    newsroom.build()
    page = desk.get("/preview/").text
    headings = re.findall(r'<h2 id="[\w-]+">([\w ]+?) <span class="count">(\w+)</span>', page)
    assert headings == [("Quarantine", "1"), ("Under embargo", "1"), ("Drafts", "1"), ("Expired", "1"), ("Retracted", "1")]
    linked = re.findall(r'<a href="/preview/([\w-]+)"', page)
    assert linked == [f"{PLANTED}-broken", f"{PLANTED}-embargo", f"{PLANTED}-draft", "over", "wrong"]
    assert "comes out <time datetime=\"2026-05-22T12:00:00Z\">" in page
    assert "Line 3" in page and "date: 2024-02-30</code>" in page
    for slug in linked:
        assert desk.get(f"/preview/{slug}").status_code == 200
    assert "It was wrong." in desk.get("/preview/wrong").text and desk.get("/preview/win").status_code == 302


def test_a_page_is_asked_for_again_until_something_changes(desk: Desk) -> None:
    newsroom = desk.newsroom
    for path in (PREVIEWS[0], *PREVIEWS[2:], desk.link(f"{PLANTED}-draft")):
        first = desk.get(path) if "?" not in path else desk.client.get(path)
        tag = first.headers["ETag"]
        shown = re.search(r'data-preview="(\w+)"', first.text)
        assert shown and tag.endswith(f'-{shown[1]}"')
        assert desk.get(path, **{"If-None-Match": tag}).status_code == 304
        assert desk.get(path, **{"If-None-Match": f'"0-{shown[1]}"'}).status_code == 304
    before = {path: desk.get(path).headers["ETag"] for path in PREVIEWS}
    newsroom.write("harbour/tide.md")
    newsroom.build(after=HOUR)
    answers = {path: desk.get(path, **{"If-None-Match": tag}) for path, tag in before.items()}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PREVIEWS, 304)
    assert not set(before.values()) & {answer.headers["ETag"] for answer in answers.values()}
    newsroom.write(f"harbour/{PLANTED}-draft.md", **{**WRITTEN, "draft": True, "standfirst": "Another."})
    newsroom.write(f"harbour/{PLANTED}-broken.md", "---\ntitle: x\ndate: 2024-02-30\n---\nOther bytes\n")
    newsroom.build(after=HOUR)
    for path in (PREVIEWS[0], PREVIEWS[2], PREVIEWS[4]):
        assert desk.get(path, **{"If-None-Match": before[path]}).status_code == 200, path
    assert "Other bytes" in desk.get(PREVIEWS[4]).text


def test_hostile_text_is_text(newsroom: Newsroom) -> None:
    title = HOSTILE.replace("\\", "").replace('"', "'")
    newsroom.write("bad.md", f"---\ntitle: {title}\ndate: never </li><script>alert(1)</script>\n---\n{HOSTILE}\x00</code></body>\n")
    ends = f"</head></body>{title}"
    newsroom.write("draft.md", draft=True, title=ends, standfirst=title, body=ends, authors=[title])
    newsroom.build()
    desk = Desk(newsroom)
    for path in ("/preview/", "/preview/bad", "/preview/draft"):
        page = desk.get(path).text
        assert page.count("</body>") == page.count("</head>") == 1 and "<script>alert" not in page
    assert escape(title.split()[0]) in desk.get("/preview/bad").text
    page_in(desk.get("/preview/draft").text)


def test_a_preview_that_can_not_be_made_says_nothing_of_it_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError(f"{PLANTED} is wrong")

    monkeypatch.setattr(Previews, "page", fails)
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        assert desk.get(PREVIEWS[2]).status_code == 500
    assert "a preview can't be made: ValueError in" in caplog.text and PLANTED not in caplog.text


def test_a_file_that_crashes_a_parser_is_shown_as_it_is(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    read_all = ParserPool.read_all

    def crashing(self: ParserPool, files: object, addresses: object) -> object:
        for path, outcome in read_all(self, files, addresses):  # type: ignore[arg-type]
            yield path, ArticleError(Fault(path, 0, str(Crashed()))) if path == "deadly.md" else outcome

    monkeypatch.setattr(ParserPool, "read_all", crashing)
    newsroom.write("deadly.md", "---\ntitle: Deadly\n---\n<b>Words.</b>\n")
    newsroom.write("fine.md", draft=True)
    newsroom.build()
    desk = Desk(newsroom)
    page = desk.get("/preview/deadly").text
    assert "crashes the parser" in page and "&lt;b&gt;Words.&lt;/b&gt;" in page and "Readers see nothing of it" in page
    assert desk.get("/preview/fine").status_code == 200
