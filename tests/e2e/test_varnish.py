"""A real Varnish with the configuration that is handed out: what is retracted is gone from it as soon as the service has it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from feedsvc.storage.store import Store
from support.docs import doc
from support.live import Service, free_port, until

ARTICLE = "---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n{}---\nIt rained.\n"
PATHS = ("/articles/win", "/feeds/all.rss", "/feeds/sport.json", "/headlines/sport.json", "/topics/sport", "/")
OTHERS = ("/articles/soup", "/feeds/food.rss", "/topics/food")


@pytest.fixture
def edge(services: Callable[..., Service], serve: Callable[..., Service], tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    """Varnish, and the service behind it."""
    port = free_port()
    for path in ("sport/win.md", "food/soup.md"):
        file = tmp_path / "articles" / path
        file.parent.mkdir()
        file.write_text(ARTICLE.format(""))
    purge = f'[[purges]]\nname = "edge"\nkind = "varnish"\nurl = "http://127.0.0.1:{port}"\n'
    (tmp_path / "articles/site.toml").write_text(purge)
    service = serve("--surrogate-keys", workers=2, FEEDSVC_PRIVATE_TARGETS="127.0.0.1").start()
    written = doc("deploy/varnish.vcl")
    assert '.port = "8000";' in written
    (tmp_path / "varnish.vcl").write_text(written.replace('.port = "8000";', f'.port = "{service.port}";'))
    command = ("varnishd", "-F", "-j", "none", "-a", f"127.0.0.1:{port}", "-f", str(tmp_path / "varnish.vcl"), "-n")
    varnish = Service([*command, str(tmp_path / "varnish"), "-s", "default,16m", "-p", "http_gzip_support=off"], tmp_path, port)
    varnish.start(ready=False)
    until(lambda: is_open(port))
    with closing(Store(f"sqlite:///{tmp_path}/var/feedsvc.db", create=False)) as store:
        until(lambda: store.targets()["purge edge"].generation == store.generation())
    yield varnish, service
    varnish.stop()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fill(varnish: Service, path: str) -> None:
    """Asks until the answer comes from the cache, as far as it has it."""
    until(lambda: " " in varnish.get(path, Accept_Encoding="br").headers["x-varnish"])


def test_a_retraction_is_gone_from_the_cache_and_the_rest_stays(edge: tuple[Service, Service], tmp_path: Path) -> None:
    varnish, service = edge
    answer = varnish.get("/feeds/all.rss", Accept_Encoding="gzip, br")
    own = service.get("/feeds/all.rss", Accept_Encoding="br")
    assert (answer.body, answer.headers["etag"]) == (own.body, own.headers["etag"])
    assert "topic-all" in own.headers["surrogate-key"] and "surrogate-key" not in answer.headers
    for path in (*PATHS, *OTHERS):
        fill(varnish, path)
    assert b"Town win" in varnish.get("/articles/win").body
    before = {path: varnish.get(path, Accept_Encoding="br").body for path in PATHS}
    kept = {path: varnish.get(path, Accept_Encoding="br").headers["age"] for path in OTHERS}
    (tmp_path / "articles/sport/win.md").write_text(ARTICLE.format("retracted: We were wrong.\n"))
    saved = time.monotonic()
    until(lambda: varnish.get("/articles/win").status == 410)
    print(f"a retraction was gone from Varnish {time.monotonic() - saved:.3f} s after it was saved")
    for path in PATHS:  # which are forgotten in one request
        answer = varnish.get(path, Accept_Encoding="br")
        assert answer.body == service.get(path, Accept_Encoding="br").body != before[path]
    for path in OTHERS:
        answer = varnish.get(path, Accept_Encoding="br")
        assert " " in answer.headers["x-varnish"] and int(answer.headers["age"]) >= int(kept[path]), path


def test_a_purge_names_keys_and_what_is_down_is_served(edge: tuple[Service, Service]) -> None:
    varnish, service = edge
    assert varnish.get("/", "PURGE").status == 400
    assert varnish.get("/", "PURGE", xkey_purge="nothing").status == 200
    fill(varnish, "/feeds/all.rss")
    assert varnish.get("/status").status == 401
    before = varnish.get("/feeds/all.rss").body
    service.stop()
    assert varnish.get("/feeds/all.rss").body == before
