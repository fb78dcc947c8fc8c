"""`site.toml`: every key, every fault with its line, and the topics that come of it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.articles.site_toml import MAX_ENTRIES, read_site
from feedsvc.errors import Fault, SiteError
from feedsvc.model.podcast import Podcast
from feedsvc.model.site import SITE_FILE, Site, Topic
from feedsvc.text import character_data

FULL = """\
[site]
title = "The Quay Gazette"
tagline = "News from the waterside"
description = "What happens between the lighthouse and the lock."
language = "en-GB"
timezone = "Europe/London"
url = "https://quay.example/"
article_url = "https://quay.example/news/{slug}"
copyright = "© The Quay Gazette"
contact = "desk@quay.example"
logo = "https://quay.example/logo.png"
links = {Mastodon = "https://social.example/@quay", "Our shop" = "https://shop.quay.example/"}
entries_per_feed = 40

[topics.harbour]
name = "Harbour"
description = "Boats, tides and the quay."
aliases = ["Port", "the quay"]
keywords = ["ferry", "high tide"]

[topics.fog]
name = "Fog"
retired = true

[topics.water]
name = "Water"
any = ["harbour", "river"]
all = ["weather"]
none = ["council"]
"""


def read(text: str) -> Site:
    """The site of a text that has nothing wrong with it."""
    site, warnings = read_site(text.encode())
    assert warnings == ()
    return site


def faults(text: str) -> list[tuple[int, str]]:
    """The line and reason of all that is wrong with a text."""
    with pytest.raises(SiteError) as caught:
        read_site(text.encode())
    assert all(fault.path == SITE_FILE and not fault.warning for fault in caught.value.faults)
    return [(fault.line, fault.reason) for fault in caught.value.faults]


# ---- what can be said


def test_every_key_is_read() -> None:
    assert read(FULL) == Site(
        title="The Quay Gazette",
        tagline="News from the waterside",
        description="What happens between the lighthouse and the lock.",
        language="en-GB",
        timezone="Europe/London",
        url="https://quay.example/",
        article_url="https://quay.example/news/{slug}",
        copyright="© The Quay Gazette",
        contact="desk@quay.example",
        logo="https://quay.example/logo.png",
        links=(("Mastodon", "https://social.example/@quay"), ("Our shop", "https://shop.quay.example/")),
        entries_per_feed=40,
        topics=(
            Topic(
                slug="harbour",
                name="Harbour",
                description="Boats, tides and the quay.",
                aliases=("port", "the-quay"),
                keywords=("ferry", "high tide"),
            ),
            Topic(slug="fog", name="Fog", retired=True),
            Topic(slug="water", name="Water", any=("harbour", "river"), all=("weather",), none=("council",)),
        ),
    )


def test_nothing_need_be_said() -> None:
    site = read("")
    assert site == Site()
    assert (site.title, site.language, site.entries_per_feed, str(site.zone)) == ("News", "en", 30, "UTC")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_it_reads_alike_from_every_editor(mark: str, end: str) -> None:
    assert read(mark + FULL.replace("\n", end)) == read(FULL)


@pytest.mark.parametrize(
    "text",
    [
        '[topics]\nharbour = {name = "Harbour", aliases = ["port"]}',
        'topics.harbour.name = "Harbour"\ntopics.harbour.aliases = ["port"]',
        '[topics."harbour"]\nname = "Harbour"\naliases = ["Port"]',
        '[topics]\n[topics.harbour] # boats\n  name="""\n   Harbour """\naliases = [\n"PORT",\n]',
    ],
)
def test_toml_says_it_in_many_ways(text: str) -> None:
    assert read(text).topics == (Topic(slug="harbour", name="Harbour", aliases=("port",)),)


def test_a_topic_without_a_name_is_called_by_its_slug() -> None:
    assert [topic.name for topic in read('[topics.town-hall]\n[topics."été"]\nname = " "').topics] == ["Town hall", "Été"]


def test_texts_are_one_line_and_safe() -> None:
    site = read('[site]\ntitle = """\n  The\n  Quay \\u0000\\uFFFF"""\nlinks = {"a\\u0001 b" = "https://quay.example"}')
    assert site.title == "The Quay"
    assert site.links == (("a b", "https://quay.example"),)


def test_an_empty_address_is_none() -> None:
    site = read('[site]\nurl = ""\narticle_url = ""\nlogo = ""')
    assert (site.url, site.article_url, site.logo) == (None, None, None)


@pytest.mark.parametrize("number", [1, MAX_ENTRIES])
def test_entries_per_feed_has_bounds(number: int) -> None:
    assert read(f"[site]\nentries_per_feed = {number}").entries_per_feed == number


def test_keywords_need_not_be_words() -> None:
    assert read('[topics.money]\nkeywords = ["£", " C++ "]').topics[0].keywords == ("£", "C++")


# ---- what is wrong, and where


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[site]\ntitle = "a\n', 2, "is not TOML: "),
        ("[site]\n\n= 1", 3, "is not TOML: "),
        ("[site]\ntitle = ", 2, "is not TOML: "),
        ('[site]\ntitle = "a"\ntitle = "b"', 3, "is not TOML: "),
        ("a = " + "1" * 5000, 1, "is not TOML: "),
        ("a = " + "[" * 5000, 1, "is not TOML: "),
        ('[site]\ntagline = "a"\ntitle = 3', 3, "title is a text in quotes"),
        ('[site]\n\n\n"title" = []', 4, "title is a text in quotes"),
        ('[site]\ntitle = " "', 2, "title is empty"),
        ('# no\n[site]\ntimezone = "Mars/Base"', 3, 'timezone "Mars/Base" is not a time zone such as "Europe/London"'),
        ('[site]\ntimezone = "../UTC"', 2, 'timezone "../UTC" is not'),
        ('[site]\ntimezone = "Europe"', 2, 'timezone "Europe" is not'),
        ('[site]\ntimezone = ""', 2, 'timezone "" is not'),
        ('[site]\nlanguage = "English!"', 2, 'language "English!" is not a language tag such as "en-GB"'),
        ('[site]\nurl = "quay.example"', 2, 'url "quay.example" is not an http(s) address'),
        ('[site]\nurl = "https://quäy.example/"', 2, 'url "https://quäy.example/" has characters that must be percent-encoded'),
        ('[site]\nhub = "https://hub.example/ö"', 2, 'hub "https://hub.example/ö" has characters that must be percent-encoded'),
        ('[site]\npartners = ["bing"]', 2, "partners is a list of msn, smartnews, flipboard"),
        ('[site]\ndigest_hour = 24', 2, "digest_hour is a number from 0 to 23"),
        ('[site]\nlogo = "javascript:alert(1)"', 2, 'logo "javascript:alert(1)" is not an http(s) address'),
        ('[site]\narticle_url = "/{slug}"', 2, 'article_url "/{slug}" is not an http(s) address'),
        ('[site]\narticle_url = "https://quay.example/a"', 2, "article_url does not contain {slug} or {path}"),
        ('[site]\narticle_url = "https://quay.example/{slug}/{hour}"', 2, "article_url contains {hour}; known are "),
        ('[site]\nmedia_root = "../static"', 2, 'media_root "../static" is neither a folder among the articles nor'),
        ('[site]\nmedia_root = "ftp://quay.example/"', 2, 'media_root "ftp://quay.example/" is neither'),
        ("[site]\nnew_topics = 0", 2, "new_topics is true or false"),
        ('[redirects]\n"feed" = "/feeds/all.rss"', 2, '"feed" is not a path such as "/feed/", without a query'),
        ('[redirects]\n"/feed?x" = "/feeds/all.rss"', 2, '"/feed?x" is not a path'),
        ('[redirects]\n"//evil.example" = "/feeds/all.rss"', 2, '"//evil.example" is not a path'),
        ('[redirects]\n"/" = "/feeds/all.rss"', 2, '"/" is not a path'),
        ('[redirects]\n"/a" = "javascript:x"', 2, '"/a" leads to "javascript:x", which is neither a path nor an http(s) address'),
        ('[redirects]\n"/a" = "//evil.example"', 2, '"/a" leads to "//evil.example", which is neither'),
        ('[redirects]\n"/a" = 3', 2, '"/a" leads to a int, which is neither'),
        ('[redirects]\n"/a" = "/b/"\n"/b" = "/c"', 2, '"/a" leads to "/b", which leads elsewhere itself; name where that leads'),
        ('[redirects]\n"/a" = "/a/"', 2, '"/a" leads to "/a", which leads elsewhere itself'),
        ('[redirects]\n"/a" = "/feed"', 2, '"/a" leads to "/feed", which leads elsewhere itself'),
        ('[redirects]\n"/a" = "/x"\n"/a/" = "/y"', 3, '"/a/" is there twice'),
        ("redirects = 3", 1, "[redirects] is a table"),
        ("[site]\nentries_per_feed = 0", 2, "entries_per_feed is a number from 1 to 500"),
        ("[site]\nentries_per_feed = 501", 2, "entries_per_feed is a number"),
        ("[site]\nentries_per_feed = true", 2, "entries_per_feed is a number"),
        ("[site]\nentries_per_feed = 3.0", 2, "entries_per_feed is a number"),
        ('[site]\nentries_per_feed = "30"', 2, "entries_per_feed is a number"),
        ('[site]\nlinks = ["https://quay.example"]', 2, 'links is a table such as {Facebook = "https://…"}'),
        ('[site]\nlinks = {Shop = "shop"}', 2, 'the link "Shop" is not an http(s) address'),
        ("[site]\nlinks = {Shop = 3}", 2, 'the link "Shop" is not'),
        ('[site]\n[site.links]\nShop = "data:x"', 2, 'the link "Shop" is not'),
        ('[site]\nlinks."" = "https://quay.example"', 2, 'the link "" is not'),
        ("site = 3", 1, "[site] is a table"),
        ("\n[[site]]", 2, "[site] is a table"),
        ("\ntopics = []", 2, "[topics] is a table"),
        ("[topics]\nharbour = 3", 2, "topics.harbour is a table"),
        ("[topics]\n\nharbour = {name = 3}", 3, "name is a text in quotes"),
        ("[site]\n[topics.harbour]\ndescription = 1.5", 3, "description is a text in quotes"),
        ('[topics.harbour]\nretired = "yes"', 2, "retired is true or false"),
        ('[topics.harbour]\naliases = "port"', 2, "aliases is a list of names"),
        ("[topics.harbour]\naliases = [3]", 2, "aliases is a list of names"),
        ('[topics.harbour]\naliases = ["!!!"]', 2, "aliases is a list of names"),
        ('[topics.harbour]\nkeywords = [" "]', 2, "keywords is a list of names"),
        ('[topics.harbour]\nany = {a = "b"}', 2, "any is a list of names"),
        ("[topics.harbour]\npodcast = true", 2, "podcast is a table such as"),
        ("[topics.harbour]\npodcast = {}", 2, "podcast has no category and no image, which directories ask for"),
        ("[topics.harbour.podcast]\ncategory = 'Newz'", 1, 'podcast category "Newz" is none of Apple\'s; did you mean "News"?'),
        ("[topics.harbour]\npodcast = {category = 'News > Politic'}", 2, 'podcast category "News" has no "Politic"; did you mean'),
        ("[topics.harbour]\npodcast = {image = 'https://x.example/a.gif'}", 2, "podcast image is the address of a square JPEG"),
        ("[topics.harbour]\npodcast = {explicit = 'no'}", 2, "podcast explicit is true or false"),
        ("[topics.harbour]\npodcast = {type = 'daily'}", 2, 'podcast type is "episodic", or "serial" where episodes have numbers'),
        ("[topics.harbour]\npodcast = {owner = 'Ada'}", 2, "podcast owner is a name and an e-mail address"),
        ("[topics.harbour]\npodcast = {locked = true}", 2, "podcast is locked for its owner, and has none"),
        ("[topics.harbour]\npodcast = {guid = 'x'}", 2, "podcast guid is a UUID"),
        ("[topics.harbour]\npodcast = {author = ''}", 2, "podcast author is a text in quotes"),
        ("[topics.harbour]\npodcast = {imag = 1}", 2, 'podcast has the unknown key "imag"; did you mean "image"?'),
        ("[site]\n[topics.all]", 2, 'the topic "all" is reserved'),
        ("[topics.digest]", 1, 'the topic "digest" is reserved'),
        ("[topics.story]", 1, 'the topic "story" is reserved'),
        ("[site]\n\n[topics.Harbour]", 3, '"Harbour" is not a topic\'s slug; "harbour" would be one'),
        ('[site]\n\n[ topics . "Town Hall" ]', 3, '"Town Hall" is not a topic\'s slug; "town-hall" would be one'),
        ('[topics."../x"]', 1, '"../x" is not a topic\'s slug; "x" would be one'),
        ('[topics."."]', 1, '"." is not a topic\'s slug; "politics" would be one'),
        ('[topics.""]', 1, '"" is not a topic\'s slug'),
        ('[topics.a]\n[topics.b]\naliases = ["a"]', 3, "alias \"a\", which is a's already"),
        ('[topics.a]\naliases = ["c"]\n[topics.b]\naliases = ["C"]', 4, "alias \"c\", which is a's already"),
        ('[topics.a]\naliases = ["c", "c"]', 2, "alias \"c\", which is a's already"),
        ('[topics.a]\naliases = ["a"]', 2, "alias \"a\", which is a's already"),
        ('[topics.a]\naliases = ["All"]', 2, 'alias "all", which is reserved'),
        ('[topics.a]\nany = ["a"]', 1, 'a topic can\'t be made of "a", which is made of others itself'),
        ('[topics.a]\naliases = ["b"]\nnone = ["b"]', 1, 'a topic can\'t be made of "b"'),
        ('[topics.a]\nall = ["c"]\n[topics.b]\nany = ["a"]', 3, 'a topic can\'t be made of "a"'),
    ],
)
def test_a_fault_names_its_line(text: str, line: int, reason: str) -> None:
    found = faults(text)
    assert len(found) == 1, found
    assert found[0][0] == line and found[0][1].startswith(reason), found


def test_every_fault_is_told_at_once_in_order() -> None:
    found = faults('[topics.B]\nretired = 1\n[site]\ntitle = 3\ntimezone = "no"\n[topics.c]\nname = 1')
    assert [line for line, _ in found] == [1, 2, 4, 5, 7]


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b'[site]\ntitle = "caf\xe9"', 19),
        ("[site]".encode("utf-16"), 0),
        (b"\xff\xfe", 0),
        (b'title = "\xed\xa0\x80"', 9),
    ],
)
def test_what_is_not_utf_8_is_told_by_its_offset(data: bytes, offset: int) -> None:
    with pytest.raises(SiteError, match=f"is not UTF-8: a wrong byte at offset {offset}$"):
        read_site(data)


def test_lines_are_counted_as_toml_counts_them() -> None:
    assert faults('[site]\ntagline = "a\u2028b\x85c"\ntitle = 3') == [(3, "title is a text in quotes")]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[site]\ntitel = "a"', 2, 'unknown key "titel"; did you mean "title"?'),
        ("[site]\n\nentries_per_feeds = 3", 3, 'unknown key "entries_per_feeds"; did you mean "entries_per_feed"?'),
        ("[site]\nxyz = 3", 2, 'unknown key "xyz"; known are title, '),
        ("[topics.a]\nxyz = 1", 2, 'unknown key "xyz"; known are name, description, aliases, '),
        ("[topics.a]\nslug = 1", 2, 'unknown key "slug"'),
        ('[topics.a]\nnmae = "A"', 2, 'unknown key "nmae"; did you mean "name"?'),
        ('[topics]\n[topics.b]\n[topics.a]\nname = "A"\nnone_ = []', 5, 'unknown key "none_"; did you mean "none"?'),
        ("\n[sites]\na = 1", 2, 'unknown key "sites"; did you mean "site"?'),
        ("\n[topic.a]\nb = 1", 2, 'unknown key "topic"; did you mean "topics"?'),
        ("[site]\n[colours]", 2, 'unknown key "colours"; known are site, topics'),
        ("title = 1", 1, 'unknown key "title"'),
    ],
)
def test_an_unknown_key_is_a_warning_that_names_the_nearest(text: str, line: int, reason: str) -> None:
    _, (warning,) = read_site(text.encode())
    assert warning.warning and warning.line == line
    assert warning.reason.startswith(reason), warning


def test_a_fault_is_a_sentence_with_its_place() -> None:
    _, (warning,) = read_site(b"[site]\ncolour = 1", "news/site.toml")
    assert str(warning).startswith('news/site.toml:2: warning: unknown key "colour"')
    with pytest.raises(SiteError, match=r"^news/site\.toml:1: \[site\] is a table$"):
        read_site(b"site = 1", "news/site.toml")


# ---- topics by slug and alias


@pytest.mark.parametrize(
    ("slugs", "resolved"),
    [
        ([], ()),
        (["harbour"], ("harbour",)),
        (["port", "the-quay", "harbour"], ("harbour",)),
        (["fog"], ()),
        (["mist"], ()),
        (["river", "port", "fog", "river"], ("river", "harbour")),
    ],
)
def test_slugs_are_resolved(slugs: list[str], resolved: tuple[str, ...]) -> None:
    site = read(FULL.replace("retired = true", 'retired = true\naliases = ["mist"]'))
    assert site.resolve(slugs) == resolved


def test_a_topic_is_found_by_slug_and_alias() -> None:
    site = read(FULL)
    assert site.topic("harbour") == site.topic("port") == site.topics[0]
    assert site.topic("river") is None
    assert [topic.composed for topic in site.topics] == [False, False, True]


def test_a_composed_topics_parts_may_be_named_by_an_alias() -> None:
    site = read('[topics.harbour]\naliases = ["port"]\n[topics.a]\nany = ["Port", "x"]\nall = ["port"]\nnone = ["y"]')
    assert (site.topics[1].any, site.topics[1].all, site.topics[1].none) == (("harbour", "x"), ("harbour",), ("y",))


# ---- whatever the file holds

headers = ["[site]", "[topics.a]", "[topics]", "[[topics]]"]
keys = ["title", "links", "aliases", "any", "timezone", "url"]
values = ['"a"', '"https://q.example"', '["b"]', "3", "true", "nan", "1979-05-27"]
marks = ["\n", " = ", "[", "]", "{", "}", ".", ",", '"', "'", "\\u0000", "\x00", "é", "\u2028", "#"]
parts = st.sampled_from([*headers, *keys, *values, *marks])


@given(st.binary(max_size=60) | st.lists(parts, max_size=12).map("".join).map(str.encode))
@example(b'[site]\ntimezone = "a\\u0000b"')
@example(b'[topics."\\u0000"]')
@example('"\u2028 '.encode())
@example(b'[site]\ntimezone = "' + b"a" * 5000 + b'"')
def test_any_bytes_are_a_site_or_a_site_error(data: bytes) -> None:
    try:
        site, warnings = read_site(data)
    except SiteError as error:
        found: tuple[Fault, ...] = error.faults
        assert found
    else:
        found = warnings
        assert site.title and site.zone
        texts = [site.title, site.tagline, *(text for link in site.links for text in link)]
        texts += [text for topic in site.topics for text in (topic.slug, topic.name, topic.description)]
        assert all(character_data(text) == text for text in texts)
        assert all(topic.slug and topic.name for topic in site.topics)
    assert all(0 <= fault.line <= len(data.splitlines()) or fault.line == 1 for fault in found)


@pytest.mark.parametrize("category", ['"News > Politics"', '["News", "Politics"]', '"news>politics"'])
def test_a_topic_may_be_a_podcast(category: str) -> None:
    owner = '{name = "Ada", email = "ada@quay.example"}'
    podcast = f'{{category = {category}, image = "https://x.example/a.png", owner = {owner}, locked = false, explicit = true}}'
    site, warnings = read_site(f"[topics.quay]\npodcast = {podcast}".encode())
    assert warnings == () and site.topics[0].podcast == Podcast(
        category=("News", "Politics"),
        image="https://x.example/a.png",
        owner=("Ada", "ada@quay.example"),
        locked=False,
        explicit=True,
    )


@pytest.mark.parametrize("written", ["ftp://hub.example/", "hub", "https:///x", "https://hub.example/>", "https://hüb.example/"])
def test_an_address_that_no_header_can_hold_is_refused(written: str) -> None:
    with pytest.raises(SiteError, match="hub"):
        read_site(f'[site]\nhub = "{written}"\n'.encode())
