"""A newspaper in two editions, and what readers get of it: every document in every encoding, whole and of one generation."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import brotli
from lxml import etree

from feedsvc.model.etag import etag
from feedsvc.storage.store import Store
from feedsvc.web.cache import DocumentCache
from feedsvc.web.responses import respond
from support.live import FEEDSVC, Service

PUBLIC_URL = "https://feeds.example"
BUILD = (*FEEDSVC, "build", "--public-url", PUBLIC_URL)
DECODE: dict[str, Callable[[bytes], bytes]] = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
DATED = "date: 2026-05-20T09:{:02}:00Z"
FIRST = {
    "site.toml": '[site]\ntitle = "The Quay Gazette"\n[topics.harbour]\nname = "Harbour"\n',
    "harbour/edited.md": f"---\ntitle: Ferry runs later\n{DATED.format(1)}\n---\nFrom Friday on.\n",
    "harbour/renamed.md": f"---\ntitle: Crane is sold\n{DATED.format(2)}\n---\nIt goes north.\n",
    "harbour/retracted.md": f"---\ntitle: Pier is closed\n{DATED.format(3)}\n---\nUntil spring.\n",
    "harbour/dated.md": f"---\ntitle: Tide tables are out\n{DATED.format(4)}\n---\nThey hang at the lock.\n",
    "council/undated.md": "---\ntitle: Council sits\n---\nOn Monday.\n",
}


def lay_out(folder: Path) -> None:
    """The articles of the first edition."""
    for path, text in FIRST.items():
        _save(folder / "articles" / path, text)


def revise(folder: Path) -> None:
    """The second: one article new, one edited, one renamed, one retracted, two as they were."""
    harbour = folder / "articles/harbour"
    _save(harbour / "new.md", f"---\ntitle: Heron is back\n{DATED.format(5)}\n---\nOn the same pole.\n")
    _save(harbour / "edited.md", f"---\ntitle: Ferry runs later still\n{DATED.format(1)}\n---\nFrom Sunday on.\n")
    (harbour / "renamed.md").rename(harbour / "moved.md")
    _save(harbour / "retracted.md", f"---\ntitle: Pier is closed\nretracted: It is open.\n{DATED.format(3)}\n---\nNo.\n")


def _save(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".tmp")
    beside.write_text(text, "utf-8")
    beside.rename(file)


def copy(source: Path, target: Path) -> Path:
    """A folder as another was, in its place."""
    shutil.rmtree(target, ignore_errors=True)
    return shutil.copytree(source, target)


@dataclass(frozen=True)
class Look:
    """All that readers can get at one moment: the bytes at each path, and what the feed of everything says of its articles."""

    generation: int = 0
    bodies: dict[str, bytes] = field(default_factory=dict)

    @property
    def dates(self) -> dict[str, tuple[str, str]]:
        """Id and date of publication of each article, by its title."""
        listed = json.loads(self.bodies["/feeds/all.json"])["items"] if self.bodies else []
        return {one["title"]: (one["id"], one["date_published"]) for one in listed}

    def check_one_edition(self) -> None:
        """Every document that lists the newest title of one edition lists nothing of the other."""
        revised = b"Heron is back" in self.bodies["/feeds/all.rss"]
        for path, body in self.bodies.items():
            assert not revised or b"Pier is closed" not in body, path
            assert revised or not any(word in body for word in (b"Heron is back", b"later still")), path


def look(folder: Path) -> Look:
    """What a web worker's cache gives to readers of a database, each document checked; and the database itself, checked."""
    file = folder / "var/feedsvc.db"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store = Store(f"sqlite:///{file}")
    cache = DocumentCache(store, PUBLIC_URL)
    generation = store.generation()
    if generation:
        cache.refresh(generation)
    found = Look(generation, {path: _whole(cache, path) for path in store.paths()})
    store.close()
    if found.bodies:
        found.check_one_edition()
    return found


def _whole(cache: DocumentCache, path: str) -> bytes:
    document = cache.find(path)
    assert document is not None, path
    plain = respond(document, "GET", {"HTTP_ACCEPT_ENCODING": "identity"}).body
    for coding, decode in DECODE.items():
        response = respond(document, "GET", {"HTTP_ACCEPT_ENCODING": coding})
        headers = dict(response.headers)
        if response.code == 200:
            check_whole(path, headers.get("Content-Encoding", "identity"), headers["ETag"], response.body)
        assert (decode if "Content-Encoding" in headers else bytes)(response.body) == plain
    return plain


FEEDS = ("/feeds/all.json", "/feeds/harbour.json", "/feeds/all.rss", "/feeds/harbour.atom", "/headlines/harbour.json")


def served(service: Service, path: str) -> str:
    """A document as a web worker serves it, checked in each encoding; its text."""
    texts = []
    for coding in DECODE:
        answer = service.get(path, Accept_Encoding=coding)
        assert answer.status == 200, (path, answer)
        found = answer.headers.get("content-encoding", "identity")
        check_whole(path, found, answer.headers["etag"], answer.body)
        texts.append(DECODE[found](answer.body).decode())
    return texts[-1]


def entries(service: Service) -> dict[str, tuple[str, str, str]]:
    """Title, id and date of publication of each article served, by its path."""
    listed = json.loads(served(service, "/feeds/all.json"))["items"]
    return {one["url"].rpartition("/")[2]: (one["title"], one["id"], one["date_published"]) for one in listed}


def edit(folder: Path, title: str) -> None:
    """Another title for one article, which keeps its place, id and date."""
    _save(folder / "articles/harbour/edited.md", f"---\ntitle: {title}\n{DATED.format(1)}\n---\nFrom Friday on.\n")


def check_whole(path: str, coding: str, tag: str, body: bytes) -> None:
    """Fails for bytes that are not those of their ETag, or are not what their path promises."""
    assert tag == etag(body), path
    plain = DECODE[coding](body)
    if path.endswith((".rss", ".atom", ".opml", ".xml")):
        etree.fromstring(plain)
    elif path.endswith(".json"):
        json.loads(plain)
    elif path.startswith("/topics/") or path == "/":
        assert plain.rstrip().endswith(b"</html>"), path
