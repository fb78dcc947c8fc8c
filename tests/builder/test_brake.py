"""The brake holds until a look at the whole folder, and a confirmation is for what it answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli.main import cli
from feedsvc.storage.store import Store
from support.events import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
)
from support.live import Newsroom, feedsvc


def braked(newsroom: Newsroom) -> Path:
    """Ten articles of which the brake holds eight; where their files have gone."""
    for number in range(8):
        newsroom.write(f"sport/match-{number}.md", body=f"Match {number}.")
    for number in range(2):
        newsroom.write(f"town/report-{number}.md", body=f"Report {number}.")
    newsroom.build()
    hidden = newsroom.articles.with_name("elsewhere")
    (newsroom.articles / "sport").rename(hidden)
    assert "accept-removals" in (newsroom.build(after=HOUR).problem or "")
    return hidden


def brake_holds(tmp_path: Path) -> bool:
    return "accept-removals" in feedsvc("status", folder=tmp_path).stdout


def test_12_a_save_does_not_lift_the_brake(newsroom: Newsroom, tmp_path: Path) -> None:
    braked(newsroom)
    newsroom.write("town/new.md", body="Something else.")
    newsroom.build("town/new.md", after=SECOND)
    assert brake_holds(tmp_path) and len(newsroom.titles()) == 11
    newsroom.build(after=MINUTE)
    assert brake_holds(tmp_path) and len(newsroom.titles()) == 11


def test_12_a_save_does_not_discard_what_was_accepted(newsroom: Newsroom, tmp_path: Path) -> None:
    braked(newsroom)
    assert feedsvc("accept-removals", folder=tmp_path).returncode == 0
    newsroom.write("town/new.md", body="Something else.")
    newsroom.build("town/new.md", after=SECOND)
    newsroom.build(after=MINUTE)
    assert not brake_holds(tmp_path) and sorted(newsroom.titles()) == ["New", "Report 0", "Report 1"]


def test_12_an_acceptance_that_came_too_late_confirms_nothing_later(newsroom: Newsroom, tmp_path: Path) -> None:
    hidden = braked(newsroom)
    hidden.rename(newsroom.articles / "sport")
    assert feedsvc("accept-removals", folder=tmp_path).returncode == 0  # before the scan that finds the files back
    newsroom.build(after=MINUTE)
    assert not brake_holds(tmp_path)
    newsroom.build(after=7 * DAY)
    (newsroom.articles / "sport").rename(hidden)
    for _ in range(3):
        newsroom.build(after=MINUTE)
    assert brake_holds(tmp_path) and len(newsroom.titles()) == 10


def test_12_an_acceptance_that_crosses_the_scan_that_lifts_the_brake_confirms_nothing(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = braked(newsroom)
    hidden.rename(newsroom.articles / "sport")

    def late(store: Store, name: str, value: str) -> None:
        newsroom.build(after=MINUTE)
        monkeypatch.undo()
        store.set_fact(name, value)

    monkeypatch.setattr(Store, "set_fact", late)
    CliRunner().invoke(cli, ["accept-removals", "--database", newsroom.database])
    monkeypatch.undo()
    newsroom.build(after=7 * DAY)
    (newsroom.articles / "sport").rename(hidden)
    for _ in range(3):
        newsroom.build(after=MINUTE)
    assert brake_holds(tmp_path) and len(newsroom.titles()) == 10


def test_12_an_acceptance_is_for_the_files_that_were_gone_when_it_was_given(newsroom: Newsroom, tmp_path: Path) -> None:
    braked(newsroom)
    assert feedsvc("accept-removals", folder=tmp_path).returncode == 0
    shutil.rmtree(newsroom.articles / "town")  # and the rest of the mount goes before the next scan
    newsroom.build(after=MINUTE)
    assert {"Report 0", "Report 1"} <= set(newsroom.titles())
