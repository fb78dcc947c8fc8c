"""What of HTML may be published, and that no HTML costs more than it should."""

from __future__ import annotations

from contextlib import suppress
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.articles.parsers.markup import MAX_DEPTH, MarkupError, tags
from feedsvc.articles.parsers.sanitise import ALLOWED, sanitise, shows_something
from feedsvc.text import character_data

BASE = "https://feeds.example/articles/ferry"


def clean(html: str) -> str:
    return sanitise(html, BASE)[0]


@pytest.mark.parametrize(
    "html",
    [
        '<p>Text <em>a</em> <strong>b</strong> <a href="https://x.example/">c</a><br>d</p>',
        "<h2>a</h2><h3>b</h3><blockquote><p>c</p></blockquote><hr>",
        "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
        '<ol start="3"><li value="4">a</li></ol>',
        "<dl><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd></dl>",
        '<figure><img src="https://x.example/a.png" alt="A"><figcaption>b</figcaption></figure>',
        '<table><caption>a</caption><thead><tr><th scope="col">b</th></tr></thead><tbody></tbody></table>',
        '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
        '<p><time datetime="2026-05-21">today</time> <abbr title="a">b</abbr> <del>c</del><ins>d</ins></p>',
        "<pre><code>a\n  b &lt; c</code></pre>",
        '<p lang="cy" dir="ltr">a</p>',
        '<p>a<sup><a href="https://feeds.example/articles/ferry#fn-1" id="fnref-1">1</a></sup></p><ol><li id="fn-1">b</li></ol>',
        '<p><a href="mailto:desk@x.example">a</a> <a href="tel:+441234">b</a></p>',
    ],
)
def test_what_news_needs_passes_as_it_is(html: str) -> None:
    assert clean(html) == html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<script>alert(1)</script>b", "ab"),
        ("a<SCRIPT src=x></ScRiPt >b", "ab"),
        ("a<style>p{}</style><iframe>c</iframe><title>t</title>b", "ab"),
        ("a<svg><a xlink:href='javascript:x'>x</a></svg><math>y</math>b", "ab"),
        ("<p onclick=x style=y class=z id=top>a</p>", "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "a"),
        ('<a href=" java&#115;cript:alert(1)">a</a>', "a"),
        ('<a href="java\tscript:alert(1)">a</a>', "a"),
        ('<a href="&#1;javascript:alert(1)">a</a>', "a"),
        ('<a href="data:text/html,x">a</a><a href="vbscript:x">b</a><a href="file:///x">c</a>', "abc"),
        ('<img src="data:image/png;base64,x">a<img src="mailto:x"><img>', "a"),
        ("<h1>a</h1>", "<h2>a</h2>"),
        ("<section><span>a</span></section><article>b</article>", "<div>a</div><div>b</div>"),
        ("<strike>a</strike><tt>b</tt><font color=red>c</font><marquee>d</marquee>", "<s>a</s><code>b</code>cd"),
        ("a<!-- b -->c<!--d--!>e<!-->f<?php g ?>h<!doctype html>i<![CDATA[j]]>k", "acefhik"),
        ("a < b && c > d &copy; &lt;p&gt; &nosuch; &#0;", "a &lt; b &amp;&amp; c &gt; d © &lt;p&gt; &amp;nosuch; \ufffd"),
        ("]]>", "]]&gt;"),
        ("a\x00\x01b&#1;&#xFFFE;&#xD800;c", "ab\ufffdc"),
        (f"a&#{'1' * 5000};b", "a\ufffdb"),
        ("<form><input><button>a</button></form>", "<div>a</div>"),
        ("a<plaintext>b<noscript>c</noscript>", "abc"),
    ],
)
def test_all_else_is_dropped_and_its_text_kept(html: str, expected: str) -> None:
    assert clean(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<p>b<div>c", "<p>a</p><p>b</p><div>c</div>"),
        ("<b><i>a</b>b</i>", "<b><i>a</i></b>b"),
        ("</p></b>a</div>", "a"),
        ("<ul><li>a<li>b<ol><li>c</ol><li>d</ul>", "<ul><li>a</li><li>b<ol><li>c</li></ol></li><li>d</li></ul>"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<h2>a<h3>b", "<h2>a</h2><h3>b</h3>"),
        ('<a href="/x">a<a href="/y">b', '<a href="https://feeds.example/x">a</a><a href="https://feeds.example/y">b</a>'),
        ("<table><td>a<td>b<tr>c", "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>"),
        ("<table>a</table>", "<table><tbody><tr><td>a</td></tr></tbody></table>"),
        ("<td>a</td><tr><caption>b", "ab"),
        ("<div><table><tr><td>a</div>b</table>c", "<div><table><tbody><tr><td>ab</td></tr></tbody></table>c</div>"),
        ("<pre>\n\n\na</pre>", "<pre>a</pre>"),
        ("<pre>&#xFFFE;<math></math>&#13;<!-- b -->\na</pre>", "<pre>a</pre>"),
        ('<p title=\'a"b<c>\' lang="x">a', '<p lang="x">a</p>'),
        ("<p>a<img src=/b.png alt='x' onerror=", "<p>a</p>"),
    ],
)
def test_what_is_broken_is_repaired(html: str, expected: str) -> None:
    assert clean(html) == expected


