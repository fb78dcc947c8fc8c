"""Bodies as other makers write them: what their pictures, links, embeds and plain texts become."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.parsers import Reading, read
from feedsvc.articles.parsers.image_sources import largest
from feedsvc.articles.parsers.links import _SOUND, Links
from feedsvc.articles.parsers.local_links import LocalLinks
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

URLS = Urls("https://feeds.example", Site(url="https://tideway.example/"))


def reading(body: str, path: str = "a.md", front: str = "", urls: Urls = URLS) -> Reading:
    return read(path, f"---\ntitle: Fares rise\n{front}---\n{body}\n".encode(), urls)


def html(body: str, path: str = "a.md") -> str:
    return reading(body, path).article.body


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            '<img src="data:image/gif;base64,R0" data-src="https://x.example/a.jpg" alt="A">',
            '<img src="https://x.example/a.jpg" alt="A">',
        ),
        ('<img src="/blank.gif" data-lazy-src="//x.example/a.jpg">', '<img src="https://x.example/a.jpg">'),
        ('<img data-original="/a.jpg">', '<img src="https://tideway.example/a.jpg">'),
        ('<img srcset="/s.jpg 300w, /l.jpg 1200w, /m.jpg 600w" alt="">', '<img src="https://tideway.example/l.jpg" alt="">'),
        (
            '<img src="data:," data-srcset="https://x.example/w_3,h_2/a.jpg 1x, https://x.example/b.jpg 2x">',
            '<img src="https://x.example/b.jpg">',
        ),
        (
            '<picture><source srcset="https://x.example/a.avif" type="image/avif"><img alt="A"></picture>',
            '<img src="https://x.example/a.avif" alt="A">',
        ),
        (
            '<picture><source srcset="https://x.example/a.avif"><img src="https://x.example/a.jpg"></picture>',
            '<img src="https://x.example/a.jpg">',
        ),
        (
            '<img data-src="https://x.example/a.jpg"><noscript><img src="https://x.example/a.jpg"></noscript>',
            '<img src="https://x.example/a.jpg">',
        ),
    ],
)
def test_a_picture_is_found_where_a_script_would_put_it(written: str, shown: str) -> None:
    assert html(f"<p>See {written}</p>", "a.html") == f"<p>See {shown}</p>"


@pytest.mark.parametrize(
    ("written", "best"),
    [
        ("", None),
        (" , ", None),
        ("a.jpg", "a.jpg"),
        ("a.jpg, b.jpg 2x", "b.jpg"),
        ("a 1.5x,b .5x", "a"),
        ("a 1..5x, b 2x", "b"),
        ("data:,x 9w, b 1w", "b"),
    ],
)
def test_the_largest_of_a_set(written: str, best: str | None) -> None:
    assert largest(written) == best


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("[x](/fares/)", "https://tideway.example/fares/"),
        ("[x](https://bürgeramt.example/termin)", "https://xn--brgeramt-65a.example/termin"),
        ("[x](https://straße.example/ä)", "https://xn--strae-oqa.example/%C3%A4"),
        ("[x](http://例え.テスト:8080/)", "http://xn--r8jz45g.xn--zckzah:8080/"),
        ("<https://кремль.рф/a>", "https://xn--e1ajeds9e.xn--p1ai/a"),
        ("[x](www.port.example)", "https://www.port.example"),
        ("[x](www.port.example/a?b=1)", "https://www.port.example/a?b=1"),
        ('<a href="WWW.port.example">x</a>', "https://WWW.port.example"),
    ],
)
def test_a_link_leads_where_it_was_meant(written: str, url: str) -> None:
    assert f'<a href="{url}">' in html(written)


@pytest.mark.parametrize(
    ("written", "line", "reason"),
    [
        ("One.\n\n[x](ftp://port.example/a)", 6, 'the link "ftp://port.example/a" is not an address that can be followed, so'),
        ("[x](https://%ff.example/)", 4, 'the link "https://%ff.example/" is not'),
        ("[x](#nowhere)", 4, 'the link "#nowhere" leads to no heading or other place in the text, so its words stand alone'),
        ("One.\n![x](data:image/png;base64,AAAA)", 5, 'the picture "data:image/png;base64,AAAA" is left out'),
        ("One.\n\n<svg><path/></svg>", 6, "what <svg> shows is left out"),
    ],
)
def test_what_is_lost_is_said(written: str, line: int, reason: str) -> None:
    [warning] = reading(written).warnings
    assert (warning.line, warning.reason[: len(reason)]) == (line, reason)


@pytest.mark.parametrize(
    ("written", "link"),
    [
        (
            '<iframe src="https://www.youtube.com/embed/abc123?rel=0" title="The debate"></iframe>',
            ("https://www.youtube.com/watch?v=abc123", "The debate"),
        ),
        (
            '<iframe src="//www.youtube-nocookie.com/embed/a-b_c"></iframe>',
            ("https://www.youtube.com/watch?v=a-b_c", "www.youtube.com"),
        ),
        ('<iframe data-src="https://player.vimeo.com/video/12?h=3"></iframe>', ("https://vimeo.com/12", "vimeo.com")),
        ('<iframe src="/map.html" title="Map &amp; key"></iframe>', ("https://tideway.example/map.html", "Map &amp; key")),
        (
            '<video controls><source src="https://x.example/a.mp4" type="video/mp4">No.</video>',
            ("https://x.example/a.mp4", "a.mp4"),
        ),
        (
            '<iframe src="https://social.example/@port/123/embed" class="mastodon-embed"></iframe>',
            ("https://social.example/@port/123", "A post by @port on social.example"),
        ),
        (
            '<blockquote class="twitter-tweet"><a href="https://twitter.com/port/status/12?s=1"></a></blockquote>',
            ("https://twitter.com/port/status/12?s=1", "A post by @port on X"),
        ),
        (
            '<blockquote class="mastodon-embed" data-embed-url="https://social.example/@port/9/embed"><a href="https://social.example/@port/9">'
            "<svg></svg><div>Post by @port@social.example</div><div>View on Mastodon</div></a></blockquote>",
            ("https://social.example/@port/9", "Post by @port@social.example"),
        ),
        ('{{< x user="port" id="12" >}}', ("https://x.com/port/status/12", "A post by @port on X")),
        ('<audio src="https://x.example/a.mp3" aria-label="Hear"></audio>', ("https://x.example/a.mp3", "Hear")),
        ('<object data="https://x.example/a.pdf"></object>', ("https://x.example/a.pdf", "x.example")),
        ('<embed src="https://x.example/a.swf">', ("https://x.example/a.swf", "x.example")),
    ],
)
def test_an_embed_becomes_a_link(written: str, link: tuple[str, str]) -> None:
    assert html(f"Watch it.\n\n{written}") == f'<p>Watch it.</p>\n<p><a href="{link[0]}">{link[1]}</a></p>'


def test_a_film_is_under_its_poster() -> None:
    written = '<video poster="https://x.example/p.jpg?a=1&b=2" title="The vote"><source src="https://x.example/v.webm"></video>'
    poster = '<img src="https://x.example/p.jpg?a=1&amp;b=2" alt="">'
    assert html(written) == f'<p><a href="https://x.example/v.webm">{poster}<br>The vote</a></p>'


def test_a_message_with_words_stays_a_quote() -> None:
    link = '<a href="https://twitter.com/port/status/12">21 May</a>'
    written = f'<blockquote class="twitter-tweet"><p>The bridge is open.</p>Port {link}</blockquote>\n<script src="x"></script>'
    assert html(written) == f"<blockquote><p>The bridge is open.</p>Port {link}</blockquote>"
    assert [fault.reason for fault in reading(written).warnings] == [
        "the message of twitter.com stays a quote with a link, since no feed can hold more of it"
    ]


@pytest.mark.parametrize(
    ("written", "line", "reason"),
    [
        ('One.\n\n<iframe src="https://www.youtube.com/embed/abc"></iframe>', 6, "what <iframe> shows of www.youtube.com"),
        ('<video src="clip.mp4" title="Words"></video>', 4, 'what <video> shows at "clip.mp4" is a link'),
        ('One.\n\n{{< tweet 123 >}}', 6, "what <iframe> shows of x.com is a link now"),
    ],
)
def test_an_embed_that_became_a_link_is_a_warning(written: str, line: int, reason: str) -> None:
    [warning] = reading(written).warnings
    assert warning.reason.startswith(reason) and (warning.line == line or "tweet" in written)


def test_a_body_of_nothing_but_a_film_is_a_body() -> None:
    assert html('<iframe src="https://vimeo.com/1"></iframe>') == '<p><a href="https://vimeo.com/1">vimeo.com</a></p>'
    assert "The vote" in html('<video src="vote.mp4" title="The vote"></video>')


@pytest.mark.parametrize(
    "written",
    [
        '<iframe src="https://count.example/" width="1" height="1"></iframe>',
        '<iframe src="javascript:x"></iframe>',
    ],
)
def test_an_embed_that_shows_nothing_is_left_out(written: str) -> None:
    assert html(f"Watch it.\n\n{written}") == "<p>Watch it.</p>"


@pytest.mark.parametrize(
    ("written", "heading"),
    [
        ("[v](#the-vote)\n\n## The vote\n", '<h2 id="the-vote">The vote</h2>'),
        ("[v](#the-vote-2026)\n\n### The *vote*: 2026!\n", '<h3 id="the-vote-2026">The <em>vote</em>: 2026!</h3>'),
        ("[v](#vote-1)\n\n## Vote\n", '<h2 id="vote-1">Vote</h2>'),
        ("[v](#%D0%B3%D0%BE%D0%BB%D0%BE%D1%81)\n\n## Голос\n", '<h2 id="голос">Голос</h2>'),
        ('<h3 id="results">Results</h3>', '<h3 id="results">Results</h3>'),
        ('<a href="#map">m</a><p id="map">x</p>', '<p id="map">x</p>'),
        ('<a href="#end">m</a><p><a name="end">x</a></p>', '<a id="end">x</a>'),
    ],
)
def test_an_anchor_is_where_links_look_for_it(written: str, heading: str) -> None:
    assert heading in html(written)


def test_an_anchor_is_not_one_of_the_page_around_it() -> None:
    body = html("[v](#points)\n\n## Points\n")
    assert ('href="https://feeds.example/articles/a#points-1"' in body, '<h2 id="points-1">' in body) == (True, True)


def test_an_anchor_is_there_once() -> None:
    assert html('<h2 id="a">One</h2><h2 id="a">Two</h2>') == '<h2 id="a">One</h2><h2>Two</h2>'


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (
            '<a href="https://shop.example/" rel="sponsored nofollow">Buy</a>',
            '<a href="https://shop.example/" rel="sponsored nofollow">Buy</a>',
        ),
        ('<a href="https://shop.example/" rel="noopener UGC">Buy</a>', '<a href="https://shop.example/" rel="ugc">Buy</a>'),
        ('<p>A <span lang="fr">b <span class="c">d</span> e</span></p>', '<p>A <span lang="fr">b d e</span></p>'),
        ('<p>A <bdo dir="rtl">b</bdo><bdo>c</bdo></p>', '<p>A <bdo dir="rtl">b</bdo>c</p>'),
        ('<section lang="ar" dir="rtl"><p>a</p></section>', '<div lang="ar" dir="rtl"><p>a</p></div>'),
        ('<article lang="cy" dir="ltr" class="x"><p>a</p></article>', '<div lang="cy" dir="ltr"><p>a</p></div>'),
    ],
)
def test_what_a_part_is_survives(written: str, kept: str) -> None:
    assert html(written, "a.html") == kept


def test_a_root_relative_lead_picture_is_the_portals() -> None:
    image = reading("Text.", front="image: /a.jpg\n").article.image
    assert image is not None and image.src == "https://tideway.example/a.jpg"


def test_without_a_portal_a_root_relative_address_is_this_services() -> None:
    article = reading("[x](/y)", urls=replace(URLS, site=Site())).article
    assert article.body == '<p><a href="https://feeds.example/y">x</a></p>'


@pytest.mark.parametrize("written", ["[x](javascript:x)", "<p><a href=' JavaScript:x'>x</a></p>", '<p><a href="">x</a></p>'])
def test_what_was_no_address_is_not_missed(written: str) -> None:
    assert (html(written), reading(written).warnings) == ("<p>x</p>", ())


@given(st.from_regex(_SOUND, fullmatch=True))
def test_a_sound_address_is_no_file_s_and_stays_as_it_is(url: str) -> None:
    links = LocalLinks("a.md", "https://feeds.example/articles/a", URLS)
    assert links.href(url) == Links.href(links, url) == url
    assert not links.found and not links.lost
