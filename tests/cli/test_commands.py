"""The commands as they are typed, with their exit codes."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import brotli
import pytest

from feedsvc.model.document import HTML
from support.live import NOON, Newsroom, feedsvc

SAMPLE = Path(__file__).parent.parent.parent / "articles"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a newsroom of two good articles and one bad one."""
    sport = tmp_path / "articles/sport"
    sport.mkdir(parents=True)
    (sport / "win.md").write_text("---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n---\nIt rained.\n")
    (sport / "draw.md").write_text("---\ntitle: A draw\ndate: 2026-05-19T09:30:00Z\n---\nIt snowed.\n")
    (sport / "bad.md").write_text("---\ntitle: Bad\ndate: 2024-02-30\n---\nx\n")
    return tmp_path


def test_check_names_each_fault_as_an_editor_can_click_it(folder: Path) -> None:
    ended = feedsvc("check", folder=folder)
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        'articles/sport/bad.md:3: date "2024-02-30" is not a date',
        "",
        "3 files: 2 articles, 1 fault in 1 file, no warnings, none passed over",
    ]
    assert feedsvc("check", "articles/sport/win.md", folder=folder).returncode == 0
    assert feedsvc("check", "articles/sport/bad.md", folder=folder).returncode == 1
    assert feedsvc("check", "articles/sport", folder=folder).returncode == 1
    assert not (folder / "var").exists()


def test_check_warns_of_what_partners_refuse_in_live_articles(folder: Path) -> None:
    (folder / "articles/site.toml").write_text('[site]\npartners = ["msn"]\n')
    (folder / "articles/sport/twin.md").write_text("---\ntitle: Town win!\ndraft: false\n---\nIt rained again.\n")
    (folder / "articles/sport/draft.md").write_text("---\ntitle: Town win?\ndraft: true\n---\nIt rained again.\n")
    ended = feedsvc("check", "articles/sport/win.md", "articles/sport/twin.md", "articles/sport/draft.md", folder=folder)
    assert ended.returncode == 0
    assert ended.stdout.splitlines() == [
        "articles/sport/twin.md:1: warning: has no date; it will get the moment at which it is first seen",
        "articles/sport/twin.md:1: warning: it has no image; MSN asks for one",
        "articles/sport/twin.md:1: warning: its title has 9 characters; MSN takes 21 to 150",
        "articles/sport/win.md:1: warning: it has no image; MSN asks for one",
        'articles/sport/win.md:1: warning: its title "Town win" is almost the same as that of sport/twin.md',
        "articles/sport/win.md:1: warning: its title has 8 characters; MSN takes 21 to 150",
        "",
        "articles/sport/draft.md is in order",
        "",
        "3 files: 3 articles, no faults, 6 warnings in 2 files, none passed over",
    ]


def test_check_names_what_a_partner_refuses_and_fails(folder: Path) -> None:
    ended = feedsvc("check", "--profile", "msn", "--profile", "flipboard", "articles/sport/draw.md", folder=folder)
    assert ended.returncode == 1
    *found, _, _, msn, flipboard = ended.stdout.splitlines()
    assert msn.startswith("MSN's rules, as read on ") and flipboard.startswith("Flipboard's rules, as read on ")
    assert found == [
        "articles/sport/draw.md:1: it has no image; Flipboard asks for one",
        "articles/sport/draw.md:1: it has no image; MSN asks for one",
        "articles/sport/draw.md:1: its title has 6 characters; MSN takes 21 to 150",
    ]
    # There is neither a logo nor a tagline.
    assert feedsvc("check", "--profile", "smartnews", "articles/sport/draw.md", folder=folder).returncode == 1
    (folder / "articles/site.toml").write_text('[site]\ntagline = "News"\nlogo = "https://lantern.example/logo.png"\n')
    assert feedsvc("check", "--profile", "smartnews", "articles/sport/draw.md", folder=folder).returncode == 0
    assert feedsvc("check", "--profile", "yahoo", folder=folder).returncode == 2


