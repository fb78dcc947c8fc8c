"""Topics' archives by month (RFC 5005, 4): complete, each article once, made when asked for, made anew only when they must."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.formats.render import MAX_FEED_BYTES
from feedsvc.formats.table import FORMATS
from feedsvc.model import archive
from feedsvc.model.document import Document
from feedsvc.model.record import size_of
from feedsvc.web.archive_feeds import ArchiveFeeds
from feedsvc.web.published import Published
from support.live import NOON, Newsroom
from support.newsroom import ADDRESSES, articles, make_entry, times
from support.records import record

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/London", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati")]
NS = {"a": "http://www.w3.org/2005/Atom", "fh": "http://purl.org/syndication/history/1.0"}


def find(newsroom: Newsroom, slug: str, file: str) -> Document | None:
    """What a request for an archive is answered with, made or kept."""
    published = Published(newsroom.store, newsroom.public_url, lambda: newsroom.now)
    return ArchiveFeeds(published).find(slug, file)


def chain(newsroom: Newsroom, slug: str) -> dict[str, list[str]]:
    """A reader's way back from the live feed: the titles in each archive."""
    found = {}
    tree = etree.fromstring(newsroom.body(f"/feeds/{slug}.atom").encode())
    while links := tree.xpath("a:link[@rel='prev-archive']/@href", namespaces=NS):
        base, _, file = links[0].removeprefix(f"{newsroom.public_url}/feeds/").rpartition("/")
        assert base == slug
        tree = etree.fromstring(find(newsroom, slug, file).encodings["identity"].body)
        assert tree.find("fh:archive", NS) is not None
        assert tree.xpath("a:link[@rel='self']/@href", namespaces=NS) == links
        assert tree.xpath("a:link[@rel='current']/@href", namespaces=NS) == [f"{newsroom.public_url}/feeds/{slug}.atom"]
        found[file] = tree.xpath("a:entry/a:title/text()", namespaces=NS)
    return found


def titles(newsroom: Newsroom, slug: str, file: str) -> list[str]:
    return [entry["title"] for entry in json.loads(find(newsroom, slug, file).encodings["identity"].body)["items"]]


# ---- months and parts


@given(times(), st.sampled_from(ZONES))
def test_a_moment_lies_in_its_month(moment: datetime, zone: ZoneInfo) -> None:
    begin, end = archive.span(archive.month_of(moment, zone), zone)
    assert begin <= moment < end
    assert archive.month_of(begin, zone) != archive.month_of(begin - timedelta(seconds=1), zone)
    assert archive.span(archive.month_of(end, zone), zone)[0] == end


@given(st.dates().map(lambda day: day.isoformat()[:7]), st.integers(1, 99_999))
def test_an_archives_name_tells_month_and_number(month: str, number: int) -> None:
    assert archive.read_name(archive.name(month, number)) == (month, number)


NO_NAMES = ["", "2026", "2026-13", "2026-00", "2026-5", "2026-05-1", "2026-05-0", "2026-05-02", "2026-05-", "٢٠٢٦-٠٥", "2026-05\n"]


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_is_no_archives_name(text: str) -> None:
    assert archive.read_name(text) is None


@given(st.lists(st.integers(0, 3_000_000), max_size=30))
def test_parts_keep_the_order_and_fit(sizes: list[int]) -> None:
    records = [record(str(number), size=size) for number, size in enumerate(sizes)]
    parts = archive.in_parts(records)
    assert [one for part in parts for one in part] == records
    for part in parts:
        assert len(part) == 1 or sum(one.size for one in part) <= archive.PART_BYTES
    # What comes after does not move what was before.
    shorter = archive.in_parts(records[:-1])
    assert shorter[:-1] == parts[: len(shorter) - 1] if shorter else len(parts) <= 1


@given(articles())
def test_no_format_takes_more_bytes_than_an_articles_size(article) -> None:
    entry = make_entry(article, topics=(), related=())
    for form in FORMATS:
        assert len(form.entry(entry, ADDRESSES)) <= size_of(article)


# ---- in a newsroom


