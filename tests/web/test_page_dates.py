"""The date of a page that is made when asked for: later whenever its bytes are others, whoever it was that changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from feedsvc.model.document import Document
from feedsvc.web.article_pages import ArticlePages
from feedsvc.web.published import Published
from support.live import Newsroom

HOUR = timedelta(hours=1)


def page(newsroom: Newsroom, slug: str) -> Document:
    made = ArticlePages(Published(newsroom.store, newsroom.public_url, lambda: newsroom.now)).find(slug)
    assert made
    return made


def test_a_page_has_a_later_date_when_another_article_of_its_story_changes(newsroom: Newsroom) -> None:
    newsroom.write("win.md", story="Cup")
    newsroom.write("draw.md", story="Cup")
    newsroom.build()
    before = page(newsroom, "win")
    newsroom.write("draw.md", title="A draw after all", story="Cup")
    newsroom.build(after=HOUR)
    after = page(newsroom, "win")
    assert "A draw after all" in after.encodings["identity"].body.decode()
    assert after.last_modified == newsroom.now > before.last_modified
    newsroom.write("draw.md", retracted="It was a win.", story="Cup")
    newsroom.build()  # within the same second
    assert page(newsroom, "win").last_modified == newsroom.now + timedelta(seconds=1)


def served(newsroom: Newsroom, slug: str) -> Document:
    """A page as a reader has it whose worker could not keep it, since another build was published in the meantime."""
    published = Published(newsroom.store, newsroom.public_url, lambda: newsroom.now, keep=lambda document, generation: None)
    made = ArticlePages(published).find(slug)
    assert made
    return made


def test_a_page_that_was_served_and_not_kept_has_a_later_date_when_it_changes_in_the_same_second(newsroom: Newsroom) -> None:
    newsroom.write("win.md", title="Won", story="Cup")
    newsroom.write("draw.md", story="Cup")
    newsroom.build()
    newsroom.write("win.md", title="Won late", story="Cup")
    newsroom.build(after=HOUR)
    dates = [served(newsroom, "win").last_modified, served(newsroom, "draw").last_modified]
    for number in range(3):
        newsroom.write("win.md", title=f"Won by {number}", story="Cup")
        newsroom.build()
        for slug in ("win", "draw"):  # the other page names this one
            dates.append(served(newsroom, slug).last_modified)
            assert f"Won by {number}" in served(newsroom, slug).encodings["identity"].body.decode()
    assert all(later > earlier for earlier, later in zip(dates, dates[2:], strict=False)), dates


@pytest.mark.parametrize("ask", [page, served], ids=["kept", "not kept"])
def test_a_page_that_comes_back_is_newer_than_what_stood_there(newsroom: Newsroom, ask: Callable[..., Document]) -> None:
    newsroom.write("win.md", title="Won")
    newsroom.build()
    found = [ask(newsroom, "win")]
    for keys in ({"draft": True}, {}, {"retracted": "It was a draw."}, {}, {"expires": newsroom.now}, {}):
        newsroom.write("win.md", title="Won", **keys)
        newsroom.build(after=HOUR)
        found.append(ask(newsroom, "win"))
    dates = [one.last_modified for one in found]
    assert dates == sorted(set(dates))
    assert [one.status for one in found] == [200, 410, 200, 410, 200, 410, 200]
    assert len({one.etag for one in found if one.status == 200}) == 1


def test_a_page_that_is_there_again_is_newer_than_anothers_that_was_not_kept(newsroom: Newsroom) -> None:
    newsroom.write("win.md", title="Won", date=newsroom.now - HOUR)
    newsroom.build()
    dates = [page(newsroom, "win").last_modified]
    newsroom.write("win.md", title="Won", date=newsroom.now - HOUR, slug="won")
    newsroom.write("draw.md", title="Drawn", date=newsroom.now - HOUR, slug="win", body="Other words.")
    newsroom.build(after=HOUR)
    dates.append(served(newsroom, "win").last_modified)
    (newsroom.articles / "draw.md").unlink()
    newsroom.write("win.md", title="Won", date=newsroom.now - 2 * HOUR)
    newsroom.build(after=HOUR)
    dates.append(page(newsroom, "win").last_modified)
    assert dates == sorted(set(dates))


def test_the_page_of_an_article_that_was_never_seen_is_dated_by_the_article(newsroom: Newsroom) -> None:
    newsroom.write("win.md", title="To be won", draft=True)
    newsroom.build()
    newsroom.write("win.md", title="Won", draft=True)
    newsroom.build(after=HOUR)
    newsroom.write("win.md", title="Won")
    newsroom.build(after=HOUR)
    assert served(newsroom, "win").last_modified == newsroom.now


def test_a_page_made_anew_with_the_same_bytes_keeps_its_date(newsroom: Newsroom) -> None:
    newsroom.write("win.md")
    newsroom.build()
    before = page(newsroom, "win")
    newsroom.write("win.md", age=10)  # saved, and nothing changed in it
    newsroom.write("site.toml", '[site]\ntagline = "By the water"\n')
    newsroom.build(after=HOUR)
    newsroom.write("site.toml", "")
    newsroom.build(after=HOUR)
    assert page(newsroom, "win") == before


@pytest.mark.parametrize("how", ["moved", "deleted", "draft", "expired", "moved earlier"])
def test_a_page_of_another_article_is_newer_than_what_stood_there(newsroom: Newsroom, how: str) -> None:
    """A reader who asks for it by date would keep the old article's page, or the notice in its place."""
    newsroom.write("ferry.md", title="Ferry", slug="ferry")
    newsroom.build()
    dates = [served(newsroom, "ferry").last_modified]
    moved = {"slug": "old"}
    taken = {"moved": moved, "moved earlier": moved, "draft": {"draft": True}, "expired": {"expires": newsroom.now}}
    if how == "deleted":
        (newsroom.articles / "ferry.md").unlink()
    else:
        newsroom.write("ferry.md", **{"title": "Ferry", "slug": "ferry", **taken[how]})
    if how != "moved":
        newsroom.build(after=HOUR)
        dates.append(served(newsroom, "ferry").last_modified)
    if how in ("draft", "expired"):  # which keep their slug until they are gone
        (newsroom.articles / "ferry.md").unlink()
        newsroom.build()
        dates.append(served(newsroom, "ferry").last_modified)
    newsroom.write("another.md", title="Another", slug="ferry", date=newsroom.now - 10 * HOUR, body="Other words.")
    newsroom.build()
    page = served(newsroom, "ferry")
    assert page.status == 200 and "Another" in page.encodings["identity"].body.decode()
    assert page.last_modified > max(dates)


