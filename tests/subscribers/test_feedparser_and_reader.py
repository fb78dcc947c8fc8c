"""feedparser and lemon24's reader subscribing over HTTP to a served instance: the same in every format, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import feedparser
import pytest
from reader import Reader, make_reader

from support.gazette import ANCHOR, ARTICLES, EDITED, FEEDS, NEW, RENAMED, RETRACTED, TIDES, Written, entries, found, ids, wait
from support.live import Service, portal_pages, until
from support.proxy import recording_proxy

SUFFIXES = ("rss", "atom", "json")
PAGE = sorted((Path(__file__).parent.parent / "data/pages").glob("*.txt"))[0]
# What is compared: id, title, link, when it was published.
Seen = tuple[str, str, str, datetime]


def as_written(service: Service, articles: Iterable[Written]) -> list[Seen]:
    known = ids(service)
    return [(known[one.title], one.title, f"{service.url}/articles/{one.slug}", one.published) for one in articles]


def by_feedparser(service: Service, topic: str, suffix: str) -> list[Seen]:
    feed = feedparser.parse(f"{service.url}/feeds/{topic}.{suffix}")
    assert feed.status == 200 and not feed.bozo
    return [(entry.id, entry.title, entry.link, datetime(*entry.published_parsed[:6], tzinfo=UTC)) for entry in feed.entries]


def by_json(service: Service, topic: str) -> list[Seen]:
    listed = entries(service, topic)
    return [(entry["id"], entry["title"], entry["url"], datetime.fromisoformat(entry["date_published"])) for entry in listed]


def by_reader(reader: Reader, url: str) -> list[Seen]:
    listed = [(entry.id, entry.title, entry.link, entry.published) for entry in reader.get_entries(feed=url)]
    return sorted(listed, key=lambda seen: seen[3], reverse=True)


@pytest.mark.parametrize("topic", FEEDS)
def test_every_reader_sees_the_same_in_every_format(printed: Service, topic: str) -> None:
    expected = as_written(printed, FEEDS[topic])
    assert by_json(printed, topic) == by_feedparser(printed, topic, "rss") == by_feedparser(printed, topic, "atom") == expected
    with make_reader(":memory:") as reader:
        for suffix in SUFFIXES:
            reader.add_feed(f"{printed.url}/feeds/{topic}.{suffix}")
        reader.update_feeds()
        for feed in reader.get_feeds():
            assert feed.last_exception is None
            assert by_reader(reader, feed.url) == expected
            for article in FEEDS[topic]:
                (entry,) = [entry for entry in reader.get_entries(feed=feed) if entry.title == article.title]
                # Of several authors it takes the last from RSS and Atom.
                authors = article.authors if feed.version == "json11" else article.authors[-1:]
                assert tuple(author.name for author in entry.authors) == authors
                assert article.passage in entry.get_content().value


def test_authors_and_contents_are_the_same_in_every_format(printed: Service) -> None:
    served = entries(printed)
    authors = [[author["name"] for author in entry.get("authors", [])] for entry in served]
    assert authors == [list(article.authors) for article in ARTICLES]
    for suffix in ("rss", "atom"):
        listed = feedparser.parse(f"{printed.url}/feeds/all.{suffix}", sanitize_html=False, resolve_relative_uris=False).entries
        assert [[author.name for author in entry.get("authors", []) if author] for entry in listed] == authors
        assert [entry.content[0].value for entry in listed] == [entry["content_html"] for entry in served]
        summaries = [unescape(entry.summary) if suffix == "rss" else entry.summary for entry in listed]
        assert summaries == [entry["summary"] for entry in served]
        assert [entry.updated_parsed[:6] for entry in listed] == [
            datetime.fromisoformat(entry["date_modified"]).timetuple()[:6] for entry in served
        ]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_what_feedparser_would_mend_is_right_already(printed: Service, suffix: str) -> None:
    url = f"{printed.url}/feeds/all.{suffix}"
    careful = feedparser.parse(url, sanitize_html=True, resolve_relative_uris=True).entries
    trusting = feedparser.parse(url, sanitize_html=False, resolve_relative_uris=False).entries
    assert [(entry.content, entry.link) for entry in careful] == [(entry.content, entry.link) for entry in trusting]
    assert f'<a href="{printed.url}/articles/menu.html">' in trusting[-1].content[0].value


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_feedparsers_second_poll_is_a_304(printed: Service, suffix: str) -> None:
    feed = feedparser.parse(f"{printed.url}/feeds/harbour.{suffix}")
    for validators in ({"etag": feed.etag}, {"modified": feed.modified}):
        again = feedparser.parse(feed.href, **validators)
        assert again.status == 304 and again.entries == []


def test_lemon24s_readers_second_poll_is_a_304(printed: Service) -> None:
    with recording_proxy(printed.port) as (port, statuses), make_reader(":memory:") as reader:
        for suffix in SUFFIXES:
            reader.add_feed(f"http://127.0.0.1:{port}/feeds/harbour.{suffix}")
        reader.update_feeds()
        assert statuses == [200, 200, 200]
        reader.update_feeds(scheduled=False)
        assert statuses[3:] == [304, 304, 304]


def test_what_is_edited_renamed_or_taken_back_is_never_new_again(serve: Callable[..., Service], tmp_path: Path) -> None:
    found(tmp_path)
    service = serve("--interval", "3600").start()
    urls = [f"{service.url}/feeds/all.{suffix}" for suffix in SUFFIXES]
    with make_reader(":memory:") as reader:
        for url in urls:
            reader.add_feed(url)

        def poll(*shown: Written, gone: Iterable[Written] = ()) -> None:
            """Waits for what is served, then has every reader look; lemon24's keeps what has left the feed."""
            wait(service, *shown)
            known.update(ids(service))
            reader.update_feeds(scheduled=False)
            expected = as_written(service, shown)
            assert by_feedparser(service, "all", "rss") == by_feedparser(service, "all", "atom") == expected
            kept = sorted((*shown, *gone), key=lambda one: one.published, reverse=True)
            for url in urls:
                assert [seen[:3] for seen in by_reader(reader, url)] == [
                    (known[one.title], one.title, f"{service.url}/articles/{one.slug}") for one in kept
                ]

        known: dict[str, str] = {}
        poll(*ARTICLES)
        first = set(known.values())
        for entry in list(reader.get_entries()):
            reader.mark_entry_as_read(entry)

        EDITED.save(tmp_path)
        (tmp_path / "articles" / ANCHOR.path).rename(tmp_path / "articles" / RENAMED.path)
        poll(TIDES, EDITED, RENAMED)
        RETRACTED.save(tmp_path)
        poll(EDITED, RENAMED, gone=[TIDES])
        TIDES.save(tmp_path)
        poll(TIDES, EDITED, RENAMED)
        assert set(known.values()) == first
        assert list(reader.get_entries(read=False)) == []
        for url in urls:
            passages = [entry.get_content().value for entry in reader.get_entries(feed=url) if entry.title == EDITED.title]
            assert passages == [f"<p>{EDITED.passage}</p>"]

        NEW.save(tmp_path)
        poll(NEW, TIDES, EDITED, RENAMED)
        assert [entry.title for entry in reader.get_entries(read=False)] == [NEW.title] * 3


