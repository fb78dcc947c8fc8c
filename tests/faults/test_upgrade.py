"""A release is installed over the one that runs: a reload takes it whole, or refuses it and goes on as before."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import feedsvc
from faults.editions import served
from faults.service import Readers, asked, builder, entries, family
from support.live import FEEDSVC, SLOW, Service, save, until

READING = ("/topics/sport", "/articles/win", "/feeds/all.rss")
BROKEN = {
    "formats/rss.py": "def feed(:\n",  # a web worker and the builder import it
    "supervisor/entry_points.py": "raise RuntimeError('half a release')\n",
    "builder/build.py": "from feedsvc.model.edition import NoSuchName\n",  # the builder alone
    "cli/main.py": "def main(:\n",
    "articles/parsers/markdown.py": "raise RuntimeError('half a release')\n",
}


class Release:
    """The package as installed somewhere, to be changed under the feet of a service that runs from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(Path(feedsvc.__file__).parent, folder / "feedsvc", ignore=shutil.ignore_patterns("__pycache__"))
        self.call("1.0")

    def call(self, version: str) -> None:
        for old in self.folder.glob("*.dist-info"):
            shutil.rmtree(old)
        about = self.folder / f"feedsvc-{version}.dist-info/METADATA"
        about.parent.mkdir()
        about.write_text(f"Metadata-Version: 2.1\nName: feedsvc\nVersion: {version}\n")

    def change(self, path: str, pattern: str, by: str) -> None:
        file = self.folder / "feedsvc" / path
        text, changed = re.subn(pattern, by, file.read_text())
        assert changed == 1, path
        self.write(path, text)

    def write(self, path: str, text: str) -> None:
        beside = self.folder / "feedsvc" / f"{path}.new"
        beside.write_text(text)
        os.replace(beside, self.folder / "feedsvc" / path)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path / "installed")


@pytest.fixture
def service(services: Callable[..., Service], release: Release, tmp_path: Path) -> Service:
    save(tmp_path, "sport/win.md", "Town win")
    save(tmp_path, "harbour/ferry.md", "A ferry", date="2026-05-20T09:00:00Z")
    words = ("serve", "--port", "{port}", "--workers", "2", "--interval", "3600", "--public-url", "https://feeds.example")
    made = services(*FEEDSVC, *words, PYTHONPATH=str(release.folder)).start()
    until(lambda: "status page:" in made.log)
    assert service_version(made) == "1.0"
    return made


def service_version(service: Service) -> str:
    return str(json.loads(asked(service, "/status.json"))["version"])


def reload(service: Service, release: Release) -> subprocess.CompletedProcess[str]:
    """`feedsvc reload`, by the release that was there before: it is what is installed that may be broken."""
    code = "import os, sys; os.chdir(sys.argv[1]); from feedsvc.cli.main import main; sys.argv[1:] = ['reload']; main()"
    return subprocess.run([sys.executable, "-c", code, str(service.folder)], capture_output=True, text=True, timeout=SLOW)


def known(service: Service) -> dict[str, tuple[str, str]]:
    return {title: (entry["id"], entry["date_published"]) for title, entry in entries(service).items()}


def test_a_release_is_taken_whole_and_nobody_is_dropped(service: Service, release: Release) -> None:
    before, feeds, old = known(service), {path: service.get(path).body for path in READING}, family(service)
    release.call("2.0")
    release.change("formats/render.py", r'(?m)^VERSION = "(\w+)"', r'VERSION = "\1-next"')
    release.change("formats/templates/topic.html", "<h1[^>]*>", "\\g<0>Freshly set: ")
    with Readers(service).reading() as readers, Readers(service, "/topics/sport").reading() as others:
        assert service_version(service) == "1.0" and service.get("/topics/sport").body == feeds["/topics/sport"]
        ended = reload(service, release)
        assert ended.returncode == 0, ended.stderr + service.log
        until(lambda: b"Freshly set: " in service.get("/topics/sport").body)
        until(lambda: not {*old} & {*family(service)})
        seen = readers.answers
        until(lambda: readers.answers > seen + 20)
    assert readers.errors == others.errors == []
    assert known(service) == before and service.get("/feeds/all.rss").body == feeds["/feeds/all.rss"]
    for path in ("/feeds/all.json", "/feeds/sport.atom", "/feeds/sport.rss", "/headlines/sport.json", "/topics/sport"):
        served(service, path)
    assert service_version(service) == "2.0"
    assert "Traceback" not in service.log


@pytest.mark.parametrize("path", BROKEN)
def test_a_broken_release_is_refused_and_the_old_one_goes_on_whatever_dies(service: Service, release: Release, path: str) -> None:
    before, old = known(service), family(service)
    whole = (release.folder / "feedsvc" / path).read_text()
    release.write(path, BROKEN[path])
    with Readers(service).reading() as readers:
        ended = reload(service, release)
        if path == "cli/main.py":  # which no process of a service but the main one needs
            assert ended.returncode == 0, service.log
            until(lambda: len(family(service)) == 3)
        else:
            assert ended.returncode == 1, service.log
            assert "not reloaded, nothing has changed: the new processes did not start" in ended.stderr
            assert "Traceback" in service.log and "feedsvc/" + path in service.log
            assert family(service) == old and builder(service) in old
        old = family(service)
        for victim in old:
            os.kill(victim, signal.SIGKILL)
            until(lambda victim=victim: victim not in family(service) and len(family(service)) == 3)
    assert len(readers.errors) <= 5 * 3  # those who were being answered
    save(service.folder, "sport/draw.md", "A draw")
    until(lambda: "A draw" in entries(service))
    assert {title: entry for title, entry in known(service).items() if title != "A draw"} == before
    assert json.loads(asked(service, "/status.json"))["quarantine"] == []
    assert "again and again" not in service.get("/readyz").text
    release.write(path, whole)
    assert reload(service, release).returncode == 0, service.log
    assert "A draw" in entries(service)
