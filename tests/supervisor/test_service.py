"""`feedsvc serve` as a newsroom runs it: a real server, a real folder, real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.live import SLOW, Service, called, feedsvc, free_port, offspring, parent_of, save, until

LINK = r'(?:href|src|xmlUrl|htmlUrl|url)=["\']([^"\']+)|<link>([^<]+)|"(?:url|home|feed_url)":"([^"]+)'


def titles(service: Service, topic: str = "all") -> list[str]:
    return [entry["title"] for entry in json.loads(service.get(f"/feeds/{topic}.json").body)["items"]]


def shows(service: Service, title: str) -> bool:
    """Whether a title is served; what was in the queue of a worker that was killed is reset."""
    try:
        return service.is_ready() and titles(service) == [title]
    except OSError:
        return False


def test_an_article_saved_edited_renamed_and_deleted_is_so_in_every_format(serve: Callable[..., Service], tmp_path: Path) -> None:
    service = serve("--interval", "3600").start()
    assert f"feedsvc is ready at {service.url}" in until(lambda: "ready at" in service.log and service.log)
    file = save(tmp_path, "sport/win.md", "Town win")
    for suffix in ("rss", "atom", "json"):
        until(lambda suffix=suffix: "Town win" in service.get(f"/feeds/sport.{suffix}").text)
    assert json.loads(service.get("/headlines/sport.json").body)["headlines"][0]["title"] == "Town win"
    assert "Town win" in service.get("/topics/sport").text
    file.write_text("---\ntitle: Town win again\n---\nWritten in place.\n")
    until(lambda: titles(service) == ["Town win again"])
    file.rename(file.with_name("victory.md"))
    until(lambda: "/articles/victory" in service.get("/feeds/all.rss").text)
    assert service.get("/articles/win").status == 301
    assert service.get("/articles/win").headers["location"] == f"{service.url}/articles/victory"
    file.with_name("victory.md").unlink()
    until(lambda: titles(service) == [])
    assert service.get("/articles/victory").status == 410


def test_an_embargo_ends_at_its_second_without_a_scan_or_a_save(serve: Callable[..., Service], tmp_path: Path) -> None:
    out = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6)
    save(tmp_path, "sport/later.md", "Later", date=out.isoformat())
    service = serve("--interval", "3600").start()
    seen = titles(service), service.get("/articles/later").status
    while datetime.now(UTC) < out:
        assert seen == ([], 404)
        seen = titles(service), service.get("/articles/later").status
    until(lambda: titles(service) == ["Later"])


def test_the_scan_finds_what_the_watcher_was_not_told(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve("--interval", "0.5").start()
    folder = tmp_path / "articles"
    folder.rename(tmp_path / "away")
    until(lambda: "all stays published" in service.log)
    assert titles(service) == ["Town win"]
    (tmp_path / "away").rename(folder)
    until(lambda: "all is well again" in service.log)
    save(tmp_path, "sport/draw.md", "A draw")
    until(lambda: "A draw" in titles(service))


def test_old_documents_are_served_at_once_at_a_restart(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve().start()
    before = service.get("/feeds/all.rss")
    assert service.stop() == 0
    # Nothing can be built: what is served is what was published before.
    (tmp_path / "articles/sport/win.md").write_text("---\ntitle: [\n---\n")
    service.start()
    after = service.get("/feeds/all.rss", If_None_Match=before.headers["etag"])
    assert after.status == 304 and after.headers["last-modified"] == before.headers["last-modified"]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_leaves_nothing_behind(serve: Callable[..., Service], tmp_path: Path, sign: int) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve(workers=2).start()
    until(lambda: len(family_of(service.process.pid)) >= 4)  # two workers, the builder, and those that read for it
    family = family_of(service.process.pid)
    assert service.stop(sign) == 0
    until(lambda: not any(alive(pid) for pid in family))
    assert "Traceback" not in service.log
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", service.port))


@pytest.mark.parametrize("moment", ["idle", "beginning"])
def test_ctrl_c_at_a_terminal_ends_it_at_once_and_in_silence(serve: Callable[..., Service], tmp_path: Path, moment: str) -> None:
    for number in range(300):
        save(tmp_path, f"sport/match-{number}.md", f"Match {number}")
    service = serve(workers=2).start(ready=moment == "idle")
    if moment == "beginning":
        until(lambda: len(family_of(service.process.pid)) >= 4)
    else:
        assert service.interrupt() == 0
    if service.process.poll() is None:
        service.interrupt()
    until(lambda: not family_of(service.process.pid))
    assert not {"Traceback", "ERROR", "Killing"} & set(re.findall(r"\w+", service.log)), service.log


def test_a_second_service_for_another_url_says_what_it_waits_for(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    first = serve().start()
    second = serve().start(ready=False)
    until(lambda: f"what is published is for {first.url}; waiting for a build for {second.url}" in second.log)
    assert titles(first) == ["Town win"]


def test_what_dies_is_replaced(serve: Callable[..., Service], tmp_path: Path) -> None:
    service = serve("--interval", "3600", workers=2).start()
    until(lambda: len(called(service, "feedsvc-web")) == 2)
    [builder], workers = called(service, "feedsvc-builder"), called(service, "feedsvc-web")
    for pid in (builder, workers[0]):
        os.kill(pid, signal.SIGKILL)
    save(tmp_path, "sport/win.md", "Town win")
    until(lambda: shows(service, "Town win"))
    assert service.stop() == 0


@pytest.mark.parametrize("name", ["feedsvc-builder", "feedsvc-web"])
def test_it_goes_on_when_that_dies_which_others_are_forks_of(serve: Callable[..., Service], tmp_path: Path, name: str) -> None:
    service = serve("--interval", "3600").start()
    before = called(service, name)
    os.kill(parent_of(before[0]), signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in before))
    save(tmp_path, "sport/win.md", "Town win")
    until(lambda: shows(service, "Town win"))
    assert service.stop() == 0


def test_nothing_outlives_the_parent(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve(workers=2).start()
    until(lambda: len(family_of(service.process.pid)) >= 4)  # two workers, the builder, and those that read for it
    family = family_of(service.process.pid)
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait(SLOW)
    until(lambda: not any(alive(pid) for pid in family))


def test_no_link_comes_from_a_request(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve("--public-url", "https://feeds.example/").start()
    forged = {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "gopher"}
    for path in ("/", "/feeds/all.rss", "/feeds/sport.atom", "/headlines.json", "/articles/win", "/articles/none", "/feeds.opml"):
        answer = service.get(path, **forged)
        assert "evil.example" not in answer.text + str(answer.headers)
        assert service.url not in answer.text
    assert "https://feeds.example/articles/win" in service.get("/feeds/all.rss").text


def test_under_another_public_url_nothing_old_is_served(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win")
    service = serve("--public-url", "https://old.example").start()
    assert service.stop() == 0
    service.command[-1] = "https://new.example"
    service.start()
    assert "https://old.example" not in service.get("/feeds/all.rss").text
    assert "https://new.example/articles/win" in service.get("/feeds/all.rss").text


def test_every_link_in_every_document_leads_somewhere(serve: Callable[..., Service], tmp_path: Path) -> None:
    save(tmp_path, "sport/win.md", "Town win", story="The cup")
    save(tmp_path, "politika/vote.md", "The vote", story="The cup", topics="Политика")
    service = serve().start()
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = service.get(path)
        assert answer.status == 200, path
        found = re.findall(LINK, answer.body.decode("utf-8", "replace"))  # an icon is no text
        for url in {re.split("[#?]", part.removeprefix(service.url))[0] for match in found for part in match if part}:
            if url.startswith("/") and url not in seen | set(waiting):
                waiting.append(url)
    assert {"/feeds/all.rss", "/feeds/sport.atom", "/articles/vote", "/feeds.opml", "/style.css"} <= seen
    assert any(path.startswith("/feeds/%D0%BF") for path in seen)


def test_without_a_folder_it_says_how_to_begin_and_ends_with_code_2(tmp_path: Path) -> None:
    ended = feedsvc("serve", "--articles", "nowhere", folder=tmp_path, FEEDSVC_PORT=str(free_port()))
    assert ended.returncode == 2
    offer, refusal = ended.stderr.splitlines()
    assert "`feedsvc init`" in offer and refusal == "feedsvc: articles folder nowhere: no such file or directory"


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (["--port", "{taken}"], {}, "is in use"),
        (["--port", "many"], {}, "'--port'"),
        (["--port", "70000"], {}, "port 70000 is not between 1 and 65535"),
        ([], {"FEEDSVC_WORKERS": "several"}, "FEEDSVC_WORKERS"),
        (["--public-url", "feeds.example"], {}, 'public URL "feeds.example"'),
        (["--database", "sqlite:///articles/site.toml/x.db"], {}, "can't be opened"),
        (["--database", "what is this"], {}, "is not a database URL"),
        (["--host", "256.1.1.1"], {}, "address 256.1.1.1"),
        (["--interval", "0"], {}, "interval 0"),
        (["--nonsense"], {}, "--nonsense"),
    ],
)
def test_what_can_not_run_ends_with_one_clear_line_and_code_2(
    tmp_path: Path, words: list[str], environment: dict[str, str], said: str
) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/site.toml").write_text("")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = [word.replace("{taken}", str(taken.getsockname()[1])) for word in words]
        ended = feedsvc("serve", *words, folder=tmp_path, FEEDSVC_PORT=str(free_port()), **environment)
    assert ended.returncode == 2
    assert ended.stderr.startswith("feedsvc: ") and len(ended.stderr.splitlines()) == 1
    assert said in ended.stderr


def family_of(pid: int) -> list[int]:
    """All processes that come from one, however far down."""
    return [one for child in offspring(pid) for one in (child, *family_of(child))]


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
