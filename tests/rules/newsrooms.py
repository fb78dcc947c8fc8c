"""Newsrooms whose documents must keep every rule: the sample, an empty one, one with a single article, and a hostile one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

SAMPLE = Path(__file__).parent.parent.parent / "articles"

# Every character that XML 1.0 forbids or discourages (2.2), but U+0000, for which an article is refused.
_CODES = (*range(1, 9), 11, 12, *range(14, 32), *range(127, 160), 0xFDD0, 0xFFFE, 0xFFFF)
CONTROLS = "".join(f"\\u{code:04x}" for code in _CODES)
MARKUP = "]]> <b>bold</b> & &amp; &#60; </title> <!-- --> <?php ?> 'x' \"y\""
RIGHT_TO_LEFT = "مرحبا بالعالم – שלום עולם – abc 123 \u202eevil\u202c \u2067isolate\u2069"
EMOJI = "👩‍👩‍👧‍👦 🏳️‍🌈 🇬🇧 1️⃣ 👍🏽 ☠️ 🧑🏿‍🚀"
TEXTS = {"markup": MARKUP, "right-to-left": RIGHT_TO_LEFT, "emoji": EMOJI, "letters": "Ωμέγα 日本語 ไทย"}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


SITE = f"""
[site]
title = {_quoted("The Gazette " + MARKUP)}
tagline = {_quoted(RIGHT_TO_LEFT)}
description = {_quoted(MARKUP)}
language = "zh-Hant-HK"
timezone = "Europe/London"
url = "https://quay.example/a?b=1&c=2"
copyright = {_quoted("© " + EMOJI)}
contact = "desk@quay.example (News desk)"
logo = "https://quay.example/logo.svg?a=1&b=2"
hub = "http://127.0.0.1:9/?a=1&b=2"
partners = ["msn", "smartnews", "flipboard"]

[topics.nobody]
name = {_quoted("Nobody's " + MARKUP)}
description = {_quoted(MARKUP)}
"""


def sample(articles: Path) -> None:
    """The newsroom that comes with the project."""
    shutil.copytree(SAMPLE, articles, dirs_exist_ok=True)


def empty(articles: Path) -> None:
    """No article, and no word on the site."""


def single(articles: Path) -> None:
    """One article, and no word on the site."""
    (articles / "one.txt").write_text("The only article\n\nIt is short.\n", "utf-8")


def hostile(articles: Path) -> None:
    """Whatever people and machines put into texts, in each field that holds one."""
    (articles / "site.toml").write_text(SITE, "utf-8")
    for name, text in TEXTS.items():
        _write(articles / name / f"{name}.md", _quoted(text), f"{text}\n\n## {text}\n\n- {text}\n\n[{text}](/{name}) `{text}`\n")
    # YAML's own escapes: as characters, few of them may stand in a file.
    characters = "".join(map(chr, _CODES))
    _write(articles / "controls" / "controls.md", f'"Controls {CONTROLS}"', f"Before {characters} after.\n")
    _write(articles / "long" / "title.md", _quoted(("Fish & chips " * 80)[:1000]), "Short.\n")
    _write(articles / "long" / "text.md", '"A megabyte"', "The tide came in & went out < again >. \n\n" * 25_000)
    _write(articles / "long" / "withdrawn.md", '"Withdrawn"', "It was wrong.\n", retracted="We erred & regret it.")
    _write(articles / "long" / "plain-id.md", '"An id that is no IRI"', "Text.\n", id="story 17 & 18")
    shutil.copy(next(SAMPLE.rglob("*.jpg")), articles / "markup" / "dusk.jpg")


def _write(file: Path, text: str, body: str, **keys: str) -> None:
    """A Markdown article with one YAML text in every key that holds text."""
    file.parent.mkdir(exist_ok=True)
    front = {
        "title": text,
        "date": "2026-05-21T09:00:00Z",
        "authors": f"[{text}, {_quoted('Ada Keel')}]",
        "topics": f"[{_quoted(file.stem)}, {_quoted('Fish & chips <' + file.stem + '>')}]",
        "story": _quoted(f"Story & <{file.parent.name}>"),
        "standfirst": text,
        "key_points": f"[{text}, {text}]",
        "why_it_matters": text,
        "what_it_means": text,
        "corrections": f"[{{date: 2026-05-21T10:00:00Z, text: {text}}}]",
        "image": f"{{src: /dusk.jpg?a=1&b=2, alt: {text}, credit: {text}}}",
        "claim": "reported",
        "breaking": "true",
        **keys,
    }
    if file.parent.name == "markup":
        front["image"] = f"{{src: dusk.jpg, alt: {text}, credit: {text}}}"
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    file.write_text(f"---\n{lines}---\n{body}", "utf-8")
