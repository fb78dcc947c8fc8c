"""Imports run in a process without rights: what is hostile ends with an error in time, and all else is read as in any process."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.articles.parser_pool import ParsedArticle
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.articles.parsers import read as read_article
from feedsvc.errors import ArticleError
from feedsvc.importing import import_parser
from feedsvc.importing.detect import ImportOptions, read_import
from feedsvc.importing.import_parser import ImportParser
from feedsvc.model.site import Site
from importing import test_ghost, test_wordpress
from support.live import PUBLIC_URL, ROOM, SLOW, feedsvc
from support.newsroom import ADDRESSES

SITE = Site(title="The Quay Gazette", timezone="Europe/London", language="en-GB")
NOTHING = ImportOptions()
DATA = Path(__file__).parents[1] / "data"
ITEM = "<item><title>A</title><guid>1</guid><pubDate>Thu, 21 May 2026 09:00:00 GMT</pubDate><description>{}</description>{}</item>"


def rss(*items: str, head: str = "<rss version='2.0'>") -> bytes:
    return f"{head}<channel><title>T</title>{''.join(items)}</channel></rss>".encode()


MANY = 35_000
ATTRIBUTES = " ".join(f"a{number}='1'" for number in range(MANY))
HOSTILE = {
    "attributes": rss(ITEM.format("A", f"<x {ATTRIBUTES}/>")),
    "categories": rss(ITEM.format("A", "".join(f"<category>{number}</category>" for number in range(MANY)))),
}
CHARSETS = ("utf-8", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252", "windows-1251", "koi8-r", "iso-8859-7")
MORE = ("shift_jis", "euc-jp", "gb2312", "gbk", "big5", "euc-kr", "windows-1256")


EXPORTS = {
    "WordPress": test_wordpress.export(
        test_wordpress.item("[caption id='9']<img src='a.jpg'> A[/caption]", test_wordpress.TERMS, gmt="0000-00-00 00:00:00"),
        test_wordpress.PICTURE,
    ),
    "Ghost": test_ghost.export(test_ghost.POST),
}


@pytest.fixture(scope="module")
def parser() -> Iterator[ImportParser]:
    made = ImportParser(SITE)
    yield made
    made.close()


def test_a_feed_that_is_made_to_take_minutes_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "bad.xml").write_bytes(HOSTILE["attributes"])
    (tmp_path / "good.xml").write_bytes(rss(ITEM.format("Words", "")))
    ended = feedsvc("import", "bad.xml", "good.xml", folder=tmp_path)
    assert ended.returncode == 1 and ended.stdout == "articles/2026-05-21-a.md\n"
    assert re.fullmatch(r"bad\.xml: takes longer than \d+ seconds to read\n", ended.stderr)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_larger_file_has_more_time(parser: ImportParser, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_parser, "SECONDS_BYTES", len(HOSTILE[kind]) // 3 + 1)
    monkeypatch.setattr(import_parser, "SECONDS", 0.1)
    with pytest.raises(ArticleError, match=r"^bad\.xml: takes longer than 0\.3 seconds to read$"):
        parser.read("bad.xml", HOSTILE[kind], NOTHING)


@pytest.mark.parametrize("charset", [*CHARSETS, *MORE])
def test_every_charset_is_read_as_elsewhere(parser: ImportParser, charset: str) -> None:
    text = {"windows-1251": "лодка", "koi8-r": "лодка", "iso-8859-7": "βάρκα", "windows-1256": "قارب", "euc-kr": "배", "big5": "船"}
    word = text.get(charset, "船" if charset in MORE else "Été")
    head = f"<?xml version='1.0' encoding='{charset}'?><rss version='2.0'>"
    data = rss(ITEM.format(word, ""), head=head).decode().encode(charset)

    def outcome(read: object) -> object:
        try:
            return read("a.xml", data)  # type: ignore[operator]
        except ArticleError as error:
            return error.faults

    here = outcome(lambda name, data: read_import(name, data, SITE, NOTHING))
    assert outcome(lambda name, data: parser.read(name, data, NOTHING)) == here
    if charset in CHARSETS:
        assert word in str(here)


@pytest.mark.parametrize("name", ["a\udcff.xml", "x" * 200 + ".xml", "été.xml", "-", "a.MD\n"])
def test_faults_name_the_file_whatever_its_name(parser: ImportParser, name: str) -> None:
    with pytest.raises(ArticleError) as caught:
        parser.read(name, b"<rss><", NOTHING)
    assert [fault.path for fault in caught.value.faults] == [name]


@pytest.mark.parametrize("kind", EXPORTS)
def test_an_export_is_the_first_file_of_a_process(kind: str) -> None:
    parser = ImportParser(SITE)
    try:
        batch = parser.read("export", EXPORTS[kind], NOTHING)
    finally:
        parser.close()
    assert batch == read_import("export", EXPORTS[kind], SITE, NOTHING)
    assert [article.title for _, article in batch.articles] == ["The lock keeper’s bell"]


def test_what_the_process_says_is_checked(parser: ImportParser, monkeypatch: pytest.MonkeyPatch) -> None:
    from msgspec.msgpack import Decoder

    monkeypatch.setattr(import_parser, "_read", Decoder(int).decode)
    with pytest.raises(ArticleError, match=r"^a\.xml: crashes the parser$"):
        parser.read("a.xml", rss(), NOTHING)


def test_articles_are_parsed_there_as_elsewhere() -> None:
    files = [(str(path.relative_to(DATA)), path.read_bytes()) for path in DATA.rglob("*") if path.suffix in SUFFIXES]
    assert len(files) > 10
    for path, outcome in ROOM.read_all(iter(files), ADDRESSES):
        data = dict(files)[path]
        if isinstance(outcome, ParsedArticle):
            assert outcome.article == read_article(path, data, ADDRESSES).article
        else:
            with pytest.raises(ArticleError) as caught:
                read_article(path, data, ADDRESSES)
            assert outcome.faults == caught.value.faults


def test_all_that_is_needed_is_imported_before_the_first_file() -> None:
    code = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parents[1])!r})
        from feedsvc.articles import parser_pool
        from feedsvc.importing import import_parser
        from feedsvc.model.site import Site
        from feedsvc.model.urls import Urls
        import msgspec

        parse = parser_pool._prepared(Urls({PUBLIC_URL!r}, Site()))
        read = import_parser._prepared(Site())
        before = set(sys.modules)
        names, texts = ("a.md", "a.html", "a.txt"), (
            b"---\\ntitle: A\\nlink: http://\\xc3\\xbc.example/\\n---\\n![a](b.png) `x` <script>a</script>\\n",
            b"\\xff\\xfe<\\0", b"---\\ndate: 2026-02-30\\nbreaking: yes\\nx: [", b"A\\n\\nB.\\n\\n  - c\\n" * 50,
            b"+++\\ntitle = 'A'\\ndate = 2026-05-20T09:30:00Z\\n+++\\nWords.\\n",
            b'{{"title": "A", "date": "20 May 2026"}}\\n\\nWords.\\n',
        )
        for name in names:
            for text in texts:
                parse(msgspec.msgpack.encode([(name, text)]))
        for text in (*texts, {EXPORTS["WordPress"]!r}, {EXPORTS["Ghost"]!r}):
            read(msgspec.msgpack.encode(import_parser._Read("a.xml", text, import_parser.ImportOptions())))
        print(sorted(set(sys.modules) - before))
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=SLOW)
    assert ended.stdout == "[]\n", ended.stderr
