"""Bytes → `Article`: decoding, Markdown, and that any bytes give a `Reading` or an `ArticleError`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, is_dataclass
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.parsers import SUFFIXES, Reading, read
from feedsvc.errors import ArticleError
from feedsvc.model.article import Article
from feedsvc.model.site import Site
from feedsvc.model.urls import Urls
from feedsvc.text import character_data

ADDRESSES = Urls("https://feeds.example", Site(timezone="Europe/London"))


def article(text: str) -> Article:
    return read("a.md", text.encode(), ADDRESSES).article


def body(markdown: str) -> str:
    return article(f"---\ntitle: x\n---\n{markdown}").body


def fault(data: bytes, path: str = "a.md") -> str:
    with pytest.raises(ArticleError) as caught:
        read(path, data, ADDRESSES)
    return str(caught.value)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# A\n\n## B\n", "<h2>A</h2>\n<h2>B</h2>"),
        ('"Late," it said -- at last...', "<p>“Late,” it said – at last…</p>"),
        ("~~a~~ **b** `c`", "<p><del>a</del> <strong>b</strong> <code>c</code></p>"),
        ("see www.x.example", '<p>see <a href="http://www.x.example">www.x.example</a></p>'),
        ("[a](/b 'c') ![d](e.png)", '<p><a href="https://feeds.example/b" title="c">a</a> '
            '<img src="https://feeds.example/media/e.png" alt="d"></p>'),
        ("[a](javascript:alert(1)) <script>b</script><b onclick=c>d</b>", "<p>a <b>d</b></p>"),
        ("<div>\n\n*a*", "<div>\n<p><em>a</em></p>\n</div>"),
        ("|a|b|\n|-|:-:|\n|c|d|", '<table>\n<thead>\n<tr>\n<th>a</th>\n<th align="center">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n'
            '<td>c</td>\n<td align="center">d</td>\n</tr>\n</tbody>\n</table>'),
        ("A & B < C ]]> &copy;", "<p>A &amp; B &lt; C ]]&gt; ©</p>"),
    ],
)  # fmt: skip
def test_markdown(markdown: str, html: str) -> None:
    assert body(markdown) == html


def test_footnotes_lead_there_and_back() -> None:
    html = body("a[^n]\n\n[^n]: b")
    assert '<a href="https://feeds.example/articles/a#fn-n" id="fnref-n">1</a>' in html
    assert '<li id="fn-n">' in html
    assert 'href="https://feeds.example/articles/a#fnref-n"' in html


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark(end: str, mark: str) -> None:
    assert article(mark + end.join(["---", "title: x", "---", "a", "", "b", ""])).body == "<p>a</p>\n<p>b</p>"
    assert fault((mark + end.join(["---", "title: x", "date: y", "---", "a"])).encode()).startswith("a.md:3: ")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "a.md:1: is empty"),
        (b" \n\t\xc2\xa0\xe2\x80\x8b\n", "a.md:1: is empty"),
        (b"\xef\xbb\xbf", "a.md:1: is empty"),
        (b"a\r\nb\rcaf\xe9", "a.md:3: is not UTF-8: a wrong byte at offset 8"),
        (b"\xef\xbb\xbfab\xff", "a.md:1: is not UTF-8: a wrong byte at offset 5"),
        ("---\ntitle: x".encode("utf-16"), "a.md:1: is not UTF-8 (it looks like UTF-16): a wrong byte at offset 0"),
        ("ab\ncd".encode("utf-16-le"), "a.md:1: contains U+0000, at byte offset 1"),
        (b"a\xed\xa0\x80", "a.md:1: is not UTF-8: a wrong byte at offset 1"),
        (b"PK\x03\x04" + bytes(30), "a.md:1: is a Word file or another zipped one, not a text; save its text as Markdown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.md:1: is an old Word file, not a text"),
        (b"{\\rtf1 a}", "a.md:1: is a file in Rich Text Format"),
        (b"%PDF-1.7", "a.md:1: is a PDF"),
        ("“Fares”".encode("cp1252"), "a.md:1: is not UTF-8: a wrong byte at offset 0; it looks like Windows-1252: save"),
        ("caf\xe9".encode("latin-1"), "a.md:1: is not UTF-8: a wrong byte at offset 3; it looks like Latin-1"),
        ("title: x".encode("utf-16-be"), "a.md:1: contains U+0000, at byte offset 0; it looks like UTF-16: save it as UTF-8"),
        (b"---\ntitle: x\n---\na\n\xc3\xa9\0", "a.md:5: contains U+0000, at byte offset 21"),
        (b"x" * 2_000_001, "a.md: has 2,000,001 bytes; at most 2,000,000 are allowed"),
        (b"## A\n\nb", "a.md:1: has no title; give it one with title: in the front matter"),
        (b"---\ntitle: x\n---\n", "a.md:4: has no body"),
        (b"---\ntitle: x\n---\n<!-- a -->\n\n***\n", "a.md:4: has no body"),
        (b"---\ntitle: x\n---\n<script>a</script>", "a.md:4: has no body"),
        (b"---\ntitle: x\n---\n" + b">" * 50_000 + b"a", "a.md:4: elements are nested more than 100 deep"),
        (b"---\ntitle: x\n---\n" + b">" * 600_000 + b"a", "a.md:4: the text makes"),
        (b"---\ntitle: [x]\n---\n", "a.md:2: title is a text, not a list\na.md:4: has no body"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_can_t_be_read_is_refused(data: bytes, expected: str) -> None:
    assert fault(data).startswith(expected)


@pytest.mark.parametrize("path", ["a.pdf", "a", "md", "x/a.rst"])
def test_other_kinds_of_files_are_refused(path: str) -> None:
    assert fault(b"x", path) == f"{path}: is not one of .md, .markdown, .mdown, .mdx, .html, .htm, .txt"


def test_an_ending_may_be_in_capitals() -> None:
    assert read("A.MD", b"---\ntitle: x\n---\ny", ADDRESSES).article.slug == "a"


def test_characters_that_xml_forbids_are_removed_with_a_warning() -> None:
    reading = read("a.md", "---\ntitle: a\x01b\n---\nc\x0bd\ufffe".encode(), ADDRESSES)
    assert (reading.article.title, reading.article.body) == ("ab", "<p>cd</p>")
    assert [str(warning) for warning in reading.warnings] == ["a.md:2: warning: 3 characters that no feed may hold were removed"]


def test_a_picture_is_a_body() -> None:
    assert body("![](a.png)") == '<p><img src="https://feeds.example/media/a.png" alt=""></p>'


@pytest.mark.parametrize(
    "line", ["word " * 20 + "\n", "Some *text* with a [link](/x).\n\n", "<p>One paragraph with <b>words</b> in it.</p>\n" * 3]
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_long_article_is_read_in_time(line: str, suffix: str) -> None:
    started = process_time()
    data = b"---\ntitle: x\n---\n" + (line * (400_000 // len(line))).encode()
    assert read(f"a{suffix}", data, ADDRESSES).article.title == "x"
    assert process_time() - started < 2


@pytest.mark.parametrize(
    "part", ["[", "*a ", "*a **b ", "*a_b", "[a](", "- ", "![", "[^1]", "www.", "~~a ", "[a](<b", "<a ", "|a", "`a``"]
)
def test_no_markdown_costs_the_square_of_its_length(part: str) -> None:
    started = process_time()
    with suppress(ArticleError):
        read("a.md", b"---\ntitle: x\n---\n" + (part * 100_000)[:400_000].encode(), ADDRESSES)
    assert process_time() - started < 2


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for inner in value for text in texts(inner)]
    return [text for field in fields(value) for text in texts(getattr(value, field.name))] if is_dataclass(value) else []


FRONT = ["---", "title: x", "title: [", "slug: a", "slug: /", "topics: [a, b/c]", "date: 2026-05-21", "date: 2026-02-30"]
KEYS = ["image: ../x.png", "breaking: true", "key_points:", "  - a", 'id: "\\x01\\uFFFF"', "retracted: *x"]
DEEPER = ["corrections: [{date: 2026-05-21, text: a}]", "image: {src: /a.png, alt: [b]}"]
MARKS = ["<h1>a</h1>", "<article>", "<script>", "&#1;&#xD800;", "", "a", "> b", "| a | b |", "|--|--|", "[a]: /b", "\x02"]
LINES = st.sampled_from([*FRONT, *KEYS, *DEEPER, *MARKS, "  • a", "why this matters:", "BREAKING"])
ANYTHING = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.lists(LINES, max_size=20).map(lambda lines: "\n".join(["---", *lines]).encode()),
    st.lists(LINES, max_size=20).map(lambda lines: "\n".join(["---", "title: x", "---", *lines]).encode()),
)


@given(ANYTHING, st.sampled_from(sorted(SUFFIXES)), st.sampled_from(["a", "x/2026-05-21-b", "all/c", "!/!", "\udcff/\udcff"]))
def test_any_bytes_give_a_reading_or_an_article_error(data: bytes, suffix: str, stem: str) -> None:
    try:
        reading = read(stem + suffix, data, ADDRESSES)
    except ArticleError as error:
        assert error.faults
        assert all(fault.path == stem + suffix and fault.reason and not fault.warning for fault in error.faults)
    else:
        assert isinstance(reading, Reading)
        assert reading.article.title and reading.article.body and reading.article.slug
        assert all(character_data(text) == text for text in texts(reading.article))
        assert read(stem + suffix, data, ADDRESSES) == reading
