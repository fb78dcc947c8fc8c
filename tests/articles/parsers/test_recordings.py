"""`audio:`, `video:` and `images:`: what each may hold, and that what is wrong is a warning that says what to do."""

from __future__ import annotations

import pytest

from feedsvc.articles.parsers import Reading, read
from feedsvc.model.article import Image, Medium, Recording, TextFile
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

ADDRESSES = Urls("https://feeds.example", Site(url="https://portal.example/"))
PATH = "politics/vote.md"
SOUND = "https://media.example/vote.mp3"


def reading(*lines: str, body: str = "Body.") -> Reading:
    front = "\n".join(("title: x", *lines))
    return read(PATH, f"---\n{front}\n---\n{body}\n".encode(), ADDRESSES)


def warnings(*lines: str) -> list[str]:
    return [str(fault).removeprefix(f"{PATH}:") for fault in reading(*lines).warnings]


def test_an_address_alone_is_a_recording() -> None:
    found = reading(f"audio: {SOUND}", "video: https://media.example/vote.webm").article
    assert found.recordings == (
        Recording(medium=Medium.AUDIO, src=SOUND, type="audio/mpeg"),
        Recording(medium=Medium.VIDEO, src="https://media.example/vote.webm", type="video/webm"),
    )


def test_every_part_at_once() -> None:
    found = reading(
        "video:", "  src: https://media.example/vote", "  type: video/MP4; codecs=avc1", "  length: 2,147,483,648",
        "  duration: 1:02:03",
        "  title: The *vote*", "  captions: https://media.example/vote.vtt", "  transcript: /vote.html",
        "  poster: {src: https://media.example/vote.jpg, alt: Hands}",
    )  # fmt: skip
    assert found.warnings == ()
    assert found.article.video == Recording(
        medium=Medium.VIDEO,
        src="https://media.example/vote",
        type="video/mp4",
        length=2_147_483_648,
        duration=3723,
        title="The vote",
        captions=TextFile(src="https://media.example/vote.vtt", type="text/vtt"),
        transcript=TextFile(src="https://portal.example/vote.html", type="text/html"),
        poster=Image(src="https://media.example/vote.jpg", alt="Hands"),
    )


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("754", 754), ("12:34", 754), ("1:02:03", 3723), ("90:00", 5400), ("61.5", 61), ("'0:00:07'", 7), ("00:12:34", 754)],
)
def test_a_duration_is_seconds_or_a_time(written: str, seconds: int) -> None:
    audio = reading(f"audio: {{src: {SOUND}, duration: {written}}}").article.audio
    assert audio and audio.duration == seconds


@pytest.mark.parametrize("written", ["soon", "12:60", "1:60:00", "-3", "0", "9999:00:00", "१२", "1e9", "[1]"])
def test_what_is_no_duration_is_left_out(written: str) -> None:
    lines = f"audio: {{src: {SOUND}, duration: {written}}}"
    audio = reading(lines).article.audio
    assert audio and audio.duration is None
    (warning,) = warnings(lines)
    assert "is neither seconds nor a time such as 12:34 or 1:02:03, so it is left out" in warning


@pytest.mark.parametrize("written", ["12 MB", "many", "-5", "0", "1e6", "9" * 30, "1.5", "٣"])
def test_what_is_no_length_is_left_out(written: str) -> None:
    lines = ("audio:", f"  src: {SOUND}", f"  length: {written}")
    audio = reading(*lines).article.audio
    assert audio and audio.length is None
    assert warnings(*lines) == [f'5: warning: audio length "{written}" is no number of bytes, such as 12582912, so it is left out']


def test_an_episode_has_its_numbers() -> None:
    audio = reading(f"audio: {{src: {SOUND}, episode: 12, season: 3, episode_type: Bonus, explicit: yes}}").article.audio
    assert audio and (audio.episode, audio.season, audio.episode_type, audio.explicit) == (12, 3, "bonus", True)
    plain = reading(f"audio: {{src: {SOUND}, episodeNumber: 12, episode_type: full, explicit: false}}").article.audio
    assert plain and (plain.episode, plain.season, plain.episode_type, plain.explicit) == (12, None, "", False)


@pytest.mark.parametrize(
    ("part", "written", "reason"),
    [
        *(("episode", text, "is no number from 1 to 1,000,000") for text in ("0", "-1", "1.5", "first", "9" * 30, "٣", "[1]")),
        ("season", "2026-05", "is no number from 1 to 1,000,000"),
        ("episode_type", "pilot", "is none of full, trailer, bonus"),
        ("explicit", "maybe", "is neither true nor false"),
    ],
)
def test_what_is_no_number_of_an_episode_is_left_out(part: str, written: str, reason: str) -> None:
    lines = ("audio:", f"  src: {SOUND}", f"  {part}: {written}")
    assert reading(*lines).article.audio == Recording(medium=Medium.AUDIO, src=SOUND, type="audio/mpeg")
    (warning,) = warnings(*lines)
    assert warning.startswith(f"5: warning: audio {part}") and reason in warning and warning.endswith(", so it is left out")


