"""Atom 1.0 (RFC 4287), its archives (RFC 5005), its tombstones (RFC 6721), and what the W3C's feed validator warns of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rules import markup, media
from rules.rule import EMAIL, MEDIA_TYPE, NAMESPACES, TAG, Rule

GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" \
xmlns:fh="http://purl.org/syndication/history/1.0" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-GB">
<id>urn:uuid:dde98b84-e458-5746-a954-e249e741d965</id>
<title>Harbour</title>
<subtitle>Boats and tides</subtitle>
<updated>2026-05-21T10:05:00Z</updated>
<author><name>The Gazette</name><uri>https://quay.example/</uri><email>desk@quay.example</email></author>
<link rel="self" type="application/atom+xml" href="https://feeds.example/feeds/harbour.atom"/>
<link rel="alternate" type="text/html" href="https://feeds.example/topics/harbour"/>
<link rel="hub" href="https://hub.example/"/>
<link rel="prev-archive" type="application/atom+xml" href="https://feeds.example/feeds/harbour/2026-04.atom"/>
<category term="harbour" scheme="https://feeds.example/" label="Harbour news"/>
<generator uri="https://feeds.example/about">feedsvc</generator>
<icon>https://quay.example/icon.png</icon>
<logo>https://quay.example/logo.png</logo>
<rights>© The Gazette</rights>
<at:deleted-entry ref="urn:example:gone" when="2026-05-20T10:00:00Z"/>
<entry>
<id>urn:example:ferry</id>
<title>Ferry to run later</title>
<updated>2026-05-21T10:00:00.25Z</updated>
<published>2026-05-21T09:00:00Z</published>
<author><name>Ada Keel</name></author>
<content type="html">&lt;p&gt;The last boat leaves at &lt;a href="https://x.example/"&gt;eleven&lt;/a&gt;.&lt;/p&gt;</content>
<summary type="text">An hour later.</summary>
<category term="boats" scheme="https://feeds.example/" label="Boats"/>
<link rel="alternate" type="text/html" href="https://feeds.example/articles/ferry"/>
<link rel="related" type="text/html" href="https://feeds.example/articles/fares" title="Fares"/>
<link rel="enclosure" type="image/jpeg" length="98304" href="https://feeds.example/media/dusk.jpg"/>
<media:content url="https://feeds.example/media/dusk.jpg" medium="image" type="image/jpeg" fileSize="98304" width="1200" \
height="675">\
<media:credit>A. Keel</media:credit><media:description>Dusk</media:description></media:content>
</entry>
<entry>
<id>urn:example:tides</id>
<title>Tide tables</title>
<updated>2026-05-20T10:00:00+01:00</updated>
<published>2026-05-20T09:00:00+01:00</published>
<content type="html">Out now.</content>
<summary type="text">Tables.</summary>
<link rel="alternate" type="text/html" href="https://feeds.example/articles/tides"/>
</entry>
</feed>
"""

ARCHIVE = GOOD.replace('<link rel="hub" href="https://hub.example/"/>', "<fh:archive/>").replace(
    "<category", '<link rel="current" type="application/atom+xml" href="https://feeds.example/feeds/harbour.atom"/>\n<category', 1
)

_TABLES = '<content type="html">Out now.</content>\n<summary type="text">Tables.</summary>'
_HUB = '<link rel="hub" href="https://hub.example/"/>'
_TIDES = '<link rel="alternate" type="text/html" href="https://feeds.example/articles/tides"/>'
_FEED = "author category contributor generator icon id link logo rights subtitle title updated entry"
_ENTRY = "author category content contributor id link published rights source summary title updated"
_ATTRIBUTES = {
    "category": {"term", "scheme", "label"},
    "content": {"type", "src"},
    "generator": {"uri", "version"},
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    **{text: {"type"} for text in ("title", "subtitle", "summary", "rights")},
}
_RELATIONS = "alternate current enclosure first hub last next next-archive prev-archive previous related replies self via license"
_OTHER_TYPE = "[@type][not(contains(' text html xhtml ', concat(' ', @type, ' ')))]"
_HISTORY = " current first last next next-archive prev-archive previous "
_TEXTS = "(//a:title | //a:subtitle | //a:summary | //a:rights)"
_PERSONS = "(//a:author | //a:contributor)"


