"""Requests to a real service, good and bad: what every answer carries, and each row of what must be survived."""

from __future__ import annotations

import re
import time
from functools import partial
from pathlib import Path

import pytest
from werkzeug.test import Client

from feedsvc.settings import Settings
from feedsvc.storage import tables
from feedsvc.storage.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.responses import FEED_TYPES
from support.live import PUBLIC_URL, Newsroom, Service, until
from support.wire import PICTURE_PATH, Published

FEED, PARTNER, DIGEST = "/feeds/sport.rss", "/partners/msn/sport.rss", "/feeds/digest/sport.json"
ARCHIVE, HEADLINES = "/feeds/sport/2026-05.atom", "/headlines/sport.json"
ELSEWHERE = ["/headlines.json", "/feeds.opml", "/feeds/all.atom", "/feeds/%C3%A9t%C3%A9.rss"]
PICTURE = PICTURE_PATH
OPEN = [FEED, PARTNER, DIGEST, ARCHIVE, HEADLINES, *ELSEWHERE, PICTURE]
PAGES = ["/", "/topics/sport", "/articles/win", "/stories/cup"]
DOCUMENTS = [*OPEN, *PAGES, "/sitemap-news.xml", "/robots.txt", "/style.css"]
MOVED = {
    "/feeds/games.rss": FEED,
    "/partners/msn/games.rss": PARTNER,
    "/feeds/digest/games.json": DIGEST,
    "/feeds/games/2026-05.atom": ARCHIVE,
    "/headlines/games.json": HEADLINES,
    "/topics/games": "/topics/sport",
    "/topics/all": "/",
    "/headlines/all.json": "/headlines.json",
    "/feeds/digest/all.atom": "/feeds/digest.atom",
}
ENDED = [
    "/feeds/fog.rss", "/partners/msn/fog.rss", "/feeds/digest/fog.json", "/feeds/fog/2026-05.atom", "/headlines/fog.json",
    "/topics/fog", "/articles/gone",
]
HEALTH = ["/healthz", "/readyz"]
UNKNOWN = [
    "/none", "/feeds/none.rss", "/feeds/sport/2026-04.atom", "/articles/none", "/partners/msn/none.rss",
    "/partners/none/sport.rss", "/headlines/none.json", "/topics/none", "/stories/none", "/media/none.png",
]
ALLOWED = "GET, HEAD, OPTIONS"
KEPT = ("etag", "last-modified", "vary", "cache-control", "x-content-type-options", "link", "access-control-allow-origin")

