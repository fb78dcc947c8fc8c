"""No feed passes 2 MB: it holds fewer entries, and says so for as long as it is so."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from lxml import etree

from feedsvc.formats.render import MAX_ENTRY_BYTES, MAX_FEED_BYTES
from feedsvc.status.collect import read_status
from support.live import NOON, Newsroom

HOUR = timedelta(hours=1)
WORDS = "Long <b>words</b>, one after the other, that go on for the most part of a line. "
PARTNERS = '[site]\npartners = ["msn", "smartnews", "flipboard"]\n'


def long(size: int) -> str:
    return f"{WORDS * 20}\n\n" * (size // (len(WORDS) * 20))


def feeds(newsroom: Newsroom) -> dict[str, bytes]:
    paths = [path for path in newsroom.store.paths() if path.startswith(("/feeds/", "/partners/"))]
    documents = [document for path in paths if (document := newsroom.document(path)).status == 200]
    return {document.path: document.encodings["identity"].body for document in documents}


def told(newsroom: Newsroom) -> dict[str, str]:
    return {fault.path: fault.reason for fault in read_status(newsroom.store, newsroom.now).warnings}


@pytest.mark.parametrize("size", [300_000, 1_900_000])
def test_no_feed_passes_it_whatever_is_written(newsroom: Newsroom, size: int) -> None:
    newsroom.write("site.toml", PARTNERS)
    for number in range(7):
        newsroom.write(f"sport/a{number}.md", title=f"No {number}.", date=NOON - number * HOUR, body=long(size))
    newsroom.build()
    made = feeds(newsroom)
    assert len(made) == 6 + 6 + 6  # topics, digests, partners
    for path, body in made.items():
        assert len(body) <= MAX_FEED_BYTES, path
        if not path.endswith(".json"):
            etree.fromstring(body)
    # The newest are there, in order and from the first on.
    titles = newsroom.titles()
    assert titles == [f"No {number}." for number in range(len(titles))] and len(titles) >= 1


def test_what_is_left_out_is_said_until_it_is_over(newsroom: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(3):
        newsroom.write(f"sport/a{number}.md", title=f"No {number}.", date=NOON - number * HOUR, body=long(1_100_000))
    newsroom.write("sport/short.md", date=NOON - 9 * HOUR)
    newsroom.build()
    assert newsroom.titles() == ["No 0.", "No 1.", "No 2.", "Short"]
    said = told(newsroom)["/feeds/all.json"]
    assert said == "has summaries alone of its 2 oldest entries of 4, because a feed has at most 2 MB"
    assert [WORDS in item["content_html"] for item in json.loads(newsroom.body("/feeds/all.json"))["items"]] == [True, *[False] * 3]
    assert {f"/feeds/{topic}.{suffix}" for topic in ("all", "sport") for suffix in ("rss", "atom", "json")} <= told(newsroom).keys()
    assert f"/feeds/all.json {said}" in caplog.text
    caplog.clear()
    newsroom.begin()
    newsroom.build(after=HOUR)
    assert caplog.text == ""
    for number in range(3):
        newsroom.write(f"sport/a{number}.md", title=f"No {number}.", date=NOON - number * HOUR, body="Short.")
    newsroom.build(after=HOUR)
    assert told(newsroom) == {} and len(newsroom.titles()) == 4


def test_an_entry_is_left_out_where_its_summary_has_no_room_either(newsroom: Newsroom) -> None:
    newsroom.write("sport/long.md", title="Long", date=NOON, body=long(1_800_000))
    for number in range(60):
        points = [f"{WORDS * 20}"[:900] for _ in range(50)]
        newsroom.write(f"sport/a{number}.md", title=f"No {number}.", date=NOON - (number + 1) * HOUR / 4, key_points=points)
    newsroom.build()
    listed = newsroom.titles()
    assert 5 < len(listed) < 61 and listed == ["Long", *(f"No {number}." for number in range(len(listed) - 1))]
    for suffix in ("rss", "atom", "json"):
        assert "of 61 entries, because a feed has at most 2 MB; the longest is" in told(newsroom)[f"/feeds/all.{suffix}"]


def test_an_article_of_a_megabyte_is_whole(newsroom: Newsroom) -> None:
    newsroom.write("sport/long.md", body=f"{long(1_000_000)}\n\nThe end.")
    newsroom.build()
    for suffix in ("rss", "atom", "json"):
        assert "The end." in newsroom.body(f"/feeds/all.{suffix}")
    assert told(newsroom) == {}


def test_one_that_would_fill_a_feed_alone_is_told_in_brief(newsroom: Newsroom) -> None:
    newsroom.write("sport/endless.md", title="Endless", standfirst="It goes on.", date=NOON, body=f"{long(1_950_000)}\n\nThe end.")
    newsroom.write("sport/short.md", title="Short", date=NOON - HOUR)
    newsroom.build()
    assert newsroom.titles() == ["Endless", "Short"]
    entry = newsroom.feed()["items"][0]
    assert len(entry["content_html"]) < MAX_ENTRY_BYTES and "The end." not in entry["content_html"]
    link = '<p><a href="https://feeds.example/articles/endless">Read the whole article</a></p>'
    assert f"<p>It goes on.</p>{link}" in entry["content_html"]


def test_a_long_title_is_whole_everywhere(newsroom: Newsroom) -> None:
    title = "Tide " * 199 + "ends."
    newsroom.write("sport/title.md", title=title)
    newsroom.build()
    for suffix in ("rss", "atom", "json"):
        assert title in newsroom.body(f"/feeds/all.{suffix}")
    assert title in newsroom.body("/headlines.json") and title in newsroom.body("/sitemap-news.xml")
