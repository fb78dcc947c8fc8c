"""The date of a page that is made when asked for: later whenever its bytes are others, whoever it was that changed."""

from __future__ import annotations

from datetime import timedelta

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
