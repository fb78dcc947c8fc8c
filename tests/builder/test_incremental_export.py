"""What has changed since the last export, as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.builder.export import LIST
from feedsvc.builder.incremental_export import MANIFEST, export_since
from feedsvc.errors import UsageError
from support.live import Newsroom, feedsvc, until


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in (LIST, MANIFEST))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_folder_that_is_brought_up_to_date_is_that_of_a_new_export(newsroom: Newsroom, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    newsroom.write("harbour/tide.md")
    newsroom.write("gone/fog.md")
    newsroom.build()
    first = export_since(newsroom.store, old)
    assert "feeds/all.json" in first.written and "feeds/gone.rss" in files(old)
    newsroom.write("harbour/tide.md", title="The tide, corrected")
    (newsroom.articles / "gone/fog.md").unlink()
    newsroom.write("harbour/rain.md")
    newsroom.build()
    second = export_since(newsroom.store, old)
    assert second.since == first.generation and second.generation == newsroom.store.generation()
    assert "feeds/all.json" in second.written and len(second.written) < len(first.written)
    export_since(newsroom.store, new)
    assert files(old) == files(new) and b"corrected" in files(old)["feeds/harbour.json"]
    assert (old / LIST).read_text() == (new / LIST).read_text()
    third = export_since(newsroom.store, old)
    assert not third.written and not third.removed


def test_nothing_that_was_withdrawn_stays(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.write("harbour/tide.md", body="A secret.")
    newsroom.write("harbour/rain.md")
    newsroom.build()
    client = newsroom.client()
    assert client.get("/articles/tide").status_code == 200
    until(lambda: newsroom.store.document("/articles/tide"))  # which keeps it
    export_since(newsroom.store, tmp_path / "out")
    assert "articles/tide.html" in files(tmp_path / "out")
    newsroom.write("harbour/tide.md", retracted="It did not come.")
    newsroom.build()
    made = export_since(newsroom.store, tmp_path / "out")
    assert "articles/tide.html" in made.removed and "articles/tide.html" not in files(tmp_path / "out")


def test_another_database_makes_the_folder_anew_and_a_strange_manifest_is_refused(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.write("harbour/tide.md")
    newsroom.build()
    out = tmp_path / "out"
    export_since(newsroom.store, out)
    (out / "stray.html").touch()
    (out / LIST).write_text((out / LIST).read_text() + "stray.html\n../outside\n")
    outside = tmp_path / "outside"
    outside.touch()
    (out / MANIFEST).write_text('{"generation": 9, "mark": "another"}')
    assert "stray.html" in export_since(newsroom.store, out).removed and outside.exists()
    (out / MANIFEST).write_text("[]")
    with pytest.raises(UsageError, match=r"is no manifest of feedsvc: export into another folder, or delete it"):
        export_since(newsroom.store, out)


def test_the_command_says_what_it_did(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.write("harbour/tide.md")
    newsroom.build()
    ended = feedsvc("export", "--database", newsroom.database, "--out", "out", folder=tmp_path)
    assert ended.stdout.startswith("publication 1: ") and ended.stdout.endswith(" files written and 0 removed in out\n")
