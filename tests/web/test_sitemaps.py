"""Every article is in a month's sitemap, each month in the index, and what is news is so for 48 hours by the clock."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree
from werkzeug.test import Client

from support.live import NOON, Newsroom

S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def listed(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/xml; charset=utf-8")
    return [place.text.removeprefix("https://feeds.example") for place in etree.fromstring(answer.data).iter(f"{S}loc")]


def test_each_live_article_is_in_its_months_sitemap_and_leaves_it(newsroom: Newsroom) -> None:
    for name, date in (("win", "2026-05-20"), ("draw", "2026-05-02"), ("old", "2025-12-24")):
        newsroom.write(f"sport/{name}.md", date=f"{date}T09:00:00Z")
    newsroom.write("sport/later.md", date="2026-05-30T09:00:00Z")
    newsroom.build()
    client = newsroom.client()
    assert listed(client, "/sitemap.xml") == ["/sitemap-news.xml", "/sitemap/2026-05.xml", "/sitemap/2025-12.xml"]
    assert listed(client, "/sitemap/2026-05.xml") == ["/articles/win", "/articles/draw"]
    assert listed(client, "/sitemap/2025-12.xml") == ["/articles/old"]
    for name in ("draw", "old"):
        (newsroom.articles / f"sport/{name}.md").unlink()
    newsroom.build(after=timedelta(minutes=1))
    newsroom.build(after=timedelta(hours=1))
    client = newsroom.client()
    assert listed(client, "/sitemap/2026-05.xml") == ["/articles/win"]
    assert listed(client, "/sitemap.xml") == ["/sitemap-news.xml", "/sitemap/2026-05.xml"]
    assert client.get("/sitemap/2025-12.xml").status_code == 404


def test_a_month_without_an_article_and_what_is_no_month_are_not_there(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date="2026-05-20T09:00:00Z")
    newsroom.build()
    client = newsroom.client()
    for name in ("2026-04.xml", "2026-05-2.xml", "2026-05.json", "2026-05", "2026-13.xml", "x.xml", "..%2f2026-05.xml"):
        assert client.get(f"/sitemap/{name}").status_code == 404, name


def test_an_empty_newsroom_has_an_index_with_the_news_alone(newsroom: Newsroom) -> None:
    newsroom.build()
    assert listed(newsroom.client(), "/sitemap.xml") == ["/sitemap-news.xml"]


def test_an_article_is_news_until_it_is_48_hours_old_to_the_second(newsroom: Newsroom) -> None:
    published = NOON - timedelta(hours=40)
    newsroom.write("sport/win.md", date=published.isoformat())
    newsroom.write("sport/new.md", date=(NOON - timedelta(hours=1)).isoformat())
    due = newsroom.build().next_instant
    assert due is not None and due <= published + timedelta(hours=48), "a build is due then, whatever the folder does"
    newsroom.build(after=published + timedelta(hours=48, seconds=-1) - newsroom.now)
    assert listed(newsroom.client(), "/sitemap-news.xml") == ["/articles/new", "/articles/win"]
    assert newsroom.go_on().next_instant == published + timedelta(hours=48)
    newsroom.now += timedelta(seconds=1)
    newsroom.go_on()
    assert listed(newsroom.client(), "/sitemap-news.xml") == ["/articles/new"]
