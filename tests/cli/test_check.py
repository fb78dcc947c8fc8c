"""`feedsvc check` as it is typed, on a big folder, on named files, and while somebody writes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.live import FEEDSVC, SLOW, feedsvc, until

FAULT = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): (?P<reason>(?!warning: ).+)")  # as an editor finds them
BAD, NO_ZONE, UNKNOWN, LISTED = 5, 300, 40, 160


def write(articles: Path, name: str, text: str) -> None:
    file = articles / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def article(title: str, *lines: str) -> str:
    return "\n".join(("---", f"title: {title}", *lines, "---", f"The words of {title}.", ""))


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 505 articles of several makers, and much that is none."""
    folder = tmp_path_factory.mktemp("big")
    articles = folder / "articles"
    for number in range(BAD):
        write(articles, f"harbour/bad-{number}.md", article(f"Bad {number}", "date: 2024-02-30", "claim: rumour"))
    for number in range(NO_ZONE):
        write(articles, f"2026/zone-{number}.md", article(f"Tide table {number}", f"lastmod: 2026-05-20T0{number % 10}:00"))
    for number in range(UNKNOWN):
        key = "standfrist" if number else "headlin"
        text = article(f"Key {number}", "publishDate: 2026-05-20T09:30:00Z", "category: Harbour", f"{key}: x")
        write(articles, f"hugo/key-{number}.md", text)
    for number in range(LISTED):
        write(articles, f"toml/zola-{number}.md", f'+++\ntitle = "Zola {number}"\npubDate = 2026-05-20T09:30:00Z\n+++\nx{number}\n')
    for name in ("a.docx", "b.docx", "harbour/c.DOCX", "d.rst", "README.md"):
        write(articles, name, "x")
    for number in range(4):
        write(articles, f"ferry (conflicted copy {number}).md", article("Ferry"))
    write(articles, "site.toml", "[site]\ntitel = 'Quay'\n")
    return folder


def test_faults_are_first_each_by_name_and_line(big: Path) -> None:
    ended = feedsvc("check", folder=big)
    assert ended.returncode == 1
    lines = ended.stdout.splitlines()
    faults = [FAULT.fullmatch(line) for line in lines[: 2 * BAD]]
    assert [(fault["path"], fault["line"]) for fault in faults if fault] == [
        (f"articles/harbour/bad-{number}.md", line) for number in range(BAD) for line in ("3", "4")
    ]
    assert not any(map(FAULT.fullmatch, lines[2 * BAD :])) and lines[2 * BAD] == ""


def test_each_kind_of_warning_is_there_once_with_its_number_and_three_examples(big: Path) -> None:
    found = sections(feedsvc("check", folder=big).stdout)
    zone = found["Dates without a time zone"]
    assert zone[0].startswith("300; set timezone in site.toml")
    assert len(zone) == 5 and zone[-1] == "… and 297 more; --all shows each"
    assert all(re.fullmatch(r"articles/2026/zone-\d+\.md:3: warning: lastmod .*", line) for line in zone[1:4])
    unknown = found["Unknown keys"]
    assert unknown[0] == "41" and unknown[-1] == "… and 38 more; --all shows each"
    assert {re.search('unknown key "(.*?)"', line)[1] for line in unknown[1:4]} == {"standfrist", "headlin", "titel"}
    assert len(found["Conflict copies of sync tools"]) == 5, "each is named"
    passed = found["Files that are passed over"]
    assert [line.partition(": warning: ")[0] for line in passed[1:]] == [
        f"articles/{name}:1" for name in ("README.md", "a.docx", "d.rst")
    ]
    assert "(and 2 more)" in passed[2]


def test_synonyms_are_told_once_for_each_dialect(big: Path) -> None:
    lines = feedsvc("check", folder=big).stdout.splitlines()
    assert [line for line in lines if "read as" in line and ": warning: " not in line] == [
        "Front matter in TOML: pubDate read as date",
        "Front matter in YAML: publishDate read as date; category read as topics; lastmod read as updated",
    ]


def test_the_last_line_has_the_sums(big: Path) -> None:
    lines = feedsvc("check", "--all", folder=big).stdout.splitlines()
    warned = [line.partition(":")[0] for line in lines if ": warning: " in line and " is no article" not in line]
    warnings = f"{len(warned):,} warnings in {len(set(warned))} files"
    assert lines[-1] == f"514 files: 500 articles, 10 faults in 5 files, {warnings}, 9 passed over"
    assert feedsvc("check", folder=big).stdout.splitlines()[-1] == lines[-1]


def test_all_shows_every_line(big: Path) -> None:
    lines = feedsvc("check", "--all", folder=big).stdout.splitlines()
    assert sum("has no time zone" in line for line in lines) == NO_ZONE
    assert sum("unknown key" in line for line in lines) == UNKNOWN + 1
    assert not any(line.startswith("… and") for line in lines)


