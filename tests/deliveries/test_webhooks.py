"""Webhooks get every event that they want, signed, at least once; a real server receives them, and the specification's own package
verifies them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from feedsvc.deliveries import sender, webhooks
from feedsvc.deliveries.deliveries import Means
from feedsvc.deliveries.webhooks import messages_of, signature
from feedsvc.errors import StoreError
from feedsvc.model.announcement import Announcement, ArticleNews
from feedsvc.model.target import Event
from feedsvc.status.collect import read_status
from support.hubs import deliver_at_once, delivering
from support.live import NOON, SLOW, Newsroom, free_port, until
from support.pictures import encoded
from support.receivers import SECRET, Receiver

LOCAL = [ip_network("127.0.0.0/8")]
MEANS = Means({f"webhook_secret_{name}": SECRET for name in ("cms", "app")}, LOCAL)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver_at_once(monkeypatch)


def site(**urls: str) -> str:
    """A site.toml with webhooks by their names."""
    return "[site]\n" + "".join(f'[[webhooks]]\nname = "{name}"\nurl = "{url}"\n' for name, url in urls.items())


@pytest.fixture
def told(newsroom: Newsroom, receiver: Receiver) -> Newsroom:
    """A newsroom with a webhook that has two articles."""
    newsroom.write("site.toml", site(cms=receiver.url))
    newsroom.write("sport/win.md")
    newsroom.write("food/soup.md")
    newsroom.build()
    return newsroom


def knows(newsroom: Newsroom, name: str = "webhook cms") -> bool:
    """Whether a target knows everything."""
    return newsroom.store.targets()[name].generation == newsroom.store.generation()


def deliver(newsroom: Newsroom, means: Means = MEANS) -> None:
    """Delivers what is to be delivered."""
    with delivering(newsroom.store, means) as deliveries:
        deliveries.wake()
        until(lambda: knows(newsroom))


def problem(newsroom: Newsroom, name: str = "webhook cms") -> str:
    return newsroom.store.targets()[name].problem


def test_what_happens_to_an_article_is_told(told: Newsroom, receiver: Receiver) -> None:
    deliver(told)
    assert receiver.received == [], "the articles of a new ledger are no news"
    article = told.write("sport/draw.md", id="urn:x:draw", topics=["rain"])
    told.build(after=MINUTE)
    deliver(told)
    (published,) = receiver.messages
    assert published["type"] == "published" and published["timestamp"] == "2026-05-21T12:01:00Z"
    data = published["data"]
    assert data["generation"] == told.store.generation()
    url = "https://feeds.example/articles/draw"
    assert data["articles"] == [{"id": "urn:x:draw", "url": url, "title": "Draw", "topics": ["rain", "sport"]}]
    assert {"/feeds/all.rss", "/feeds/sport.json", "/headlines/sport.json", "/topics/sport", "/articles/draw"} <= set(data["paths"])
    assert {"topic-all", "topic-sport", "article-draw"} <= set(data["keys"])
    assert not any("food" in name or "soup" in name for name in (*data["paths"], *data["keys"]))

    told.write("sport/draw.md", id="urn:x:draw", topics=["rain"], title="A draw", breaking=True)
    told.build(after=MINUTE)
    deliver(told)
    article.unlink()
    told.build(after=MINUTE)
    deliver(told)
    events = [("published", ["Draw"]), ("updated", ["A draw"]), ("breaking", ["A draw"]), ("withdrawn", ["A draw"])]
    assert receiver.told == events
    assert len({request.id for request in receiver.received}) == 4


def test_what_readers_must_not_know_is_not_told(told: Newsroom, receiver: Receiver) -> None:
    (told.articles / "coup.png").write_bytes(encoded("PNG"))
    told.write("plots/coup.md", date=told.now + timedelta(hours=1), image="coup.png", story="Overthrow")
    told.write("plots/secret.md", draft=True)
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    deliver(told)
    assert receiver.told == [("published", ["Draw"])]
    assert not any(word in request.body for request in receiver.received for word in (b"plots", b"coup", b"secret", b"overthrow"))
    told.build(after=timedelta(hours=1))
    deliver(told)
    assert receiver.told[1:] == [("published", ["Coup"])]
    assert b"overthrow" in receiver.received[-1].body


def test_a_retraction_tells_what_readers_saw(told: Newsroom, receiver: Receiver) -> None:
    told.write("sport/win.md", title="They never won", slug="never", retracted="We were wrong.")
    told.build(after=MINUTE)
    deliver(told)
    (said,) = receiver.messages
    assert (said["type"], said["data"]["articles"][0]["url"]) == ("withdrawn", "https://feeds.example/articles/win")
    assert "article-win" in said["data"]["keys"]


def test_only_wanted_events_are_told(newsroom: Newsroom, receiver: Receiver) -> None:
    newsroom.write("site.toml", f'{site(cms=receiver.url)}events = ["breaking"]\n')
    newsroom.build()
    newsroom.write("sport/win.md", breaking=True)
    newsroom.write("sport/draw.md")
    newsroom.build(after=MINUTE)
    deliver(newsroom)
    assert receiver.told == [("breaking", ["Win"])]


def test_a_new_webhook_hears_of_what_comes_and_of_nothing_before(newsroom: Newsroom, receiver: Receiver) -> None:
    newsroom.write("sport/win.md")
    newsroom.build()
    newsroom.write("sport/draw.md")
    newsroom.build(after=MINUTE)
    documents = newsroom.body("/feeds/all.rss")
    newsroom.write("site.toml", site(cms=receiver.url))
    newsroom.build(after=MINUTE)
    assert newsroom.body("/feeds/all.rss") == documents, "no document depends on a webhook"
    newsroom.write("sport/loss.md")
    newsroom.build(after=MINUTE)
    deliver(newsroom)
    assert receiver.told == [("published", ["Loss"])]
    assert newsroom.store.announcements(0, 100, 100) == [], "nobody needs what all know"


def test_a_message_that_failed_is_sent_again_under_its_id(told: Newsroom, receiver: Receiver) -> None:
    receiver.answer = lambda request: (503 if len(receiver.received) < 3 else 204, {})
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    deliver(told)
    assert receiver.told == [("published", ["Draw"])] * 3
    assert len({request.id for request in receiver.received}) == 1
    assert problem(told) == ""


def test_of_a_publication_that_was_told_in_part_the_rest_is_told(
    told: Newsroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_ARTICLES", 2)
    receiver.answer = lambda request: (204, {}) if len(receiver.received) < 2 else None
    for number in range(5):
        told.write(f"sport/game-{number}.md")
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        deliveries.wake()
        until(lambda: len(receiver.received) == 2)
    receiver.answer = lambda request: (204, {})
    deliver(told)
    ids = [request.id for request in receiver.received]
    assert len(ids) == 4 and ids[1] == ids[2] and len(set(ids)) == 3
    assert sorted(title for _, titles in [*receiver.told[:1], *receiver.told[2:]] for title in titles) == [
        f"Game {number}" for number in range(5)
    ]


def test_a_dead_target_delays_nobody(told: Newsroom, receiver: Receiver) -> None:
    receiver.answer = lambda request: None
    other = Receiver()
    told.write("site.toml", site(cms=receiver.url, app=other.url))
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        deliveries.wake()
        until(lambda: receiver.received)
        for title in ("Loss", "Rain"):
            told.write(f"sport/{title}.md")
            told.build(after=MINUTE)
            deliveries.wake()
            until(lambda title=title: ("published", [title]) in other.told)
        assert not knows(told) and len(receiver.received) == 1
    other.close()


Answered = tuple[int, dict[str, str]]


@pytest.mark.parametrize(
    ("answer", "said"),
    [((302, {"Location": "http://127.0.0.1:1/x"}), "redirects to"), ((404, {}), "it answered 404"), ((500, {}), "it answered 500")],
)
def test_what_is_wrong_is_shown_until_it_is_well(answer: Answered, said: str, told: Newsroom, receiver: Receiver) -> None:
    receiver.answer = lambda request: answer
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        deliveries.wake()
        until(lambda: said in problem(told))
        assert any(said in one for one in read_status(told.store, told.now).problems)
        receiver.answer = lambda request: (204, {})
        until(lambda: knows(told) and not problem(told))
    assert not any(said in one for one in read_status(told.store, told.now).problems)


def test_one_that_is_gone_is_told_nothing_more_until_it_is_elsewhere(told: Newsroom, receiver: Receiver) -> None:
    receiver.answer = lambda request: (410, {})
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        deliveries.wake()
        until(lambda: "answered 410" in problem(told))
        told.write("sport/loss.md")
        told.build(after=MINUTE)
        deliveries.wake()
    elsewhere = Receiver()
    assert len(receiver.received) == 1
    assert any("wants no more" in one for one in read_status(told.store, told.now).problems)
    told.write("site.toml", site(cms=elsewhere.url))
    told.write("sport/rain.md")
    told.build(after=MINUTE)
    deliver(told)
    elsewhere.close()
    assert elsewhere.told == [("published", ["Rain"])]


def serve_raw(answer: Callable[[socket.socket], object]) -> Callable[[], str]:
    """A server that answers each connection in its own way, in a thread that ends with it; gives its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    answer(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return lambda: f"http://127.0.0.1:{server.getsockname()[1]}/"


def huge(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def endless(connection: socket.socket) -> None:
    connection.recv(65536)
    while True:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 65536 + b"\r\n")


def test_of_a_huge_answer_only_the_status_is_read(told: Newsroom) -> None:
    told.write("site.toml", site(cms=serve_raw(huge)()))
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    deliver(told)


def test_an_answer_whose_head_does_not_end_is_given_up(told: Newsroom) -> None:
    told.write("site.toml", site(cms=serve_raw(endless)()))
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        deliveries.wake()
        until(lambda: "can't be reached" in problem(told))


def test_a_slow_answer_is_given_up(told: Newsroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "ANSWER_SECONDS", 0.3)
    receiver.answer = lambda request: None
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        deliveries.wake()
        until(lambda: "it did not answer in time" in problem(told))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"])  # noqa: S104
def test_private_addresses_are_reached_only_where_the_operator_says_so(host: str, told: Newsroom, receiver: Receiver) -> None:
    told.write("site.toml", site(cms=receiver.url.replace("127.0.0.1", host)))
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, Means(MEANS.secrets)) as deliveries:
        deliveries.wake()
        until(lambda: "no public address" in problem(told) and "FEEDSVC_PRIVATE_TARGETS" in problem(told))
    assert receiver.received == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(
            (one, False)
            for one in ("10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1")
        ),
        *((one, False) for one in ("::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::")),
        *((one, True) for one in ("93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e")),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert sender.Sender(())._is_allowed(address) is public
    assert sender.Sender()._is_allowed(address)


