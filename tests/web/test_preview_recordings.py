"""What an article plays that is not published: heard in its preview, in parts, and nowhere else."""

from __future__ import annotations

import os
import re
from html import unescape

import pytest

from feedsvc.web import preview_routes
from support.live import Newsroom
from support.previewing import Desk

SOUND = b"ID3" + bytes(range(256)) * 1_000  # more than one piece


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    """A newsroom with a draft that plays a recording, and one that does not."""
    (newsroom.articles / "pod").mkdir()
    file = newsroom.articles / "pod/one.mp3"
    file.write_bytes(SOUND)
    os.utime(file, (newsroom.now.timestamp() - 3600,) * 2)
    newsroom.write("pod/one.md", draft=True, audio={"src": "one.mp3", "duration": "0:07"})
    newsroom.write("pod/two.md", draft=True)
    newsroom.build()
    return Desk(newsroom)


def test_a_recording_is_heard_in_its_preview_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_routes, "MOST_BYTES", 200_000)
    for page in (desk.get("/preview/one"), desk.client.get(desk.link("one"))):
        (address,) = (unescape(src) for src in re.findall(r'<audio[^>]* src="(/preview/media/[^"]*)"', page.text))
        ask = desk.client.get if "?" in address else desk.get
        first = desk.client.get(address, headers={"Range": "bytes=0-"}) if "?" in address else desk.get(address, Range="bytes=0-")
        assert (first.status_code, first.headers["Content-Range"]) == (206, f"bytes 0-199999/{len(SOUND)}")
        assert (first.headers["Content-Type"], first.headers["Cache-Control"]) == ("audio/mpeg", "no-store")
        rest = {"Range": f"bytes=200000-{len(SOUND)}"}
        second = desk.client.get(address, headers=rest) if "?" in address else desk.get(address, **rest)
        assert first.data + second.data == SOUND
        assert ask(address).status_code == 416
    path = address.partition("?")[0]
    assert desk.client.get(path).status_code == 401
    assert desk.client.get(path.removeprefix("/preview")).status_code == 404
    other = desk.link("two").partition("?")[2]
    assert desk.client.get(f"{path}?slug=two&{other}").status_code == 404
    monkeypatch.setattr(preview_routes, "MOST_BYTES", len(SOUND))
    whole = desk.get(path)
    assert (whole.status_code, whole.data, whole.headers["Accept-Ranges"]) == (200, SOUND, "bytes")
    assert desk.get(path, Range=f"bytes={len(SOUND)}-").status_code == 200
