"""Sound and film: one enclosure in RSS, sound first; all of them in Atom and JSON Feed; players on pages."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lxml import etree, html

from feedsvc.formats import atom, jsonfeed, pages, rss
from feedsvc.formats.recordings import clock, iso8601, label
from feedsvc.model.article import Article
from support.newsroom import ADDRESSES, FILM, PLAIN, SITE, SOUND, make_edition, make_entry

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
BOTH = replace(PLAIN, audio=SOUND, video=FILM)


def item(article: Article):
    entry = make_entry(article)
    return etree.fromstring(rss.whole(make_edition(entry), [rss.entry(entry, ADDRESSES)], ADDRESSES))[0].find("item")


def page(article: Article):
    return html.fromstring(pages.article(make_entry(article), SITE, ADDRESSES).decode())


def test_rss_encloses_the_sound_and_lists_all_in_a_group():
    found = item(BOTH)
    (enclosure,) = found.findall("enclosure")
    assert dict(enclosure.attrib) == {"url": SOUND.src, "length": "8123456", "type": "audio/mpeg"}
    (group,) = found.findall("media:group", NS)
    sound, film = group.findall("media:content", NS)
    assert dict(sound.attrib) == {
        **{"url": SOUND.src, "medium": "audio", "type": "audio/mpeg", "fileSize": "8123456", "duration": "754"},
        "isDefault": "true",
    }
    assert dict(film.attrib) == {"url": FILM.src, "medium": "video", "type": "video/mp4", "duration": "61"}
    assert film.find("media:thumbnail", NS).get("url") == "https://media.quay.example/boat.jpg"
    assert found.findtext("itunes:duration", None, NS) == "754"
    (transcript,) = found.findall("podcast:transcript", NS)
    assert dict(transcript.attrib) == {"url": "https://media.quay.example/ferry.vtt", "type": "text/vtt"}


def test_rss_encloses_film_where_there_is_no_sound_and_names_its_captions():
    found = item(replace(PLAIN, video=FILM))
    assert dict(found.find("enclosure").attrib) == {"url": FILM.src, "length": "0", "type": "video/mp4"}
    assert found.find("media:group", NS) is None and found.find("media:content", NS).get("url") == FILM.src
    assert found.find("podcast:transcript", NS).get("rel") == "captions"


def test_a_feed_without_recordings_names_no_podcasts():
    entry = make_entry(PLAIN)
    assert b"itunes" not in rss.whole(make_edition(entry), [rss.entry(entry, ADDRESSES)], ADDRESSES)


def test_atom_encloses_each():
    entry = make_entry(BOTH)
    found = etree.fromstring(atom.whole(make_edition(entry), [atom.entry(entry, ADDRESSES)], ADDRESSES)).find("a:entry", NS)
    assert [dict(link.attrib) for link in found.findall("a:link[@rel='enclosure']", NS)] == [
        {"rel": "enclosure", "href": SOUND.src, "type": "audio/mpeg", "length": "8123456", "title": SOUND.title},
        {"rel": "enclosure", "href": FILM.src, "type": "video/mp4", "length": "0", "title": FILM.title},
    ]


def test_json_feed_attaches_each():
    assert json.loads(jsonfeed.entry(make_entry(BOTH), ADDRESSES))["attachments"] == [
        {
            **{"url": SOUND.src, "mime_type": "audio/mpeg", "title": SOUND.title},
            **{"size_in_bytes": 8_123_456, "duration_in_seconds": 754},
        },
        {"url": FILM.src, "mime_type": "video/mp4", "title": FILM.title, "duration_in_seconds": 61},
    ]


def test_the_content_of_a_feed_links_to_each():
    content = item(BOTH).findtext("content:encoded", None, NS)
    assert f'<p><a href="{SOUND.src}">Listen: The captain on the last boat (12:34)</a> · <a href=' in content
    assert f'<figure><a href="{FILM.src}"><img src="https://media.quay.example/boat.jpg" alt="A lit boat"></a></figure>' in content
    assert "<audio" not in content and "<video" not in content


def test_a_page_plays_each_and_loads_nothing_before():
    found = page(BOTH)
    (audio,), (video,) = found.findall(".//audio"), found.findall(".//video")
    assert (audio.get("preload"), audio.get("src")) == ("none", SOUND.src) and "controls" in audio.attrib
    assert (video.get("preload"), video.get("src"), video.get("poster")) == ("none", FILM.src, "https://media.quay.example/boat.jpg")
    assert audio.get("aria-label") == "Listen: The captain on the last boat (12:34)"
    assert found.xpath("//figure[@class='player']//a/@href") == [
        *(SOUND.src, "https://media.quay.example/ferry.vtt"),
        *(FILM.src, "https://media.quay.example/boat.vtt"),
    ]
    # A browser loads captions of another site only with that site's leave, which nobody can know here.
    assert found.findall(".//track") == []


def test_captions_of_this_service_are_shown_in_the_film():
    ours = f"{ADDRESSES.public_url}/media/boat.vtt"
    captions = replace(FILM.captions, src=ours)
    (track,) = page(replace(BOTH, video=replace(FILM, captions=captions), language="cy")).findall(".//track")
    assert (track.get("src"), track.get("kind"), track.get("srclang")) == (ours, "captions", "cy")


def test_what_came_by_http_is_only_linked_on_a_page():
    found = page(replace(PLAIN, audio=replace(SOUND, src="http://media.quay.example/ferry.mp3")))
    assert found.findall(".//audio") == [] and found.xpath("//figure[@class='player']//a/@href")[0] == "http://media.quay.example/ferry.mp3"


def test_machines_find_each_in_the_pages_head():
    found = page(BOTH)
    described = json.loads(found.findtext(".//script[@type='application/ld+json']"))
    assert described["audio"]["@type"] == "AudioObject" and described["audio"]["duration"] == "PT12M34S"
    assert described["video"]["thumbnailUrl"] == "https://media.quay.example/boat.jpg"
    assert described["video"]["uploadDate"] == described["datePublished"]


def test_the_gallery_stands_below_the_text_without_what_the_text_shows():
    images = tuple(replace(FILM.poster, src=f"https://x.example/{name}.jpg") for name in "ab")
    written = replace(PLAIN, images=images, body='<p>Text.</p><img src="https://x.example/a.jpg">')
    assert page(written).xpath("//section[@class='gallery']//img/@src") == ["https://x.example/b.jpg"]
    assert "</p><img" in item(written).findtext("content:encoded", None, NS)
    assert [one.get("url") for one in item(written).findall("media:content", NS)] == [image.src for image in images]


@pytest.mark.parametrize(
    ("seconds", "shown", "iso"), [(7, "0:07", "PT7S"), (754, "12:34", "PT12M34S"), (3723, "1:02:03", "PT1H2M3S")]
)
def test_a_duration_is_shown_as_a_time(seconds, shown, iso):
    assert (clock(seconds), iso8601(seconds)) == (shown, iso)


def test_a_recording_without_a_title_still_has_words():
    assert label(replace(SOUND, title="", duration=None)) == "Listen"
