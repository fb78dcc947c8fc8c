"""What podcast directories ask of an RSS document, beside what RSS does.

Apple: “A Podcaster's Guide to RSS” (https://help.apple.com/itc/podcasts_connect/#/itcb54353390), “Apple Podcasts categories”
(https://podcasters.apple.com/support/1691-apple-podcasts-categories) and “Podcast requirements”
(https://podcasters.apple.com/support/823-podcast-requirements). Podcasting 2.0: “RSS Namespace Extension for Podcasting”
(https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md). Spotify asks for no more than Apple, and for the
owner's e-mail address where somebody claims a podcast
(https://support.spotify.com/creators/article/podcast-specification-doc/). Read, as copies of them, on 29 November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from feedsvc.model.podcast import CATEGORIES
from rules.rule import EMAIL, Rule

GOOD = """<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" \
xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel>
<title>From the quay</title>
<link>https://feeds.example/topics/quay</link>
<description>What is said at the lock.</description>
<language>en-gb</language>
<itunes:author>The Quay Gazette</itunes:author>
<itunes:category text="Society &amp; Culture"><itunes:category text="Documentary"/></itunes:category>
<itunes:image href="https://quay.example/cover.jpg"/>
<itunes:explicit>false</itunes:explicit>
<itunes:type>serial</itunes:type>
<itunes:owner><itunes:name>Ada Keel</itunes:name><itunes:email>ada@quay.example</itunes:email></itunes:owner>
<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>
<podcast:locked owner="ada@quay.example">yes</podcast:locked>
<item>
<title>The last boat</title>
<enclosure url="https://feeds.example/media/boat.mp3" length="8123456" type="audio/mpeg"/>
<guid isPermaLink="false">urn:example:boat</guid>
<pubDate>Thu, 21 May 2026 09:00:00 +0000</pubDate>
<itunes:duration>754</itunes:duration>
<itunes:episode>7</itunes:episode>
<itunes:season>2</itunes:season>
<itunes:episodeType>full</itunes:episodeType>
<itunes:explicit>true</itunes:explicit>
<podcast:transcript url="https://feeds.example/media/boat.vtt" type="text/vtt" rel="captions"/>
</item>
</channel>
</rss>
"""
_PLAYED = " audio/mpeg audio/x-m4a video/mp4 video/x-m4v video/quicktime application/pdf "
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"


def _categories(root: Any, document: bytes) -> Iterator[object]:
    for main in root.findall(f"channel/{{{_ITUNES}}}category"):
        below = CATEGORIES.get(main.get("text"))
        yield from [main] if below is None else (one for one in main if one.get("text") not in below)


RULES = (
    Rule("Apple, title: a show has one", "/rss/channel[not(normalize-space(title))]", "<title>From the quay", "<title>"),
    Rule(
        "Apple, description: a show has one, of 4,000 bytes at most",
        "/rss/channel[not(normalize-space(description)) or string-length(description) > 4000]",
        "<description>What is said at the lock.",
        "<description>",
    ),
    Rule("Apple, language: a show has one", "/rss/channel[not(language)]", "<language>en-gb</language>", ""),
    Rule(
        "Apple, itunes:image: a show has a cover, JPEG or PNG by its ending",
        "/rss/channel[count(itunes:image) != 1 or not(re:test(itunes:image/@href, '^https?://.*\\.(jpe?g|png)$', 'i'))]",
        "cover.jpg",
        "cover.gif",
    ),
    Rule(
        "Apple, itunes:category: a show has one",
        "/rss/channel[not(itunes:category)]",
        '<itunes:category text="Society &amp; Culture"><itunes:category text="Documentary"/></itunes:category>',
        "",
    ),
    Rule("Apple, itunes:category: it is one of Apple's", _categories, 'text="Documentary"', 'text="Boats"'),
    Rule(
        "Apple, itunes:explicit: a show says true or false",
        "/rss/channel[not(itunes:explicit = 'true' or itunes:explicit = 'false')]",
        "<itunes:explicit>false",
        "<itunes:explicit>clean",
    ),
    Rule("Apple, itunes:author: a show has one", "/rss/channel[not(normalize-space(itunes:author))]", "The Quay Gazette", " "),
    Rule("Apple, link: a show has one", "/rss/channel[not(normalize-space(link))]", "https://feeds.example/topics/quay", ""),
    Rule(
        "Apple, itunes:type: it is episodic or serial",
        "//itunes:type[not(. = 'episodic' or . = 'serial')]",
        "<itunes:type>serial",
        "<itunes:type>weekly",
    ),
    Rule(
        "Apple, itunes:episode: a serial show numbers its episodes",
        "/rss/channel[itunes:type = 'serial']/item[not(itunes:episode or itunes:episodeType[. != 'full'])]",
        "<itunes:episode>7</itunes:episode>",
        "",
    ),
    Rule(
        "Apple and Spotify, itunes:owner: an owner has an e-mail address",
        f"//itunes:owner[not(re:test(itunes:email, '{EMAIL}'))]",
        "<itunes:email>ada@quay.example",
        "<itunes:email>ada",
    ),
    Rule("Apple, title: an episode has one", "//item[not(normalize-space(title))]", "<title>The last boat", "<title>"),
    Rule(
        "Apple, enclosure: an episode has one",
        "//item[not(enclosure[@url and @length and @type])]",
        'length="8123456" ',
        "",
    ),
    Rule(
        "Apple, enclosure: it is of a kind that is played",
        f"//enclosure[not(contains('{_PLAYED}', concat(' ', @type, ' ')))]",
        'type="audio/mpeg"',
        'type="audio/ogg"',
    ),
    Rule("Apple, guid: an episode has one", "//item[not(normalize-space(guid))]", "urn:example:boat", ""),
    Rule("Apple, pubDate: an episode has one", "//item[not(pubDate)]", "<pubDate>Thu, 21 May 2026 09:00:00 +0000</pubDate>", ""),
    Rule(
        "Apple, itunes:duration: it is seconds, or a time",
        "//itunes:duration[not(re:test(., '^([0-9]+:)?([0-9]+:)?[0-9]+$'))]",
        "<itunes:duration>754",
        "<itunes:duration>PT12M34S",
    ),
    Rule(
        "Apple, itunes:episode and itunes:season: they are numbers above nought, of an episode",
        "//itunes:episode[not(parent::item) or not(re:test(., '^[1-9][0-9]*$'))]"
        "|//itunes:season[not(parent::item) or not(re:test(., '^[1-9][0-9]*$'))]",
        "<itunes:episode>7",
        "<itunes:episode>0",
    ),
    Rule(
        "Apple, itunes:episodeType: it is full, trailer or bonus",
        "//itunes:episodeType[not(. = 'full' or . = 'trailer' or . = 'bonus')]",
        "<itunes:episodeType>full",
        "<itunes:episodeType>pilot",
    ),
    Rule(
        "Apple, itunes:explicit: an episode says true or false, if anything",
        "//item/itunes:explicit[not(. = 'true' or . = 'false')]",
        "<itunes:explicit>true",
        "<itunes:explicit>yes",
    ),
    Rule(
        "Podcasting 2.0, transcript: it has an https address and a type",
        "//podcast:transcript[not(starts-with(@url, 'https:')) or not(@type)]",
        'url="https://feeds.example/media/boat.vtt"',
        'url="http://feeds.example/media/boat.vtt"',
    ),
    Rule(
        "Podcasting 2.0, transcript: rel is captions",
        "//podcast:transcript/@rel[. != 'captions']",
        'rel="captions"',
        'rel="subtitles"',
    ),
    Rule(
        "Podcasting 2.0, guid: a show has one, a UUID",
        f"/rss/channel[count(podcast:guid) != 1 or not(re:test(podcast:guid, '{_UUID}'))]",
        "917393e3-1b1e-5cef-ace4-edaa54e1f810",
        "quay",
    ),
    Rule(
        "Podcasting 2.0, locked: it is yes or no, with an owner",
        "//podcast:locked[not(. = 'yes' or . = 'no') or not(@owner)]",
        ">yes</podcast:locked>",
        ">true</podcast:locked>",
    ),
)
