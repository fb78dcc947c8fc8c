"""Bad articles of every kind, through the real commands: each costs itself alone and is named, and what can be saved is saved."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import feedparser
import pytest
from lxml import etree

from support.live import FEEDSVC, Service, feedsvc, free_port, until

GOOD = "---\ntitle: Good at {}\ndate: 2026-05-20T09:00:00Z\n---\nThe words of {}.\n"
FORMATS = ("rss", "atom", "json")


@dataclass(frozen=True)
class Row:
    """One file and what must become of it: refused at a line, or published with a text and without another.

    With neither a reason nor a text it may go either way, but must cost itself alone. `warning` is what is said of it besides.
    """

    name: str
    content: bytes | Callable[[Path], object]
    reason: str = ""
    line: int = 0
    text: str = ""
    without: str = ""
    warning: str = ""

    @property
    def path(self) -> str:
        return self.name if "." in self.name else f"{self.name}.md"

    @property
    def shown_path(self) -> str:
        """As it is named to a person: a byte that is no character is written out."""
        return os.fsencode(self.path).decode("utf-8", "backslashreplace")

    def put(self, folder: Path) -> None:
        file = folder / self.path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(self.content, bytes):
            beside = file.with_name(".beside.tmp")
            beside.write_bytes(self.content)
            beside.replace(file)
        else:
            file.unlink(missing_ok=True)
            self.content(file)


def front(*lines: str, body: str = "The tide came in.") -> bytes:
    """An article with these lines of front matter below a title; they begin in line 4."""
    text = "\n".join(("---", "title: A row", "date: 2026-05-20T09:00:00Z", *lines, "---", body, ""))
    return text.encode("utf-8", "surrogatepass")


def titled(title: str) -> bytes:
    return f"---\ntitle: {title}\ndate: 2026-05-20T09:00:00Z\n---\nThe tide came in.\n".encode()


def written(body: str | bytes) -> bytes:
    """An article with this body, which begins in line 5."""
    return front(body="{}").replace(b"{}", body.encode() if isinstance(body, str) else body)


def listen(file: Path) -> None:
    here = os.getcwd()
    os.chdir(file.parent)  # the name of a socket may be 107 bytes long
    try:
        with closing(socket.socket(socket.AF_UNIX)) as ear:
            ear.bind(file.name)
    finally:
        os.chdir(here)


BOMB = ["a: &a [x, x, x, x]", "b: &b [*a, *a, *a, *a]", "c: &c [*b, *b, *b, *b]", "key_points: [*c, *c, *c, *c]"]
OUTSIDE = "outside.md"

REFUSED = [
    # Characters and encodings
    Row("nul", written("A \0 in it."), "contains U+0000", 5),
    Row("nul-escaped", front(r'standfirst: "a \0 b"'), "U+0000", 4),
    Row("nul-in-title", titled("A \0 title"), "contains U+0000", 2),
    Row("surrogate-escaped", front(r'standfirst: "\ud800"'), "", 4),
    Row("surrogate-raw", front("standfirst: \ud800"), "is not UTF-8: a wrong byte at offset 56", 4),
    Row("utf-16", titled("A row").decode().encode("utf-16"), "is not UTF-8 (it looks like UTF-16): a wrong byte at offset 0", 1),
    Row("utf-16-without-mark", titled("A row").decode().encode("utf-16-le"), "contains U+0000, at byte offset 1", 1),
    Row("latin-1", titled("Caf\u00e9").decode().encode("latin-1"), "is not UTF-8: a wrong byte at offset 14", 2),
    Row("cut-in-a-character", written("Caf\u00e9".encode()[:-1]), "is not UTF-8: a wrong byte at offset", 5),
    Row("overlong", written(b"\xc0\xaf"), "is not UTF-8: a wrong byte at offset", 5),
    # YAML
    Row("alias-bomb", front(*BOMB), 'the alias *c stands for no text or list of texts before it', 7),
    Row("billion", front("key_points: &x [*x]"), "the alias *x stands for no text", 4),
    Row("brackets", front("topics: " + "[" * 50_000), "nested more than 4 deep", 4),
    Row("braces", front("topics: " + "{a: " * 40_000), "nested more than 4 deep", 4),
    Row("dashes", front("topics: " + "\n" + "- " * 90_000), "nested more than 4 deep", 5),
    Row("questions", front("? " * 90_000), "nested more than 4 deep", 4),
    Row("python-tag", front("standfirst: !!python/object/apply:os.system [id]"), "is not allowed here", 4),
    Row("own-tag", front("standfirst: !secret x"), "is not allowed here", 4),
    Row("twice", front("title: Again"), 'the key "title" appears twice', 4),
    Row("two-spellings", front("author: A. Keel", "authors: [T. Rudder]"), "is the same as author in line 4", 5),
    Row("merge-key", front("<<: {draft: true}", "a: *b"), "is not allowed here", 4),
    Row("unclosed-front", b"---\ntitle: A row\n\nThe tide came in.\n", "the front matter is not closed", 1),
    Row("two-documents", front("...", "title: Another"), "there is something after the end", 5),
    Row("a-list-as-front", b"---\n- title\n---\nText.\n", "not lines of `key: value`", 2),
    Row("a-text-as-front", b"---\ntitle\n---\nText.\n", "not lines of `key: value`", 2),
    Row("tab", front("\tdraft: true"), "the front matter is not YAML", 4),
    Row("open-quote", front('standfirst: "The boat'), "a quote is opened and not closed", 4),
    Row("huge-front", front("standfirst: " + "x" * 200_001), "the front matter has 200,", 1),
    Row("many-keys", front(*(f"key{number}: x" for number in range(200))), "more than 100 keys", 102),
    # Titles
    Row("title-null", titled("null"), "title is empty", 2),
    Row("title-tilde", titled("~"), "title is empty", 2),
    Row("title-empty", titled('""'), "title is empty", 2),
    Row("title-invisible", titled("\u200b\u2060\u00ad"), "title is empty", 2),
    Row("title-list", titled("[a, b]"), "title is a text, not a list", 2),
    Row("title-table", titled("{a: b}"), "title is a text, not a table", 2),
    Row("title-long", titled("x" * 1_001), "title has 1,001 characters; at most 1,000", 2),
    Row("title-10-mb", titled("x" * 10_000_000), "is larger than 2,000,000 bytes"),
    Row("title-missing", b"The tide came in.\n", "has no title", 1),
    Row("html-title-long.html", b"<h1>" + b"x" * 5_000 + b"</h1><p>Text.", "title has 5,000 characters", 1),
    # Sizes and numbers
    Row("too-big", written("x" * 2_000_000), "is larger than 2,000,000 bytes"),
    Row("topics-10000", front(f"topics: [{', '.join(f't{number}' for number in range(10_000))}]"), "10,000 topics are named", 4),
    Row("topics-51", front(f"topics: {','.join(f't{number}' for number in range(51))}"), "51 topics are named; at most 50", 4),
    Row("corrections-51", front(f"corrections: [{', '.join(['x'] * 51)}]"), "at most 50", 4),
    # Emptiness
    Row("empty", b"", "is empty", 1),
    Row("empty-mark-only", b"\xef\xbb\xbf", "is empty", 1),
    Row("white-space", b" \r\n\t\xc2\xa0\n", "is empty", 1),
    Row("body-empty", written(""), "has no body", 5),
    Row("body-a-comment", written("<!-- later -->"), "has no body", 5),
    Row("body-invisible", written("&#8203;&zwnj;<br>"), "has no body", 5),
    Row("body-a-script.html", b"<h1>A row</h1><script>alert(1)</script>", "has no body", 1),
    Row("only-chrome.txt", b"Facebook\nBREAKING\nLoading latest headlines\xe2\x80\xa6\n", "", 1),
    # Names
    *(
        Row(f"slug-{number}", front(f"slug: '{slug}'"), "slug ", 4)
        for number, slug in enumerate(("../x", "a/../b", ".", "", "..", "a b", "%2e", "x" * 201, "a\\b", "a?b", "a#b"))
    ),
    *(
        Row(f"topic-{number}", front(f"topics: ['{topic}']"), "topic ", 4)
        for number, topic in enumerate(("../x", "a/b", ".", "", "a\\b", "\u200b", "?"))
    ),
    Row("!!!.md", titled("A row"), "no slug can be made of the file's name", 1),
    Row("same-id", front("id: urn:example:1"), 'its id "urn:example:1" is that of A/with-id.md, which was there first'),
    # Dates
    *(
        Row(f"date-{number}", f"---\ntitle: A row\ndate: {date}\n---\nText.\n".encode(), reason, 3)
        for number, (date, reason) in enumerate(
            [
                ("2024-02-30", "is not a date"),
                ("0000-01-01", "is outside the years 1970 to 2100"),
                ("9999-12-31", "is outside the years 1970 to 2100"),
                ("1969-12-31T23:59:59Z", "is outside the years 1970 to 2100"),
                ("1970-01-01T00:00:00+02:00", "is outside the years 1970 to 2100 in UTC"),
                ("2026-05-21T25:00:00Z", "is not a time of day"),
                ("2026-05-21T12:00:60Z", "is not a time of day"),
                ("2026-05-21T12:00:00+99:00", "no place on earth"),
                ("12345678901234567890", "is not a date"),
                ("-2026-05-21", "is not a date"),
                ("2026-13-01", "is not a date"),
                ("[2026]", "date is a text, not a list"),
                ("'٢٠٢٦-٠٥-٢١'", "is not a date"),
            ]
        )
    ),
    Row("expires-first", front("expires: 2026-05-19T00:00:00Z"), "expires is not after date", 4),
    # Addresses
    Row("link-script", front("link: javascript:alert(1)"), "is not an http(s) address", 4),
    Row("link-data", front("link: 'data:text/html,x'"), "is not an http(s) address", 4),
    Row("link-port", front("link: https://feeds.example:99999/"), "is not an http(s) address", 4),
    Row("image-outside", front("image: ../../secret.jpg"), "leads out of the articles folder", 4),
    Row("image-data", front("image: 'data:image/png;base64,xx'"), "image ", 4),
    # What is not a regular file
    Row("link-out", lambda file: file.symlink_to(file.parent.parent / OUTSIDE), "is a symbolic link"),
    Row("link-in", lambda file: file.symlink_to("good-one.md"), "is a symbolic link"),
    Row("link-nowhere", lambda file: file.symlink_to("nothing.md"), "is a symbolic link"),
    Row("link-loop", lambda file: file.symlink_to(file.name), "is a symbolic link"),
    Row("link-device", lambda file: file.symlink_to("/dev/zero"), "is a symbolic link"),
    Row("fifo", os.mkfifo, "is not a regular file"),
    Row("socket", listen, "is not a regular file"),
    Row("nam\udce9.md", titled("A row"), "has a name that is not UTF-8"),
    Row("folder\udce9/article.md", titled("A row"), "has a name that is not UTF-8"),
    # What makes parsers slow
    Row("divs", written("<div>" * 100_000), "", 5),
    Row("divs.html", b"<h1>A row</h1>" + b"<div>" * 100_000 + b"x", "", 1),
    Row("divs-101.html", b"<h1>A row</h1>\n" + b"<div>" * 101 + b"x", "nested more than 100 deep", 2),
    Row("quotes", written("> " * 100_000 + "x"), "nested more than 100 deep", 5),
    Row("lists", written("- " * 100_000 + "x"), "nested more than 100 deep", 5),
    Row("lists-indented", written("\n".join("  " * depth + "- x" for depth in range(500))), "nested more than 100 deep", 5),
]

SAVED = [
    Row("bom", b"\xef\xbb\xbf" + titled("With a mark"), text="With a mark"),
    Row("crlf", titled("With CRLF").replace(b"\n", b"\r\n"), text="With CRLF"),
    Row("cr", titled("With CR").replace(b"\n", b"\r"), text="With CR"),
    Row("title-no", titled("no"), text="no"),
    Row("title-time", titled("12:30:45"), text="12:30:45"),
    Row("title-year", titled("2024"), text="2024"),
    Row("title-octal", titled("0123"), text="0123"),
    Row("title-float", titled("1e3"), text="1e3"),
    Row("title-1000", titled("y" * 1_000), text="y" * 1_000),
    Row("forbidden", written("A bell\x07 rings."), text="A bell rings.", warning="1 characters that no feed may hold were removed"),
    Row("control-in-front", front("standfirst: a\x7fb"), text="The tide came in.", warning="1 characters that no feed may hold"),
    Row("noncharacters", written("A \ufffe\uffff gap."), text="A  gap.", warning="2 characters that no feed may hold"),
    Row("cdata-end", titled("'a ]]> b'"), text="a ]]> b"),
    Row("cdata-body", written("Before ]]&gt; and ]]> after."), text="Before ]]> and ]]> after."),
    Row("script-title", titled("'<script>alert(1)</script>'"), text="<script>alert(1)</script>"),
    Row("ampersand-title", titled("Fish & chips &amp; peas"), text="Fish & chips & peas"),
    Row("script-body", written("<script>alert('bad')</script>Kept words."), text="Kept words.", without="alert('bad')"),
    Row("events", written('<p onclick="steal()">Quiet words.</p>'), text="Quiet words.", without="steal()"),
    Row("frames", written('<p>Framed.</p><iframe src="https://frame.example"></iframe>'), text="Framed.", without="<iframe"),
    Row("script-link", written("[Press here](javascript:evil())"), text="Press here", without="evil()"),
    Row("data-link", written('<a href="data:text/html,evil">Or here</a>'), text="Or here", without="text/html,evil"),
    Row("unclosed", written("<b>Bold <i>and</b> leaning"), text="leaning"),
    Row("relative", written('<a href="other">there</a> <img src="/chart.png" alt="A chart">'), text="{url}/chart.png"),
    Row("two-slashes", written("[there](//host.example/x)"), text="https://host.example/x"),
    Row("no-zone", b"---\ntitle: No zone\ndate: 2026-05-20T09:00\n---\nText.\n", text="No zone", warning="has no time zone"),
    Row("unknown-key", front("standfrist: A text"), text="A row", warning='did you mean "standfirst"?'),
    Row("picture-gone", front("image: gone.jpg"), text="A row", warning="its picture gone.jpg does not exist"),
    Row("reserved-topic", front("topics: [all]"), text="A row", warning='topic "all" is left out'),
    Row("emphasis", written("*" * 50_000 + "stars"), text="stars"),
    Row("A/same-slug", titled("First of two"), text="First of two"),
    Row("A/with-id", front("id: urn:example:1"), text="A row"),
    Row("Ärger-тест", titled("Umlaut"), text="Umlaut"),
]

STORMS = ("*a ", "[", "<", "&", "_a __b ")
# Whether a reader is done with these in its time depends on the machine: they may go either way, and must cost themselves alone.
EITHER = [Row(f"storm-{number}", written(storm * (1_900_000 // len(storm)))) for number, storm in enumerate(STORMS)]
EITHER.append(Row("a/same-slug", titled("Second of two")))  # at an address of its own (tests/builder/test_build.py)
ROWS = [*REFUSED, *SAVED, *EITHER]
# The same file may have been good before: not where its name or another file is the fault, nor an empty one, which may be
# about to be written.
TURNED = [row for row in REFUSED if row.path == row.shown_path and "slug " not in row.reason and "id " not in row.reason]


def make_folder(folder: Path) -> Path:
    articles = folder / "articles"
    articles.mkdir()
    (articles / "site.toml").write_text("[site]\nentries_per_feed = 200\n")
    (folder / OUTSIDE).write_text(GOOD.format("outside", "outside"))
    for name in ("good-one", "good-two"):
        (articles / f"{name}.md").write_text(GOOD.format(name, name))
    return articles


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What one run of `feedsvc check` says of all rows, by line."""
    folder = tmp_path_factory.mktemp("checked")
    articles = make_folder(folder)
    for row in ROWS:
        row.put(articles)
    ended = feedsvc("check", folder=folder)
    assert ended.returncode == 1 and ended.stderr == ""
    return ended.stdout.splitlines()


