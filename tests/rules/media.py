"""Media RSS 1.5.1 (https://www.rssboard.org/media-rss), in RSS and in Atom, and the prefixes of it and of the other modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rules.rule import MEDIA_TYPE, Rule

_NUMBERS = "(//media:content | //media:thumbnail)/@*[contains(' fileSize width height ', concat(' ', name(), ' '))]"
_MEDIUMS = " image audio video document executable "
_KNOWN = " url fileSize type medium isDefault expression bitrate framerate samplingrate channels duration height width lang "

_PREFIXES = {
    "at": "http://purl.org/atompub/tombstones/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "fh": "http://purl.org/syndication/history/1.0",
    "mi": "http://schemas.ingestion.microsoft.com/common/",
    "snf": "http://www.smartnews.be/snf",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def _prefixes(root: Any, document: bytes) -> Iterator[object]:
    """Readers that know no namespaces know these prefixes; and a slash less is another namespace (Media RSS)."""
    yield from (f"{prefix}={name}" for prefix, name in root.nsmap.items() if prefix and name != _PREFIXES.get(prefix))


RULES = (
    Rule(
        "W3C: its prefixes are the usual ones",
        _prefixes,
        'xmlns:media="http://search.yahoo.com/mrss/"',
        'xmlns:media="http://search.yahoo.com/mrss"',
    ),
    Rule(
        "Media RSS: content has an absolute address",
        "//media:content[not(is:uri(string(@url)))]",
        '<media:content url="https://feeds.example/media/dusk.jpg"',
        '<media:content url="/media/dusk.jpg"',
    ),
    Rule(
        "Media RSS: the medium is one of five",
        f"//media:content/@medium[not(contains('{_MEDIUMS}', concat(' ', ., ' ')))]",
        'medium="image"',
        'medium="picture"',
    ),
    Rule(
        "Media RSS: the type is a media type",
        f"//media:content/@type[not(re:test(., '{MEDIA_TYPE}'))]",
        'medium="image" type="image/jpeg"',
        'medium="image" type="jpeg"',
    ),
    Rule("Media RSS: sizes are numbers above nought", f"{_NUMBERS}[not(re:test(., '^[1-9][0-9]*$'))]", 'width="1200"', 'width="0"'),
    Rule(
        "Media RSS: content has its own attributes alone",
        f"//media:content/@*[not(contains('{_KNOWN}', concat(' ', name(), ' ')))]",
        'medium="image"',
        'medium="image" alt="Dusk"',
    ),
    Rule(
        "Media RSS: a group has two contents or more",
        "//media:group[count(media:content) < 2]",
        "<media:content",
        "<media:group/><media:content",
    ),
    Rule(
        "Media RSS: a picture has one description",
        "//media:content[count(media:description) > 1]",
        "<media:description>Dusk</media:description>",
        "<media:description>Dusk</media:description><media:description>Dawn</media:description>",
    ),
    Rule(
        "Media RSS: what is said of a picture is not blank",
        "(//media:credit | //media:description | //media:title)[not(normalize-space())]",
        "<media:credit>A. Keel",
        "<media:credit> ",
    ),
    Rule(
        "Media RSS: a description's type is plain or html",
        "(//media:description | //media:title)/@type[not(. = 'plain' or . = 'html')]",
        "<media:description>",
        '<media:description type="text">',
    ),
    Rule(
        "Media RSS: a description in the open is feedparser's of the whole entry",
        "(//media:description | //media:credit)[not(parent::media:content)]",
        "</media:content>",
        "</media:content><media:description>Dawn</media:description>",
    ),
)
