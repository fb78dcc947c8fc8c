"""What docs/operations.md hands out, run for real: nginx in front, the unit's limits, backup and restore."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.databases import BACKENDS, fresh_database
from support.docs import ROOT, doc, rows, spans
from support.live import FEEDSVC, SLOW, Service, free_port, until

ROOT_USER = os.getuid() == 0
MOST_EXPOSED = 1.4

# Begins a program that can have no memory to write and run, as under MemoryDenyWriteExecute= (prctl(2), PR_SET_MDWE).
STRICT = "import ctypes, os, sys; assert not ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execvp(sys.argv[1], sys.argv[1:])"

MAIN = """
{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/errors;
events {{ }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/feedsvc.conf;
}}
"""


# ---- nginx


@contextmanager
def nginx(folder: Path, behind: Service, *changes: tuple[str, str]) -> Iterator[Service]:
    """nginx with the configuration that is handed out, on ports and folders of the test's own; `changes` as one would make them."""
    port = free_port()
    places = [
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{behind.port};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/var/cache/nginx/feedsvc", f"{folder}/cache"),
        ("/var/log/nginx/feedsvc.log", f"{folder}/access"),
    ]
    text = doc("deploy/nginx.conf")
    for was, becomes in (*places, *changes):
        assert was in text
        text = text.replace(was, becomes)
    (folder / "feedsvc.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(user="user root;" if ROOT_USER else "", folder=folder))
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=SLOW)
    assert checked.returncode == 0, checked.stderr
    proxy = Service(command, folder, port)
    proxy.start(ready=False)
    try:
        until(lambda: listening(proxy))
        yield proxy
    finally:
        proxy.stop()


def listening(proxy: Service) -> bool:
    try:
        return proxy.get("/feeds/all.rss").status > 0
    except OSError:
        return False


@pytest.fixture
def proxied(printed: Service, tmp_path: Path) -> Iterator[Service]:
    with nginx(tmp_path, printed) as proxy:
        yield proxy


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
@pytest.mark.parametrize("path", ["/feeds/all.rss", "/headlines.json", "/", "/ticker.js"])
def test_an_answer_passes_as_it_is(proxied: Service, printed: Service, path: str, coding: str) -> None:
    for _ in range(2):  # made, and kept
        direct, passed = printed.get(path, Accept_Encoding=coding), proxied.get(path, Accept_Encoding=coding)
        assert (passed.status, passed.body) == (200, direct.body)
        theirs = {"date", "server", "connection", "keep-alive"}
        assert {key: value for key, value in passed.headers.items() if key not in theirs} == {
            key: value for key, value in direct.headers.items() if key not in theirs
        }
        unchanged = proxied.get(path, Accept_Encoding=coding, If_None_Match=direct.headers["etag"])
        assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", direct.headers["etag"])
        assert proxied.get(path, "HEAD", Accept_Encoding=coding).headers["etag"] == direct.headers["etag"]


def test_what_is_not_there_is_not_kept_and_the_status_asks_for_its_token(proxied: Service) -> None:
    assert proxied.get("/articles/nothing").headers["cache-control"] == "no-store"
    assert (proxied.get("/topics/all").status, proxied.get("/status").status, proxied.get("/metrics").status) == (301, 401, 401)


def test_a_client_is_known_by_its_own_address_whatever_it_says(proxied: Service, printed: Service) -> None:
    assert proxied.get("/status", Authorization="Bearer wrong", X_Forwarded_For="192.0.2.7").status == 401
    until(lambda: "a wrong token or password from 127.0.0.1" in printed.log)
    assert "192.0.2.7" not in printed.log


def test_the_status_is_nobodys_whose_address_is_not_named(printed: Service, tmp_path: Path) -> None:
    with nginx(tmp_path, printed, ("        allow 127.0.0.1;\n", "")) as proxy:
        assert [proxy.get(path).status for path in ("/status", "/status.json", "/metrics", "/readyz")] == [403] * 4
        assert proxy.get("/feeds/all.rss").status == 200


