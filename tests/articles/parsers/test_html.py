"""Articles in HTML: where the title, the standfirst and the body are found."""

from __future__ import annotations

import pytest

from feedsvc.articles.parsers import read
from feedsvc.errors import ArticleError
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls

ADDRESSES = Urls("https://feeds.example", Site())


def article(html: str) -> Article:
    return read("a.html", html.encode(), ADDRESSES).article


PAGE = """<!doctype html>
<html><head><meta charset="latin1"><title>Page &amp; title</title>
<META content="Late boats &quot;from June&quot;." NAME=Description></head>
<body><header><h1>The portal</h1></header><main><nav>Menu</nav>
<article class=story><h1 class=x>Boats
 run <em>later</em></h1><p>On Fridays.</p><article>Nested</article></article>
<p>More stories</p></main></body></html>"""


def test_a_whole_page() -> None:
    page = article(PAGE)
    assert page.title == "Boats run later"
    assert page.standfirst == 'Late boats "from June".'
    assert page.body == "<p>On Fridays.</p><div>Nested</div>"


@pytest.mark.parametrize(
    ("html", "title", "body"),
    [
        ("<h1>A</h1><p>b", "A", "<p>b</p>"),
        ("<title>A</title><p>b", "A", "<p>b</p>"),
        ("<title>A</title><h1><img src=x></h1><h1>B</h1><p>c", "B", '<h2><img src="https://feeds.example/articles/x"></h2><p>c</p>'),
        ("<h1>A</h1><main>b</main>c", "A", "b"),
        ("<h1>A</h1><body class=x>b</body>c", "A", "b"),
        ("<main>x<article>b", "T", "b"),
        ("<!-- <article> --><h1>A &lt;b&gt;</h1>c", "A <b>", "c"),
        ("<h1>A<br>B</h1>c", "A B", "c"),
        ("<template><article>x</article></template><h1>A</h1>b", "A", "b"),
        ("<h1>A</h1>b<h1>C</h1>d", "A", "b<h2>C</h2>d"),
    ],
)
def test_the_parts_of_other_pages(html: str, title: str, body: str) -> None:
    page = article(html if title != "T" else f"<title>T</title>{html}")
    assert (page.title, page.body) == (title, body)


def test_front_matter_wins_and_another_heading_stays() -> None:
    page = article("---\ntitle: Mine\nsummary: Too\n---\n<meta name=description content=x><h1>Theirs</h1><p>b")
    assert (page.title, page.standfirst, page.body) == ("Mine", "Too", "<h2>Theirs</h2><p>b</p>")
    assert article("---\ntitle: Same\n---\n<h1>Same</h1><p>b").body == "<p>b</p>"


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>a", "a.html:1: has no title"),
        ("<h1>A</h1>\n<article></article><p>b", "a.html:2: has no body"),
        ("<h1>A</h1>", "a.html:1: has no body"),
        (f"\n<h1>{'x' * 1001}</h1>b", "a.html:2: title has 1,001 characters"),
        ("<h1>A</h1>\n\n" + "\n".join(["<div>"] * 101) + "b", "a.html:103: elements are nested more than 100 deep"),
        ("---\ntitle: x\n---\n" + "<p>" * 60_000, "a.html:4: there are more than 100,000 tags"),
        ("---\ntitle: x\n---\n" + "<br>\n" * 100_001, "a.html:100004: there are more than 100,000 tags"),
    ],
)
def test_faults_name_the_file_s_line(html: str, fault: str) -> None:
    with pytest.raises(ArticleError) as caught:
        article(html)
    assert str(caught.value).startswith(fault)


def test_what_is_not_closed_is_a_warning_with_its_line() -> None:
    warnings = read("a.html", b"<h1>A</h1>\n<p>b</p>\n<script>c", ADDRESSES).warnings
    assert [str(warning) for warning in warnings] == [
        "a.html:3: warning: a comment, tag or script is not closed here, so what follows is not shown"
    ]