def test_a_topic_with_another_name_is_followed_and_one_that_ends_says_so(serve: Callable[..., Service], tmp_path: Path) -> None:
    found(tmp_path)
    service = serve("--interval", "3600").start()
    site = tmp_path / "articles/site.toml"
    urls = [f"{service.url}/feeds/harbour.{suffix}" for suffix in SUFFIXES]
    with make_reader(":memory:") as reader:
        for url in urls:
            reader.add_feed(url)
        reader.update_feeds()
        before = {url: by_reader(reader, url) for url in urls}
        for entry in list(reader.get_entries()):
            reader.mark_entry_as_read(entry)

        site.write_text(site.read_text().replace("[topics.harbour]", '[topics.port]\naliases = ["harbour"]'))
        until(lambda: service.get("/feeds/port.rss").status == 200 and service.get("/feeds/harbour.rss").status == 301)
        reader.update_feeds(scheduled=False)
        assert {url: by_reader(reader, url) for url in urls} == before
        assert list(reader.get_entries(read=False)) == []
    for url in urls[:2]:
        moved = feedparser.parse(url)
        assert (moved.status, moved.href) == (301, url.replace("harbour", "port"))
        assert [entry.id for entry in moved.entries] == [seen[0] for seen in before[url]]

    site.write_text(site.read_text().replace("[topics.port]", "[topics.port]\nretired = true"))
    until(lambda: service.get("/feeds/port.rss").status == 410)
    assert [feedparser.parse(url).status for url in urls[:2]] == [410, 410]


def test_every_portal_page_is_in_every_format_without_the_portals_own_lines(serve: Callable[..., Service], tmp_path: Path) -> None:
    found(tmp_path, ())
    pages = [PAGE, *portal_pages()]
    for number, page in enumerate(pages):
        (tmp_path / f"articles/page-{number}.txt").write_bytes(page.read_bytes())
    service = serve("--interval", "3600").start()
    documents = [service.get(f"/feeds/all.{suffix}").text for suffix in SUFFIXES]
    titles = {entry["title"] for entry in entries(service)}
    assert len(titles) == len(pages)
    for suffix in ("rss", "atom"):
        assert {seen[1] for seen in by_feedparser(service, "all", suffix)} == titles
    for page in pages:
        lines = [line.strip() for line in page.read_text("utf-8").splitlines() if line.strip()]
        assert lines[lines.index("Loading latest headlines…") + 1] in titles
    for document in documents:
        assert "Loading latest headlines" not in document
        assert "Join thousands of readers" not in document
        assert "What this means for you: What this means for you" not in document
