"""What is published of HTML as renderers of Markdown write it is what the sanitiser would publish."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.links import Links
from feedsvc.articles.parsers.markdown import read_markdown
from feedsvc.articles.parsers.markup import MarkupError
from feedsvc.articles.parsers.rendered import rewritten
from feedsvc.model.site import Site

sanitiser = importlib.import_module("feedsvc.articles.parsers.sanitise")  # its package has a function of that name
BASE = "https://feeds.example/articles/vote"

_texts = st.text("abé ”<>&\"'\n\t\xa0\u200b*_`[]()#|-!\\", max_size=8) | st.sampled_from(
    ["&amp;", "&quot;", "&lt;", "&copy;", "&#65;", "&nbsp"]
)
_addresses = st.sampled_from(
    [
        "https://a.example/?b=c&d",
        "javascript:alert(1)",
        "other.md",
        "#vote",
        " #x",
        "/a b",
        "data:x",
        "mailto:a@b",
        "//c",
        "",
        "http://[",
        "&#106;avascript:x",
    ]
)
NAMES = "p h1 h2 h5 ul ol li blockquote em strong code pre del table thead tbody tr th td div figure figcaption sup span b q"
_marks = st.sampled_from(NAMES.split())
_attributes = st.lists(
    st.sampled_from(
        [
            ' class="x"',
            ' id="vote"',
            " id='a b'",
            ' title="<b>"',
            " lang=en",
            ' align="left"',
            ' start="3"',
            ' dir="rtl"',
            ' style="x:y"',
            ' width="9"',
            ' datetime="2026"',
            " hidden",
            ' onclick="x()"',
            ' ID="VOTE"',
            " /",
            ' alt="a\nb"',
            ' title="&#8203;&copy;"',
            ' name="n"',
            ' value=""',
            ' rel="me"',
        ]
    ),
    max_size=3,
).map("".join)
_tags = st.one_of(
    st.tuples(
        _marks | st.sampled_from(["a href='https://x.example/'", "img src=/a", "EM", "section", "center", "tt", "time"]),
        _attributes,
    ).map(lambda two: f"<{two[0]}{two[1]}>"),
    _marks.map("<{}>".format),
    _marks.map("</{}>".format),
    st.sampled_from(
        [
            "<br />",
            "<br>",
            "<hr />",
            '<td align="right">',
            '<ol start="3">',
            '<code class="language-x">',
            "<!-- more -->",
            "<!-- a -- b -->",
            "</a>",
        ]
    ),
    st.sampled_from(
        [
            "<script>",
            "<p class='x'>",
            "<P>",
            "<iframe src='https://x.example/'>",
            "<svg>",
            "<",
            "<!--",
            '<a href="x',
            "<b/>",
            "</p",
            "<template>",
        ]
    ),
    _addresses.map('<a href="{}">'.format),
    st.tuples(_addresses, _texts).map(lambda two: f'<a href="{two[0]}" title="{two[1]}">'),
    st.tuples(_addresses, _texts).map(lambda two: f'<img src="{two[0]}" alt="{two[1]}" />'),
)
# Elements that are closed in order, as most are, with anything in them.
_elements = st.recursive(
    _texts | _tags,
    lambda inner: st.tuples(_marks, _attributes, st.lists(inner, max_size=4)).map(
        lambda three: f"<{three[0]}{three[1]}>{''.join(three[2])}</{three[0]}>"
    ),
    max_leaves=12,
)
_lines = st.sampled_from(
    [
        "# A",
        "- a",
        "  - b",
        "1. c",
        "> d",
        "```",
        "| a | b |",
        "| - | -: |",
        "",
        "a *b* **c** ~~d~~ `e`",
        "---",
        "<div>",
        "</div>",
        "<b>f</i>",
        "[^1]",
        "[^1]: g",
    ]
)
_markdown = st.lists(_lines | _texts | _addresses.map("[x]({} 'y')".format) | _addresses.map("![x]({})".format), max_size=12).map(
    "\n".join
)


def agree(html: str) -> bool:
    """Whether the HTML was taken for rendered; if so, the sanitiser gives the same, and notes the same."""
    links, others = Links(BASE), Links(BASE)
    fast = rewritten(html, sanitiser._READ, sanitiser._RENAMED, sanitiser._Rewriter(links, None).attributes)
    if fast is None:
        assert vars(links) == vars(Links(BASE)), "what is left to the sanitiser was noted before"
        return False
    try:
        slow = sanitiser._repaired(html, others)
    except MarkupError as error:
        raise AssertionError(f"the sanitiser refuses {html!r}: {error}") from error
    assert (fast, None) == slow
    assert vars(links) == vars(others)
    return True


@given(st.lists(_elements, max_size=6).map("".join))
@example("<p>a</p><p>b</li></p>")
@example("<table><tr><td>a</td></tr></table>")
@example("<pre>\n<code>a</code></pre>")
@example('<p><a href="https://a.example/">b <a href="https://c.example/">d</a></a></p>')
@example("<ul>a<li>b</li></ul>")
@settings(max_examples=400)
def test_any_tags_give_what_the_sanitiser_gives(html: str) -> None:
    agree(html)


@given(_markdown)
def test_any_markdown_gives_what_the_sanitiser_gives(text: str) -> None:
    agree(read_markdown(text, 1, {"title": "x"}, Site(), Faults("x.md")).html)


@pytest.mark.parametrize(
    "text",
    [
        "# One\n\nA *b* **c** `d` “e” & f < g\n\n- h\n- i\n\n  j\n\n1. k\n\n> l\n>\n> m\n\n```py\nn\n```\n\n---\n",
        '[a](https://b.example/?c=d&e "f “g”") ![h](https://i.example/j.jpg "k") <https://l.example/>',
        "| a | b |\n| --- | ---: |\n| *c* | d |\n",
        '<p class="a">b <span style="c">d</span> <a target="_blank" href="https://e.example/">f</a></p>\n\n<h2 id="g">h</h2>',
        "A\xa0b<br>c<sup>2</sup>\n\n<!-- more -->\n\n<figure>\n\n![d](https://e.example/f.png)\n\n</figure>",
    ],
)
def test_what_markdown_makes_needs_no_sanitiser(text: str) -> None:
    assert agree(read_markdown(text, 1, {"title": "x"}, Site(), Faults("x.md")).html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<p>b</p></p>",
        "<p>a",
        "a</p>",
        "<em><p>a</p></em>",
        "<p>a&copy;</p>",
        "<p>a > b</p>",
        "<p><div>a</div></p>",
        '<a href="#place">a</a>',
        "<table><tr><td>a</td></tr></table>",
        "<script>a</script>",
        "<p>a\u200bb</p>",
        "<em>" * 100 + "</em>" * 100,
    ],
)
def test_the_sanitiser_decides_about_all_else(html: str) -> None:
    assert not agree(html)