def test_a_page_of_an_article_that_was_retracted_when_it_came_is_newer_than_its_notice(newsroom: Newsroom) -> None:
    dates = {"date": newsroom.now - 10 * HOUR}
    newsroom.write("ferry.md", age=36_000, retracted="It floats.", **dates)
    newsroom.build()
    notice = served(newsroom, "ferry")
    assert notice.status == 410
    newsroom.write("ferry.md", **dates)
    newsroom.build()
    page = served(newsroom, "ferry")
    assert page.status == 200 and page.last_modified > notice.last_modified


def test_a_page_is_newer_than_a_notice_of_one_that_is_under_embargo_again(newsroom: Newsroom) -> None:
    newsroom.write("harbour/old.md", title="Old", date=newsroom.now - HOUR)
    newsroom.write("harbour/ferry.md", title="Ferry", body="Its words.")
    newsroom.build()
    newsroom.write("harbour/ferry.md", title="Ferry", body="Its words.", draft=True)
    newsroom.build(after=HOUR)
    notice = page(newsroom, "ferry")
    newsroom.write("harbour/ferry.md", title="Ferry", body="Its words.", draft=True, slug="later", date=newsroom.now + 9 * HOUR)
    newsroom.build()
    newsroom.write("harbour/old.md", title="Old", slug="ferry", date=newsroom.now - 2 * HOUR)
    newsroom.build()
    now = page(newsroom, "ferry")
    assert (notice.status, now.status) == (410, 200)
    assert now.last_modified > notice.last_modified
