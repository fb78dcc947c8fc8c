"""/healthz and /readyz, which answer from memory whatever the database does."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from feedsvc.settings import Settings
from feedsvc.storage.contact import Contact, Failing
from feedsvc.storage.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.readiness import HEALTH, READY, SILENT_SECONDS, Readiness
from support.live import until


class Cache:
    """A cache that is as the test says."""

    ready = True

    def __init__(self) -> None:
        self.contact = Contact(lambda: self.now)
        self.now = 0.0


@pytest.fixture
def cache() -> Cache:
    return Cache()


def told(readiness: Readiness, path: str = READY) -> tuple[int, str]:
    answer = readiness.answer(path, "GET")
    assert answer
    return answer.code, answer.body.decode()


def test_it_is_alive_whatever_is_wrong(cache: Cache) -> None:
    cache.ready = False
    assert told(Readiness(cache, lambda: ()), HEALTH) == (200, "ok\n")  # type: ignore[arg-type]


def test_it_is_ready_as_soon_as_something_is_published(cache: Cache) -> None:
    cache.ready = False
    readiness = Readiness(cache, lambda: ())  # type: ignore[arg-type]
    assert told(readiness) == (503, "waiting for the first build\n")
    cache.ready = True
    assert told(readiness) == (200, "ready\n")


def test_what_does_not_work_is_looked_at_now_and_then(cache: Cache) -> None:
    looks: list[int] = []

    def outages() -> tuple[str, ...]:
        looks.append(1)
        return ("no builder is running", "the brake holds")

    readiness = Readiness(cache, outages)  # type: ignore[arg-type]
    for _ in range(50):
        readiness.look()
    assert told(readiness) == (200, "ready, degraded: no builder is running; the brake holds (/status says more)\n")
    assert len(looks) < 50


def test_a_database_that_fails_or_is_silent_is_told_of(cache: Cache) -> None:
    readiness = Readiness(cache, lambda: ())  # type: ignore[arg-type]
    with cache.contact.asking():
        cache.now = SILENT_SECONDS
        assert told(readiness) == (200, "ready\n")
        cache.now += 0.1
        assert "the database does not answer" in told(readiness)[1] and told(readiness)[0] == 200
        cache.ready = False
        assert told(readiness) == (503, "waiting: the database does not answer\n")
    cache.contact.failing = Failing.READ
    assert told(readiness) == (503, "waiting: the database can't be read\n")
    cache.ready = True
    assert "the database can't be read" in told(readiness)[1]


@pytest.mark.parametrize(("path", "method"), [(HEALTH, "OPTIONS"), (READY, "POST"), ("/feeds/all.rss", "GET")])
def test_all_else_is_not_its_affair(cache: Cache, path: str, method: str) -> None:
    assert Readiness(cache, lambda: ()).answer(path, method) is None  # type: ignore[arg-type]


def test_a_head_has_no_body(cache: Cache) -> None:
    answer = Readiness(cache, lambda: ()).answer(HEALTH, "HEAD")  # type: ignore[arg-type]
    assert answer and answer.body == b"" and ("Content-Length", "3") in answer.headers


def test_without_its_database_an_app_answers_for_itself_under_any_server() -> None:
    store = Store("postgresql://desk@127.0.0.1:1/feedsvc", awaited=True)
    client = Client(create_app(Settings(database="sqlite:///unused.db"), store))
    assert client.get(HEALTH).text == "ok\n"
    until(lambda: client.get(READY).text == "waiting: the database can't be read\n")
    refused = client.get("/feeds/all.rss")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    store.close()
