"""OPML 2.0 (http://opml.org/spec2.opml), and what the W3C's feed validator warns of."""

from __future__ import annotations

from rules import markup
from rules.rule import TAG, Rule

GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
<head><title>The Gazette</title><ownerName>The Gazette</ownerName><ownerId>https://quay.example/</ownerId></head>
<body>
<outline type="rss" text="Harbour" title="Harbour" xmlUrl="https://feeds.example/feeds/harbour.rss" \
htmlUrl="https://feeds.example/topics/harbour" language="en-GB" version="RSS2"/>
<outline text="Stories">
<outline type="rss" text="Ferry" title="Ferry" xmlUrl="https://feeds.example/feeds/story/ferry.rss"/>
</outline>
</body>
</opml>
"""

_HEAD = (
    " title dateCreated dateModified ownerName ownerEmail ownerId expansionState vertScrollState"
    " windowTop windowLeft windowBottom windowRight "
)
_OUTLINE = " text type isComment isBreakpoint created category title xmlUrl htmlUrl description language version url "

RULES = (
    *markup.RULES,
    Rule("OPML 2.0: the root is opml, version 2.0", "/*[not(self::opml) or not(@version) or @version != '2.0']", '"2.0"', '"2.1"'),
    Rule(
        "OPML 2.0: it has a head, then a body, and no more",
        "/opml[count(*) != 2 or not(*[1][self::head]) or not(*[2][self::body])]",
        "</opml>",
        "<foot/></opml>",
    ),
    Rule(
        "OPML 2.0: a head has what OPML has for it",
        f"/opml/head/*[not(contains('{_HEAD}', concat(' ', name(), ' ')))]",
        "<ownerName>",
        "<docs>http://opml.org/spec2.opml</docs><ownerName>",
    ),
    Rule(
        "OPML 2.0: each thing of a head is said once",
        "/opml/head/*[name() = name(preceding-sibling::*)]",
        "<title>The Gazette</title>",
        "<title>The Gazette</title><title>B</title>",
    ),
    Rule(
        "OPML 2.0: a date is one of RFC 822",
        "(//dateCreated | //dateModified)[not(is:rfc822(string(.)))]",
        "</ownerId>",
        "</ownerId><dateModified>2026-05-21</dateModified>",
    ),
    Rule(
        "OPML 2.0: the owner's id is a web address",
        "//ownerId[not(is:uri(string(.))) or not(starts-with(., 'http'))]",
        "<ownerId>https:",
        "<ownerId>urn:",
    ),
    Rule(
        "OPML 2.0: a body has an outline or more, and nothing else",
        "/opml/body[not(outline) or *[not(self::outline)]]",
        "</body>",
        "<p/></body>",
    ),
    Rule("OPML 2.0: an outline has a text", "//outline[not(normalize-space(@text))]", 'text="Ferry" ', ""),
    Rule(
        "OPML 2.0: an outline has what OPML has for it",
        f"//outline/@*[not(contains('{_OUTLINE}', concat(' ', name(), ' ')))]",
        'text="Ferry"',
        'text="Ferry" icon="x"',
    ),
    Rule(
        "OPML 2.0: an outline holds outlines and no words",
        "//outline/text()[normalize-space()] | //outline/*[not(self::outline)]",
        'text="Stories">',
        'text="Stories">Ours',
    ),
    Rule(
        "OPML 2.0: a feed has an address",
        "//outline[@type = 'rss'][not(@xmlUrl)]",
        ' xmlUrl="https://feeds.example/feeds/story/ferry.rss"',
        "",
    ),
    Rule(
        "OPML 2.0: addresses are absolute URIs",
        "(//@xmlUrl | //@htmlUrl | //@url)[not(is:uri(string(.)))]",
        'htmlUrl="https://feeds.example',
        'htmlUrl="',
    ),
    Rule("OPML 2.0: a language is a tag", f"//@language[not(re:test(., '{TAG}'))]", '"en-GB"', '"English"'),
    Rule(
        "OPML 2.0: a version is one of four",
        "//outline/@version[not(contains(' RSS RSS1 RSS2 scriptingNews ', concat(' ', ., ' ')))]",
        "RSS2",
        "2.0",
    ),
    Rule("W3C: a feed has a title", "//outline[@type = 'rss'][not(normalize-space(@title))]", ' title="Ferry"', ""),
    Rule(
        "W3C: what has an address is a feed",
        "//outline[@xmlUrl][not(@type = 'rss')]",
        '<outline type="rss" text="Ferry"',
        '<outline text="Ferry"',
    ),
    Rule(
        "W3C: what only groups has a text alone, for whatever has more is missing its type",
        "//outline[not(@type or @xmlUrl or @htmlUrl or @url)]/@*[name() != 'text']",
        '<outline text="Stories"',
        '<outline text="Stories" title="Stories"',
    ),
    Rule(
        "Readers: a folder has a name and no address, and is not empty",
        "//outline[not(@xmlUrl) and not(@type)][@url or @htmlUrl or not(outline)]",
        '<outline text="Stories"',
        '<outline text="Stories" url="https://feeds.example/"',
    ),
    Rule(
        "Readers: no feed is listed twice",
        "//outline[@xmlUrl = preceding::outline/@xmlUrl]",
        "feeds/story/ferry.rss",
        "feeds/harbour.rss",
    ),
)