@pytest.mark.parametrize(
    ("written", "absolute"),
    [
        ("/x", "https://feeds.example/x"),
        ("x.html", "https://feeds.example/articles/x.html"),
        ("../x", "https://feeds.example/x"),
        ("../../../x", "https://feeds.example/x"),
        ("?a=1&copy=2", "https://feeds.example/articles/ferry?a=1&amp;copy=2"),
        ("#top", "https://feeds.example/articles/ferry#top"),
        ("//host.example/x", "https://host.example/x"),
        ("HTTP://host.example/x", "http://host.example/x"),
        ("https://bücher.example/ä b", "https://xn--bcher-kva.example/%C3%A4%20b"),
        ("/a%20b", "https://feeds.example/a%20b"),
        (r"/\evil.example", "https://feeds.example/%5Cevil.example"),
    ],
)
def test_addresses_become_absolute(written: str, absolute: str) -> None:
    assert clean(f'<a href="{written}">a</a>') == f'<a href="{absolute}">a</a>'
    assert clean(f"<img src='{written}'>") == f'<img src="{absolute}">'


NOWHERE = ["http://", "http:x", "https://[", "https://a b/", "https://x:99999/", "", " ", "https:///x", "x" * 2001]


@pytest.mark.parametrize("written", NOWHERE, ids=lambda written: written[:20])
def test_what_is_no_address_is_dropped(written: str) -> None:
    assert clean(f'<a href="{written}">a</a><img src="{written}">') == "a"


@pytest.mark.parametrize(
    ("html", "at"), [("a<b>b</b>", None), ("ab<script>c", 2), ("ab<!-- c", 2), ("abc<p x", 3), ("<svg></svg>a", None)]
)
def test_what_is_not_closed_is_said(html: str, at: int | None) -> None:
    assert sanitise(html, BASE)[1] == at


@pytest.mark.parametrize(
    ("html", "shows"),
    [
        ("", False),
        ("<p> &nbsp;\u200b</p>", False),
        ("<p></p><hr>", False),
        ('<img src="https://x.example/">', True),
        ("<p>.</p>", True),
        ("&lt;", True),
        ("<", True),
        ("<title>a</title><!-- b -->", False),
    ],
)
def test_what_shows(html: str, shows: bool) -> None:
    assert shows_something(html) is shows


def test_the_depth_has_a_limit() -> None:
    assert clean("<div>" * MAX_DEPTH + "a").count("<div>") == MAX_DEPTH
    with pytest.raises(MarkupError, match="more than 100 deep") as caught:
        clean("a" + "<div>" * (MAX_DEPTH + 1) + "b")
    assert caught.value.offset == 1 + 5 * MAX_DEPTH


