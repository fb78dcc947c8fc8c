"""A web machine that starts: what its copy has may be of long ago, so it looks at the database first, or does without."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.test import Client

from cluster.machine import Machine
from cluster.web import web
from feedsvc.settings import Settings
from feedsvc.storage import contact
from feedsvc.storage.contact import SharedContact
from feedsvc.storage.store import Store
from feedsvc.web import follower
from feedsvc.web.follower import open_copy
from support.live import SLOW, save, until
from support.network import Network, through

FRAMES = ("/embed/ticker", "/embed/ticker?topic=harbour", "/embed/ticker?topic=harbour&layout=strip&limit=3&theme=dark")


@pytest.fixture
def builder(machine: Callable[..., Machine], database: str) -> Machine:
    """A machine that has published an article."""
    one = machine("builder", database)
    save(one.folder, "harbour/tide.md", "The tide")
    one.start()
    until(one.store.generation)
    return one


@contextmanager
def alone(file: Path, database: str) -> Iterator[Client]:
    """A web machine whose follower has ended before the next one comes."""
    with web(file, database) as client:
        yield client
    until(lambda: "follower" not in {thread.name for thread in threading.enumerate()})


@pytest.fixture
def file(builder: Machine, tmp_path: Path) -> Path:
    """The copy of a machine that has served that article, and ended."""
    made = tmp_path / "copy.db"
    with alone(made, builder.store.engine.url.render_as_string(hide_password=False)) as client:
        until(lambda: "The tide" in client.get("/feeds/all.json").text)
    return made


def test_the_first_answer_is_what_was_published_last(
    builder: Machine, file: Path, database: str, seen: Store, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact, "PATIENCE_SECONDS", SLOW)  # however busy this machine is
    monkeypatch.setattr(follower, "PATIENCE_SECONDS", SLOW)
    save(builder.folder, "harbour/tide.md", "The tide", retracted="It did not come.")
    until(lambda: seen.generation() == 2)
    network.delay = 0.05  # so that what is in the copy could be served long before
    with alone(file, through(network, database)) as client:
        assert "The tide" not in client.get("/feeds/all.json").text
        assert client.get("/embed/ticker").text.count("The tide") == 0


def test_without_a_database_what_it_has_is_served_from_the_first_request_on(file: Path, database: str, network: Network) -> None:
    network.drop()
    with alone(file, through(network, database, connect_timeout="2")) as client:
        assert "The tide" in client.get("/feeds/all.json").text
        for path in FRAMES:
            answer = client.get(path)
            assert answer.status_code == 200 and "The tide" in answer.text, path
        assert client.get("/embed/ticker?topic=nowhere").status_code == 404
        assert "this machine's copy of what was published is served" in client.get("/readyz").text


def test_nothing_that_the_copy_has_is_asked_of_the_database(
    file: Path, builder: Machine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def document(store: Store, path: str) -> object:
        if store.engine.dialect.name == "postgresql":
            asked.append(path)
        return original(store, path)

    original = Store.document
    monkeypatch.setattr(Store, "document", document)
    with alone(file, database) as client:
        for path in ("/feeds/all.json", "/", "/ticker.js", *FRAMES, "/embed/ticker?topic=nowhere"):
            client.get(path)
        assert not asked
        client.get("/articles/tide")
        assert asked == ["/articles/tide"]


def test_what_the_last_keeper_knew_does_not_count(file: Path) -> None:
    known = SharedContact(file.with_name("copy.db.contact"))
    assert known.looked
    copy = open_copy(Settings(database="postgresql://nowhere/feedsvc", local_copy=file))
    assert copy and not copy.contact.looked and not known.looked
    copy.store.close()