def test_no_partner_is_spoken_of_who_is_not_set(big: Path) -> None:
    assert not re.search("MSN|Flipboard|no image", feedsvc("check", "--all", folder=big).stdout)


def test_each_file_that_is_named_gets_an_answer(big: Path) -> None:
    names = ["toml/zola-1.md", "hugo/key-1.md", "harbour/bad-1.md", "README.md", "d.rst", "site.toml"]
    ended = feedsvc("check", *(f"articles/{name}" for name in names), folder=big)
    assert ended.returncode == 1
    for name in names:
        assert sum(f"articles/{name}" in line for line in ended.stdout.splitlines()) >= 1, name
    assert "articles/toml/zola-1.md is in order" in ended.stdout.splitlines()
    zones = [f"articles/2026/zone-{number}.md" for number in range(10)]
    lines = feedsvc("check", *zones, folder=big).stdout.splitlines()
    assert all(any(line.startswith(f"{name}:3: warning: ") for line in lines) for name in zones)


def test_a_folder_may_be_named_even_the_whole(big: Path) -> None:
    whole = feedsvc("check", "articles", folder=big).stdout
    assert whole == feedsvc("check", folder=big).stdout
    part = feedsvc("check", "articles/harbour", folder=big).stdout.splitlines()
    assert part[-1] == "6 files: 0 articles, 10 faults in 5 files, no warnings, 1 passed over"


def sections(out: str) -> dict[str, list[str]]:
    """What is said of each kind, by its heading."""
    parts = (part.splitlines() for part in out.split("\n\n"))
    return {part[0].partition(": ")[0]: [part[0].partition(": ")[2], *part[1:]] for part in parts}


# ---- while somebody writes


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[tuple[Path, Callable[[], str], subprocess.Popen[bytes]]]:
    """An articles folder, what `check --watch` has said of it so far, and its process."""
    articles, out = tmp_path / "articles", tmp_path / "out.txt"
    write(articles, "ferry.md", article("Ferry", "date: 2026-05-20T09:30:00Z"))
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FEEDSVC_")}
    with out.open("wb") as file:
        process = subprocess.Popen(
            [*FEEDSVC, "check", "--watch"], cwd=tmp_path, env=clean, stdout=file, stderr=file, start_new_session=True
        )
    try:
        yield articles, out.read_text, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(SLOW)


def test_watch_checks_again_after_a_change_and_ends_with_the_last_code(
    watching: tuple[Path, Callable[[], str], subprocess.Popen[bytes]],
) -> None:
    articles, said, process = watching
    until(lambda: "1 file: 1 article, no faults" in said())
    write(articles, "harbour/bad.md", article("Bad", "date: 2024-02-30"))
    until(lambda: 'articles/harbour/bad.md:3: date "2024-02-30" is not a date' in said())
    until(lambda: "2 files: 1 article, 1 fault in 1 file" in said())
    # The new folder is heard of before its file, or together with it.
    assert re.search(r"^---- \d\d:\d\d:\d\d, harbour(/bad\.md)? changed$", said(), re.MULTILINE)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 1
    assert "Traceback" not in said()


def test_watch_ends_well_when_the_last_check_found_no_fault(
    watching: tuple[Path, Callable[[], str], subprocess.Popen[bytes]],
) -> None:
    articles, said, process = watching
    until(lambda: "1 file: 1 article" in said())
    write(articles, "bad.md", article("Bad", "date: 2024-02-30"))
    until(lambda: "2 files: 1 article, 1 fault" in said())
    (articles / "bad.md").unlink()
    until(lambda: said().count("1 file: 1 article, no faults") == 2)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def test_watch_of_what_is_not_there_and_as_json_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    for words in (["--watch", "--articles", "none"], ["--watch", "--json"]):
        ended = feedsvc("check", *words, folder=tmp_path)
        assert ended.returncode == 2 and len(ended.stderr.splitlines()) == 1


# ---- the log


def test_every_bad_file_is_in_the_log_by_name_once(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    for number in range(12):
        write(articles, f"bad-{number}.md", article("Bad", "date: 2024-02-30"))
        write(articles, f"x.{number}", "x")
    first, second = feedsvc("build", folder=tmp_path), feedsvc("build", folder=tmp_path)
    for number in range(12):
        assert f"articles/bad-{number}.md:3: date " in first.stderr
        assert f"articles/x.{number}: warning: is no article" in first.stderr
    assert first.returncode == second.returncode == 1
    assert second.stderr.splitlines() == ["12 files can't be published as now written; `feedsvc check` says why"]
    write(articles, "bad-1.md", article("Bad", "date: 2024-02-31"))
    third = feedsvc("build", folder=tmp_path).stderr
    assert 'bad-1.md:3: date "2024-02-31"' in third and "bad-2.md" not in third