def said_of(row: Row, lines: list[str]) -> list[str]:
    begins = f"articles/{row.shown_path.split('/article')[0]}:"
    return [line.removeprefix("articles/") for line in lines if line.startswith(begins)]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.shown_path)
def test_check_names_the_line_and_the_reason(row: Row, checked: list[str]) -> None:
    errors = [line for line in said_of(row, checked) if ": warning: " not in line]
    where = row.shown_path.split("/article")[0] + f":{row.line or 1}"
    assert any(line.startswith(f"{where}: ") and row.reason in line for line in errors), errors


@pytest.mark.parametrize("row", SAVED, ids=lambda row: row.shown_path)
def test_check_refuses_nothing_that_can_be_saved(row: Row, checked: list[str]) -> None:
    lines = said_of(row, checked)
    assert not [line for line in lines if ": warning: " not in line]
    assert not row.warning or any(row.warning in line for line in lines), lines


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service over a folder with all rows from the start, and one good file for each row that is to turn bad."""
    folder = tmp_path_factory.mktemp("served")
    articles = make_folder(folder)
    for row in ROWS:
        row.put(articles)
    for row in TURNED:
        before = articles / "turned" / row.path
        before.parent.mkdir(parents=True, exist_ok=True)
        good = GOOD.format(f"turned {row.path}", row.path)
        before.write_text(good.replace("---\n", f"---\nslug: turned-{TURNED.index(row)}\n", 1))
    port = free_port()
    command = [*FEEDSVC, "serve", "--port", str(port), "--workers", "1", "--interval", "1"]
    running = Service(command, folder, port).start(ready=False)
    try:
        until(running.is_ready)
        yield running
    finally:
        running.stop()


def quarantine(service: Service) -> dict[str, list[dict]]:
    """The faults that `feedsvc status` names, by file."""
    found: dict[str, list[dict]] = {}
    for fault in json.loads(feedsvc("status", "--json", folder=service.folder).stdout)["quarantine"]:
        found.setdefault(fault["path"], []).append(fault)
    return found


def feeds(service: Service) -> dict[str, dict[str, str]]:
    """All that each format shows of each article, as a parser that others wrote understands it, by its address and whole."""
    shown: dict[str, dict[str, str]] = {}
    for suffix in FORMATS:
        answer = service.get(f"/feeds/all.{suffix}")
        assert answer.status == 200
        if suffix == "json":
            entries = json.loads(answer.body)["items"]
            shown[suffix] = {entry["url"]: f"{entry['title']}\n{entry['content_html']}" for entry in entries}
        else:
            etree.fromstring(answer.body)
            parsed = feedparser.parse(answer.body, sanitize_html=False)
            assert not parsed.bozo
            shown[suffix] = {entry.link: f"{entry.title}\n{entry.content[0].value}" for entry in parsed.entries}
    return shown


def test_a_service_publishes_what_is_good_and_names_what_is_not(service: Service) -> None:
    shown, named = feeds(service), quarantine(service)
    for suffix, entries in shown.items():
        assert entries.keys() == shown["json"].keys()
        for name in ("good-one", "good-two"):
            assert f"The words of {name}." in entries[f"{service.url}/articles/{name}"], suffix
    for row in REFUSED:
        faults = named[row.shown_path.split("/article")[0]]
        assert any(fault["line"] == row.line and row.reason in fault["reason"] for fault in faults), (row.path, faults)
    expected = len([*SAVED, *TURNED]) + 2 + sum(row.path not in named for row in EITHER)
    assert len(shown["json"]) == expected
    assert not {row.path for row in SAVED} & named.keys()


@pytest.mark.parametrize("row", SAVED, ids=lambda row: row.path)
@pytest.mark.parametrize("suffix", FORMATS)
def test_what_can_be_saved_is_in_every_format(service: Service, served: dict[str, dict[str, str]], row: Row, suffix: str) -> None:
    slug = Path(row.path).stem.lower()
    [text] = [text for url, text in served[suffix].items() if unquote(url) == f"{service.url}/articles/{slug}"]
    expected = row.text.replace("{url}", service.url)
    assert expected in text or expected in unescape(text)
    assert not row.without or row.without not in text


@pytest.fixture(scope="module")
def served(service: Service) -> dict[str, dict[str, str]]:
    return feeds(service)


def test_every_document_of_it_is_well_formed(service: Service) -> None:
    for path in ("/feeds.opml", "/feeds/all.rss", "/feeds/a.rss", "/feeds/a.atom"):
        etree.fromstring(service.get(path).body)
    for path in ("/headlines.json", "/feeds/a.json"):
        json.loads(service.get(path).body)
    page = service.get("/topics/a")
    assert page.status == 200 and "<script>alert" not in page.text
    assert "<script>alert" not in service.get("/articles/script-title").text


def test_a_good_file_that_turns_bad_keeps_its_last_good_version(service: Service) -> None:
    before = {url: text for url, text in feeds(service)["json"].items() if "/turned-" in url}
    assert len(before) == len(TURNED)
    for row in TURNED:
        row.put(service.folder / "articles" / "turned")
    paths = {f"turned/{row.path}" for row in TURNED}
    until(lambda: paths <= quarantine(service).keys())
    for entries in feeds(service).values():
        kept = {url for url in entries if "/turned-" in url}
        assert kept == before.keys()
    after = feeds(service)["json"]
    assert {url: after[url] for url in before} == before
    assert service.is_ready() and "a fault in feedsvc" not in service.log
