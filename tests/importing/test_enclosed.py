"""Sound and film move here with the entries that enclose them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from feedsvc.articles import parsers
from feedsvc.formats import jsonfeed, rss
from feedsvc.importing import detect
from feedsvc.importing.markdown_writer import written
from feedsvc.model.article import Article, Medium, Recording, TextFile
from feedsvc.model.site import Site
from support.newsroom import ADDRESSES, FILM, FULL, SOUND, make_edition, make_entry

SITE = Site(title="The Quay Gazette", timezone="Europe/London", language="en-GB")
BELL = Recording(medium=Medium.AUDIO, src="https://x.example/bell.mp3", type="audio/mpeg")


def only(data: str | bytes, name: str = "feed.xml", site: Site = SITE) -> Article:
    batch = detect.read_import(name, data.encode() if isinstance(data, str) else data, site, detect.ImportOptions())
    assert [fault for fault in batch.faults if not fault.warning] == []
    ((_, article),) = batch.articles
    return article


def read(article: Article, site: Site = SITE) -> Article:
    """An article as it is read from the file that is written for it."""
    return parsers.read("harbour/a.md", written(article, "a.md", site.zone).encode(), replace(ADDRESSES, site=site)).article


def rss_entry(inner: str, text: str = "It rings.") -> str:
    return (
        '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Bells</title><item><title>The bell</title>'
        f"<guid>1</guid><link>https://x.example/a/</link><pubDate>Thu, 21 May 2026 09:00:00 GMT</pubDate>"
        f"<description><![CDATA[{text}]]></description>{inner}</item></channel></rss>"
    )


def test_an_enclosure_of_rss_is_the_sound_of_the_article() -> None:
    article = only(
        rss_entry(
            '<enclosure url="../bell.mp3?a=1&amp;b=2" length="8123456" type="audio/mpeg"/>'
            '<itunes:duration>00:12:34</itunes:duration><itunes:episode> 7 </itunes:episode><itunes:season>0</itunes:season>'
            "<itunes:episodeType>trailer</itunes:episodeType><itunes:explicit>no</itunes:explicit>"
            '<podcast:transcript url="https://x.example/bell.vtt" type="text/vtt" rel="captions"/>'
            '<podcast:transcript url="https://x.example/bell.html" type="text/html"/>'
        )
    )
    assert article.audio == Recording(
        medium=Medium.AUDIO,
        src="https://x.example/bell.mp3?a=1&b=2",
        type="audio/mpeg",
        length=8_123_456,
        duration=754,
        episode=7,
        episode_type="trailer",
        explicit=False,
        captions=TextFile(src="https://x.example/bell.vtt", type="text/vtt"),
        transcript=TextFile(src="https://x.example/bell.html", type="text/html"),
    )
    assert article.video is None and read(article).audio == article.audio


@pytest.mark.parametrize(
    ("inner", "audio", "video"),
    [
        ('<enclosure url="https://x.example/bell.mp3"/>', BELL, None),
        ('<enclosure url="https://x.example/bell.mp3" type="audio/mp3" length="0"/>', BELL, None),
        ('<enclosure url="https://x.example/a" type="audio/mpeg" length="a lot"/>', replace(BELL, src="https://x.example/a"), None),
        ('<enclosure url="https://x.example/bell.jpg" type="image/jpeg"/>', None, None),
        ('<enclosure url="https://x.example/bell.pdf" type="application/pdf"/>', None, None),
        ('<enclosure url="javascript:alert(1)" type="audio/mpeg"/>', None, None),
        ('<enclosure type="audio/mpeg"/>', None, None),
        ('<enclosure url="https://[bell" type="audio/mpeg"/>', None, None),
        ('<enclosure url="https://x.example/' + "b" * 2_000 + '.mp3" type="audio/mpeg"/>', None, None),
        (
            '<media:group><media:content url="https://x.example/bell.mp3" fileSize="12" duration="61"/><media:content '
            'url="https://x.example/bell.mp4" type="video/mp4"><media:title>Film</media:title></media:content></media:group>',
            replace(BELL, length=12, duration=61),
            Recording(medium=Medium.VIDEO, src="https://x.example/bell.mp4", type="video/mp4", title="Film"),
        ),
        (
            '<enclosure url="https://x.example/bell.mp3" type="audio/mpeg" length="1"/><enclosure url="https://x.example/2.mp3"/>',
            replace(BELL, length=1),
            None,
        ),
    ],
)
def test_of_many_the_first_of_each_and_of_others_none(inner: str, audio: Recording | None, video: Recording | None) -> None:
    article = only(rss_entry(inner))
    assert (article.audio, article.video) == (audio, video)
    assert (read(article).audio, read(article).video) == (audio, video)


def test_an_atom_link_may_enclose_it() -> None:
    article = only(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>1</id><entry><title>A</title><id>2</id>'
        '<updated>2026-05-21T09:00:00Z</updated><content type="html">B</content><link href="https://x.example/a/"/>'
        '<link rel="enclosure" href="/bell.mp3" length="7" title="Bell"/></entry></feed>'
    )
    assert article.audio == replace(BELL, length=7, title="Bell")


def test_an_attachment_of_json_feed_is_too() -> None:
    attached: list[Any] = [
        {"url": "https://x.example/p.png", "mime_type": "image/png"},
        {"url": "https://x.example/bell.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 812, "duration_in_seconds": 75.5},
        {"url": 7, "mime_type": ["audio/mpeg"]},
        "x",
    ]
    one = {"id": "1", "title": "A", "content_text": "B", "date_published": "2026-05-21T09:00:00Z", "attachments": attached}
    article = only(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [one]}))
    assert article.audio == replace(BELL, length=812, duration=75)


@pytest.mark.parametrize(
    "player",
    [
        '<figure class="wp-block-audio"><audio controls src="https://x.example/bell.mp3"></audio></figure>',
        '<audio class="wp-audio-shortcode"><source src="https://x.example/bell.mp3?_=1"><a href="x">x</a></audio>',
    ],
)
def test_a_player_in_the_text_is_not_shown_twice(player: str) -> None:
    inner = '<enclosure url="https://x.example/bell.mp3" length="5" type="audio/mpeg"/>'
    assert only(rss_entry(inner, f"<p>It rings.</p>{player}<p>Twice.</p>")).body == "<p>It rings.</p><p>Twice.</p>"
    alone = only(rss_entry(inner, player))
    assert alone.body == "" and read(alone).audio == replace(BELL, length=5)
    other = only(rss_entry("", player)).body
    assert "bell.mp3" in other, "without an enclosure the text keeps its link"


@pytest.mark.parametrize("more", ["", '\na:1:{s:8:"duration";s:8:"00:01:05";}'])
def test_an_export_of_wordpress_keeps_its_enclosures(more: str) -> None:
    values = (f"https://x.example/bell.mp3\n812\naudio/mpeg{more}", "", "\n\n")
    meta = "".join(
        f"<wp:postmeta><wp:meta_key>enclosure</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
        for value in values
    )
    article = only(
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        "<channel><link>https://x.example</link><item><title>A</title><link>https://x.example/a/</link><guid>1</guid>"
        "<wp:post_date_gmt>2026-05-21 09:00:00</wp:post_date_gmt><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>"
        f"<content:encoded>Words.</content:encoded>{meta}</item></channel></rss>"
    )
    assert article.audio == replace(BELL, length=812, duration=65 if more else None)


def test_our_own_feeds_give_sound_and_film_as_they_were() -> None:
    heard = replace(FULL, audio=SOUND, video=FILM)
    was = make_entry(heard)
    site = ADDRESSES.site
    feed = jsonfeed.whole(make_edition(was), [jsonfeed.entry(was, ADDRESSES)], ADDRESSES)
    article = only(feed, "feed.json", site)
    # JSON Feed has no place for captions and numbers.
    bare = replace(SOUND, episode=None, season=None, episode_type="", explicit=None)
    assert (article.audio, article.video, article.body) == (bare, replace(FILM, captions=None), FULL.body)
    assert read(article, site).audio == bare
    feed = rss.whole(make_edition(was), [rss.entry(was, ADDRESSES)], ADDRESSES)
    article = only(feed, "feed.xml", site)
    assert article.audio == SOUND and article.video and article.video.src == FILM.src
    assert not {SOUND.src, FILM.src} & set(article.body.split('"'))