def test_this_service_is_no_target(told: Newsroom, receiver: Receiver) -> None:
    told.public_url = receiver.url.removesuffix("/hook")
    told.begin()
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        deliveries.wake()
        until(lambda: "this service itself" in problem(told))
    assert receiver.received == []


def test_without_a_secret_nothing_is_sent(told: Newsroom, receiver: Receiver) -> None:
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    with delivering(told.store, Means({}, LOCAL)) as deliveries:
        deliveries.wake()
        until(lambda: "set FEEDSVC_WEBHOOK_SECRET_CMS" in problem(told))
    assert receiver.received == []
    deliver(told)
    assert receiver.told == [("published", ["Draw"])]


def test_with_two_secrets_both_sign(told: Newsroom, receiver: Receiver) -> None:
    new = "whsec_" + "A" * 40
    told.write("sport/draw.md")
    told.build(after=MINUTE)
    deliver(told, Means({"webhook_secret_cms": f"{new} {SECRET}"}, LOCAL))
    (request,) = receiver.received
    assert request.message == Verifier(new).verify(request.body, request.headers)


def test_the_signature_is_that_of_the_specification() -> None:
    # From the specification's reference libraries' tests.
    secret, id, moment, body = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert signature(secret, id, moment, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_big_publication_is_told_in_small_messages() -> None:
    news = tuple(ArticleNews(id=f"urn:{n}", url=f"https://x.example/{n}", title="A title", topics=("a",)) for n in range(1_234))
    names = tuple(f"/articles/{n}" for n in range(5_001))
    whole = Announcement(at=NOON, paths=names, keys=names, articles={Event.PUBLISHED: news}, generation=4, id="x")
    messages = list(messages_of(whole))
    assert all(len(body) < 30_000 for _, body in messages)
    said: list[dict[str, Any]] = [json.loads(body)["data"] for _, body in messages]
    assert [path for one in said for path in one["paths"]] == list(names)
    assert [article["id"] for one in said for article in one["articles"]] == [one.id for one in news]


def test_a_webhook_that_is_away_is_told_everything_in_order(told: Newsroom) -> None:
    port = free_port()
    told.write("site.toml", site(cms=f"http://127.0.0.1:{port}/hook"))
    told.build(after=MINUTE)
    with delivering(told.store, MEANS) as deliveries:
        for number in range(3):
            told.write(f"sport/game-{number}.md")
            told.build(after=MINUTE)
            deliveries.wake()
        until(lambda: "can't be reached" in problem(told))
        back = Receiver(port)
        until(lambda: knows(told), SLOW)
    back.close()
    assert back.told == [("published", [f"Game {number}"]) for number in range(3)]


def test_a_publication_that_was_lost_is_not_taken_for_the_next_of_its_number(told: Newsroom, receiver: Receiver) -> None:
    backup = told.back_up()
    told.write("sport/lost.md")
    told.build(after=MINUTE)
    target, newest = told.store.targets()["webhook cms"], told.store.generation()
    (told.articles / "sport/lost.md").unlink()
    told.restore(backup)
    told.write("sport/draw.md", title="A draw")
    told.build(after=MINUTE)
    assert told.store.generation() == newest
    with pytest.raises(StoreError, match="has gone back"):
        told.store.reached(target, newest)
    deliver(told)
    assert receiver.told == [("published", ["A draw"])]


def test_of_a_protected_feed_nobody_is_told(newsroom: Newsroom, receiver: Receiver) -> None:
    feed = '[topics.sport]\n[feeds.hidden-partner]\nany = ["sport"]\nprotected = true\n'
    newsroom.write("site.toml", site(cms=receiver.url) + feed)
    newsroom.write("sport/win.md")
    newsroom.build()
    newsroom.write("sport/draw.md")
    newsroom.build(after=MINUTE)
    assert newsroom.document("/feeds/hidden-partner.rss")
    deliver(newsroom)
    assert receiver.told == [("published", ["Draw"])]
    assert b"hidden-partner" not in receiver.received[0].body