MEANINGLESS = [
    *[{"If_Modified_Since": text} for text in ("yesterday", "0", "Thu, 32 May 2026 09:00:30 GMT", "%s" * 50, "\xe9", "1" * 9000)],
    *[{"Range": text} for text in ("bytes=0-9", "bytes=9999999999-", "bytes=-0,-0,-0", "lines=\xff")],
    *[{"Accept_Encoding": text} for text in ("gzip;q=abc", "gzip;q=", ";q=1", ",,,", "gzip;" * 200, "\xff", "gzip;q=1e999", "q=0")],
    {"Range": "bytes=0-9", "If_Range": '"x"'},
    {"Accept": "image/none", "Accept_Charset": "none", "Accept_Language": "none"},
    {"Cookie": "a=\xff; b", "Authorization": "Basic ????", "Referer": "javascript:alert(1)"},
    {"Content_Length": "0"},
    {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="},
    {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2_Settings": "AAMAAABkAAQAAP__"},
]
NOWHERE = [
    "/feeds/../x", "/feeds/../feeds/sport.rss", "/feeds/./sport.rss", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
    "/..\\x", "/feeds/sport.rss%00", "/%00", "/articles/%00", "/articles/win%00", "/feeds/sport%00/2026-05.atom",
    "/media/%00.png", "/feeds/%ff.rss", "/articles/%ff", "/feeds/%ff/2026-05.atom", "/%c0%ae%c0%ae/x", "/feeds%c0%afsport.rss",
    "/feeds/%ED%A0%80.rss", "/articles/..%2fwin", "/articles/.", "/articles/..", "/articles/win%20",
    "/articles/%0d%0aSet-Cookie:x", "/feeds/sport.rss;x=1", "/feeds/SPORT.rss", "/feeds/sport.rss%0d%0a",
    "//feeds/sport.rss", "//articles/win", "/articles//win", "/feeds//sport/2026-05.atom", "/feeds/sport//2026-05.atom",
    "//evil.example/%2e%2e", "/feeds/%zz.rss", "/%", "/feeds/sport/2026-13.atom", "/feeds/sport/2026-05-0.atom",
    "/feeds/sport/2026-05-99999999999999999999.atom", "/feeds/sport/%D9%A2%D9%A0-05.atom", "/feeds/sport/2026-05.exe",
    "/feeds/sport/.atom", "/feeds/story//2026-05.atom", "/feeds/%25C3%25A9t%25C3%25A9.rss", "/media/%25C3%25A9t%25C3%25A9/a.png",
    "/feeds/'%20OR%201=1--.rss", "/feeds/%25s.rss", "/static/style.css", "/templates/page.html", "/site.toml", "/var/feedsvc.db",
    "/media/../site.toml", "/.env", "/*", "/console",
]
LONG = [f"/articles/{'a' * 20_000}", f"/articles/{'%F0%9F%98%80' * 2_000}", f"/feeds/{'a/' * 5_000}x.rss", f"/{'%25' * 10_000}"]
QUERIES = ["?a=%0d%0aSet-Cookie:x", "?", "?%00", "?%ff", "?" + "a=b&" * 5_000, "?x=%3Cscript%3E", "#part", "??//", "?../../x"]
FORGED = [
    {"Host": "evil.example"},
    {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "gopher", "X_Forwarded_Port": "1", "X_Forwarded_Prefix": "/evil"},
    {"Forwarded": "host=evil.example;proto=gopher"},
    {"X_Original_URL": "/evil", "X_Rewrite_URL": "/evil", "X_HTTP_Method_Override": "DELETE"},
    *[{"Host": host} for host in ("evil.example:99999", "", "e" * 5_000)],
]


def short(value: object) -> str:
    return str(value)[:60]


@pytest.fixture
def service(published: Published) -> Service:
    return published.service


# ---- what every answer carries


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_is_told_apart_kept_and_asked_for_again(service: Service, path: str) -> None:
    for accept in ("identity", "gzip", "br"):
        answer = service.get(path, Accept_Encoding=accept)
        again = [
            service.get(path, Accept_Encoding=accept, If_None_Match=answer.headers["etag"]),
            service.get(path, Accept_Encoding=accept, If_Modified_Since=answer.headers["last-modified"]),
        ]
        assert [answer.status, *(one.status for one in again)] == [200, 304, 304]
        for name in KEPT:
            assert len({one.headers.get(name) for one in (answer, *again)}) == 1, name
        varies = "Accept-Encoding" + ", Sec-Fetch-Dest" * (answer.headers["content-type"] in FEED_TYPES)
        assert answer.headers["vary"] == varies and answer.headers["x-content-type-options"] == "nosniff"
        assert (answer.headers.get("access-control-allow-origin") == "*") == (path in OPEN)
        directives = [directive.split("=")[0] for directive in answer.headers["cache-control"].split(", ")]
        assert directives == ["max-age", "stale-while-revalidate", "stale-if-error"]


@pytest.mark.parametrize("path", [FEED, PARTNER, DIGEST])
def test_a_feed_names_itself_and_its_hub(service: Service, path: str) -> None:
    assert service.get(path).headers["link"] == f'<{service.url}{path}>; rel="self", <http://127.0.0.1:9/>; rel="hub"'


@pytest.mark.parametrize("path", [*DOCUMENTS, *MOVED, *ENDED, *HEALTH, *UNKNOWN])
def test_head_is_get_without_a_body(service: Service, path: str) -> None:
    # The second time, what was made when first asked for is a document like any other.
    for _ in range(2):
        asked, head = service.get(path), service.get(path, "HEAD")
        asked.headers.pop("date"), head.headers.pop("date")
        assert (head.status, head.headers, head.body) == (asked.status, asked.headers, b"")
        assert head.headers["content-length"] == str(len(asked.body))


@pytest.mark.parametrize("path", [*DOCUMENTS, *MOVED, *ENDED, *HEALTH])
def test_options_says_what_may_be_asked(service: Service, path: str) -> None:
    answer = service.get(path, "OPTIONS", Origin="https://other.example", Access_Control_Request_Method="GET")
    assert (answer.status, answer.headers["allow"], answer.body) == (204, ALLOWED, b"")
    assert not answer.headers.keys() & {"content-length", "content-type"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    if path in OPEN:
        assert answer.headers["access-control-allow-methods"] == ALLOWED


@pytest.mark.parametrize("method", ["PUT", "TRACE", "FOO", "POST", "DELETE", "PATCH", "get", "M-SEARCH"])
@pytest.mark.parametrize("path", [FEED, ARCHIVE, "/", "/articles/win", "/articles/none", "/healthz", "/feeds/games.rss", "/none"])
def test_other_methods_are_refused_shortly(service: Service, path: str, method: str) -> None:
    answer = service.get(path, method)
    assert (answer.status, answer.headers["allow"], answer.text) == (405, ALLOWED, "405 Method Not Allowed\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", MOVED)
def test_an_alias_leads_to_the_same_document_of_its_topic(service: Service, path: str) -> None:
    answer = service.get(path)
    assert (answer.status, answer.headers["location"]) == (301, service.url + MOVED[path])
    assert service.get(MOVED[path]).status == 200


@pytest.mark.parametrize("path", ENDED)
def test_what_has_ended_is_gone(service: Service, path: str) -> None:
    assert service.get(path).status == 410


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_never_was_is_not_found(service: Service, path: str) -> None:
    answer = service.get(path)
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", HEALTH)
def test_health_is_for_the_keeper_alone(service: Service, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = service.get(path, method, Origin="https://other.example")
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("method", "none_match"), [("GET", ""), ("GET", "*"), ("HEAD", ""), ("OPTIONS", ""), ("GET", '"x"')])
def test_what_is_made_when_first_asked_for_is_answered_as_ever_after(newsroom: Newsroom, method: str, none_match: str) -> None:
    newsroom.write("sport/win.md", date="2026-05-20T09:30:00Z")
    newsroom.build()
    client = newsroom.client()
    for path in ("/articles/win", ARCHIVE):
        first, again = (client.open(path, method=method, headers={"If-None-Match": none_match}) for _ in range(2))
        assert (first.status, first.headers, first.data) == (again.status, again.headers, again.data)
        assert method == "OPTIONS" or first.headers["Last-Modified"]


# ---- each row of what must be survived


@pytest.mark.parametrize("path", [FEED, HEADLINES, "/", "/articles/win"])
def test_an_if_none_match_of_20_000_tags_is_one_comparison(service: Service, path: str) -> None:
    others = ", ".join(f'"{number:032x}"' for number in range(20_000))
    own = service.get(path).headers["etag"]

    def answered_at_once(tags: str, status: int) -> bool:
        began = time.perf_counter()
        assert service.get(path, If_None_Match=tags).status == status
        return time.perf_counter() - began < 0.05

    for tags, status in ((others, 200), (f"{others}, {own}", 304), (f"{own}, {others}", 304)):
        until(partial(answered_at_once, tags, status))  # sooner or later, on a machine that is busy with other things


@pytest.mark.parametrize("headers", MEANINGLESS, ids=short)
def test_headers_that_mean_nothing_change_nothing(service: Service, published: Published, headers: dict[str, str]) -> None:
    answer = service.get(FEED, **headers)
    assert answer.status == 200
    assert "content-range" not in answer.headers
    published.check(answer, FEED)


@pytest.mark.parametrize("path", [*NOWHERE, *LONG], ids=short)
def test_paths_that_lead_nowhere_are_not_found(service: Service, published: Published, path: str) -> None:
    answer = service.get(path)
    assert answer.status == 404
    published.check(answer, None)


@pytest.mark.parametrize("query", QUERIES, ids=short)
@pytest.mark.parametrize("path", [FEED, "/articles/win"])
def test_a_query_means_nothing(service: Service, published: Published, path: str, query: str) -> None:
    answer = service.get(path + query)
    published.check(answer, path)
    assert answer.status == 200 and "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", [FEED, PICTURE, "/feeds/%C3%A9t%C3%A9.rss", "/articles/win"])
def test_an_address_is_the_same_however_it_is_percent_encoded(service: Service, published: Published, path: str) -> None:
    lower = re.sub("%..", lambda found: found[0].lower(), path)
    for way in (lower, path.replace("s", "%73"), path.replace("%28", "(").replace("%29", ")"), path.replace("t", "%74")):
        answer = service.get(way)
        assert answer.status == 200
        published.check(answer, path)


@pytest.mark.parametrize("headers", FORGED, ids=short)
def test_no_word_of_a_request_reaches_an_answer(service: Service, headers: dict[str, str]) -> None:
    forged = {"Host": f"127.0.0.1:{service.port}", **headers}
    for path in (*DOCUMENTS, *MOVED, *ENDED, *HEALTH, *UNKNOWN, "/articles//win", "/feeds//sport/2026-05.atom"):
        asked, told = service.get(path, **forged), service.get(path)
        asked.headers.pop("date"), told.headers.pop("date")
        assert asked == told


@pytest.mark.parametrize("path", [*HEALTH, "/articles/win", "/status", "/nothing", FEED])
def test_an_offer_to_upgrade_is_not_taken_up(service: Service, path: str) -> None:
    offered = service.get(path, Upgrade="websocket", Connection="Upgrade")
    assert (offered.status, offered.body) == (service.get(path).status, service.get(path).body)


def test_a_page_loads_no_picture_that_somebody_in_between_may_change(service: Service) -> None:
    policy = service.get("/articles/win").headers["content-security-policy"]
    assert "img-src 'self' https:;" in policy and "http:" not in policy


# ---- before, and without, a database that can be read


def test_until_something_is_published_only_health_is_there(newsroom: Newsroom) -> None:
    client = Client(create_app(Settings(database=newsroom.database, public_url=newsroom.public_url), newsroom.store))
    for path in (*DOCUMENTS, *UNKNOWN, "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.mimetype == "text/plain"
    assert client.get("/healthz").status_code == 200
    assert client.put("/feeds/all.rss").status_code == 405
    newsroom.write("sport/win.md")
    newsroom.build()
    until(lambda: client.get("/readyz").status_code == 200)
    assert client.get("/feeds/all.rss").status_code == 200 and client.get("/none").status_code == 404


def test_what_is_in_memory_is_served_when_the_database_is_not_to_be_read(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.build()
    client = newsroom.client()
    held = client.get("/feeds/all.rss")
    newsroom.store.engine.dispose()
    database = tmp_path / "var/feedsvc.db"
    database.rename(tmp_path / "away")
    database.mkdir()
    try:
        again = client.get("/feeds/all.rss")
        assert (again.status_code, again.data) == (200, held.data)
        for path in ("/articles/win", "/none", "/feeds/sport/2026-05.atom", "/articles/none"):
            answer = client.get(path)
            assert (answer.status_code, answer.mimetype) == (503, "text/plain"), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    finally:
        newsroom.store.engine.dispose()
        database.rmdir()
        (tmp_path / "away").rename(database)
    assert until(lambda: client.get("/articles/win").status_code == 200)


def test_no_path_disturbs_a_database(store: Store) -> None:
    client = Client(create_app(Settings(public_url=PUBLIC_URL), store))
    with store.writing() as connection:
        connection.execute(store.insert_new(tables.facts).values(name="public_url", value=PUBLIC_URL))
        connection.execute(store.insert_new(tables.facts).values(name="generation", value="1"))
    until(lambda: client.get("/readyz").status_code == 200)
    assert {client.get(path).status_code for path in NOWHERE} == {404}