def test_check_speaks_json(folder: Path) -> None:
    ended = feedsvc("check", "--json", folder=folder)
    assert ended.returncode == 1
    found = {"path": "articles/sport/bad.md", "line": 3, "reason": 'date "2024-02-30" is not a date', "warning": False, "kind": ""}
    assert found in json.loads(ended.stdout)


def errors(ended: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of faults."""
    return [line for line in ended.stdout.splitlines() if line.startswith("articles/") and ": warning: " not in line]


def test_check_names_both_files_of_a_conflict_and_faults_in_site_toml(folder: Path) -> None:
    (folder / "articles/town").mkdir()
    (folder / "articles/town/win.md").write_text("---\ntitle: Town win\ndate: 2026-05-20T09:30:00Z\n---\nIt snowed.\n")
    (folder / "articles/site.toml").write_text('[site]\ntimezone = "Europe/Atlantis"\n')
    out = feedsvc("check", folder=folder).stdout
    assert 'articles/town/win.md:1: warning: its slug "win" is that of sport/win.md, which was there first' in out
    assert "articles/site.toml:2: timezone" in out


def test_check_of_what_is_not_there_is_wrong_usage(folder: Path) -> None:
    for words in (["check", "articles/none.md"], ["check", "/etc/hostname"], ["check", "--articles", "none"]):
        ended = feedsvc(*words, folder=folder)
        assert ended.returncode == 2 and len(ended.stderr.splitlines()) == 1


def test_the_sample_newsroom_has_no_fault(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "articles")
    ended = feedsvc("check", folder=tmp_path)
    assert (ended.returncode, errors(ended)) == (0, [])


def test_build_publishes_the_good_ones_and_says_that_one_is_bad(folder: Path) -> None:
    ended = feedsvc("build", folder=folder)
    assert ended.returncode == 1
    assert "articles/sport/bad.md:3: date" in ended.stderr
    assert re.fullmatch(r"2 articles in 1 topic, [1-9]\d documents published\n", ended.stdout)
    (folder / "articles/sport/bad.md").unlink()
    assert feedsvc("build", folder=folder).returncode == 0


def test_build_writes_what_is_served_and_takes_away_what_is_gone(folder: Path) -> None:
    (folder / "articles/sport/bad.md").unlink()
    assert feedsvc("build", "--out", "out", "--with-articles", folder=folder).returncode == 0
    out = folder / "out"
    for name in ("feeds/all.rss", "feeds/sport.atom", "feeds/sport.json", "headlines.json", "feeds.opml", "index.html"):
        plain = (out / name).read_bytes()
        assert gzip.decompress((out / f"{name}.gz").read_bytes()) == plain
        assert brotli.decompress((out / f"{name}.br").read_bytes()) == plain
    assert "Town win" in (out / "articles/win.html").read_text()
    (folder / "articles/sport/win.md").unlink()
    assert feedsvc("build", "--out", "out", "--with-articles", folder=folder).returncode == 0
    assert not (out / "articles/win.html").exists() and not (out / "articles/win.html.gz").exists()
    assert (out / "articles/draw.html").exists()
    assert "Town win" not in (out / "feeds/all.rss").read_text()
    assert list(out.rglob("*.part")) == []


def test_two_builds_give_the_same_files(folder: Path) -> None:
    for name in ("one", "two"):
        feedsvc("build", "--out", name, "--database", f"sqlite:///{name}.db", folder=folder)
    names = sorted(path.relative_to(folder / "one") for path in (folder / "one").rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(folder / "two") for path in (folder / "two").rglob("*") if path.is_file())
    assert len(names) > 30
    for name in names:
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()


def test_a_dry_run_tells_what_would_change_and_changes_nothing(folder: Path) -> None:
    (folder / "articles/sport/bad.md").unlink()
    ended = feedsvc("build", "--dry-run", folder=folder)
    assert ended.returncode == 0 and not (folder / "var").exists()
    assert ended.stdout.splitlines() == [
        "all: 2 added, 0 changed, 0 removed",
        "  + A draw (sport/draw.md)",
        "  + Town win (sport/win.md)",
        "sport: 2 added, 0 changed, 0 removed",
        "  + A draw (sport/draw.md)",
        "  + Town win (sport/win.md)",
    ]
    feedsvc("build", folder=folder)
    assert feedsvc("build", "--dry-run", folder=folder).stdout == "nothing would change\n"
    (folder / "articles/town").mkdir()
    (folder / "articles/sport/win.md").rename(folder / "articles/town/win.md")
    (folder / "articles/sport/draw.md").write_text("---\ntitle: No draw\ndate: 2026-05-19T09:30:00Z\n---\nIt snowed.\n")
    assert feedsvc("build", "--dry-run", folder=folder).stdout.splitlines() == [
        "all: 0 added, 2 changed, 0 removed",
        "  ~ No draw (sport/draw.md)",
        "  ~ Town win (town/win.md)",
        "sport: 0 added, 1 changed, 1 removed",
        "  - Town win (town/win.md)",
        "  ~ No draw (sport/draw.md)",
        "town: 1 added, 0 changed, 0 removed",
        "  + Town win (town/win.md)",
    ]
    assert "2 articles in 1 topic" in feedsvc("status", folder=folder).stdout


def test_build_beside_a_builder_is_refused(newsroom: Newsroom, tmp_path: Path) -> None:
    ended = feedsvc("build", folder=tmp_path)
    assert ended.returncode == 2 and "another process builds" in ended.stderr


def test_status_tells_what_is_published_and_what_is_in_quarantine(folder: Path) -> None:
    before = feedsvc("status", folder=folder)
    assert before.returncode == 2 and "nothing is published yet" in before.stderr
    feedsvc("build", folder=folder)
    text = feedsvc("status", folder=folder)
    assert text.returncode == 0
    assert 'sport/bad.md:3: date "2024-02-30" is not a date' in text.stdout and "2 articles in 1 topic" in text.stdout
    known = json.loads(feedsvc("status", "--json", folder=folder).stdout)
    assert (known["articles"], known["generation"], known["lease"]) == (2, 1, None)
    assert [topic["slug"] for topic in known["topics"]] == ["sport"]
    fault = {"path": "sport/bad.md", "line": 3, "reason": 'date "2024-02-30" is not a date', "warning": False, "kind": ""}
    assert known["quarantine"] == [fault | {"published": False}]
    assert [line["cause"] for line in known["builds"]] == ["feedsvc build"]


def test_accept_removals_confirms_what_the_brake_holds(newsroom: Newsroom, tmp_path: Path) -> None:
    assert "no removals to confirm" in feedsvc("accept-removals", folder=tmp_path).stdout
    for number in range(8):
        newsroom.write(f"sport/match-{number}.md", body=f"Match {number}.", date=NOON)
    newsroom.build()
    shutil.rmtree(newsroom.articles / "sport")
    newsroom.build()
    assert "accept-removals" in feedsvc("status", folder=tmp_path).stdout
    assert feedsvc("accept-removals", folder=tmp_path).returncode == 0
    newsroom.build()
    assert json.loads(newsroom.body("/feeds/all.json"))["items"] == []
    assert newsroom.document("/").content_type == HTML


@pytest.mark.parametrize("command", ["serve", "build", "check", "status"])
def test_every_flag_shows_its_environment_twin(command: str, tmp_path: Path) -> None:
    text = feedsvc(command, "--help", folder=tmp_path).stdout
    for flag in ("articles", "database", "public-url", "host", "port", "workers", "interval"):
        if f"--{flag}" in text:
            assert f"FEEDSVC_{flag.replace('-', '_').upper()}" in text
