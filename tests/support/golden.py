"""The golden documents: what the newsroom in tests/data/newsroom becomes, as it stands in tests/data/expected.

`PYTHONPATH=tests python -m support.golden` makes them anew; what has changed is then read in the diff.
Documents that stand on one line are folded for that, and answers.txt holds the ETag of every answer, which is the digest of its
very bytes, folded nowhere.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote

import msgspec
from werkzeug.test import TestResponse

from feedsvc.model.slugs import slug_from_file
from support.live import NOON, PUBLIC_URL, Newsroom

DATA = Path(__file__).parent.parent / "data"
NEWSROOM = DATA / "newsroom"
EXPECTED = DATA / "expected"
ANSWERS = "answers.txt"
DAYS = {"yesterday": NOON - timedelta(days=1), "today": NOON}

# Each kind of document is shown once, for one topic and a few articles; its like is known by its ETag alone.
_LIKE_ANOTHER = re.compile(
    r"(/|^)(all|council|weather|waterfront|harbour-politics|night-life|story/night-ferry)\b(?!-)|/regatta\.|/(tom-rudder|سلمى-البحري)\b"
    r"|^/articles/(fares|gale|lamp-oil|lock-closed|pilot|swans-at-the-gate)$"
)
# The program's own files, and pictures: what is served is what stands in the repository already.
_PROGRAM, _PICTURE = ("text/css", "text/javascript"), "image/"
_LINK = re.compile(rf"""(?:{re.escape(PUBLIC_URL)}|href="|src=")(/[^\s"'<>&#?()\\]*)""")


def make(folder: Path) -> dict[str, str]:
    """Every expected file by its name, made by a builder and a web app of their own in an empty folder."""
    newsroom = Newsroom(folder)
    try:
        for day, newsroom.now in DAYS.items():
            _lay_out(NEWSROOM / day, newsroom)
            newsroom.build()
            assert [fault for file in newsroom.store.files().values() for fault in file.faults] == []
        return dict(_files(_answers(newsroom)))
    finally:
        newsroom.close()


def _lay_out(source: Path, newsroom: Newsroom) -> None:
    """The articles folder as it was on a day, its files an hour old, since a checkout dates them anew."""
    shutil.rmtree(newsroom.articles)
    shutil.copytree(source, newsroom.articles)
    hour_ago = newsroom.now.timestamp() - 3600
    for file in newsroom.articles.rglob("*.*"):
        os.utime(file, (hour_ago, hour_ago))


def _answers(newsroom: Newsroom) -> dict[str, TestResponse]:
    """The answer at every path that is published, is or was an article's, or is linked to by another answer."""
    client = newsroom.client()
    articles = {one.slug for one in newsroom.store.records()}
    articles |= {slug_from_file(file.name) for file in (NEWSROOM / "yesterday").rglob("*.md")}
    waiting = [*newsroom.store.paths(), *(f"/articles/{quote(slug)}" for slug in articles)]
    answers: dict[str, TestResponse] = {}
    while waiting:
        if (path := waiting.pop()) not in answers:
            answers[path] = answer = client.get(path)
            waiting += _LINK.findall(f"{answer.headers.get('Link', '')} {answer.headers.get('Location', '')}")
            if not answer.content_type.startswith((*_PROGRAM, _PICTURE)):
                waiting += _LINK.findall(answer.text)
    return answers


def _files(answers: dict[str, TestResponse]) -> Iterator[tuple[str, str]]:
    yield ANSWERS, "".join(_line(path, answers[path]) for path in sorted(answers))
    for path, answer in answers.items():
        shown = answer.status_code in (200, 410) and not _LIKE_ANOTHER.search(path)
        if shown and not answer.content_type.startswith((*_PROGRAM, _PICTURE)):
            name = unquote(path).strip("/") or "index"
            yield name + ".html" * answer.content_type.startswith("text/html"), _folded(answer)


def _line(path: str, answer: TestResponse) -> str:
    etag = "–" if answer.content_type.startswith(_PROGRAM) else answer.headers.get("ETag", "–")
    said = answer.headers.get("Location") or answer.content_type
    age = answer.cache_control.max_age
    columns = answer.status_code, path, etag, answer.headers.get("Last-Modified", "–"), "–" if age is None else age, said
    return f"{' '.join(map(str, columns))}\n"


def _folded(answer: TestResponse) -> str:
    """An answer's text, with a line for each element of XML and each value of JSON."""
    if "json" in answer.content_type:
        return f"{msgspec.json.format(answer.text, indent=2)}\n"
    if answer.text.startswith("<?xml"):
        return answer.text.replace("><", ">\n<").replace("&gt;&lt;", "&gt;\n&lt;") + "\n"
    return answer.text


def renew() -> None:
    """Makes all expected files anew."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        files = make(Path(folder))
    shutil.rmtree(EXPECTED, ignore_errors=True)
    for name, text in files.items():
        file = EXPECTED / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")


if __name__ == "__main__":
    logging.disable()  # the app still looks for news when its folder is gone
    renew()