def test_the_archives_hold_every_article_once(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", "[site]\nentries_per_feed = 2\n")
    for number in range(12):
        topic = "sport" if number % 3 else "town"
        story = "Cup" if number % 2 else ""
        newsroom.write(f"{topic}/a{number}.md", title=f"No {number}", story=story, date=NOON - 17 * number * DAY)
    newsroom.build()
    every = chain(newsroom, "all")
    assert [title for some in every.values() for title in some] == [f"No {number}" for number in range(12)]
    assert list(every) == sorted(every, reverse=True) and len(every) > 5
    sport = chain(newsroom, "sport")
    assert [title for some in sport.values() for title in some] == [f"No {number}" for number in range(12) if number % 3]
    assert [title for some in chain(newsroom, "story/cup").values() for title in some] == [f"No {n}" for n in range(1, 12, 2)]
    for file, wanted in every.items():
        assert titles(newsroom, "all", file.replace("atom", "json")) == wanted
        rss = etree.fromstring(find(newsroom, "all", file.replace("atom", "rss")).encodings["identity"].body)
        assert rss.xpath("channel/item/title/text()") == wanted


def test_an_entry_is_the_same_in_the_live_feed_and_in_the_archive(newsroom: Newsroom) -> None:
    newsroom.write("sport/one.md", title="First leg", story="Cup", date=NOON - DAY, breaking=True)
    newsroom.write("town/two.md", title="Second leg", story="Cup", topics=["Sport"], date=NOON - 60 * DAY)
    newsroom.build()
    live = {entry["id"]: entry for entry in newsroom.feed("sport")["items"]}
    for file in ("2026-05.json", "2026-03.json"):
        for entry in json.loads(find(newsroom, "sport", file).encodings["identity"].body)["items"]:
            newest = live.pop(entry["id"])
            assert newest["_newsroom"].pop("related") and newest == entry  # what is related to it may change later
    assert not live


def test_an_archive_is_kept_until_an_article_of_its_month_changes(newsroom: Newsroom) -> None:
    newsroom.write("sport/old.md", title="Old", date=NOON - 60 * DAY)
    newsroom.write("sport/new.md", title="New", date=NOON - DAY)
    newsroom.build()
    march, may = find(newsroom, "all", "2026-03.atom"), find(newsroom, "all", "2026-05.atom")
    assert newsroom.document("/feeds/all/2026-03.atom") == march
    newsroom.write("sport/new.md", title="New", date=NOON - DAY, body="Other words.")
    newsroom.build(after=DAY)
    assert newsroom.document("/feeds/all/2026-03.atom") == march  # still kept, so not even made again
    assert newsroom.document("/feeds/all/2026-05.atom") is None
    made = find(newsroom, "all", "2026-05.atom")
    assert made.encodings != may.encodings and made.last_modified > may.last_modified
    newsroom.begin()
    newsroom.build(after=DAY)
    assert newsroom.document("/feeds/all/2026-03.atom") == march
    assert newsroom.document("/feeds/all/2026-05.atom") == made


def test_what_is_taken_back_leaves_its_archive_with_a_newer_date(newsroom: Newsroom) -> None:
    for name in ("good", "bad"):
        newsroom.write(f"sport/{name}.md", title=name, date=NOON - 60 * DAY)
    newsroom.build()
    before = find(newsroom, "sport", "2026-03.atom")
    newsroom.write("sport/bad.md", title="bad", date=NOON - 60 * DAY, retracted="It was wrong.")
    newsroom.build(after=DAY)
    after = find(newsroom, "sport", "2026-03.atom")
    assert titles(newsroom, "sport", "2026-03.json") == ["good"]
    assert after.last_modified > before.last_modified
    (newsroom.articles / "sport/good.md").unlink()
    newsroom.build(after=DAY)
    assert find(newsroom, "sport", "2026-03.atom") is None


def test_no_archive_tells_of_what_is_to_come(newsroom: Newsroom) -> None:
    newsroom.write("sport/one.md", title="One", date=NOON - DAY)
    newsroom.write("sport/secret.md", title="Secret", date=NOON + 20 * DAY)
    newsroom.build()
    assert find(newsroom, "all", "2026-06.json") is None and titles(newsroom, "all", "2026-05.json") == ["One"]
    newsroom.build(after=20 * DAY)
    assert titles(newsroom, "all", "2026-06.json") == ["Secret"]
    assert list(chain(newsroom, "all")) == ["2026-06.atom", "2026-05.atom"]


def test_an_earlier_month_that_comes_later_is_linked_by_the_next(newsroom: Newsroom) -> None:
    newsroom.write("sport/one.md", title="One", date=NOON - DAY)
    newsroom.write("sport/far.md", title="Far", date=NOON - 90 * DAY)
    newsroom.build()
    assert list(chain(newsroom, "all")) == ["2026-05.atom", "2026-02.atom"]
    newsroom.write("sport/between.md", title="Between", date=NOON - 35 * DAY)
    newsroom.build(after=DAY)
    assert list(chain(newsroom, "all")) == ["2026-05.atom", "2026-04.atom", "2026-02.atom"]


def test_a_big_month_goes_on_in_further_parts_within_the_limit(newsroom: Newsroom) -> None:
    for number in range(7):
        newsroom.write(f"sport/a{number}.md", title=f"No {number}", date=NOON - number * DAY, body="Long <b>words</b>. " * 20_000)
    newsroom.build()
    every = chain(newsroom, "all")
    assert next(iter(every)).startswith("2026-05-") and list(every)[-1] == "2026-05.atom"
    assert [title for some in every.values() for title in some] == [f"No {number}" for number in range(7)]
    assert all(len(find(newsroom, "all", file).encodings["identity"].body) <= MAX_FEED_BYTES for file in every)
    first = newsroom.document("/feeds/all/2026-05.atom")
    newsroom.write("sport/a0.md", title="No 0", date=NOON, body="Short now.")
    newsroom.build(after=DAY)
    assert find(newsroom, "all", "2026-05.atom").encodings == first.encodings
    assert [title for some in chain(newsroom, "all").values() for title in some] == [f"No {number}" for number in range(7)]


def test_months_are_those_of_the_portals_calendar(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[site]\ntimezone = "Asia/Tokyo"\n')
    newsroom.write("sport/late.md", title="Late", date=datetime(2026, 4, 30, 20, tzinfo=UTC))
    newsroom.build()
    assert titles(newsroom, "all", "2026-05.json") == ["Late"]
    newsroom.write("site.toml", '[site]\ntimezone = "Europe/London"\n')
    newsroom.build(after=DAY)
    assert find(newsroom, "all", "2026-05.json") is None and titles(newsroom, "all", "2026-04.json") == ["Late"]


def test_a_topics_other_name_leads_to_its_archive_and_an_ended_one_says_so(newsroom: Newsroom) -> None:
    newsroom.write("site.toml", '[topics.sport]\naliases = ["games"]\n[topics.fog]\nretired = true\n')
    newsroom.write("sport/one.md", date=NOON - DAY)
    newsroom.build()
    moved = find(newsroom, "games", "2026-05.atom")
    assert (moved.status, moved.location) == (301, f"{newsroom.public_url}/feeds/sport/2026-05.atom")
    assert find(newsroom, "fog", "2026-05.atom").status == 410
    for file in ("2026-05.xml", "2026-06.atom", "2026-05-2.rss", "x"):
        assert find(newsroom, "sport", file) is find(newsroom, "none", "2026-05.atom") is None


def test_a_topic_that_ends_takes_its_archives_along(newsroom: Newsroom) -> None:
    newsroom.write("sport/one.md", title="One", date=NOON - DAY)
    newsroom.build()
    assert find(newsroom, "sport", "2026-05.atom")
    newsroom.write("site.toml", "[topics.sport]\nretired = true\n")
    newsroom.build(after=DAY)
    assert newsroom.document("/feeds/sport/2026-05.atom") is None
    assert newsroom.store.archives().keys() == {"all"}


def test_archives_come_over_http_like_every_feed(serve, tmp_path: Path) -> None:
    (tmp_path / "articles/sport").mkdir()
    (tmp_path / "articles/sport/one.md").write_text("---\ntitle: One\ndate: 2026-05-20\nstory: Cup\n---\nText.\n")
    service = serve().start()
    for path in ("/feeds/all/2026-05.atom", "/feeds/sport/2026-05.rss", "/feeds/story/cup/2026-05.json"):
        answer = service.get(path)
        assert answer.status == 200 and "One" in answer.text
        assert service.get(path, If_None_Match=answer.headers["etag"]).status == 304
        assert service.get(path, "HEAD").body == b"" and service.get(path, "POST").status == 405
    assert service.get("/feeds/all/2026-04.atom").status == service.get("/feeds/story/cup/nothing").status == 404


def test_a_month_that_leads_elsewhere_now_is_newer_by_date_too(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - DAY)
    newsroom.build()
    before = find(newsroom, "sport", "2026-05.atom")
    newsroom.write("sport/old.md", date=NOON - 30 * DAY)
    newsroom.build(after=timedelta(minutes=5))
    after = find(newsroom, "sport", "2026-05.atom")
    assert b"2026-04.atom" in after.encodings["identity"].body
    assert after.last_modified > before.last_modified


def test_a_past_month_stays_while_its_stories_go_on(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", date=NOON - 70 * DAY, story="Cup")
    newsroom.build()
    before = find(newsroom, "sport", "2026-03.atom")
    newsroom.write("sport/next.md", date=NOON - DAY, story="Cup")
    newsroom.build(after=timedelta(minutes=5))
    assert newsroom.document("/feeds/sport/2026-03.atom") == before


def test_the_end_of_an_article_and_of_breaking_news_comes_to_archives_too(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Win", date=NOON - DAY)
    newsroom.write("sport/over.md", title="Over", date=NOON - DAY, expires=NOON + 2 * HOUR, breaking=NOON + HOUR)
    newsroom.build()
    assert b"breaking" in find(newsroom, "sport", "2026-05.atom").encodings["identity"].body
    newsroom.build(after=HOUR)
    assert b"breaking" not in find(newsroom, "sport", "2026-05.atom").encodings["identity"].body
    newsroom.build(after=HOUR)
    assert titles(newsroom, "sport", "2026-05.json") == ["Win"]