def _among(names: str) -> str:
    return " or ".join(f"self::a:{name}" for name in names.split())


def _attributes(root: Any, document: bytes) -> Iterator[object]:
    for element in root.iter(f"{{{NAMESPACES['a']}}}*"):
        known = _ATTRIBUTES.get(element.tag.rpartition("}")[2], set())
        yield from (element for name in element.attrib if not name.startswith("{") and name not in known)


def _twice(path: str, root: Any) -> Iterator[object]:
    counted = Counter(root.xpath(path, namespaces=NAMESPACES))
    yield from (text for text, count in counted.items() if count > 1)


def _ids_twice(root: Any, document: bytes) -> Iterator[object]:
    yield from _twice("a:entry/a:id/text()", root)


def _updated_twice(root: Any, document: bytes) -> Iterator[object]:
    yield from _twice("a:entry/a:updated/text()", root)


def _links_twice(root: Any, document: bytes) -> Iterator[object]:
    for parent in root.xpath("/a:feed | //a:entry", namespaces=NAMESPACES):
        links = parent.findall("a:link", NAMESPACES)
        kinds = Counter((link.get("rel", "alternate"), link.get("type"), link.get("hreflang")) for link in links)
        once = {"alternate"} if parent.tag.endswith("}entry") else {kind[0] for kind in kinds}
        yield from (kind for kind, count in kinds.items() if count > 1 and kind[0] in once)


def _raised_from_the_dead(root: Any, document: bytes) -> Iterator[object]:
    deleted = {gone.get("ref"): gone.get("when", "") for gone in root.findall("at:deleted-entry", NAMESPACES)}
    for entry in root.findall("a:entry", NAMESPACES):
        when, updated = deleted.get(entry.findtext("a:id", None, NAMESPACES)), entry.findtext("a:updated", None, NAMESPACES)
        if when and updated and datetime.fromisoformat(updated) <= datetime.fromisoformat(when):
            yield entry


def _once(name: str, parent: str, section: str, good: str, least: int = 0) -> Rule:
    counted = f"count(a:{name}) > 1" if least == 0 else f"count(a:{name}) != 1"
    wanted = "at most one" if least == 0 else "exactly one"
    rule = f"RFC 4287, {section}: {'a feed' if parent == '/a:feed' else 'an entry'} has {wanted} {name}"
    return Rule(rule, f"{parent}[{counted}]", good, "" if least else good + good)


