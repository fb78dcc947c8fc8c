"""Caches are asked to forget the keys that changed; the vendors' APIs are stand-ins that refuse what the real ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest

from feedsvc.deliveries import purges
from feedsvc.deliveries.deliveries import Means
from feedsvc.model.surrogate_keys import keys_of
from support import vendors
from support.hubs import deliver_at_once, delivering
from support.live import Newsroom, until
from support.receivers import Received, Receiver
from support.vendors import asked

LOCAL = [ip_network("127.0.0.0/8")]
MEANS = Means({"purge_token_edge": vendors.TOKEN}, LOCAL)
MINUTE = timedelta(minutes=1)
KINDS: dict[str, tuple[Callable[[Received], vendors.Answer], str, str]] = {
    "varnish": (lambda request: (200 if request.method == "PURGE" and request.headers["xkey-purge"] else 400, {}), "", ""),
    "fastly": (vendors.fastly, "", f'service = "{vendors.SERVICE}"'),
    "cloudflare": (vendors.cloudflare, "/client/v4", f'zone = "{vendors.ZONE}"'),
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver_at_once(monkeypatch)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def begin(newsroom: Newsroom, receiver: Receiver, kind: str) -> None:
    receiver.answer, below, more = KINDS[kind]
    url = receiver.url.removesuffix("/hook") + below
    newsroom.write("site.toml", f'[site]\n[[purges]]\nname = "edge"\nkind = "{kind}"\nurl = "{url}"\n{more}\n')
    newsroom.write("sport/win.md")
    newsroom.write("food/soup.md")
    newsroom.build()
    deliver(newsroom)
    receiver.received.clear()


def knows(newsroom: Newsroom) -> bool:
    return newsroom.store.targets()["purge edge"].generation == newsroom.store.generation()


def deliver(newsroom: Newsroom, means: Means = MEANS) -> None:
    with delivering(newsroom.store, means) as deliveries:
        deliveries.wake()
        until(lambda: knows(newsroom))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_forgets_what_changed_and_nothing_else(kind: str, newsroom: Newsroom, receiver: Receiver) -> None:
    begin(newsroom, receiver, kind)
    newsroom.write("sport/win.md", retracted="We were wrong.")
    newsroom.build(after=MINUTE)
    deliver(newsroom)
    (request,) = receiver.received
    assert receiver.answer(request) == (200, {})
    keys = set(asked(request))
    assert {"article-win", "topic-sport", "topic-all"} <= keys
    assert not any("food" in key or "soup" in key or key.startswith("format-") for key in keys)


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_that_changed_has_a_key_that_is_forgotten(kind: str, newsroom: Newsroom, receiver: Receiver) -> None:
    begin(newsroom, receiver, kind)
    client = newsroom.client()
    paths = [*newsroom.store.paths(), "/articles/win", "/articles/soup", "/embed/ticker"]
    before = {path: client.get(path).data for path in paths}
    newsroom.write("sport/win.md", title="They won", story="Cup")
    newsroom.write("sport/draw.md", topics=["rain"])
    newsroom.build(after=MINUTE)
    deliver(newsroom)
    after = newsroom.client()
    changed = {path for path in {*paths, *newsroom.store.paths()} if before.get(path) != after.get(path).data}
    forgotten = {key for request in receiver.received for key in asked(request)}
    assert changed and [path for path in sorted(changed) if not forgotten & set(keys_of(path))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_many_publications_are_one_question_within_the_vendors_limits(
    kind: str, newsroom: Newsroom, receiver: Receiver
) -> None:
    begin(newsroom, receiver, kind)
    names = {f"article-game-{number}" for number in range(400)}
    for number in range(400):
        newsroom.write(f"sport/game-{number}.md")
        if number % 100 == 99:
            newsroom.build(after=MINUTE)
    deliver(newsroom)
    assert {receiver.answer(request)[0] for request in receiver.received} == {200}
    told = [key for request in receiver.received for key in asked(request)]
    assert names <= set(told) and len(told) == len(set(told))
    assert all(len(" ".join(asked(request))) <= purges.MOST_KEY_BYTES for request in receiver.received)


@pytest.mark.parametrize("kind", ["fastly", "cloudflare"])
def test_without_a_token_nothing_is_asked(kind: str, newsroom: Newsroom, receiver: Receiver) -> None:
    begin(newsroom, receiver, kind)
    newsroom.write("sport/draw.md")
    newsroom.build(after=MINUTE)
    with delivering(newsroom.store, Means({}, LOCAL)) as deliveries:
        deliveries.wake()
        until(lambda: "set FEEDSVC_PURGE_TOKEN_EDGE" in newsroom.store.targets()["purge edge"].problem)
    assert receiver.received == []


def test_a_token_that_is_refused_is_shown_and_asked_with_again(newsroom: Newsroom, receiver: Receiver) -> None:
    begin(newsroom, receiver, "fastly")
    newsroom.write("sport/draw.md")
    newsroom.build(after=MINUTE)
    with delivering(newsroom.store, Means({"purge_token_edge": "another-token"}, LOCAL)) as deliveries:
        deliveries.wake()
        until(lambda: "it answered 401" in newsroom.store.targets()["purge edge"].problem)
    deliver(newsroom)
    assert receiver.answer(receiver.received[-1]) == (200, {})


def test_when_every_page_may_be_another_all_pages_are_forgotten(newsroom: Newsroom, receiver: Receiver) -> None:
    begin(newsroom, receiver, "varnish")
    newsroom.write("site.toml", (newsroom.articles / "site.toml").read_text().replace("[site]", '[site]\ntitle = "Gazette"'))
    newsroom.build(after=MINUTE)
    deliver(newsroom)
    assert "format-html" in {key for request in receiver.received for key in asked(request)}
