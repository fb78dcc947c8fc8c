"""Pictures in builds: made once, published in sizes, replaced, hidden and forgotten; articles never wait long for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, insert, update

from feedsvc.articles import picture_maker
from feedsvc.articles.picture_variants import MadePicture, made
from feedsvc.builder.journal import Journal
from feedsvc.formats import render
from feedsvc.model.picture import REPLACED_STAYS, UNUSED_STAYS
from feedsvc.status import page as status_page
from feedsvc.status.collect import read_status
from feedsvc.status.report import report
from feedsvc.storage import tables
from feedsvc.storage.rows import document_row
from support.live import NOON, Newsroom, until
from support.metadata import metadata
from support.pictures import PRIVATE, encoded, frames, image, private

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DUSK = private("JPEG", 6, image(600, 900))


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Pictures are made in this process, as test_picture_maker.py sees that a sandboxed one makes them; what was asked for."""
    asked: list[bytes] = []

    def make(maker: picture_maker.PictureMaker, data: bytes) -> MadePicture:
        asked.append(data)
        return made(data)

    monkeypatch.setattr(picture_maker.PictureMaker, "_make", make)
    return asked


def put(newsroom: Newsroom, path: str, data: bytes) -> None:
    file = newsroom.articles / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def media(newsroom: Newsroom) -> list[str]:
    return [path for path in newsroom.store.paths() if path.startswith("/media/") and newsroom.document(path).status == 200]


def item(newsroom: Newsroom) -> dict[str, Any]:
    [found] = json.loads(newsroom.body("/feeds/all.json"))["items"]
    return dict(found)


def path_of(url: str) -> str:
    return urlsplit(url).path


def faults(newsroom: Newsroom) -> list[str]:
    return [fault.reason for file in newsroom.store.files().values() for fault in file.faults]


def test_an_article_comes_out_with_its_picture_upright_and_bare(newsroom: Newsroom) -> None:
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image={"src": "dusk.jpg", "alt": "Dusk"}, body="See ![It](dusk.jpg) and ![Small](dusk.jpg).")
    newsroom.build()
    shown = item(newsroom)
    assert newsroom.document(path_of(shown["image"])).content_type == "image/jpeg"
    assert 'width="900" height="600"' in shown["content_html"] and "srcset" not in shown["content_html"]
    assert {path.rpartition("-")[2] for path in media(newsroom)} == {"900.jpg", "400.webp", "900.webp"}
    for path in media(newsroom):
        data = newsroom.document(path).encodings["identity"].body
        assert metadata(data) == [] and PRIVATE.encode() not in data
    page = newsroom.client().get("/articles/boat").text
    assert page.count("<picture><source") == 2 and page.count('loading="lazy"') == 1 and "400w" in page and PRIVATE not in page
    rss = newsroom.body("/feeds/all.rss")
    assert "<media:group><media:content" in rss and rss.count("<media:content") == 3 and rss.count("<enclosure") == 1


def test_a_replaced_picture_has_a_new_address_and_the_old_answers_for_a_day(newsroom: Newsroom) -> None:
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image="dusk.jpg")
    newsroom.build()
    old, before = item(newsroom)["image"], newsroom.document(path_of(item(newsroom)["image"]))
    put(newsroom, "harbour/dusk.jpg", private("JPEG", 1, image(640, 480)))
    build = newsroom.build("harbour/dusk.jpg", after=MINUTE)
    new = item(newsroom)["image"]
    assert new != old and newsroom.document("/media/harbour/dusk.jpg").location == new
    assert newsroom.document(path_of(old)) == before and build.next_instant
    assert item(newsroom)["date_modified"] == item(newsroom)["date_published"]
    newsroom.begin()
    newsroom.build(after=REPLACED_STAYS - MINUTE)
    assert newsroom.document(path_of(old))
    newsroom.build(after=MINUTE)
    assert newsroom.document(path_of(old)) is None and newsroom.document(path_of(new))


