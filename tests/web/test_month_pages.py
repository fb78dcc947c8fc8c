"""Pages of months, for people who look for older articles: each leads to those beside it, and is made anew when they change."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from support.htmlpage import Page
from support.live import NOON, Newsroom

MONTH = timedelta(days=31)
SITE = """[site]
title = "Gazette"
[topics.sport]
aliases = ["games"]
[topics.fog]
retired = true
"""


def ask(newsroom: Newsroom, path: str) -> Page:
    answer = newsroom.client().get(path)
    assert answer.status_code == 200, path
    return Page(answer.data)


def led_to(page: Page, rel: str) -> list[str]:
    return [link["href"] for link in page.all("a", rel=rel)]


def write(newsroom: Newsroom, title: str, date: datetime) -> None:
    newsroom.write(f"sport/{title}.md", title=title, date=date, story="Cup")


@pytest.mark.parametrize("of", ["/topics/sport", "/topics/all", "/stories/cup"])
def test_a_month_leads_to_its_neighbours_and_follows_them(of: str, newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    write(newsroom, "March", NOON - 2 * MONTH)
    write(newsroom, "April", NOON - MONTH)
    newsroom.build()
    march, april = ask(newsroom, f"{of}/2026-03"), ask(newsroom, f"{of}/2026-04")
    assert "20 March 2026 March" in march.text
    assert (led_to(march, "prev"), led_to(march, "next")) == ([], [f"{of}/2026-04"])
    assert (led_to(april, "prev"), led_to(april, "next")) == ([f"{of}/2026-03"], [])
    assert "The latest" in april.text
    write(newsroom, "May", NOON)
    newsroom.build()
    assert led_to(ask(newsroom, f"{of}/2026-04"), "next") == [f"{of}/2026-05"]
    assert ask(newsroom, of.replace("/topics/all", "/")).all("a", href=f"{of}/2026-05")
    (newsroom.articles / "sport/April.md").unlink()
    newsroom.build()
    assert led_to(ask(newsroom, f"{of}/2026-03"), "next") == [f"{of}/2026-05"]
    assert led_to(ask(newsroom, f"{of}/2026-05"), "prev") == [f"{of}/2026-03"]
    assert newsroom.client().get(f"{of}/2026-04").status_code == 404


def test_a_month_of_an_alias_is_elsewhere_one_of_an_ended_topic_is_gone_and_all_else_never_was(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", SITE)
    write(newsroom, "May", NOON)
    newsroom.build()
    client = newsroom.client()
    moved = client.get("/topics/games/2026-05")
    assert (moved.status_code, moved.location) == (301, f"{newsroom.public_url}/topics/sport/2026-05")
    ended = client.get("/topics/fog/2026-05")
    assert (ended.status_code, ended.content_type) == (410, "text/html; charset=utf-8")
    for path in ("/topics/sport/2026-06", "/topics/sport/2026-13", "/topics/sport/x", "/topics/%00/2026-05", "/stories/%FF/1"):
        assert client.get(path).status_code == 404, path