@pytest.mark.parametrize("rule", [True, False])
def test_what_the_newsroom_sees_is_kept_for_nobody(serve: Callable[..., Service], tmp_path: Path, rule: bool) -> None:
    """Also behind a configuration of an earlier release, which has no rule for previews."""
    (tmp_path / "articles/plan.md").write_text("---\ntitle: A secret plan\ndraft: true\n---\nText.\n")
    token = "the-token-of-this-test"  # noqa: S105
    service = serve(FEEDSVC_STATUS_TOKEN=token).start()
    block = re.search(r"    # For the newsroom, and for who .*?\}\n", doc("deploy/nginx.conf"), re.DOTALL)
    assert block
    with nginx(tmp_path, service, *(() if rule else ((block[0], ""),))) as proxy:
        until(lambda: "A secret plan" in proxy.get("/preview/", Authorization=f"Bearer {token}").text)
        assert (proxy.get("/preview/").status, proxy.get("/preview/plan").status) == (401, 401)
        assert not [file for file in (tmp_path / "cache").rglob("*") if file.is_file() and b"secret plan" in file.read_bytes()]
        assert not rule or "/preview" not in (tmp_path / "access").read_text()


def test_a_path_in_the_public_url_is_taken_off(printed: Service, tmp_path: Path) -> None:
    block = re.search(r"( +# location /news/ \{\n.*?# \}\n)", doc("deploy/nginx.conf"), re.DOTALL)
    assert block
    with nginx(tmp_path, printed, (block[1], block[1].replace("# ", ""))) as proxy:
        assert proxy.get("/news/feeds/all.rss").body == printed.get("/feeds/all.rss").body


def test_with_a_hub_feeds_are_never_kept(printed: Service, tmp_path: Path) -> None:
    block = re.search(r"( +# location /feeds/ \{\n.*?# \}\n)", doc("deploy/nginx.conf"), re.DOTALL)
    assert block
    with nginx(tmp_path, printed, (block[1], block[1].replace("# ", ""))) as proxy:
        for _ in range(2):
            assert proxy.get("/feeds/all.rss").status == 200
            assert proxy.get("/headlines.json").status == 200
        until(lambda: (tmp_path / "access").read_text().count("/headlines.json") == 2)
        kept = [line.split()[-1] for line in (tmp_path / "access").read_text().splitlines() if "/feeds/all.rss" in line]
        assert set(kept) == {"-"}


def test_a_change_is_seen_soon_and_what_was_seen_outlives_the_service(serve: Callable[..., Service], tmp_path: Path) -> None:
    (tmp_path / "articles/one.md").write_text("---\ntitle: The first\n---\nText.\n")
    service = serve().start()
    with nginx(tmp_path, service) as proxy:
        assert "The first" in proxy.get("/feeds/all.json").text
        (tmp_path / "articles/one.md").write_text("---\ntitle: The second\n---\nText.\n")
        until(lambda: "The second" in service.get("/feeds/all.json").text)
        until(lambda: "The second" in proxy.get("/feeds/all.json").text)
        assert "    proxy_cache_valid 200 301 410 1s;\n" in doc("deploy/nginx.conf")
        tag = proxy.get("/feeds/all.json").headers["etag"]
        assert service.stop() == 0
        time_out = time.monotonic() + 2.5
        until(lambda: time.monotonic() > time_out)
        assert "The second" in proxy.get("/feeds/all.json").text
        assert proxy.get("/feeds/all.json", If_None_Match=tag).status == 304
        assert proxy.get("/topics/all").status == 502  # which nobody had asked for


# ---- systemd


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    made = tmp_path / "feedsvc.service"
    made.write_text(doc("deploy/feedsvc.service").replace("/opt/feedsvc/bin/feedsvc", sys.executable))
    return made


def systemd(*words: str) -> str:
    ended = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=SLOW)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_the_unit_is_right_and_as_closed_as_the_docs_say(unit: Path) -> None:
    assert systemd("verify", "--man=no", str(unit)) == ""
    found = re.search(r"exposure level for feedsvc.service: ([\d.]+)", systemd("security", "--offline=true", str(unit)))
    assert found
    assert float(found[1]) <= MOST_EXPOSED
    assert f"exposure of {MOST_EXPOSED}," in " ".join(doc("docs/operations.md").split())


def allowed() -> set[str]:
    """The system calls that the unit allows."""
    some: set[str] = set()
    for words in re.findall(r"^SystemCallFilter=(.+)$", doc("deploy/feedsvc.service"), re.MULTILINE):
        names = words.lstrip("~").split()
        calls = {call for name in names for call in (expanded(name) if name.startswith("@") else {name})}
        some = some - calls if words.startswith("~") else some | calls
    return some | expanded("@default")