FORMATS = "".join(f"<b lang={number}>" for number in range(90))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<b>" * 100_000,
        "<p><b>" * 40_000,
        "".join(f"<p><b lang={number}>" for number in range(30_000)),
        f"<p>{FORMATS}</p>" + "<p>x" * 90_000,
        f"<table>{FORMATS}" + "<tr></tr>x" * 30_000,
        f"<b><table><td>{'</b></table><b><table><td>' * 20_000}",
        "<div>" * 99 + "<p>x" * 90_000,
        "<table>" * 100_000,
        "<li>" * 90_000,
        "<a href=x>" * 40_000,
        "<p>" * 2_000_000,
        "<a " * 600_000,
        '<a b="' * 300_000,
        '<a ="<a " ' * 200_000,
        "<!--" * 500_000,
        "</" * 500_000,
        "<" * 1_000_000,
        "<script>" * 200_000,
        "&" * 1_000_000,
        "a&amp; " * 200_000,
        "\xa0x" * 500_000,
        "&#1;" * 200_000,
        f"<p title='{'&amp;' * 300_000}'>x",
        f"<p {' '.join(f'a{number}=b' for number in range(100_000))}>x",
        f"<p a{' ' * 1_000_000}>x",
        f'<a href="https://{"é" * 500_000}/">x</a>',
    ],
    ids=lambda html: html[:12],
)
def test_nothing_costs_the_square_of_its_length(html: str) -> None:
    # Twice as much takes twice as long, not four times, on any machine.
    assert cost(2 * html) < 3 * cost(html) + 0.2


def cost(html: str) -> float:
    """The seconds of processor time that it takes to clean a text."""
    started = process_time()
    with suppress(MarkupError):
        assert len(clean(html)) <= 10 * len(html)
    return process_time() - started


OTHERS = ["h1", "span", "script", "style", "svg", "title", "section", "form", "option", "body", "template", "ruby", "nobr"]
NAMES = st.sampled_from([*sorted(ALLOWED.keys() - {"*"}), *OTHERS])
LINKS = [" href=/a?b&c", " href='javascript:x'", ' src="//h/x"']
ATTRIBUTES = st.sampled_from(["", *LINKS, " id=fn-1", " onclick=x", ' title="&quot;<&#13;"', " =\"'", "/", " lang=x"])
TEXTS = st.sampled_from(["x", "\n", " ", "&lt;", "&#13;", "&#10;", "&#1;", "&nbsp;", "&", "<", "<!--", "-->", "</", '"', "=", ">"])
SOUP = st.lists(
    st.one_of(
        st.builds("<{}{}>".format, NAMES, ATTRIBUTES),
        st.builds("<{}{}".format, NAMES, ATTRIBUTES),
        st.builds("</{}>".format, NAMES),
        TEXTS,
    ),
    max_size=25,
).map("".join)


@given(SOUP)
def test_any_markup_comes_out_clean(html: str) -> None:
    body = clean(html)
    assert clean(body) == body, "sanitising twice changes nothing"
    assert character_data(body) == body
    for tag in tags(body):
        assert tag.name in ALLOWED
        assert set(tag.attributes) <= ALLOWED[tag.name] | ALLOWED["*"]
        for key in ("href", "src", "cite"):
            assert tag.attributes.get(key, "https://").startswith(("https://", "http://", "mailto:", "tel:"))
    assert etree.fromstring(etree.tostring(_element(body))).text in (body, None)


def _element(text: str) -> etree._Element:
    element = etree.Element("body")
    element.text = text
    return element


TAGS = ("<p>", "</p>", "<h2>", "</h2>", "<h3>", "<h1>", "<p></p>", "<P>", "</p\n>", "<p>a</p>\n", "<h3>é</h3>")
SIGNS = ("\n", " ", "a", "“é”", "&", "&amp;", "<", ">", '"', "\xa0", "\t", "\r", "\x85", "\u2028", "\xad", "\ufeff", "\0", "\ufffe")


@given(st.lists(st.one_of(st.sampled_from(TAGS), st.sampled_from((*TAGS, *SIGNS))), max_size=8))
@example(["<p>", "a", "</p>", "\n", "<h2>", "“é”", "</h2>", "\n\n"])
def test_text_alone_is_published_as_it_would_be(parts: list[str]) -> None:
    html = "".join(parts)
    assert clean(html) == clean(f"<!---->{html}"), "a remark is taken out, but makes it go the long way"