RULES = (
    *markup.RULES,
    Rule(
        "RFC 4287, 2: the root is a feed", "/*[not(self::a:feed)]", '="http://www.w3.org/2005/Atom"', '="http://purl.org/atom/ns#"'
    ),
    Rule("RFC 4287, 2: xml:lang is a language tag", f"//@xml:lang[not(re:test(., '{TAG}'))]", "en-GB", "en_GB"),
    Rule(
        "RFC 4287, 3.1.1: a text's type is text, html or xhtml",
        f"{_TEXTS}{_OTHER_TYPE}",
        'summary type="text"',
        'summary type="text/plain"',
    ),
    Rule(
        "RFC 4287, 3.1.1.1: text holds no elements",
        f"{_TEXTS}[not(@type = 'xhtml')]/*",
        "Boats and tides",
        "<em xmlns='http://www.w3.org/1999/xhtml'>Boats</em>",
    ),
    Rule(
        "RFC 4287, 3.1.1.3: xhtml is one div",
        f"{_TEXTS}[@type = 'xhtml'][not(x:div) or count(*) != 1]",
        '<summary type="text">',
        '<summary type="xhtml">',
    ),
    Rule("RFC 4287, 3.2: a person has exactly one name", f"{_PERSONS}[count(a:name) != 1]", "<name>Ada Keel</name>", ""),
    Rule("RFC 4287, 3.2.1: a name is not blank", f"{_PERSONS}/a:name[not(normalize-space())]", "Ada Keel", " "),
    Rule(
        "RFC 4287, 3.2.2: a person has at most one uri",
        f"{_PERSONS}[count(a:uri) > 1]",
        "</uri>",
        "</uri><uri>https://b.example/</uri>",
    ),
    Rule(
        "RFC 4287, 3.2.2: a person's uri is an IRI",
        f"{_PERSONS}/a:uri[not(is:iri(string(.)))]",
        "<uri>https://quay.example/",
        "<uri>quay dot example",
    ),
    Rule(
        "RFC 4287, 3.2.3: a person has at most one email",
        f"{_PERSONS}[count(a:email) > 1]",
        "</email>",
        "</email><email>b@quay.example</email>",
    ),
    Rule(
        "RFC 4287, 3.2.3: an email is an address",
        f"{_PERSONS}/a:email[not(re:test(., '{EMAIL}'))]",
        "desk@quay.example",
        "desk at quay",
    ),
    Rule(
        "RFC 4287, 3.3: a date is one of RFC 3339",
        "(//a:updated | //a:published)[not(is:rfc3339(string(.)))]",
        "2026-05-21T09:00:00Z",
        "2026-02-30T09:00:00Z",
    ),
    Rule(
        "RFC 4287, 4.1.1: every entry has an author, or the feed",
        "/a:feed[not(a:author)][not(a:entry) or a:entry[not(a:author)]]",
        GOOD[GOOD.index("<author") : GOOD.index("<link")],
        "",
    ),
    _once("id", "/a:feed", "4.1.1", "<id>urn:uuid:dde98b84-e458-5746-a954-e249e741d965</id>", 1),
    _once("title", "/a:feed", "4.1.1", "<title>Harbour</title>", 1),
    _once("updated", "/a:feed", "4.1.1", "<updated>2026-05-21T10:05:00Z</updated>", 1),
    _once("generator", "/a:feed", "4.1.1", '<generator uri="https://feeds.example/about">feedsvc</generator>'),
    _once("icon", "/a:feed", "4.1.1", "<icon>https://quay.example/icon.png</icon>"),
    _once("logo", "/a:feed", "4.1.1", "<logo>https://quay.example/logo.png</logo>"),
    _once("rights", "/a:feed", "4.1.1", "<rights>© The Gazette</rights>"),
    _once("subtitle", "/a:feed", "4.1.1", "<subtitle>Boats and tides</subtitle>"),
    Rule(
        "RFC 4287, 4.1.1: a feed names itself once",
        "/a:feed[count(a:link[@rel = 'self']) != 1]",
        '<link rel="self"',
        '<link rel="via"',
    ),
    Rule(
        "RFC 4287, 4.1.1: no two links of a feed have one relation and type, nor two alternates of an entry",
        _links_twice,
        _HUB,
        _HUB + _HUB,
    ),
    Rule("RFC 4287, 4.1.1: no two entries have one id", _ids_twice, "urn:example:tides", "urn:example:ferry"),
    Rule(
        "RFC 4287, 4.1.1: a feed holds what Atom has for it",
        f"/a:feed/a:*[not({_among(_FEED)})]",
        "<rights>© The Gazette</rights>",
        "<copyright>© The Gazette</copyright>",
    ),
    Rule(
        "W3C: a feed's own elements stand before its entries",
        "/a:feed/a:entry[1]/following-sibling::*[not(self::a:entry)]",
        "</entry>\n</feed>",
        "</entry><contributor><name>B</name></contributor></feed>",
    ),
    _once("id", "//a:entry", "4.1.2", "<id>urn:example:ferry</id>", 1),
    _once("title", "//a:entry", "4.1.2", "<title>Ferry to run later</title>", 1),
    _once("updated", "//a:entry", "4.1.2", "<updated>2026-05-21T10:00:00.25Z</updated>", 1),
    _once("content", "//a:entry", "4.1.2", '<content type="html">Out now.</content>'),
    _once("published", "//a:entry", "4.1.2", "<published>2026-05-21T09:00:00Z</published>"),
    _once("summary", "//a:entry", "4.1.2", '<summary type="text">Tables.</summary>'),
    Rule(
        "RFC 4287, 4.1.2: an entry has at most one rights",
        "//a:entry[count(a:rights) > 1]",
        "<published>2026-05-21T09:00:00Z",
        "<rights>A</rights><rights>B</rights><published>2026-05-21T09:00:00Z",
    ),
    Rule(
        "RFC 4287, 4.1.2: an entry without content has an alternate",
        "//a:entry[not(a:content)][not(a:link[not(@rel) or @rel = 'alternate'])]",
        f"{_TABLES}\n{_TIDES}",
        '<summary type="text">Tables.</summary>',
    ),
    Rule(
        "RFC 4287, 4.1.2: an entry holds what Atom has for it",
        f"//a:entry/a:*[not({_among(_ENTRY)})]",
        "<title>Tide tables</title>",
        "<title>Tide tables</title><subtitle>B</subtitle>",
    ),
    Rule(
        "RFC 4287, 4.1.2: content from elsewhere has a summary",
        "//a:entry[a:content[@src]][not(a:summary)]",
        _TABLES,
        '<content type="text/html" src="https://x.example/"/>',
    ),
    Rule(
        "RFC 4287, 4.1.1.1: an entry says something",
        "//a:entry[not(normalize-space(a:content)) and not(a:content/@src) and not(normalize-space(a:summary))]",
        _TABLES,
        "",
    ),
    Rule(
        "RFC 4287, 4.1.3.1: content has a type that it may have",
        f"//a:content{_OTHER_TYPE}[not(re:test(@type, '{MEDIA_TYPE}')) or starts-with(@type, 'multipart/')]",
        '<content type="html">Out now.',
        '<content type="CDATA">Out now.',
    ),
    Rule(
        "RFC 4287, 4.1.3.2: content from elsewhere is empty here",
        "//a:content[@src][node()]",
        '<content type="html">Out now.',
        '<content type="text/html" src="https://x.example/">Out now.',
    ),
    Rule(
        "RFC 4287, 4.1.3.3: html content holds no elements",
        "//a:content[@type = 'html']/*",
        "Out now.",
        "<p xmlns='http://www.w3.org/1999/xhtml'>Out now.</p>",
    ),
    Rule(
        "RFC 4287, 4.1.3.3: html content is HTML, safe, and its addresses absolute",
        "//a:content[@type = 'html'][not(is:html(string(.)))]",
        "https://x.example/",
        "/x",
    ),
    Rule("RFC 4287, 4.2.2.1: a category has a term", "//a:category[not(normalize-space(@term))]", 'term="boats"', 'term=""'),
    Rule(
        "RFC 4287, 4.2.2.2: a category's scheme is an IRI",
        "//a:category/@scheme[not(is:iri(string(.)))]",
        'term="boats" scheme="https://feeds.example/"',
        'term="boats" scheme="topics"',
    ),
    Rule(
        "RFC 4287, 4.2.2.3: a category's label is not blank",
        "//a:category/@label[not(normalize-space())]",
        'label="Boats"',
        'label=" "',
    ),
    Rule("RFC 4287, 4.2.4: a generator is not blank", "//a:generator[not(normalize-space())]", ">feedsvc<", "><"),
    Rule(
        "RFC 4287, 4.2.4: a generator's uri is an IRI",
        "//a:generator/@uri[not(is:iri(string(.)))]",
        "https://feeds.example/about",
        "about",
    ),
    Rule(
        "RFC 4287, 4.2.5, 4.2.8: icon and logo are IRIs",
        "(//a:icon | //a:logo)[not(is:iri(string(.)))]",
        "https://quay.example/logo.png",
        "logo.png",
    ),
    Rule(
        "RFC 4287, 4.2.6: an id is an absolute IRI, without spaces",
        "//a:id[not(is:iri(string(.)))]",
        "urn:example:tides",
        " urn:example:tides",
    ),
    Rule(
        "RFC 4287, 4.2.6.1: an id is normalised",
        "//a:id[re:test(., '^[^:]*[A-Z]|%[0-9A-F]?[a-f]|/\\.{1,2}(/|$)')]",
        "urn:example:tides",
        "URN:example:tides",
    ),
    Rule("RFC 4287, 4.2.7: a link is empty", "//a:link[node()]", _TIDES, _TIDES.replace("/>", ">x</link>")),
    Rule(
        "RFC 4287, 4.2.7.1: a link has an absolute IRI",
        "//a:link[not(is:iri(string(@href)))]",
        "https://feeds.example/articles/tides",
        "/articles/tides",
    ),
    Rule(
        "RFC 4287, 4.2.7.2: a link's relation is a registered one",
        f"//a:link/@rel[not(contains(' {_RELATIONS} ', concat(' ', ., ' ')) or is:iri(string(.)))]",
        'rel="related"',
        'rel="story"',
    ),
    Rule("RFC 4287, 4.2.7.2: an enclosure has a length", "//a:link[@rel = 'enclosure'][not(@length)]", 'length="98304" ', ""),
    Rule(
        "RFC 4287, 4.2.7.3: a link's type is a media type",
        f"//a:link/@type[not(re:test(., '{MEDIA_TYPE}'))]",
        'rel="related" type="text/html"',
        'rel="related" type="html"',
    ),
    Rule(
        "RFC 4287, 4.2.7.4: a link's hreflang is a language tag",
        f"//a:link/@hreflang[not(re:test(., '{TAG}'))]",
        'rel="related"',
        'rel="related" hreflang="en_GB"',
    ),
    Rule("RFC 4287, 4.2.7.5: a link's title is not blank", "//a:link/@title[not(normalize-space())]", 'title="Fares"', 'title=""'),
    Rule(
        "RFC 4287, 4.2.7.6: a link's length is a number",
        "//a:link/@length[not(re:test(., '^[0-9]+$'))]",
        'length="98304"',
        'length="98 KB"',
    ),
    Rule("RFC 4287, 4.2.14: titles are not blank", "//a:title[not(normalize-space())]", "Tide tables", " "),
    Rule(
        "House: an entry was not published after it was updated",
        "//a:entry[translate(substring(a:published, 1, 10), '-', '') > translate(substring(a:updated, 1, 10), '-', '')]",
        "2026-05-20T09:00:00+01:00",
        "2026-05-22T09:00:00+01:00",
    ),
    Rule(
        "RFC 4287, 6.4: an element of Atom has the attributes that Atom gives it",
        _attributes,
        "<rights>",
        '<rights href="https://x.example/">',
    ),
    Rule(
        "RFC 5005, 3: history is a feed's, not an entry's",
        f"//a:entry/a:link[contains('{_HISTORY}', concat(' ', @rel, ' '))]",
        'rel="related"',
        'rel="prev-archive"',
    ),
    Rule(
        "RFC 5005, 4: an archive names the current feed",
        "/a:feed[fh:archive][not(a:link[@rel = 'current'])]",
        "<rights>",
        "<fh:archive/><rights>",
    ),
    Rule(
        "RFC 5005, 2, 4: a feed says once, and without words, what it is",
        "/a:feed[count(fh:archive | fh:complete) > 1] | //fh:*[node()]",
        "<rights>",
        "<fh:complete>yes</fh:complete><rights>",
    ),
    Rule("RFC 6721, 3: a tombstone names an entry", "//at:deleted-entry[not(is:iri(string(@ref)))]", 'ref="urn:example:gone" ', ""),
    Rule(
        "RFC 6721, 3: a tombstone has a date of RFC 3339",
        "//at:deleted-entry[not(is:rfc3339(string(@when)))]",
        'when="2026-05-20T10:00:00Z"',
        'when="yesterday"',
    ),
    Rule("RFC 6721, 3: what is dead is dead", _raised_from_the_dead, "urn:example:gone", "urn:example:tides"),
    Rule(
        "RFC 6721, 3: tombstones stand in a feed",
        "//a:entry//at:deleted-entry",
        '<summary type="text">Tables.</summary>',
        '<summary type="text">Tables.</summary><at:deleted-entry ref="urn:b" when="2026-05-20T10:00:00Z"/>',
    ),
    Rule("W3C: no two entries were updated in one instant", _updated_twice, "2026-05-20T10:00:00+01:00", "2026-05-21T10:00:00.25Z"),
    Rule(
        "W3C: a feed's address is that of an Atom feed",
        "//a:link[@rel = 'self'][@type != 'application/atom+xml']",
        'rel="self" type="application/atom+xml"',
        'rel="self" type="application/xml"',
    ),
    Rule("W3C: texts say in which language they are", "/a:feed[not(@xml:lang)]", ' xml:lang="en-GB"', ""),
    Rule(
        "W3C: a namespace that it does not know is declared only where it is used",
        f"/a:feed[namespace::*[. = '{NAMESPACES['at']}']][not(.//at:*)]",
        '<at:deleted-entry ref="urn:example:gone" when="2026-05-20T10:00:00Z"/>',
        "",
    ),
    *media.RULES,
)