def expanded(name: str) -> set[str]:
    listed = (line.strip() for line in systemd("syscall-filter", name).splitlines()[1:])
    calls = [call for call in listed if call and not call.startswith("#")]
    return {found for call in calls for found in (expanded(call) if call.startswith("@") else {call})}


def test_it_needs_no_system_call_that_the_unit_forbids_nor_memory_to_write_and_run(
    services: Callable[..., Service], tmp_path: Path
) -> None:
    (tmp_path / "articles").mkdir()
    trace = tmp_path / "trace"
    strace = ("strace", "-D", "-f", "-q", "-o", str(trace), "-e", "signal=none")
    flags = ("--port", "{port}", "--workers", "1")
    service = services(sys.executable, "-c", STRICT, *strace, *FEEDSVC, "serve", *flags).start()
    (tmp_path / "articles/one.md").write_text("---\ntitle: The first\n---\nText.\n")
    until(lambda: "The first" in service.get("/feeds/all.json").text)
    assert [service.get(path).status for path in ("/", "/articles/one", "/status")] == [200, 200, 401]
    assert service.process
    main = service.process.pid
    assert service.stop() == 0
    until(lambda: re.search(rf"^{main} +\+\+\+ exited with 0", trace.read_text(), re.MULTILINE))  # which another process writes
    used = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE))
    theirs = {"fchown"} if ROOT_USER else set()  # SQLite's, for root alone: its files get the owner of the database's
    assert sorted(used - allowed() - theirs) == []


# ---- backup and restore


def commands(heading: str, kind: int) -> list[str]:
    """The commands to back up and to restore, of SQLite (0) or of PostgreSQL (1)."""
    named = [spans(row[1])[0] for row in rows("docs/operations.md", heading)]
    return named[2 * kind : 2 * kind + 2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backup_of_a_running_service_brings_back_ids_and_dates(
    serve: Callable[..., Service], tmp_path: Path, backend: str
) -> None:
    url = fresh_database(backend, tmp_path)
    plain = url.replace("+psycopg", "")
    (tmp_path / "backups").mkdir()
    places = {"/srv/backups": str(tmp_path / "backups"), "/var/lib/feedsvc": str(tmp_path / "var")}

    def run(command: str) -> None:
        for was, becomes in {**places, "postgresql://db.example/feedsvc": shlex.quote(plain)}.items():
            command = command.replace(was, becomes)
        ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=SLOW)
        assert ended.returncode == 0, ended.stderr

    back_up, restore = commands("Backup and restore", BACKENDS.index(backend))
    articles = tmp_path / "articles"
    service = serve("--database", url).start()
    (articles / "before.md").write_text("---\ntitle: Undated\n---\nThe words of it.\n")
    until(lambda: "Undated" in service.get("/feeds/all.json").text)
    (articles / "before.md").rename(articles / "renamed.md")
    until(lambda: "/articles/renamed" in service.get("/feeds/all.json").text)
    known = service.get("/feeds/all.json").body

    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.wait(0.02):
            number += 1
            (articles / "busy.md").write_text(f"---\ntitle: Busy {number}\ndraft: true\n---\nText.\n")

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        run(back_up)
    finally:
        over.set()
        writer.join(SLOW)
    (articles / "after.md").write_text("---\ntitle: Later\n---\nText.\n")
    until(lambda: "Later" in service.get("/feeds/all.json").text)
    service.stop()

    (articles / "after.md").unlink()
    run(restore)
    os.utime(articles / "renamed.md", (1_000_000_000, 1_000_000_000))  # a copy's dates say nothing
    again = serve("--database", url, "--public-url", service.url).start()
    # A machine of several serves its own copy of the last edition, until it has heard that the database is another.
    until(lambda: again.get("/feeds/all.json").body == known)
    assert again.get("/articles/before").status == 301
    assert again.stop() == 0


def test_the_backup_of_each_night_is_right(tmp_path: Path) -> None:
    for name in ("feedsvc-backup.service", "feedsvc-backup.timer"):
        shutil.copy(ROOT / "deploy" / name, tmp_path)
    assert systemd("verify", "--man=no", str(tmp_path / "feedsvc-backup.service"), str(tmp_path / "feedsvc-backup.timer")) == ""