@pytest.mark.parametrize(
    ("line", "type", "warned"),
    [
        (f"audio: {{src: {SOUND}, type: audio/ogg}}", "audio/ogg", ""),
        (f"audio: {{src: {SOUND}, type: mp3}}", "audio/mpeg", ""),
        ("audio: {src: https://x.example/a, type: application/vnd.apple.mpegurl}", "application/vnd.apple.mpegurl", ""),
        (f"audio: {{src: {SOUND}, type: text/html}}", "audio/mpeg", 'is no type of sound, so "audio/mpeg" stands in its place'),
        (f"audio: {{src: {SOUND}, type: 'no/no\"<'}}", "audio/mpeg", "is no type of sound"),
        ("audio: https://x.example/play?id=7", "audio/mpeg", "does not end in a known ending, so it is taken for audio/mpeg"),
        (f"video: {SOUND}", "video/mp4", "is audio/mpeg; name it with audio: instead"),
        ("audio: http://x.example/a.m4a", "audio/x-m4a", "has an http address"),
    ],
)
def test_a_type_that_is_wrong_or_not_known_is_a_warning(line: str, type: str, warned: str) -> None:
    (recording,) = reading(line).article.recordings
    assert recording.type == type
    found = warnings(line)
    assert (found == []) if not warned else (len(found) == 1 and warned in found[0])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("audio: {title: Words}", "audio is left out: it has no src"),
        ("audio: {src: [a, b]}", "audio is left out: it is a file or an address, not a list or a table"),
        ("video: javascript:alert(1)", 'video is left out: "javascript:alert(1)" is not an http(s) address'),
        ("video: ../../secret.mp4", 'video is left out: "../../secret.mp4" leads out of the articles folder'),
        ("audio: .hidden/a.mp3", 'audio is left out: ".hidden/a.mp3" is a hidden file'),
        ("audio: notes.doc", 'audio is left out: "notes.doc" is not sound; known are .mp3, '),
        ("images: [chart.svg]", 'images is left out: "chart.svg" can\'t be shown; save it as'),
    ],
)
def test_a_recording_that_can_not_be_is_left_out_and_the_article_comes_out(line: str, reason: str) -> None:
    found = reading(line)
    assert found.article.recordings == ()
    (warning,) = (str(fault) for fault in found.warnings)
    assert reason in warning


@pytest.mark.parametrize("line", ["audio:", "audio: ''", "video: false", "audio: []", "images: []", "images:"])
def test_nothing_is_no_recording(line: str) -> None:
    found = reading(line)
    assert found.warnings == () and found.article.recordings == () and found.article.images == ()


def test_a_file_of_a_service_without_https_is_no_warning() -> None:
    addresses = Urls("http://127.0.0.1:8000", Site())
    assert read(PATH, b"---\ntitle: x\naudio: vote.mp3\n---\nBody.\n", addresses).warnings == ()


def test_the_rest_of_a_recording_stays_when_a_part_is_wrong() -> None:
    lines = (
        *("audio:", f"  src: {SOUND}", "  title: [a]", "  captions: {a: b}", "  transcript: x.exe"),
        *("  poster: chart.svg", "  colour: red", "  duration: 7"),
    )
    assert reading(*lines).article.audio == Recording(medium=Medium.AUDIO, src=SOUND, type="audio/mpeg", duration=7)
    assert len(warnings(*lines)) == 5


def test_a_list_is_its_first() -> None:
    line = f"audio: [{SOUND}, https://media.example/other.mp3]"
    audio = reading(line).article.audio
    assert audio and audio.src == SOUND
    assert "the first is taken, the others are left out" in warnings(line)[0]


def test_sound_needs_no_words_below_it() -> None:
    assert reading(f"audio: {SOUND}", body="").article.body == ""


def test_a_gallery_holds_each_picture_once_and_not_the_lead() -> None:
    a, b, c = (f"https://x.example/{name}.jpg" for name in "abc")
    found = reading(f"image: {a}", f"images: [{a}, {{src: {b}, alt: Bell, credit: A. Keel}}, {b}, {c}]").article
    assert found.image == Image(src=a)
    assert [one.src for one in found.images] == [b, c]


def test_without_a_picture_the_first_of_the_gallery_leads() -> None:
    found = reading("images: [https://x.example/a.jpg, https://x.example/b.jpg]").article
    assert found.image == Image(src="https://x.example/a.jpg")
    assert found.images == (Image(src="https://x.example/b.jpg"),)


def test_hundreds_of_pictures_are_a_gallery_of_fifty() -> None:
    line = f"images: [{', '.join(f'https://x.example/{number}.jpg' for number in range(300))}]"
    found = reading(line).article
    assert len((found.image, *found.images)) == 50
    assert "has 300 pictures; the first 50 are shown" in warnings(line)[0]
