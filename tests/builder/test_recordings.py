"""Recordings beside an article: copied, served while the article is live, replaced under another address, and taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.builder import file_copier
from feedsvc.builder.export import export
from feedsvc.model.file_copy import PIECE_BYTES
from support.live import Newsroom

SOUND = b"ID3" + bytes(range(256)) * 2_000  # 512,003 bytes: more than three pieces
DAY = timedelta(days=1)


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.close()


def put(newsroom: Newsroom, path: str, data: bytes, age: float = 3600) -> Path:
    file = newsroom.articles / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    written = newsroom.now.timestamp() - age
    os.utime(file, (written, written))
    return file


def published(newsroom: Newsroom) -> list[str]:
    return [path for path in newsroom.store.paths() if path.startswith("/media/")]


def warnings(newsroom: Newsroom) -> list[str]:
    return [str(fault) for file in newsroom.store.files().values() for fault in file.faults]


def test_a_recording_is_served_whole_with_its_length_and_type(newsroom: Newsroom) -> None:
    put(newsroom, "pod/one.mp3", SOUND)
    put(newsroom, "pod/one.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n")
    newsroom.write("pod/one.md", audio={"src": "one.mp3", "transcript": "one.vtt", "duration": "0:07"})
    newsroom.build()
    (attachment,) = newsroom.feed()["items"][0]["attachments"]
    assert (attachment["size_in_bytes"], attachment["mime_type"]) == (len(SOUND), "audio/mpeg")
    client = newsroom.client()
    path = attachment["url"].removeprefix("https://feeds.example")
    answer = client.get(path)
    assert (answer.status_code, answer.data, answer.headers["Content-Type"]) == (200, SOUND, "audio/mpeg")
    texts, sounds = published(newsroom)
    assert sounds == path
    text = client.get(texts)
    assert text.headers["Content-Type"] == "text/vtt; charset=utf-8" and text.data.startswith(b"WEBVTT")


def test_a_long_one_takes_several_builds_and_nothing_leads_to_it_before(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_copier, "COPIED_BYTES", PIECE_BYTES)
    monkeypatch.setattr(file_copier, "PIECES_AT_ONCE", 1)
    put(newsroom, "pod/one.mp3", SOUND)
    newsroom.write("pod/one.md", audio="one.mp3")
    build = newsroom.build()
    assert build.moving == {"pod/one.mp3"} and newsroom.titles() == ["One"]
    assert published(newsroom) == [] and "attachments" not in newsroom.feed()["items"][0]
    builds = 1
    while build.moving:
        build, builds = newsroom.build(*build.moving), builds + 1
    assert builds == 4
    (path,) = published(newsroom)
    assert newsroom.client().get(path).data == SOUND


def test_a_long_film_holds_up_no_short_sound(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_copier, "COPIED_BYTES", 2 * PIECE_BYTES)
    monkeypatch.setattr(file_copier, "PIECES_AT_ONCE", 1)
    put(newsroom, "pod/a-film.mp4", b"\0\0\0\x18ftypmp42" + bytes(2_000_000))
    put(newsroom, "pod/one.mp3", SOUND[:1000])
    newsroom.write("pod/a.md", video="a-film.mp4")
    newsroom.write("pod/one.md", audio="one.mp3")
    assert newsroom.build().moving == {"pod/a-film.mp4"}
    assert [path.rpartition(".")[2] for path in published(newsroom)] == ["mp3"]


def test_what_changes_while_it_is_copied_begins_anew(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_copier, "COPIED_BYTES", PIECE_BYTES)
    monkeypatch.setattr(file_copier, "PIECES_AT_ONCE", 1)
    put(newsroom, "pod/one.mp3", SOUND)
    newsroom.write("pod/one.md", audio="one.mp3")
    newsroom.build()
    other = SOUND[:200_000]
    put(newsroom, "pod/one.mp3", other, age=1800)
    while newsroom.build("pod/one.mp3").moving:
        pass
    (path,) = published(newsroom)
    assert newsroom.client().get(path).data == other
    newsroom.build(after=timedelta(minutes=1))
    newsroom.build(after=timedelta(minutes=1))
    assert [copy.size for copy in newsroom.store.copies()] == [len(other)]
    assert not newsroom.store.trim_pieces()


def test_what_is_replaced_has_another_address_and_answers_a_day_at_the_old(newsroom: Newsroom) -> None:
    put(newsroom, "pod/one.mp3", SOUND)
    newsroom.write("pod/one.md", audio="one.mp3")
    newsroom.build()
    (old,) = published(newsroom)
    put(newsroom, "pod/one.mp3", SOUND + b"more", age=60)
    newsroom.build(after=timedelta(minutes=1))
    (new,) = set(published(newsroom)) - {old}
    assert newsroom.feed()["items"][0]["attachments"][0]["url"].endswith(new)
    client = newsroom.client()
    assert (client.get(old).data, client.get(new).data) == (SOUND, SOUND + b"more")
    newsroom.build(after=DAY)
    assert published(newsroom) == [new]
    newsroom.build(after=timedelta(minutes=1))
    newsroom.build(after=timedelta(minutes=1))
    assert newsroom.client().get(old).status_code == 404 and len(newsroom.store.copies()) == 1
    assert not newsroom.store.trim_pieces()


def test_a_touched_file_keeps_its_address_and_its_copy(newsroom: Newsroom) -> None:
    put(newsroom, "pod/one.mp3", SOUND)
    newsroom.write("pod/one.md", audio="one.mp3")
    newsroom.build()
    before = published(newsroom), [copy.name for copy in newsroom.store.copies()]
    put(newsroom, "pod/one.mp3", SOUND, age=60)
    newsroom.build(after=timedelta(minutes=1))
    newsroom.build(after=2 * DAY)
    newsroom.build(after=timedelta(minutes=1))
    assert (published(newsroom), [copy.name for copy in newsroom.store.copies()]) == before
    assert newsroom.client().get(before[0][0]).data == SOUND


@pytest.mark.parametrize("changed", [{"retracted": "Wrong."}, {"draft": True}, {"expires": "2026-05-21T11:00:00Z"}, None])
def test_what_is_withdrawn_plays_no_more(newsroom: Newsroom, changed: dict[str, object] | None) -> None:
    put(newsroom, "pod/one.mp3", SOUND)
    written = newsroom.write("pod/one.md", audio="one.mp3", date="2026-05-20T09:00:00Z")
    newsroom.write("pod/two.md")
    newsroom.build()
    (path,) = published(newsroom)
    if changed is None:
        written.unlink()
    else:
        newsroom.write("pod/one.md", audio="one.mp3", date="2026-05-20T09:00:00Z", **changed)
    newsroom.build(after=timedelta(minutes=1))
    assert published(newsroom) == [] and newsroom.client().get(path).status_code == 404


def test_under_embargo_it_is_copied_and_not_served(newsroom: Newsroom) -> None:
    put(newsroom, "pod/one.mp3", SOUND)
    newsroom.write("pod/one.md", audio="one.mp3", date="2026-05-22T09:00:00Z")
    newsroom.build()
    assert published(newsroom) == [] and len(newsroom.store.copies()) == 1
    newsroom.build(after=DAY)
    (path,) = published(newsroom)
    assert newsroom.client().get(path).data == SOUND


def test_a_restart_copies_nothing_again_and_forgets_what_was_left_unfinished(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(newsroom, "pod/one.mp3", SOUND)
    newsroom.write("pod/one.md", audio="one.mp3")
    newsroom.build()
    before = newsroom.store.copies()
    monkeypatch.setattr(file_copier, "COPIED_BYTES", 1)
    monkeypatch.setattr(file_copier, "PIECES_AT_ONCE", 1)
    put(newsroom, "pod/two.mp3", SOUND + b"2")
    newsroom.write("pod/two.md", audio="two.mp3")
    newsroom.build()
    assert len(newsroom.store.copies()) == 2
    newsroom.begin()
    monkeypatch.undo()
    newsroom.build()
    assert before[0] in newsroom.store.copies() and len(newsroom.store.copies()) == 2
    assert len(published(newsroom)) == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"<html>not found</html>", "is not what the ending of its name says"),
        (b"MZ\x90\0", "is not what the ending of its name says"),
    ],
)
def test_what_can_not_be_played_is_left_out(newsroom: Newsroom, data: bytes | None, reason: str) -> None:
    if data is not None:
        put(newsroom, "pod/one.mp3", data)
    newsroom.write("pod/one.md", audio="one.mp3")
    newsroom.build()
    assert newsroom.titles() == ["One"] and published(newsroom) == []
    assert [one for one in warnings(newsroom) if "recording" in one or "audio" in one] == [
        f"pod/one.md: warning: its audio pod/one.mp3 {reason}, so it is left out"
    ]


def test_a_film_in_a_text_leads_to_its_copy(newsroom: Newsroom) -> None:
    put(newsroom, "pod/clip.mp4", b"\0\0\0\x18ftypmp42" + bytes(1000))
    newsroom.write("pod/one.md", body='<video src="clip.mp4" title="The clip"></video>\n\n[Hear it](gone.mp3)')
    newsroom.build()
    (path,) = published(newsroom)
    content = newsroom.feed()["items"][0]["content_html"]
    assert f'<p><a href="https://feeds.example{path}">The clip</a></p>' in content and "<p>Hear it</p>" in content
    assert newsroom.client().get(path, headers={"Range": "bytes=4-7"}).data == b"ftyp"
    assert any('the recording "gone.mp3" does not exist, so the words of its link stand alone' in one for one in warnings(newsroom))


def test_an_export_has_it_whole(newsroom: Newsroom, tmp_path: Path) -> None:
    put(newsroom, "pod/one.mp3", SOUND)
    newsroom.write("pod/one.md", audio="one.mp3")
    newsroom.build()
    (path,) = published(newsroom)
    document = newsroom.document(path)
    assert document and export([document], tmp_path / "out", newsroom.store.piece) == 1
    assert (tmp_path / f"out{path}").read_bytes() == SOUND


def test_a_link_out_of_the_folder_is_not_followed(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "secret.mp3").write_bytes(SOUND)
    (newsroom.articles / "pod").mkdir()
    (newsroom.articles / "pod/one.mp3").symlink_to(tmp_path / "secret.mp3")
    newsroom.write("pod/one.md", audio="one.mp3")
    newsroom.build()
    assert published(newsroom) == [] and newsroom.store.copies() == []


@pytest.mark.parametrize("type", ["episodic", "serial"])
def test_what_directories_of_podcasts_would_refuse_is_a_warning(newsroom: Newsroom, type: str) -> None:
    podcast = f'podcast = {{category = "News", image = "https://quay.example/cover.jpg", type = "{type}"}}'
    newsroom.write("site.toml", f'[site]\ntitle = "Gazette"\n[topics.pod]\n{podcast}\n')
    newsroom.write("pod/good.md", audio={"src": "https://quay.example/a.mp3", "length": 12, "episode": 3})
    newsroom.write("pod/trailer.md", audio={"src": "https://quay.example/a.mp3", "length": 12, "episode_type": "trailer"})
    newsroom.write("pod/bad.md", audio="https://quay.example/a.ogg")
    newsroom.write("news/elsewhere.md", audio="https://quay.example/a.ogg")
    newsroom.build()
    numberless = ["audio has no number, which the episodes of a serial have; write it with episode:"] if type == "serial" else []
    assert sorted(warnings(newsroom)) == [
        f"pod/bad.md: warning: {reason}"
        for reason in (
            "audio has no length, which podcasts ask for; write how many bytes it has, with length:",
            *numberless,
            "audio is audio/ogg, which Apple's and other players of podcasts don't play; save it as MP3 or M4A",
        )
    ]
    assert f"<itunes:type>{type}</itunes:type>" in newsroom.body("/feeds/pod.rss")
