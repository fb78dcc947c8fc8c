"""The status: what the newsroom is told of its service, as a page, as JSON and by the command; and who is let in."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import html5lib
import pytest
from werkzeug.test import Client, TestResponse

from feedsvc.builder.build import BuildResult
from feedsvc.builder.journal import Journal
from feedsvc.model.history import KEPT, BuildOutcome
from feedsvc.settings import Settings
from feedsvc.status import page as status_page
from feedsvc.status.collect import read_status
from feedsvc.storage.facts import PROBLEM
from feedsvc.storage.store import Store
from feedsvc.web.app import create_app
from feedsvc.web.status_routes import PATHS
from support.live import NOON, Newsroom, feedsvc
from support.newsroom import HOSTILE

PLANTED = '<img src=x onerror="alert(1)"> {{ 7 * 7 }} & \u202e'


def ask(client: Client, newsroom: Newsroom, path: str = "/status", method: str = "GET", **headers: str) -> TestResponse:
    token = (Path(newsroom.database.removeprefix("sqlite:///")).parent / "status-token").read_text().strip()
    return client.open(path, method=method, headers={"Authorization": f"Bearer {token}", **headers})


@pytest.fixture
def client(newsroom: Newsroom) -> Client:
    newsroom.build()
    made = newsroom.client()
    made.get("/status")  # the token is made when it is first asked for
    return made


def known(client: Client, newsroom: Newsroom) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask(client, newsroom, "/status.json").data)
    return found


# ---- who is let in


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "authorization", [None, "", "Basic", "Basic eDp5", "Bearer wrong-wrong-wrong", "Bearer " + "x" * 5000, "Basic \xff"]
)
def test_nobody_else_learns_anything(client: Client, path: str, method: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    refused = client.open(path, method=method, headers={**headers, "X-Forwarded-For": "127.0.0.1", "Origin": "https://evil.example"})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert refused.data in (b"", b"the status is for the newsroom: any user name, and the token as the password\n")
    assert_private(refused)


@pytest.mark.parametrize("path", PATHS)
def test_a_token_in_the_address_is_none(client: Client, newsroom: Newsroom, path: str) -> None:
    token = ask(client, newsroom).request.headers["Authorization"].split()[1]
    assert client.get(f"{path}?token={token}&status_token={token}").status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_token_is_let_in_and_nobody_keeps_it(client: Client, newsroom: Newsroom, path: str) -> None:
    answer = ask(client, newsroom, path)
    assert answer.status_code == 200 and len(answer.data) > 300
    assert_private(answer)
    assert ask(client, newsroom, path, "HEAD").data == b""
    assert ask(client, newsroom, path, "POST").status_code == 405
    options = client.options(path, headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"})
    assert (options.status_code, options.data) == (204, b"") and not crossing(options)


def assert_private(answer: TestResponse) -> None:
    headers = answer.headers
    assert headers["Cache-Control"] == "no-store" and "noindex" in headers["X-Robots-Tag"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not crossing(answer)


def crossing(answer: TestResponse) -> list[str]:
    """The headers that would let another site's scripts in."""
    return [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_token_that_can_not_be_read_closes_the_status_alone(newsroom: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    newsroom.build()
    client = newsroom.client()
    (newsroom.articles.parent / "var/status-token").write_text("short")
    answer = client.get("/status")
    assert answer.status_code == 503 and b"short" not in answer.data and b"/var" not in answer.data
    assert_private(answer)
    assert "is not 16 to 200" in caplog.text
    assert client.get("/feeds/all.rss").status_code == 200


def test_the_status_answers_before_anything_is_published(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/feedsvc.db")
    client = Client(create_app(Settings(database=f"sqlite:///{tmp_path}/feedsvc.db", status_token="x" * 16), store))
    answer = client.get("/status", headers={"Authorization": "Bearer " + "x" * 16})
    assert answer.status_code == 200 and "Nothing is published yet" in answer.text
    store.close()


def test_a_database_that_can_not_be_read_is_told(client: Client, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newsroom.store, "engine", Store(f"sqlite:///{newsroom.articles}/other.db").engine)
    with newsroom.store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE facts")
    assert ask(client, newsroom).status_code == 503
    metrics = ask(client, newsroom, "/metrics")
    assert metrics.status_code == 200 and "feedsvc_database_up 0.0" in metrics.text
    newsroom.store.engine.dispose()


# ---- what it says


def test_all_is_well(client: Client, newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.build()
    assert "All is well" in ask(client, newsroom).text
    status = known(client, newsroom)
    assert (status["problems"], status["articles"], status["withheld"], status["brake"]) == ([], 1, 0, None)
    assert status["lease"]["fence"] == 1 and status["lease"]["since"]
    assert [topic["slug"] for topic in status["topics"]] == ["sport"]


def test_the_page_the_json_and_the_command_say_the_same(client: Client, newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.write("sport/bad.md", date="2024-02-30")
    newsroom.build()
    Journal(newsroom.store).note(NOON, "start", 0.25, BuildResult(generation=2, documents=25, read=2))
    by_json = known(client, newsroom)
    by_command = json.loads(feedsvc("status", "--json", folder=tmp_path).stdout)
    assert by_json.pop("now") and by_command.pop("now")
    assert by_json == by_command
    page, text = ask(client, newsroom).text, feedsvc("status", folder=tmp_path).stdout
    for said in ("sport/bad.md:3", "nothing of it is published", "in quarantine", "date &#34;2024-02-30&#34; is not a date"):
        assert said in page
        assert said.replace("&#34;", '"') in text
    assert "250 ms" in page and "in 0.250 s: generation 2, 2 read, 25 documents (start)" in text


def test_quarantine_tells_whether_the_last_good_version_is_out(newsroom: Newsroom) -> None:
    newsroom.write("sport/win.md", title="Town win")
    newsroom.build()
    newsroom.write("sport/win.md", date="2024-02-30")
    newsroom.write("sport/new.md", date="2024-02-30")
    newsroom.write("site.toml", "[site]\ntimezone = 'Europe/Atlantis'\n")
    newsroom.build()
    found = {one.path: one.published for one in read_status(newsroom.store, newsroom.now).quarantine}
    assert found == {"sport/win.md": True, "sport/new.md": False, "site.toml": True}


def test_the_brake_is_told_with_what_to_do(client: Client, newsroom: Newsroom) -> None:
    for number in range(8):
        newsroom.write(f"sport/match-{number}.md", body=f"Match {number}.", date=NOON)
    newsroom.build()
    shutil.rmtree(newsroom.articles / "sport")
    newsroom.build()
    status = known(client, newsroom)
    assert status["brake"] and "feedsvc accept-removals" in status["problems"][0]
    assert "1 problem needs attention" in ask(client, newsroom).text


def test_what_comes_by_time_alone_is_told_the_soonest_first(client: Client, newsroom: Newsroom) -> None:
    day = timedelta(days=1)
    newsroom.write("sport/later.md", title="Later", date=NOON + 3 * day, expires=NOON + 5 * day)
    newsroom.write("sport/soon.md", title="Soon", date=NOON + day)
    newsroom.write("sport/out.md", title="Out", date=NOON - day, expires=NOON + 2 * day, breaking=NOON + 4 * day)
    newsroom.write("sport/draft.md", title="Draft", date=NOON + day, draft=True)
    newsroom.build()

    def coming() -> list[tuple[str, str]]:
        return [(one["what"], one["title"]) for one in known(client, newsroom)["upcoming"]]

    assert coming() == [
        ("embargo ends", "Soon"),
        ("expires", "Out"),
        ("embargo ends", "Later"),
        ("stops breaking", "Out"),
        ("expires", "Later"),
    ]
    newsroom.now += 2 * day  # nothing is built, and what is past is not to come
    assert coming()[0] == ("embargo ends", "Later")


def test_nobody_build_is_told(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.build()
    newsroom._lease.release()
    assert "No builder is running" in feedsvc("status", folder=tmp_path).stdout


def test_times_are_the_newsrooms_and_utc_for_programs(client: Client, newsroom: Newsroom) -> None:
    newsroom.write("site.toml", "[site]\ntimezone = 'Asia/Kolkata'\n")
    newsroom.build()
    assert '<time datetime="2026-05-21T12:00:00Z">21 May 2026, 17:30:00</time>' in ask(client, newsroom).text


# ---- hostile input


def test_nothing_that_anybody_writes_is_markup(client: Client, newsroom: Newsroom) -> None:
    quoted = json.dumps(HOSTILE, ensure_ascii=False)
    site = f"[site]\ntitle = {quoted}\nhub = 'https://hub.example/?a=1&b=2'\n[topics.sport]\nname = {quoted}\n"
    newsroom.write("site.toml", site)
    newsroom.write("sport/win.md", title=HOSTILE, date=NOON + timedelta(days=1))
    newsroom.write(f"sport/{PLANTED.replace('/', '')}.md", date=PLANTED)
    newsroom.write("sport/warned.md", **{PLANTED.replace('"', ""): "x"})
    newsroom.build()
    newsroom.store.set_fact(PROBLEM, f"`{PLANTED}` {HOSTILE}")
    journal = Journal(newsroom.store)
    for number in range(KEPT):
        journal.note(NOON, f"{PLANTED} {number}", 10.0**number, BuildResult(generation=number + 1, problem=HOSTILE))
    answer = ask(client, newsroom)
    tree = html5lib.parse(answer.data, namespaceHTMLElements=False)
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not tags & {"script", "img", "b", "iframe", "form", "item"}
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on") or name == "style"]
    text = "".join(tree.itertext())
    assert text.count('<script>alert("1")</script>') > KEPT and PLANTED in text and "49" not in text.split("{{ 7 * 7 }}")[1][:4]
    assert sum(str(element.tag).endswith("rect") for element in tree.iter()) == KEPT
    links = {element.attrib["href"] for element in tree.iter("a")}
    assert all(link in ("", "status.json", "metrics", "preview/") or link.startswith("https://feeds.example/") for link in links)
    assert known(client, newsroom)["site"] in text
    assert ask(client, newsroom, "/metrics").status_code == 200


def test_the_stylesheet_is_the_one_that_the_policy_names(client: Client, newsroom: Newsroom) -> None:
    answer = ask(client, newsroom)
    style = answer.text.partition("<style>")[2].partition("</style>")[0]
    assert style == status_page._stylesheet() and "<" not in style
    assert "script" not in answer.headers["Content-Security-Policy"] and "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_page_of_very_many_faults_stays_a_page(client: Client, newsroom: Newsroom) -> None:
    for number in range(status_page.LISTED + 7):
        newsroom.write(f"sport/bad-{number}.md", date="2024-02-30")
    newsroom.build()
    page = ask(client, newsroom).text
    assert page.count("is not a date") == status_page.LISTED and "And 7 more" in page
    assert len(known(client, newsroom)["quarantine"]) == status_page.LISTED + 7


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 0.5, 99.0, 1e9])
def test_every_duration_is_a_bar_inside_the_chart(seconds: float, newsroom: Newsroom) -> None:
    Journal(newsroom.store).note(NOON, "start", seconds, BuildResult(generation=1))
    chart = status_page.chart(read_status(newsroom.store, NOON).builds)
    (bar,) = chart.bars
    assert 2 <= bar.height <= chart.height and bar.y >= 0 and bar.y + bar.height == pytest.approx(chart.height)
    assert chart.margin <= bar.x <= chart.width - chart.bar
    assert bar.line.outcome is BuildOutcome.PUBLISHED
