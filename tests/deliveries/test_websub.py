"""The hub is told which feeds changed, by a real server in the hub's place; it gets the new bytes when it asks for them."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from feedsvc import alarm
from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.builder.build import Builder
from feedsvc.builder.schedule import Schedule
from feedsvc.deliveries import courier, sender, websub
from feedsvc.errors import StoreError
from feedsvc.storage.facts import GENERATION, MARK, MARKS
from feedsvc.storage.lease import Lease
from feedsvc.storage.store import Store
from support.hubs import Hub, deliver_at_once, delivering
from support.live import SLOW, Newsroom, Service, feedsvc, free_port, until

FEEDS = "https://feeds.example/feeds"
SPORT = [f"{FEEDS}/{slug}.{suffix}" for slug in ("all", "sport") for suffix in ("atom", "json", "rss")]


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver_at_once(monkeypatch)


def all_told(newsroom: Newsroom) -> bool:
    return hub_knows(newsroom.store) == newsroom.store.generation()


def hub_knows(store: Store) -> int:
    """Up to which generation the hub has been told of everything."""
    hub = store.targets().get("hub")
    return hub.generation if hub else 0


def begin(newsroom: Newsroom, hub_url: str | None) -> None:
    """A newsroom with two topics, whose hub knows of nothing."""
    newsroom.write("site.toml", f'[site]\nhub = "{hub_url}"\n' if hub_url else "[site]\n")
    newsroom.write("sport/win.md")
    newsroom.write("food/soup.md")
    newsroom.build()


def news(newsroom: Newsroom, title: str = "A draw") -> None:
    newsroom.write("sport/draw.md", title=title)
    newsroom.build("sport/draw.md", after=timedelta(minutes=1))


@pytest.fixture
def told_all(newsroom: Newsroom, hub: Hub) -> Newsroom:
    """A newsroom whose hub knows of all that is published."""
    begin(newsroom, hub.url)
    with delivering(newsroom.store) as deliveries:
        deliveries.wake()
        until(lambda: all_told(newsroom))
    hub.requests.clear()
    return newsroom


def test_a_hub_that_is_new_is_told_of_every_feed_and_of_nothing_else(newsroom: Newsroom, hub: Hub) -> None:
    begin(newsroom, hub.url)
    with delivering(newsroom.store) as deliveries:
        deliveries.wake()
        until(lambda: all_told(newsroom))
    assert {*SPORT, f"{FEEDS}/food.rss"} <= set(hub.told)
    assert len(hub.told) == len(set(hub.told))
    for feed in hub.told:
        document = newsroom.document(urlsplit(feed).path)
        assert document and f'<{hub.url}>; rel="hub"' in document.links and f'<{feed}>; rel="self"' in document.links
        assert document.content_type.split(";")[0] in ("application/rss+xml", "application/atom+xml", "application/feed+json")


def test_what_names_no_hub_is_not_announced(newsroom: Newsroom, hub: Hub) -> None:
    begin(newsroom, hub.url)
    for path in ("/", "/headlines.json", "/topics/sport", "/feeds.opml"):
        document = newsroom.document(path)
        assert document and not any("hub" in link for link in document.links)


def test_after_a_save_the_feeds_that_changed_are_told_one_a_request(told_all: Newsroom, hub: Hub) -> None:
    with delivering(told_all.store) as deliveries:
        news(told_all)
        deliveries.wake()
        until(lambda: all_told(told_all))
    assert sorted(hub.told) == SPORT
    path, headers, body = hub.requests[0]
    assert path == "/hub?key=1"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert body == b"hub.mode=publish&hub.url=https%3A%2F%2Ffeeds.example%2Ffeeds%2Fall.atom"


def test_a_build_that_changes_nothing_is_not_announced(told_all: Newsroom, hub: Hub) -> None:
    with delivering(told_all.store) as deliveries:
        told_all.build()
        deliveries.wake()
        news(told_all)
        deliveries.wake()
        until(lambda: all_told(told_all))
    assert sorted(hub.told) == SPORT


def test_without_a_hub_nobody_is_told(newsroom: Newsroom, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()
    facts = newsroom.store.facts
    monkeypatch.setattr(newsroom.store, "facts", lambda *some: looked.set() or facts(*some))
    monkeypatch.setattr(sender.Sender, "send", None)
    begin(newsroom, None)
    with delivering(newsroom.store) as deliveries:
        looked.clear()
        deliveries.wake()
        until(looked.is_set)
    assert hub.requests == [] and hub_knows(newsroom.store) == 0


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_an_answer_that_may_be_another_next_time_is_asked_for_again(told_all: Newsroom, hub: Hub, status: int) -> None:
    hub.answer = lambda feed: (status if len(hub.requests) == 2 else 204, "")
    with delivering(told_all.store) as deliveries:
        news(told_all)
        deliveries.wake()
        until(lambda: all_told(told_all))
    assert sorted(set(hub.told)) == SPORT
    assert len(hub.told) == len(SPORT) + 1, "what it knows already is not repeated"


def test_a_hub_that_is_away_is_told_when_it_is_back(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "feedsvc.deliveries")
    monkeypatch.setattr(alarm, "HOLD_SECONDS", 0.0)
    port = free_port()
    url = f"http://127.0.0.1:{port}/hub?key=1"
    begin(newsroom, url)
    with ExitStack() as stack:
        deliveries = stack.enter_context(delivering(newsroom.store))
        for number in range(5):
            news(newsroom, f"Draw {number}")
            deliveries.wake()
        until(lambda: "can't be reached" in caplog.text)
        end = time.monotonic() + 0.3
        until(lambda: time.monotonic() > end)
        hub = Hub(port)
        stack.callback(hub.close)
        until(lambda: all_told(newsroom))
        until(lambda: "hears of changes again" in caplog.text)
    assert len(hub.told) == len(set(hub.told)), "many builds are one announcement"
    said = [record.message for record in caplog.records if record.name == "feedsvc.deliveries"]
    assert said == [
        f"hub {url} can't be reached: Connection refused; it hears of changes when it works again",
        f"hub {url} hears of changes again",
    ]


def test_another_hub_is_told_of_everything_and_its_own_trouble_is_said(
    told_all: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    away = [f"http://127.0.0.1:{free_port()}/{name}" for name in ("first", "second")]
    with delivering(told_all.store) as deliveries, ExitStack() as stack:
        for url in away:
            told_all.write("site.toml", f'[site]\nhub = "{url}"\n')
            told_all.build("site.toml")
            deliveries.wake()
            until(lambda url=url: f"hub {url} can't be reached" in caplog.text)
        other = Hub()
        stack.callback(other.close)
        told_all.write("site.toml", f'[site]\nhub = "{other.url}"\n')
        told_all.build("site.toml")
        deliveries.wake()
        until(lambda: all_told(told_all))
    assert {*SPORT, f"{FEEDS}/food.rss"} <= set(other.told)
    assert caplog.text.count("can't be reached") == 2


def test_a_hub_that_says_nothing_delays_no_build_and_no_end(
    told_all: Newsroom, hub: Hub, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "STEP_SECONDS", 0.3)
    hub.answer = lambda feed: None
    with delivering(told_all.store) as deliveries:
        news(told_all)
        deliveries.wake()
        until(lambda: hub.requests)
        news(told_all, "A second draw")
        assert "A second draw" in told_all.titles()
        deliveries.wake()
        until(lambda: "it did not answer in time" in caplog.text)
        monkeypatch.setattr(sender, "STEP_SECONDS", 3600.0)
        attempts = len(hub.requests)
        until(lambda: len(hub.requests) > attempts)  # which waits for an hour
    assert not deliveries._thread.is_alive()


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(
    told_all: Newsroom, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "ANSWER_SECONDS", 0.4)
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 2")
                while not over.wait(0.05):
                    connection.sendall(b"0")
            except OSError:
                over.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        told_all.write("site.toml", f'[site]\nhub = "http://127.0.0.1:{server.getsockname()[1]}/"\n')
        told_all.build("site.toml")
        with delivering(told_all.store) as deliveries:
            deliveries.wake()
            assert over.wait(SLOW), "the connection is cut"
            until(lambda: "it did not answer in time" in caplog.text)
        thread.join(SLOW)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(told_all: Newsroom, hub: Hub, status: int, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = Hub()
    hub.answer = lambda feed: (status, elsewhere.url)
    with delivering(told_all.store) as deliveries:
        news(told_all)
        deliveries.wake()
        until(lambda: len(hub.requests) >= 2)
        hub.answer = lambda feed: (204, "")
        until(lambda: all_told(told_all))
    elsewhere.close()
    assert elsewhere.requests == []
    assert caplog.text.count(f"redirects to '{elsewhere.url}', which is not followed") == 1


def test_what_a_hub_refuses_holds_up_nothing_and_is_said_once(
    told_all: Newsroom, hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.answer = lambda feed: (400 if feed.endswith(".json") else 204, "")
    with delivering(told_all.store) as deliveries:
        for title in ("A draw", "Another draw"):
            hub.requests.clear()
            news(told_all, title)
            deliveries.wake()
            until(lambda: all_told(told_all))
            assert sorted(hub.told) == SPORT
    assert caplog.text.count("refuses the notification for") == 1


@pytest.mark.parametrize("greeting", [b"\x1b[31mSSH-2.0\r\n", b"HTTP/1.1 99999 \r\n\r\n", b"x" * 70_000, b""])
def test_what_is_no_hub_is_said_in_one_tame_line(
    told_all: Newsroom, greeting: bytes, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(greeting)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,), daemon=True)
        thread.start()
        told_all.write("site.toml", f'[site]\nhub = "http://127.0.0.1:{server.getsockname()[1]}/"\n')
        told_all.build("site.toml")
        with delivering(told_all.store) as deliveries:
            deliveries.wake()
            until(lambda: "can't be reached" in caplog.text)
        server.shutdown(socket.SHUT_RDWR)
        thread.join(SLOW)
    said = next(record.message for record in caplog.records if record.name == "feedsvc.deliveries")
    assert said.isprintable() and len(said) < 400


def test_a_hub_that_speaks_no_tls_is_not_told_in_the_clear(told_all: Newsroom, hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    told_all.write("site.toml", f'[site]\nhub = "{hub.url.replace("http:", "https:")}"\n')
    told_all.build("site.toml")
    with delivering(told_all.store) as deliveries:
        deliveries.wake()
        until(lambda: "can't be reached" in caplog.text)
    assert hub.requests == []


def test_what_was_published_while_nobody_announced_is_told_by_the_next(told_all: Newsroom, hub: Hub) -> None:
    news(told_all)
    with delivering(told_all.store) as deliveries:
        deliveries.wake()
        until(lambda: all_told(told_all))
    assert sorted(hub.told) == SPORT


def test_what_was_told_only_in_part_is_told_in_whole_by_the_next(told_all: Newsroom, hub: Hub) -> None:
    hub.answer = lambda feed: (204, "") if len(hub.requests) < 3 else None
    news(told_all)
    with delivering(told_all.store) as deliveries:
        deliveries.wake()
        until(lambda: len(hub.requests) == 3)
    assert not all_told(told_all)
    hub.answer = lambda feed: (204, "")
    hub.requests.clear()
    with delivering(told_all.store) as deliveries:
        deliveries.wake()
        until(lambda: all_told(told_all))
    assert sorted(hub.told) == SPORT


def test_after_a_failover_that_lost_a_publication_no_feed_is_passed_over(told_all: Newsroom, hub: Hub) -> None:
    store, publisher = told_all.store, websub.Hub(told_all.store, hub.url, told_all.public_url)
    lost = {fact: store.fact(fact) for fact in (GENERATION, MARK, MARKS)}

    def asked(most: int) -> list[str]:
        """What is told until the hub is away."""
        requests = publisher.requests(store.targets()["hub"], store.generation())
        return sorted(request.about for request in islice(requests, most))

    news(told_all)
    assert asked(3) == SPORT[:3]
    for fact, value in lost.items():
        store.set_fact(fact, value)
    told_all.begin()
    news(told_all, "A win, which has the number of what is lost")
    assert asked(100) == SPORT


def test_a_long_list_holds_up_no_news(newsroom: Newsroom, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "PATIENCE_SECONDS", 0.0)
    go_on = threading.Event()

    def slow(feed: str) -> tuple[int, str]:
        go_on.wait(SLOW)
        return 204, ""

    hub.answer = slow
    begin(newsroom, hub.url)
    with delivering(newsroom.store) as deliveries:
        deliveries.wake()
        until(lambda: hub.requests)
        news(newsroom)
        deliveries.wake()
        until(lambda: [courier._up_to for courier in deliveries._couriers.values()] == [newsroom.store.generation()])
        go_on.set()
        until(lambda: all_told(newsroom))
    assert sorted(hub.told[1 : 1 + len(SPORT)]) == SPORT
    assert {f"{FEEDS}/food.rss", *SPORT} <= set(hub.told)


def test_a_database_that_fails_for_a_while_is_asked_again(
    told_all: Newsroom, hub: Hub, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(generation: int) -> list[tuple[str, int, tuple[str, ...]]]:
        raise StoreError("the disk is full")

    news(told_all)
    with monkeypatch.context() as broken, delivering(told_all.store) as deliveries:
        broken.setattr(told_all.store, "links_since", fail)
        deliveries.wake()
        until(lambda: "the disk is full" in caplog.text)
        broken.undo()
        until(lambda: all_told(told_all))
    assert sorted(hub.told) == SPORT


def test_of_two_builders_one_announces(tmp_path: Path, hub: Hub) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "site.toml").write_text(f'[site]\nhub = "{hub.url}"\n')
    (folder / "win.md").write_text("---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    with ExitStack() as stack:
        for _ in range(2):
            store = Store(f"sqlite:///{tmp_path}/feedsvc.db")
            stack.callback(store.close)
            builder = Builder(store, ArticlesFolder(folder, SUFFIXES), ParserPool(1), "https://feeds.example")
            schedule = Schedule(builder, Lease(store), 0.2)
            thread = threading.Thread(target=schedule.run, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(schedule.stop)
        until(lambda: hub_knows(store))
        (folder / "win.md").write_text("---\ntitle: Town win again\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
        until(lambda: store.generation() > 1 and hub_knows(store) == store.generation())
    assert hub.told.count(f"{FEEDS}/all.rss") == 2


def test_a_single_build_announces_nothing_and_leaves_it_to_serve(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/site.toml").write_text(f'[site]\nhub = "{hub.url}"\n')
    (tmp_path / "articles/win.md").write_text("---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    assert feedsvc("build", "--public-url", "https://feeds.example", folder=tmp_path).returncode == 0
    assert hub.requests == []
    store = Store(f"sqlite:///{tmp_path}/var/feedsvc.db")
    with delivering(store) as deliveries:
        deliveries.wake()
        until(lambda: hub_knows(store))
    store.close()
    assert f"{FEEDS}/all.rss" in hub.told


def test_a_hub_that_asks_at_once_gets_the_new_bytes(serve: Callable[..., Service], hub: Hub, tmp_path: Path) -> None:
    fetched: dict[str, tuple[float, str]] = {}

    def fetch(feed: str) -> tuple[int, str]:
        parts = urlsplit(feed)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SLOW)
        connection.request("GET", parts.path)
        response = connection.getresponse()
        fetched.setdefault(parts.path, (time.time(), response.read().decode()))
        assert f'<{hub.url}>; rel="hub"' in response.headers["Link"]
        connection.close()
        return 204, ""

    hub.answer = fetch
    article = tmp_path / "articles/sport/win.md"
    article.parent.mkdir()
    (tmp_path / "articles/site.toml").write_text(f'[site]\nhub = "{hub.url}"\n')
    article.write_text("---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    service = serve(workers=2).start()
    paths = [f"/feeds/sport.{suffix}" for suffix in ("rss", "atom", "json")]
    until(lambda: all(path in fetched for path in paths))
    fetched.clear()
    article.write_text("---\ntitle: Town win at last\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    until(lambda: "Town win at last" in service.get(paths[0]).text)
    until(lambda: all(path in fetched for path in paths))
    assert all("Town win at last" in body for _, body in fetched.values())
