"""RSS 2.0 with the RSS Advisory Board's profile, the modules that we use in it, and what the W3C's feed validator warns of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from rules import markup, media
from rules.rule import EMAIL, MEDIA_TYPE, TAG, Rule

GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fh="http://purl.org/syndication/history/1.0" \
xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
<title>Harbour</title>
<link>https://feeds.example/topics/harbour</link>
<description>Boats &#x26; tides</description>
<atom:link rel="self" type="application/rss+xml" href="https://feeds.example/feeds/harbour.rss"/>
<atom:link rel="hub" href="https://hub.example/"/>
<atom:link rel="prev-archive" type="application/rss+xml" href="https://feeds.example/feeds/harbour/2026-04.rss"/>
<category domain="https://feeds.example/">Harbour news</category>
<copyright>© The Gazette</copyright>
<docs>https://www.rssboard.org/rss-specification</docs>
<generator>feedsvc</generator>
<image><url>https://quay.example/logo.png</url><title>Harbour</title><link>https://feeds.example/topics/harbour</link></image>
<language>en-GB</language>
<lastBuildDate>Thu, 21 May 2026 10:05:00 +0000</lastBuildDate>
<managingEditor>desk@quay.example (News desk)</managingEditor>
<ttl>5</ttl>
<sy:updatePeriod>hourly</sy:updatePeriod>
<sy:updateFrequency>12</sy:updateFrequency>
<item>
<title>Ferry to run &#x3C;later&#x3E;</title>
<link>https://feeds.example/articles/ferry</link>
<description>An hour later.</description>
<content:encoded>&lt;p&gt;The last boat leaves at &lt;a href="https://x.example/"&gt;eleven&lt;/a&gt;.&lt;/p&gt;</content:encoded>
<guid isPermaLink="false">urn:example:ferry</guid>
<category domain="https://feeds.example/">Boats</category>
<enclosure url="https://feeds.example/media/dusk.jpg" length="98304" type="image/jpeg"/>
<pubDate>Thu, 21 May 2026 09:00:00 +0000</pubDate>
<dc:creator>Ada Keel</dc:creator>
<dc:creator>Tom Rudder</dc:creator>
<dc:language>en</dc:language>
<atom:updated>2026-05-21T10:00:00Z</atom:updated>
<media:content url="https://feeds.example/media/dusk.jpg" medium="image" type="image/jpeg" fileSize="98304" width="1200" \
height="675">\
<media:credit>A. Keel</media:credit><media:description>Dusk</media:description></media:content>
</item>
<item>
<title>Tide tables</title>
<link>https://feeds.example/articles/tides</link>
<description>Tables.</description>
<content:encoded>Out now.</content:encoded>
<guid isPermaLink="false">urn:example:tides</guid>
<pubDate>Wed, 20 May 2026 09:00:00 +0100</pubDate>
</item>
</channel>
</rss>
"""

_CHANNEL = (
    " title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs cloud ttl"
    " image rating textInput skipHours skipDays item "
)
_ITEM = " title link description author category comments enclosure guid pubDate source "
_MODULES = {
    "http://purl.org/rss/1.0/modules/content/": {"encoded"},
    "http://purl.org/dc/elements/1.1/": {"creator", "language"},
    "http://purl.org/rss/1.0/modules/syndication/": {"updatePeriod", "updateFrequency", "updateBase"},
    "http://www.w3.org/2005/Atom": {"link", "updated"},
    "http://purl.org/syndication/history/1.0": {"archive", "complete"},
}
_ATTRIBUTES = {
    "rss": {"version"},
    "category": {"domain"},
    "enclosure": {"url", "length", "type"},
    "guid": {"isPermaLink"},
    "source": {"url"},
}
_PERSONS = "(//managingEditor | //webMaster | //author)"
_PLAIN = "(//title | //description | //category | //guid | //copyright | //content:encoded)"
_PERIODS = " hourly daily weekly monthly yearly "
_LINK = "<link>https://feeds.example/articles/tides</link>"
_CONTENT = "<content:encoded>Out now.</content:encoded>"
_REPEAT = {"category", "item", "creator", "link", "enclosure", "content", "transcript"}
# Ambiguous in plain text, where readers differ on how often it was escaped (profile, "Character data").
_ESCAPED = re.compile(rb"<(?!description>|content:encoded>)([\w:]+)(?: [^<>]*)?>([^<]*&(?:amp|lt|gt);[^<]*)<")
_DESCRIPTION = re.compile(rb"<channel>.*?<description>([^<]*&(?:amp|lt|gt);[^<]*)<", re.DOTALL)


