"""Protected feeds: who has the password reads them, and nobody else learns what is in them, from no cache either."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator

import pytest
from werkzeug.test import Client, TestResponse

from feedsvc.builder.export import export
from feedsvc.settings import Settings
from feedsvc.web.app import create_app
from support.live import Newsroom, until

PASSWORD = "the tide, at dawn ü"  # noqa: S105
SITE = "[feeds.sport-full]\nprotected = true\n[feeds.later]\nprotected = true\n"
PATHS = ("/feeds/sport-full.rss", "/feeds/sport-full.atom", "/feeds/sport-full.json", "/headlines/sport-full.json")


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path_factory.mktemp("protected"))
    newsroom.write("site.toml", SITE)
    newsroom.write("match.md")
    newsroom.build()
    yield newsroom
    newsroom.close()


@pytest.fixture(scope="module")
def client(newsroom: Newsroom) -> Client:
    settings = Settings(database=newsroom.database, public_url=newsroom.public_url, feed_passwords=(("SPORT_FULL", PASSWORD),))
    app = create_app(settings, newsroom.store)
    app.begin()
    until(lambda: app.ready)
    return Client(app)


def ask(client: Client, path: str, password: str | None, user: str = "anybody", **options: str) -> TestResponse:
    given = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {} if password is None else {"Authorization": f"Basic {given}"}
    return client.open(path, headers={**headers, "Origin": "https://evil.example", **options})


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_password_reads_it_and_no_shared_cache_keeps_it(client: Client, path: str) -> None:
    answer = ask(client, path, PASSWORD)
    assert (answer.status_code, b"Match" in answer.data) == (200, True)
    assert answer.headers["Cache-Control"].endswith(", private") and "stale" not in answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    again = ask(client, path, PASSWORD, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("password", [None, "", "the tide, at dawn", PASSWORD + " ", "x" * 5000])
def test_nobody_else_learns_what_is_in_it(client: Client, path: str, password: str | None) -> None:
    ask(client, path, PASSWORD)  # which is in memory then
    answer = ask(client, path, password)
    assert (answer.status_code, b"Match" in answer.data) == (401, False)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="sport-full", charset="UTF-8"'
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers
    assert ask(client, f"{path}?password={PASSWORD}", None).status_code == 401


def test_one_feeds_password_opens_no_other_and_one_without_is_closed(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert [ask(client, "/feeds/later.rss", password).status_code for password in (PASSWORD, "", None)] == [503] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "FEEDSVC_FEED_PASSWORD_LATER is not set, and so nobody can read its feed"
    ]


def test_its_headlines_are_in_no_frame_and_no_export_has_it(client: Client, newsroom: Newsroom) -> None:
    assert ask(client, "/embed/ticker?topic=sport-full", PASSWORD).status_code == 404
    folder = newsroom.articles.with_name("out")
    _, found = newsroom.store.changed_since(0, set(newsroom.store.paths()))
    export((document for _, document in found if document), folder, newsroom.store.piece)
    assert (folder / "feeds/all.rss").exists() and not list(folder.rglob("*sport-full*"))