def test_a_withdrawn_article_takes_its_pictures_with_it_and_gives_them_back(newsroom: Newsroom, in_process: list[bytes]) -> None:
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image="dusk.jpg")
    newsroom.build()
    put(newsroom, "harbour/dusk.jpg", private("JPEG", 1, image(640, 480)))
    newsroom.build(after=MINUTE)
    shown = media(newsroom)
    assert len(shown) > 4
    newsroom.write("harbour/boat.md", image="dusk.jpg", draft=True)
    newsroom.build(after=MINUTE)
    assert media(newsroom) == [] and newsroom.document("/media/harbour/dusk.jpg") is None
    newsroom.begin()
    newsroom.write("harbour/boat.md", image="dusk.jpg")
    newsroom.build(after=MINUTE)
    assert media(newsroom) == shown and len(in_process) == 2


def test_an_embargo_hides_a_picture_until_the_clock_alone_shows_it(newsroom: Newsroom, in_process: list[bytes]) -> None:
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image="dusk.jpg", date=NOON + DAY)
    newsroom.build()
    assert media(newsroom) == [] and len(in_process) == 1
    newsroom.build(after=DAY)
    assert item(newsroom)["image"] and len(media(newsroom)) == 3 and len(in_process) == 1


def test_a_picture_is_made_once_whatever_its_file_is_called_and_however_often_it_is_saved(
    newsroom: Newsroom, in_process: list[bytes]
) -> None:
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image="dusk.jpg")
    newsroom.build()
    before = newsroom.feed()
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.begin()
    newsroom.build(after=MINUTE)
    assert newsroom.feed() == before
    (newsroom.articles / "harbour").rename(newsroom.articles / "port")
    newsroom.build(after=MINUTE)
    assert "/media/port/dusk-" in item(newsroom)["image"] and newsroom.document(path_of(item(newsroom)["image"]))
    assert len(in_process) == 1


def test_what_nobody_needs_is_forgotten_after_a_week(newsroom: Newsroom, in_process: list[bytes]) -> None:
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image="dusk.jpg")
    newsroom.build()
    newsroom.write("harbour/boat.md")
    newsroom.build(after=MINUTE)
    assert newsroom.store.pictures(["harbour/dusk.jpg"]) and media(newsroom) == []
    newsroom.build(after=UNUSED_STAYS)
    assert not newsroom.store.pictures(["harbour/dusk.jpg"]) and newsroom.store.next_picture_due() is None
    newsroom.write("harbour/boat.md", image="dusk.jpg")
    newsroom.build(after=MINUTE)
    assert len(media(newsroom)) == 3 and len(in_process) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\nbroken", "its picture harbour/dusk.png is damaged or cut off; save it anew"),
        (DUSK[:-900], "its picture harbour/dusk.png is damaged or cut off; save it anew"),
        (b"<svg/>", "its picture harbour/dusk.png is of no kind that can be shown"),
    ],
)
def test_one_that_can_t_be_made_anew_is_a_warning_and_the_article_comes_out(newsroom: Newsroom, data: bytes, said: str) -> None:
    put(newsroom, "harbour/dusk.png", data)
    newsroom.write("harbour/boat.md", image="dusk.png", body="See ![it](dusk.png).")
    newsroom.write("harbour/other.md", title="Other")
    newsroom.build()
    assert media(newsroom) == [] and set(newsroom.titles()) == {"Boat", "Other"}
    assert said in faults(newsroom) and len(faults(newsroom)) == 2
    assert newsroom.build(after=MINUTE).generation is None
    put(newsroom, "harbour/dusk.png", encoded("PNG"))
    newsroom.build(after=MINUTE)
    assert media(newsroom) and faults(newsroom) == []


def test_what_a_picture_loses_is_said(newsroom: Newsroom) -> None:
    put(newsroom, "harbour/dusk.gif", frames("GIF", 1_001, (2, 2)))
    newsroom.write("harbour/boat.md", image="dusk.gif")
    newsroom.build()
    [said] = faults(newsroom)
    assert said.startswith("its picture harbour/dusk.gif moves in 1,001 frames") and media(newsroom)


