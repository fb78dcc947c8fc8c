"""Front matter: what is YAML's, with the right line, in plain words."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.frontmatter import Value, split, yaml_block
from feedsvc.errors import ArticleError
from support.front_matter import fault, plain


def content(source: str) -> dict[str, object]:
    return {key: plain(value) for key, value in split(f"---\n{source}\n---\n", Faults("a.md"))[0].items()}


@pytest.mark.parametrize(
    ("text", "keys", "rest", "line"),
    [
        ("No front matter\n---\n", [], "No front matter\n---\n", 1),
        ("---\n---\nBody", [], "Body", 3),
        ("---\n# a remark\n---", [], "", 3),
        ("--- \ntitle: x\n---\t\nBody\n---\n", ["title"], "Body\n---\n", 4),
        ("---\ntitle: x\nid: --- y\n ---\n---\nB", ["title", "id"], "B", 6),
        ("----\ntitle: x\n---\n", [], "----\ntitle: x\n---\n", 1),
    ],
)
def test_where_it_ends(text: str, keys: list[str], rest: str, line: int) -> None:
    front, body, start = split(text, Faults("a.md"))
    assert (list(front), body, start) == (keys, rest, line)


@pytest.mark.parametrize("typed", ["no", "12:30:45", "2024", "0123", "1e3", "true", "0x1F", "2026-05-21", "“a”", "a\u2028b"])
def test_a_scalar_is_the_text_as_typed(typed: str) -> None:
    assert content(f"title: {typed}") == {"title": typed.replace("\u2028", " ")}


@pytest.mark.parametrize("typed", ["", "~", "null", "Null", "NULL", " # a remark"])
def test_nothing_and_null_are_none(typed: str) -> None:
    assert content(f"expires: {typed}") == {"expires": None}


@pytest.mark.parametrize("typed", ["'null'", '"~"'])
def test_a_null_in_quotes_is_a_text(typed: str) -> None:
    assert content(f"title: {typed}") == {"title": typed[1:-1]}


def test_paragraphs_are_kept_in_every_style() -> None:
    assert content("a: >\n  One\n  line.\n\n  Two.\nb: |\n  One\n  line.\n\n  Two.\nc: 'One\n\n  two'") == {
        "a": "One line.\n\nTwo.\n\n",
        "b": "One\nline.\n\nTwo.\n",
        "c": "One\n\ntwo",
    }


def test_lines_are_the_file_s() -> None:
    front, _, _ = split("---\n\ntitle: x\ntopics:\n  - a\n  - b\nimage:\n  src: y\n---\n", Faults("a.md"))
    assert {key: value.line for key, value in front.items()} == {"title": 3, "topics": 4, "image": 7}
    assert [value.line for value in front["topics"].content] == [5, 6]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: x\n", "a.md:1: the front matter is not closed"),
        ("---toml\ntitle = 'x'\n...\n", "a.md:1: the front matter is not closed"),
        ("---\ntitle: x\ntitle: y\n---\n", 'a.md:3: the key "title" appears twice'),
        ("---\ntitle: a: b\n---\n", 'a.md:2: the front matter is not YAML: the value contains a colon and a space'),
        ('---\na: b\ntitle: "x\nc: d\n---\n', "a.md:3: the front matter is not YAML: a quote is opened and not closed"),
        ("---\na: b\ntopics: [x, y\nc: d\n---\n", "a.md:3: the front matter is not YAML: a [ is opened and not closed"),
        ("---\na: {b\nc: d\n---\n", "a.md:2: the front matter is not YAML: a { is opened and not closed"),
        ('---\na: b\ntitle: "x" y\n---\n', "a.md:3: the front matter is not YAML: a line is not `key: value`"),
        ("---\na: b\ntitle: @x\n---\n", "a.md:3: the front matter is not YAML: a value starts with a character"),
        ("---\na: b\n\tc: d\n---\n", "a.md:3: the front matter is not YAML"),
        ("---\na: b\ntitle: *Now* it starts\n---\n", "a.md:3: the front matter is not YAML: a value starts with * or &"),
        ('---\ntitle: "\\ud800"\n---\n', "a.md:2: the front matter is not YAML: an escape (\\u…) is not a character"),
        ('---\na: b\ntitle: "x\\0y"\n---\n', "a.md:3: the character U+0000 is not allowed"),
        ("---\na: b\ntitle: x\x92y\n---\n", "a.md:3: the control character U+0092 is not allowed here"),
        ("---\njust a text\n---\n", "a.md:2: the front matter is not lines of `key: value`"),
        ("---\n- a\n- b\n---\n", "a.md:2: the front matter is not lines of `key: value`"),
        ("---\ntitle: &x b\n---\n", "a.md:2: the anchor &x is used nowhere; put a text that starts with & in quotes"),
        ("---\na: b\ntitle: *x\n---\n", "a.md:3: the alias *x stands for no text or list of texts before it; put a text"),
        ("---\nimage: &x {src: a.png}\ncover: *x\n---\n", "a.md:3: the alias *x stands for no text or list of texts"),
        ("---\na: &x {draft: true}\n<<: *x\n---\n", "a.md:3: a merge key (<<) is not allowed here"),
        ("---\nid: !!python/name:os.system\n---\n", 'a.md:2: the tag "tag:yaml.org,2002:python/name:os.system"'),
        ("---\nid: !text b\n---\n", 'a.md:2: the tag "!text" is not allowed here'),
        ("---\n? [a, b]\n: c\n---\n", "a.md:2: a key must be one word before a colon"),
        ("---\na: b\n...\nc: d\n---\n", "a.md:4: the front matter is not YAML: there is something after the end"),
        ("---\ntopics: [[[[[b]]]]]\n---\n", "a.md:2: the front matter is nested more than 4 deep"),
        ("---\n%YAML 1.1\na: b\n---\n", "a.md:3: the front matter is not YAML"),
    ],
)
def test_a_fault_names_its_line_in_plain_words(text: str, expected: str) -> None:
    assert fault(text).startswith(expected)


BOMB = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefgh"))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a: " + "[" * 50_000, "nested more than 4 deep"),
        ("a: " + "{a: " * 40_000, "nested more than 4 deep"),
        ("- " * 50_000, "nested more than 4 deep"),
        ("? " * 50_000, "nested more than 4 deep"),
        ("\n".join(" " * depth + "a:" for depth in range(500)), "nested more than 4 deep"),
        (f"{BOMB}title: *h", "the alias *h"),
        (f"{BOMB}topics: [*h]", "the alias *h"),
        ("topics: &a [" + "x," * 90 + "]\n" + "tags: [" + "*a," * 300 + "]", "more than 20,000 values"),
        ("a: [" + "x," * 30_000 + "]", "more than 20,000 values"),
        ("".join(f"key{number}: x\n" for number in range(5_000)), "more than 100 keys"),
        ("title: " + "x" * 200_000, "the front matter has 200,008 characters"),
        ("a: " * 50_000, "not YAML"),
        ('"' * 50_001, "not YAML"),
    ],
)
def test_what_kills_a_parser_is_refused_at_once(source: str, reason: str) -> None:
    started = process_time()
    assert reason in fault(f"---\n{source}\n---\nBody")
    assert process_time() - started < 20  # of a parser that dies it would be minutes, if it came back


def test_brackets_in_brackets_are_refused_before_yaml_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_block, "_events", None)
    assert fault("---\na: x\nb: [\n" + "[\n" * 100 + "---\n") == "a.md:3: the front matter is nested more than 4 deep"


@pytest.mark.parametrize(
    "source",
    [
        BOMB,
        "event: &e https://x.example/e\nmore: *e",
        "base: &base {a: b}\nalso:\n  <<: *base",
        "a: [[[[[[[[b]]]]]]]]",
        "menu:\n" + "\n".join(" " * depth + "a:" for depth in range(1, 90)),
        "data:\n  ? [a, b]\n  : c",
        "z: x\nz: y",
        "".join(f"  k{number}: x\n" for number in range(200)).join(("many:\n", "")),
    ],
)
def test_anchors_and_nests_in_keys_of_others_refuse_nothing(source: str) -> None:
    front, _, _ = split(f"---\n{source}\ntitle: x\n---\n", Faults("a.md"))
    assert front["title"].content == "x"


def test_an_alias_stands_for_a_text_or_a_list_of_texts() -> None:
    source = "desk: &desk Ada Keel\nauthor: *desk\ntopics: &all [Harbour, *desk]\ntags: *all\nsummary: &s A pound.\ndescription: *s"
    front, _, _ = split(f"---\n{source}\n---\n", Faults("a.md"))
    assert front["author"].content == "Ada Keel" and front["author"].line == 3
    assert [one.content for one in front["tags"].content] == ["Harbour", "Ada Keel"]
    assert front["description"].content == "A pound."


@pytest.mark.parametrize("end", ["...", "... ", "...\n---"])
def test_yaml_may_end_with_its_own_mark(end: str) -> None:
    front, text, line = split(f"---\ntitle: x\n{end}\nBody\n---\nMore", Faults("a.md"))
    assert (front["title"].content, text, line) == ("x", "Body\n---\nMore", 5 if "---" in end else 4)


@pytest.mark.parametrize(
    ("written", "text", "remark"),
    [
        ("Ward #5 votes", "Ward", " #5 votes"),
        ("Ward  # five", "Ward", "  # five"),
        ("Ward#5", "Ward#5", ""),
        ("'Ward #5' # quoted", "Ward #5", ""),
        ("Straße 🚢 #5: votes", "Straße 🚢", " #5: votes"),
    ],
)
def test_what_yaml_takes_for_a_remark_is_not_lost(written: str, text: str, remark: str) -> None:
    front, _, _ = split(f"---\ntitle: {written}\ntopics:\n  - {written}\n---\n", Faults("a.md"))
    assert (front["title"].content, front["title"].remark) == (text, remark)
    assert front["topics"].content == (Value(4, text, remark),)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"Gulls \\ud83d\\udc26 return"', "Gulls 🐦 return"),
        ('"\\uD83D\\uDC26\\ud83d\\udc26"', "🐦🐦"),
        ('"a \\\\ud83d\\\\udc26"', "a \\ud83d\\udc26"),
    ],
)
def test_an_escaped_surrogate_pair_is_one_character(written: str, text: str) -> None:
    assert content(f"title: {written}") == {"title": text}


def test_brackets_in_texts_are_allowed() -> None:
    assert content("a: x\ntopics: [" + "'[', '}', " * 200 + "]\nb: '" + "[" * 95 + "'")["a"] == "x"


def test_characters_that_no_feed_may_hold_are_removed_with_a_warning() -> None:
    faults = Faults("a.md")
    front, _, _ = split('---\na: b\ntitle: "x\\x01y\\uFFFE"\n---\n', faults)
    assert front["title"].content == "xy"
    assert [str(warning) for warning in faults.warnings] == ["a.md:3: warning: characters that no feed may hold were removed"]


@given(st.text(st.sampled_from("ab:-[]{}\"'\n #&*!|>%@`,?~\t\\0\u2028"), max_size=60))
def test_any_front_matter_is_read_or_refused(source: str) -> None:
    faults = Faults("a.md")
    try:
        front, _, line = split(f"---\n{source}\n---\n", faults)
    except ArticleError as error:
        assert all(1 <= fault.line <= source.count("\n") + 3 for fault in error.faults)
    else:
        assert all(1 <= value.line <= line for value in front.values())


# Texts and lines that look plain, and what among them means something else to YAML.
PIECES = (
    *("a", "B ", "9", "_", "é", "😀", "“a”", "a:b", ":b", "#b", "null", "~", "true", "2026-05-21", "0x1F", "x" * 1_100),
    *("-", "?", "!", "&", "*", "%", "@", "`", "|", ">", "[", "]", "{", "}", ",", "=", "<<", "'", '"', " ", "...", "---"),
)
ODD = (": ", ":", " #", "\\", "\t", "\r", "\x85", "\u2028", "\xa0", "\ufeff", "\x7f", "\0", "\ufffe", "\ud800", "- ", "\n  folded")
TEXTS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
TYPED = st.one_of(
    TEXTS.map("a{}".format),
    TEXTS.map(lambda text: f'"{text}"'),
    TEXTS.map(lambda text: f"'{text}'"),
    st.sampled_from(["", "null", "NULL ", "Null", "~", "a ", "9:30"]),
)
ODDLY_TYPED = st.one_of(TYPED, TEXTS, st.lists(st.sampled_from((*PIECES, *ODD)), max_size=4).map("".join), st.text(max_size=6))
KEYS = st.sampled_from(["title", "topics", "a-b", "T1", "_x", "z", "date"])
ODD_KEYS = st.sampled_from(["null", "é", "1", "k" * 42, "-", "", " a", "a b", '"a"', "? a", "title "])
SPACE = st.sampled_from([" ", "  "])
INDENTS = st.sampled_from(["", "  ", "    "])


def front_matter(keys: st.SearchStrategy[str], typed: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Front matter of some keys, each with a text or a list of texts."""
    entries = st.builds(
        lambda indent, texts: "".join(f"\n{indent}- {text}" for text in texts), INDENTS, st.lists(typed, max_size=3)
    )
    values = st.one_of(st.builds("{}{}".format, SPACE, typed), entries)
    return st.lists(st.builds("{}:{}".format, keys, values), max_size=5, unique_by=lambda line: line.partition(":")[0]).map(
        "\n".join
    )


SCRAPS = st.sampled_from(
    ["", "", "\n", "\n\n", "\n- a", "\n  - a", "\n  -", "\n # a remark", "\n ", "\n  folded", "\nkey:", "\nz: 1", "\n--- a"]
)


@given(st.one_of(front_matter(KEYS, TYPED), front_matter(st.one_of(KEYS, ODD_KEYS), ODDLY_TYPED)), SCRAPS)
@example('a:\n\n  - b\n\n  - null\n  -\nc:\n- "d"\n', "")
def test_plain_lines_are_read_as_yaml_reads_them(source: str, end: str) -> None:
    faults = Faults("a.md")
    if (read := yaml_block._plain(source + end, 2)) is not None:
        known = yaml_block._mapping(source + end, 2, faults)
        faults.settle()
        assert (list(read.items()), faults.warnings) == (list(known.items()), ())


@pytest.mark.parametrize(
    "plain", ["title: It rained", 'a: "b: c"', "topics:\n  - a\n  - b\nstory: 'x'\n", "date: 2026-05-21T09:00:00Z"]
)
def test_plain_lines_do_without_yaml(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml_block, "_mapping")
    assert content(plain)