def _escaped(_: Any, document: bytes) -> Iterator[object]:
    yield from (text for _, text in _ESCAPED.findall(document))


def _escaped_description(_: Any, document: bytes) -> Iterator[object]:
    yield from _DESCRIPTION.findall(document.partition(b"<item>")[0])


def _modules(root: Any, document: bytes) -> Iterator[object]:
    for element in root.iter("{*}*"):
        namespace, _, name = element.tag[1:].rpartition("}")
        if namespace and name not in _MODULES.get(namespace, {name}):
            yield element


def _attributes(root: Any, document: bytes) -> Iterator[object]:
    for element in root.iter("{}*"):
        yield from (element for name in element.attrib if name not in _ATTRIBUTES.get(element.tag, set()))


def _twice(root: Any, document: bytes) -> Iterator[object]:
    for parent in root.iter("channel", "item", "image"):
        names = Counter(child.tag for child in parent if child.tag == "link" or child.tag.rpartition("}")[2] not in _REPEAT)
        yield from (name for name, count in names.items() if count > 1)


def _guids_twice(root: Any, document: bytes) -> Iterator[object]:
    yield from (guid for guid, count in Counter(guid.text for guid in root.iter("guid")).items() if count > 1)


RULES = (
    *markup.RULES,
    Rule(
        "RSS 2.0: the root is rss, version 2.0",
        "/*[not(self::rss) or @version != '2.0' or not(@version)]",
        'version="2.0"',
        'version="2.01"',
    ),
    Rule(
        "RSS 2.0: there is one channel and nothing beside it",
        "/rss[count(channel) != 1 or count(*) != 1]",
        "</channel>",
        "</channel><extra/>",
    ),
    Rule(
        "RSS 2.0: a channel has what RSS has for it",
        f"/rss/channel/*[not(namespace-uri())][not(contains('{_CHANNEL}', concat(' ', name(), ' ')))]",
        "<ttl>5</ttl>",
        "<published>2026</published>",
    ),
    Rule(
        "RSS 2.0: an item has what RSS has for it",
        f"//item/*[not(namespace-uri())][not(contains('{_ITEM}', concat(' ', name(), ' ')))]",
        "<description>Tables.</description>",
        "<description>Tables.</description><updated>2026</updated>",
    ),
    Rule("RSS 2.0: elements have the attributes that RSS gives them", _attributes, "<ttl>", '<ttl unit="minute">'),
    Rule(
        "RSS 2.0: modules have the elements that we mean",
        _modules,
        "<sy:updatePeriod>hourly</sy:updatePeriod>",
        "<sy:UpdatePeriod>hourly</sy:UpdatePeriod>",
    ),
    Rule("RSS 2.0: each thing is said once", _twice, "<ttl>5</ttl>", "<ttl>5</ttl><ttl>6</ttl>"),
    Rule(
        "RSS 2.0: a channel has a title",
        "/rss/channel[not(normalize-space(title))]",
        "<channel>\n<title>Harbour</title>",
        "<channel>",
    ),
    Rule(
        "RSS 2.0: a channel has a link",
        "/rss/channel[not(link)]",
        "<link>https://feeds.example/topics/harbour</link>\n<description>",
        "<description>",
    ),
    Rule(
        "RSS 2.0: a channel has a description",
        "/rss/channel[not(normalize-space(description))]",
        "<description>Boats &#x26; tides</description>",
        "",
    ),
    Rule(
        "RSS 2.0: links are absolute URIs",
        "(//link | //docs | //image/url)[not(is:uri(string(.)))]",
        "<link>https://feeds.example/articles/tides</link>",
        "<link>https://feeds.example/articles/été</link>",
    ),
    Rule(
        "RSS 2.0: a channel's domain and an item's are URIs",
        "//category/@domain[not(is:uri(string(.)))]",
        '<category domain="https://feeds.example/">Boats',
        '<category domain="topics">Boats',
    ),
    Rule("RSS 2.0: a category is not blank", "//category[not(normalize-space())]", ">Boats<", "> <"),
    Rule(
        "RSS 2.0: plain elements hold no elements", f"{_PLAIN}/*", "© The Gazette", "<b xmlns='http://www.w3.org/1999/xhtml'>©</b>"
    ),
    Rule(
        "RSS 2.0: an item has a title or a description",
        "//item[not(normalize-space(title)) and not(normalize-space(description))]",
        f"<title>Tide tables</title>\n{_LINK}\n<description>Tables.",
        f"{_LINK}<description> ",
    ),
    Rule(
        "RSS 2.0: a language is a tag",
        f"(//language | //dc:language)[not(re:test(., '{TAG}'))]",
        "<dc:language>en<",
        "<dc:language>English<",
    ),
    Rule(
        "RSS 2.0: a channel says its language, where all items have the same",
        "/rss/channel[not(language)][not(item/dc:language != item/dc:language)]",
        "<language>en-GB</language>",
        "",
    ),
    Rule(
        "RSS 2.0: a date is one of RFC 822, its year of four digits",
        "(//pubDate | //lastBuildDate)[not(is:rfc822(string(.)))]",
        "Thu, 21 May 2026 09:00:00",
        "Fri, 21 May 2026 09:00:00",
    ),
    Rule("RSS 2.0: a ttl is a number of minutes above nought", "//ttl[not(re:test(., '^[1-9][0-9]*$'))]", "<ttl>5", "<ttl>-5"),
    Rule(
        "RSS 2.0: an image has url, title and link",
        "//image[not(url) or not(title) or not(link)]",
        "<url>https://quay.example/logo.png</url>",
        "",
    ),
    Rule(
        "RSS 2.0: an image is a GIF, JPEG or PNG",
        "//image/url[re:test(., '\\.[a-z0-9]+$', 'i')][not(re:test(., '\\.(gif|jpe?g|png)$', 'i'))]",
        "logo.png",
        "logo.svg",
    ),
    Rule(
        "RSS 2.0: an image is at most 144 by 400",
        "//image/width[. > 144] | //image/height[. > 400]",
        "</image>",
        "<width>145</width></image>",
    ),
    Rule(
        "RSS 2.0: an enclosure has url, length and type",
        "//enclosure[not(@url) or not(@length) or not(@type)]",
        'length="98304" ',
        "",
    ),
    Rule(
        "RSS 2.0: an enclosure's url is a web address",
        "//enclosure/@url[not(is:uri(string(.))) or not(starts-with(., 'http'))]",
        '<enclosure url="https:',
        '<enclosure url="ftp:',
    ),
    Rule(
        "RSS 2.0: an enclosure's length is a number",
        "//enclosure/@length[not(re:test(., '^[0-9]+$'))]",
        'length="98304" type',
        'length="-1" type',
    ),
    Rule(
        "RSS 2.0: an enclosure's type is a media type",
        f"//enclosure/@type[not(re:test(., '{MEDIA_TYPE}'))]",
        '" type="image/jpeg"/>',
        '" type="jpeg"/>',
    ),
    Rule(
        "RSS 2.0: isPermaLink is true or false",
        "//guid/@isPermaLink[not(. = 'true' or . = 'false')]",
        '"false">urn:example:tides',
        '"no">urn:example:tides',
    ),
    Rule(
        "RSS 2.0: a guid that is a permalink is a web address",
        "//guid[not(@isPermaLink) or @isPermaLink = 'true'][not(is:uri(string(.))) or not(starts-with(., 'http'))]",
        '"false">urn:example:tides',
        '"true">urn:example:tides',
    ),
    Rule("RSS 2.0: a guid is not blank", "//guid[not(normalize-space())]", ">urn:example:tides<", "> <"),
    Rule("RSS 2.0: no two guids are the same", _guids_twice, "urn:example:tides", "urn:example:ferry"),
    Rule("Profile, item: an item has a guid", "//item[not(guid)]", '<guid isPermaLink="false">urn:example:tides</guid>', ""),
    Rule(
        "Profile, character data: & and < and > are hexadecimal in a channel's description",
        _escaped_description,
        "Boats &#x26; tides",
        "Boats &amp; tides",
    ),
    Rule("Profile, character data: they are hexadecimal in all other plain text", _escaped, "&#x3C;later&#x3E;", "&lt;later&gt;"),
    Rule(
        "Profile, managingEditor: an address, then a name in brackets",
        f"{_PERSONS}[not(re:test(., '^[^ ]+ \\([^()]+\\)$') and re:test(substring-before(., ' '), '{EMAIL}'))]",
        "desk@quay.example (News desk)",
        "desk@quay.example",
    ),
    Rule(
        "Profile, channel: the image has the channel's title",
        "/rss/channel[image/title != title]",
        "<url>https://quay.example/logo.png</url><title>Harbour",
        "<url>https://quay.example/logo.png</url><title>Quay",
    ),
    Rule(
        "Profile, channel: the image has the channel's link",
        "/rss/channel[image/link != link]",
        "<link>https://feeds.example/topics/harbour</link></image>",
        "<link>https://quay.example/</link></image>",
    ),
    Rule(
        "Profile, channel: items come last",
        "//item/following-sibling::*[not(self::item)]",
        "</item>\n</channel>",
        "</item><webMaster>desk@quay.example (Desk)</webMaster></channel>",
    ),
    Rule(
        "Profile, channel: no textInput, no cloud, no rating",
        "//textInput | //cloud | //rating",
        "<ttl>5</ttl>",
        "<rating>G</rating>",
    ),
    Rule(
        "Profile, enclosure: at most one",
        "//item[count(enclosure) > 1]",
        "<pubDate>Thu",
        '<enclosure url="https://feeds.example/a.mp3" length="9" type="audio/mpeg"/><pubDate>Thu',
    ),
    Rule(
        "Profile, atom:link: a channel names itself once",
        "/rss/channel[count(atom:link[@rel = 'self']) != 1]",
        '<atom:link rel="self"',
        '<atom:link rel="via"',
    ),
    Rule(
        "Profile, atom:link: a link has an absolute address",
        "//atom:link[not(is:uri(string(@href)))]",
        'rel="hub" href="https://hub.example/"',
        'rel="hub" href="/hub"',
    ),
    Rule(
        "Profile, atom:link: the channel's own address is that of an RSS feed",
        "//atom:link[@rel = 'self'][@type != 'application/rss+xml']",
        'rel="self" type="application/rss+xml"',
        'rel="self" type="text/xml"',
    ),
    Rule(
        "Profile, content:encoded: the description stands before it",
        "//content:encoded[not(preceding-sibling::description)]",
        f"<description>Tables.</description>\n{_CONTENT}",
        f"{_CONTENT}<description>Tables.</description>",
    ),
    Rule(
        "Profile, content:encoded: it and the description are HTML, safe, and its addresses absolute",
        "(//content:encoded | //item/description)[not(is:html(string(.)))]",
        "https://x.example/",
        "/x",
    ),
    Rule("Profile, dc:creator: a creator is not blank", "//dc:creator[not(normalize-space())]", "Tom Rudder", " "),
    Rule(
        "Profile, dc:creator: authors are creators or authors, never both",
        "//item[author][dc:creator]",
        "<dc:creator>Ada Keel</dc:creator>",
        "<dc:creator>Ada Keel</dc:creator><author>ada@quay.example (Ada)</author>",
    ),
    Rule(
        "Atom in RSS: an item's updated is a date of RFC 3339",
        "//atom:updated[not(is:rfc3339(string(.)))]",
        "2026-05-21T10:00:00Z",
        "2026-05-21",
    ),
    Rule(
        "RSS 1.0 syndication: the period is one of five",
        f"//sy:updatePeriod[not(contains('{_PERIODS}', concat(' ', ., ' ')))]",
        "hourly",
        "often",
    ),
    Rule(
        "RSS 1.0 syndication: the frequency is a number above nought",
        "//sy:updateFrequency[not(re:test(., '^[1-9][0-9]*$'))]",
        ">12<",
        ">0<",
    ),
    Rule(
        "RFC 5005, 4: an archive names the current feed",
        "//channel[fh:archive][not(atom:link[@rel = 'current'])]",
        "<ttl>",
        "<fh:archive/><ttl>",
    ),
    *media.RULES,
)