class Held:
    """A maker that makes nothing until it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._make: Callable[..., MadePicture] = picture_maker.PictureMaker._make
        self._free = False
        monkeypatch.setattr(picture_maker.PictureMaker, "_make", self.make)

    def make(self, data: bytes) -> MadePicture:
        until(lambda: self._free)
        return made(data)

    def let(self, newsroom: Newsroom) -> None:
        """Lets it make all that is asked for."""
        self._free = True
        until(lambda: newsroom.builder.maker.is_idle)


def told_of(newsroom: Newsroom) -> tuple[int, list[str]]:
    """What the status says of pictures that are still to be made, as a number and in the lines for a terminal."""
    status = read_status(newsroom.store, newsroom.now)
    page = status_page.page(status).decode()
    assert (f"<dt>Pictures</dt><dd>{status.pictures} still to be made" in page) == bool(status.pictures)
    return status.pictures, [line for line in report(status) if line.startswith("pictures")]


@pytest.mark.clock
def test_an_article_comes_out_before_pictures_that_take_long(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    held, told = Held(monkeypatch), set[str]()
    newsroom.begin(picture_seconds=0)
    newsroom.builder.maker.on_ready = told.update
    for number in range(30):
        put(newsroom, f"harbour/{number}.png", encoded("PNG", image(8, 8 + number)))
    newsroom.write("harbour/boat.md", image="0.png", body=" ".join(f"![{number}]({number}.png)" for number in range(30)))
    build = newsroom.build()
    assert build.pictures == 30
    journal = Journal(newsroom.store)
    journal.note(newsroom.now, "start", 0.1, build)
    assert told_of(newsroom) == (30, ["pictures    30 still to be made; articles are shown without them until then"])
    assert "<img" not in item(newsroom)["content_html"] and media(newsroom) == [] and faults(newsroom) == []
    held.let(newsroom)
    assert len(told) == 30
    build = newsroom.build(*told, after=MINUTE)
    assert build.pictures == 0
    journal.note(newsroom.now, "pictures", 0.1, build)
    assert told_of(newsroom) == (0, [])
    assert item(newsroom)["content_html"].count("<img") == 30
    assert item(newsroom)["date_modified"] == item(newsroom)["date_published"]


@pytest.mark.clock
def test_until_a_new_picture_is_made_the_one_before_is_shown(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image="dusk.jpg")
    newsroom.build()
    before = item(newsroom)["image"]
    held = Held(monkeypatch)
    newsroom.begin(picture_seconds=0)
    put(newsroom, "harbour/dusk.jpg", encoded("JPEG", image(640, 480)))
    newsroom.build(after=MINUTE)
    assert item(newsroom)["image"] == before and newsroom.document(path_of(before))
    held.let(newsroom)
    newsroom.build(after=MINUTE)
    assert item(newsroom)["image"] != before


@pytest.mark.clock
def test_after_an_upgrade_what_is_published_stays_until_it_is_made(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier release published the files themselves, at their own names."""
    put(newsroom, "harbour/dusk.jpg", DUSK)
    newsroom.write("harbour/boat.md", image="dusk.jpg", body="See ![it](dusk.jpg).")
    newsroom.build()
    path, own = "/media/harbour/dusk.jpg", f"{newsroom.public_url}/media/harbour/dusk.jpg"
    with newsroom.store.writing() as connection:
        columns = tables.documents.c
        old = document_row(render.file(path, DUSK, "image/jpeg", newsroom.now), 1)
        connection.execute(delete(tables.pictures))
        connection.execute(delete(tables.documents).where(columns.path.like("/media/%")))
        connection.execute(insert(tables.documents).values(old))
        connection.execute(update(tables.files).where(tables.files.c.path == "harbour/dusk.jpg").values(mark="1.2.3"))
    held = Held(monkeypatch)
    newsroom.begin(picture_seconds=0)
    newsroom.build(after=MINUTE)
    assert item(newsroom)["image"] == own and f'<img src="{own}" alt="it">' in item(newsroom)["content_html"]
    assert newsroom.document(path).encodings["identity"].body == DUSK and media(newsroom) == [path]
    held.let(newsroom)
    newsroom.build(after=MINUTE)
    assert newsroom.document(path).location == item(newsroom)["image"] != own
    assert len(media(newsroom)) == 3 and own not in newsroom.body("/feeds/all.rss")
