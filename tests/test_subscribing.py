"""Real readers subscribing over HTTP to a served instance: what they see, and that their second poll is a 304."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser
import pytest
from live import Service, portal_pages
from reader import make_reader

ARTICLE = """---
title: "Penny & Sons <reopen> the 'Anchor'"
date: 2026-05-20T09:30:00+01:00
authors: [Ada Quay, Ben Strand]
topics: [Harbour, Food]
standfirst: Soup first, then the sea.
---
It opens on *Friday*. See the [menu](menu.html).
"""


@pytest.fixture
def service(serve: Callable[..., Service], tmp_path: Path) -> Service:
    folder = tmp_path / "articles/harbour"
    folder.mkdir()
    (folder / "anchor.md").write_text(ARTICLE)
    (folder / "undated.txt").write_text((Path(__file__).parent / "data/pages" / PAGE).read_text())
    for number, page in enumerate(portal_pages()):
        (folder / f"page-{number}.txt").write_bytes(page.read_bytes())
    return serve().start()


PAGE = sorted(path.name for path in (Path(__file__).parent / "data/pages").glob("*.txt"))[0]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_feedparser_reads_it_and_its_second_poll_is_a_304(service: Service, suffix: str) -> None:
    url = f"{service.url}/feeds/harbour.{suffix}"
    feed = feedparser.parse(url)
    assert feed.status == 200 and not feed.bozo
    entry = next(entry for entry in feed.entries if "Penny" in entry.title)
    assert entry.title == "Penny & Sons <reopen> the 'Anchor'"
    assert entry.link == f"{service.url}/articles/anchor"
    assert entry.published_parsed[:6] == (2026, 5, 20, 8, 30, 0)
    assert f"{service.url}/articles/menu.html" in entry.content[0].value
    again = feedparser.parse(url, etag=feed.etag, modified=feed.modified)
    assert again.status == 304 and again.entries == []


def test_ids_titles_dates_and_links_are_the_same_in_all_formats(service: Service) -> None:
    def seen(entries: list[dict]) -> list[tuple[str, str, str]]:
        return [(entry["id"], entry["link"], entry["published"]) for entry in entries]

    rss, atom = (feedparser.parse(f"{service.url}/feeds/all.{suffix}").entries for suffix in ("rss", "atom"))
    items = json.loads(service.get("/feeds/all.json").body)["items"]
    assert [(e.id, e.link, e.published_parsed) for e in rss] == [(e.id, e.link, e.published_parsed) for e in atom]
    assert [(e.id, e.link) for e in rss] == [(i["id"], i["url"]) for i in items]
    assert len(rss) == 2 + len(portal_pages())


def test_lemon24s_reader_subscribes_and_its_second_poll_is_a_304(service: Service, tmp_path: Path) -> None:
    with recording_proxy(service.port) as (port, statuses), make_reader(str(tmp_path / "reader.db")) as reader:
        for suffix in ("rss", "atom", "json"):
            reader.add_feed(f"http://127.0.0.1:{port}/feeds/harbour.{suffix}")
        reader.update_feeds()
        assert statuses == [200, 200, 200]
        assert [feed.last_exception for feed in reader.get_feeds()] == [None, None, None]
        found = {(entry.id, entry.link) for entry in reader.get_entries()}
        assert len(found) == 2 + len(portal_pages())
        reader.update_feeds(scheduled=False)
        assert statuses[3:] == [304, 304, 304]


def test_every_portal_page_is_in_every_format_without_the_portals_own_lines(service: Service) -> None:
    documents = [service.get(f"/feeds/all.{suffix}").text for suffix in ("rss", "atom", "json")]
    for page in [Path(__file__).parent / "data/pages" / PAGE, *portal_pages()]:
        lines = [line.strip() for line in page.read_text("utf-8").splitlines() if line.strip()]
        title = lines[lines.index("Loading latest headlines…") + 1]
        for document in documents:
            assert title in document
            assert "Loading latest headlines" not in document
            assert "Join thousands of readers" not in document
            assert "What this means for you: What this means for you" not in document


@contextmanager
def recording_proxy(port: int) -> Iterator[tuple[int, list[int]]]:
    """Passes GET requests on to a port of this machine, and records the status of each answer."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", self.path, headers={key: value for key, value in self.headers.items() if key != "Host"})
            response = connection.getresponse()
            statuses.append(response.status)
            body = response.read()
            self.send_response(response.status)
            for key, value in response.getheaders():
                if key.lower() not in ("server", "date"):
                    self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port, statuses
        finally:
            server.shutdown()
            thread.join()
