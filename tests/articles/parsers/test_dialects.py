"""Front matter in TOML, JSON and header lines: what it gives, and what is refused of it."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.parsers.faults import Faults
from feedsvc.articles.parsers.frontmatter import split
from feedsvc.errors import ArticleError
from support.front_matter import fault, plain

JSON = '{"title": "Ferry", "date": "2026-05-21T09:00:00+01:00", "draft": false, "topics": ["Harbour", "Boats"]}'
FERRY = {"title": "Ferry", "date": "2026-05-21T09:00:00+01:00", "draft": "false", "topics": ["Harbour", "Boats"]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('+++\ntitle = "Ferry"\ndate = 2026-05-21T09:00:00+01:00\ndraft = false\ntopics = ["Harbour", "Boats"]\n+++\nBody', 7),
        ('---toml\ntitle = "Ferry"\ndate = 2026-05-21T09:00:00+01:00\ndraft = false\ntopics = ["Harbour", "Boats"]\n---\nBody', 7),
        (f"{JSON}\n\nBody", 2),
        (f"{{\n{JSON[1:-1]}\n}}\nBody", 4),
        (f"---json\n{JSON}\n---\nBody", 4),
        ("title: Ferry\ndate: 2026-05-21T09:00:00+01:00\ndraft: false\ntopics:\n- Harbour\n- Boats\n---\nBody", 8),
    ],
)
def test_every_dialect_gives_the_same(text: str, line: int) -> None:
    front, body, start = split(text, Faults("a.md"))
    assert {key: plain(value) for key, value in front.items()} == FERRY
    assert (body.strip(), start) == ("Body", line)


def test_header_lines_as_pelican_and_multimarkdown_write_them() -> None:
    text = (
        "Title: Ferry: an hour later\nDATE: 2026-05-21 09:00\nCategory: Harbour\nTags: night life, boats\n"
        "Authors: Ada Keel; Tom Rudder\nSummary: One line\n    and another.\nFormat:\n\nBody: text\n"
    )
    front, body, line = split(text, Faults("a.md"))
    assert {key: plain(value) for key, value in front.items() if key not in ("Tags", "Format")} == {
        "Title": "Ferry: an hour later",
        "DATE": "2026-05-21 09:00",
        "Category": "Harbour",
        "Authors": ["Ada Keel", "Tom Rudder"],
        "Summary": "One line\nand another.",
    }
    assert plain(front["Tags"]) == ["night life", "boats"]
    assert front["Tags"].line == 4
    assert (body, line) == ("Body: text\n", 10)


@pytest.mark.parametrize(
    "text",
    [
        "Date: tomorrow\n\nA text that begins with a word and a colon.",
        "Note: the title: of it\n\nText",
        "Title: x\nand a line that is none\n\nText",
        "Titel: x\n\nText",
        "{{< figure >}}\n",
        "{% include a %}\n",
        "{a: b}\n",
        "{ }\n",
        "++++\ntitle\n++++\n",
        "BREAKING\n\nTitle: x\n\nText",
    ],
)
def test_a_text_that_only_begins_like_it_stays_a_text(text: str) -> None:
    assert split(text, Faults("a.md")) == ({}, text, 1)


def test_lines_of_toml_and_json_are_the_file_s() -> None:
    toml = '+++\n\ntitle = "x"\n[taxonomies]\ntags = [\n"a"]\n[extra]\nauthor = "b"\n+++\n'
    assert {key: value.line for key, value in split(toml, Faults("a.md"))[0].items()} == {"title": 3, "taxonomies": 4, "extra": 7}
    json = '{\n  "title": "x",\n\n  "image": {\n    "src": "a"\n  },\n  "other": 1}\n'
    assert {key: value.line for key, value in split(json, Faults("a.md"))[0].items()} == {"title": 2, "image": 4, "other": 7}


@pytest.mark.parametrize(
    "written",
    [
        '{"title": "Gulls \\ud83d\\udc26 return"}\n',
        '+++\ntitle = "Gulls \\ud83d\\udc26 return"\n+++\n',
        "Title: Gulls 🐦 return\n\n",
    ],
)
def test_an_escaped_surrogate_pair_is_one_character(written: str) -> None:
    (value,) = split(written, Faults("a.md"))[0].values()
    assert value.content == "Gulls 🐦 return"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+++\ntitle = 'x'\n", "a.md:1: the front matter is not closed: no second line of +++ follows"),
        ("+++\ntitle = 'x'\ntitle = 'y'\n+++\n", "a.md:3: the front matter is not TOML: a key appears twice"),
        ("+++\na = 1\ntitle = x\n+++\n", "a.md:3: the front matter is not TOML: title is a text without quotes; write"),
        ("+++\ntitle: x\n+++\n", "a.md:2: the front matter is not TOML: a line is not `key = value`"),
        ("+++\ndate = 2024-02-30\n+++\n", "a.md:2: the front matter is not TOML: a date is not one"),
        ("+++\n[topics]\na = 1\n[topics]\n+++\n", "a.md:4: the front matter is not TOML"),
        ('+++\ntitle = "x\\u0000"\n+++\n', "a.md:2: the character U+0000 is not allowed"),
        ('+++\ntitle = "x\\ud800"\n+++\n', "a.md:2: the front matter is not TOML"),
        ('{"title": "x"\n', "a.md:1: the front matter is not closed: a { is opened and not closed"),
        ('{"title": "x",\n"title": "y"}\n', 'a.md:2: the key "title" appears twice'),
        ('{"a": 1,\n"title": x}\n', "a.md:2: the front matter is not JSON: expecting value"),
        ('{"a": 1,\n"title": "x}\n', "a.md:2: the front matter is not JSON: a quote is opened and not closed"),
        ('{"a": 1,\n"title": "x\\ud800"}\n', "a.md:2: the character U+D800 is not allowed"),
        ('---json\n{"title": "x"}\nBody', "a.md:1: the front matter is not a JSON object"),
        ("---json\ntitle: x\n---\nBody", "a.md:1: the front matter is not a JSON object"),
        ("Title: x\nTitle: y\n\nBody", 'a.md:2: the key "Title" appears twice'),
    ],
)
def test_a_fault_names_its_line_in_plain_words(text: str, expected: str) -> None:
    assert fault(text).startswith(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("+++\na = " + "[" * 50_000 + "\n+++\n", "nested more than 4 deep"),
        ("+++\na = " + "{a=" * 50_000 + "\n+++\n", "nested more than 4 deep"),
        ("+++\n" + "a." * 90_000 + "a = 1\n+++\n", "nested more than 4 deep"),
        ("+++\n[" + "a." * 90_000 + "a]\n+++\n", "nested more than 4 deep"),
        ("+++\nx = {" + '"a b".' * 30_000 + "a = 1}\n+++\n", "nested more than 4 deep"),
        ("+++\ntopics = [[[[['a']]]]]\n+++\n", "nested more than 4 deep"),
        ("+++\n[image.a.b.c.d]\ne = 1\n+++\n", "nested more than 4 deep"),
        ("+++\ntopics = [" + "1," * 30_000 + "]\n+++\n", "more than 20,000 values"),
        ("+++\n" + "".join(f"k{number} = 1\n" for number in range(9_000)) + "+++\n", "more than 100 keys"),
        ("+++\nid = " + "9" * 100_000 + "\n+++\n", "too many digits"),
        ("+++\ntitle = '" + "x" * 200_000 + "'\n+++\n", "the front matter has 200,011 characters"),
        ('{"a": ' + "[" * 50_000, "nested more than 4 deep"),
        ('{"a": ' + '{"a":' * 50_000, "nested more than 4 deep"),
        ('{"topics": [[[[["a"]]]]]}', "nested more than 4 deep"),
        ('{"topics": [' + "1," * 30_000 + "1]}", "more than 20,000 values"),
        ("{" + ",".join(f'"k{number}": 1' for number in range(5_000)) + "}", "more than 100 keys"),
        ('{"title": "' + "x" * 200_001 + '"}', "the front matter has more than 200,000 characters"),
        ('{"a" ' * 200_000, "nested more than 4 deep"),
        ('{"' + "\\" * 1_000_000, "a quote is opened and not closed"),
        ("Title: x\n" + "A: b\n" * 1_000_000, "at most 200,000 are allowed"),
        ("Title: x\n" + " y\n" * 600_000, "at most 200,000 are allowed"),
        ("title: x\n" + "a: b\n" * 300_000 + "---\n", "at most 200,000 are allowed"),
        ("Title: x\n" + "".join(f"k{number}: 1\n" for number in range(5_000)), "more than 100 keys"),
    ],
)
def test_what_kills_a_parser_is_refused_at_once(text: str, reason: str) -> None:
    started = process_time()
    assert reason in fault(text)
    assert process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "+++\ntitle = 'x'\n[extra]\na.b.c.d.e.f = 1\nb = [[[[[[1]]]]]]\n+++\n",
        '{"title": "x", "params": {"a": {"b": {"c": {"d": {"e": [[1]]}}}}}, "z": 1, "z": 2}\n',
        "+++\ntitle = 'x'\nweight = 99999999999999999999999\nratio = 1e999\nnothing = nan\n+++\n",
    ],
)
def test_keys_of_others_refuse_nothing(text: str) -> None:
    assert split(text, Faults("a.md"))[0]["title"].content == "x"


WRITTEN = st.text(st.sampled_from("ab:=-[]{}\"'\n ,.#\\0u1"), max_size=60)


@given(st.sampled_from(["+++\n{}\n+++\n", '{{"{}}}\n', '{{"title": {}}}\n', "Title: x\n{}\n\n", "title: x\n{}\n---\n"]), WRITTEN)
def test_any_front_matter_is_read_or_refused(frame: str, source: str) -> None:
    faults = Faults("a.md")
    text = frame.format(source)
    try:
        front, _, line = split(text, faults)
        faults.settle()
    except ArticleError as error:
        assert all(1 <= fault.line <= text.count("\n") + 1 for fault in error.faults)
    else:
        assert all(1 <= value.line <= line for value in front.values())
