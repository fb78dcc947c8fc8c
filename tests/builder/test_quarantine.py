"""What a build keeps for previews: files in quarantine as they are, and the pictures of articles that are to come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feedsvc.builder import quarantine
from support.live import NOON, Newsroom

HOUR = timedelta(hours=1)
BAD = "---\ntitle: Bad\ndate: 2024-02-30\n---\n{}\n"


def kept(newsroom: Newsroom) -> dict[str, str]:
    store = newsroom.store
    return {path: content.decode() for path, content in store.quarantined(store.quarantined_marks()).items()}


def test_a_file_is_kept_as_it_is_until_it_is_good_or_gone(newsroom: Newsroom) -> None:
    newsroom.write("one.md", BAD.format("First words"))
    newsroom.write("two.md", BAD.format("Other words"))
    newsroom.write("site.toml", "[site]\ntitle = The Quay\n")
    newsroom.write("good.md")
    newsroom.build()
    assert kept(newsroom).keys() == {"one.md", "two.md", "site.toml"}
    newsroom.write("one.md", BAD.format("Second words"))
    newsroom.build("one.md", after=HOUR)
    assert kept(newsroom)["one.md"] == BAD.format("Second words")
    newsroom.write("one.md")
    newsroom.write("site.toml", '[site]\ntitle = "The Quay"\n')
    (newsroom.articles / "two.md").unlink()
    newsroom.build(after=HOUR)
    assert kept(newsroom) == {}
    assert newsroom.build(after=HOUR).generation is None


def test_a_file_of_which_readers_see_the_last_good_version_is_kept_too(newsroom: Newsroom) -> None:
    newsroom.write("one.md")
    newsroom.build()
    newsroom.write("one.md", BAD.format("Broken"))
    newsroom.build(after=HOUR)
    (file,) = newsroom.store.quarantine()
    assert file.live and file.record and file.record.slug == "one" and kept(newsroom)["one.md"] == BAD.format("Broken")


def test_a_copy_that_waits_is_kept_as_it_is_by_now(newsroom: Newsroom) -> None:
    newsroom.write("one.md", id="urn:x:1", body="First")
    newsroom.write("two.md", id="urn:x:1", body="Other")
    newsroom.build()
    assert "Other" in kept(newsroom)["two.md"]
    newsroom.write("two.md", id="urn:x:1", body="Changed")
    newsroom.build(after=HOUR)
    assert "Changed" in kept(newsroom)["two.md"]
    assert newsroom.build(after=HOUR).generation is None


def test_only_as_much_is_kept_as_somebody_reads(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_BYTES", 20)
    newsroom.write("one.md", BAD.format("Words"))
    newsroom.build()
    assert kept(newsroom) == {"one.md": BAD[:20]}


def test_what_an_earlier_release_has_not_kept_is_read_once_more(newsroom: Newsroom) -> None:
    newsroom.write("one.md", BAD.format("Words"))
    newsroom.build()
    with newsroom.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM quarantine")
    newsroom.begin()
    assert newsroom.build(after=HOUR).read == 1
    assert kept(newsroom) == {"one.md": BAD.format("Words")}
    newsroom.begin()
    assert newsroom.build(after=HOUR).read == 0


def test_what_can_not_be_read_is_kept_as_nothing(newsroom: Newsroom) -> None:
    newsroom.write("one.md", BAD.format("Words"))
    newsroom.build()
    (newsroom.articles / "one.md").unlink()
    (newsroom.articles / "one.md").symlink_to("other.md")
    newsroom.build(after=HOUR)
    assert [file.path for file in newsroom.store.quarantine()] == ["one.md"] and kept(newsroom) == {}


PDF = b"%PDF-1.7 dusk"


def held(newsroom: Newsroom) -> set[str]:
    return newsroom.store.all_held_files()


def test_a_pdf_is_held_until_an_article_with_it_is_live(newsroom: Newsroom) -> None:
    file = newsroom.articles / "dusk.pdf"
    file.write_bytes(PDF)
    newsroom.write("draft.md", draft=True, body="[Dusk](dusk.pdf)")
    newsroom.write("embargo.md", date=NOON + 2 * HOUR, body="[Dusk](dusk.pdf)")
    newsroom.build()
    assert held(newsroom) == {"dusk.pdf"} and newsroom.store.held_file("dusk.pdf") == ("application/pdf", PDF)
    assert newsroom.document("/media/dusk.pdf") is None
    file.write_bytes(PDF + b"\0")
    newsroom.build(after=HOUR)
    assert newsroom.store.held_file("dusk.pdf") == ("application/pdf", PDF + b"\0")
    assert newsroom.build(after=timedelta(minutes=1)).generation is None
    newsroom.build(after=HOUR)
    assert held(newsroom) == set() and newsroom.document("/media/dusk.pdf")
    newsroom.write("embargo.md", retracted="Wrong.", body="[Dusk](dusk.pdf)")
    newsroom.build(after=HOUR)
    assert held(newsroom) == {"dusk.pdf"} and newsroom.document("/media/dusk.pdf") is None  # the draft still shows it
    newsroom.write("draft.md", draft=True)
    newsroom.build(after=HOUR)
    assert held(newsroom) == set()


def test_pdfs_are_held_anew_where_nothing_was(newsroom: Newsroom) -> None:
    (newsroom.articles / "dusk.pdf").write_bytes(PDF)
    newsroom.write("draft.md", draft=True, body="[Dusk](dusk.pdf)")
    newsroom.build()
    with newsroom.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM held_files")
        connection.exec_driver_sql("DELETE FROM facts WHERE name = 'frame'")
    newsroom.begin()
    newsroom.build(after=HOUR)
    assert held(newsroom) == {"dusk.pdf"}
