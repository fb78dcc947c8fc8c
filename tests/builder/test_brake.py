"""The brake holds until a look at the whole folder, and a confirmation is for what it answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.builder.brake import BRAKE_WINDOW, braked
from feedsvc.cli.main import cli
from feedsvc.model.ledger import remove
from feedsvc.storage.store import Store
from support.events import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
)
from support.live import Newsroom, feedsvc
from support.records import NOW, record


@pytest.mark.parametrize(
    ("gone", "standing", "holds"),
    [
        (0, 0, False),
        (1, 1, False),
        (5, 5, False),
        (6, 6, True),
        (6, 19, True),
        (6, 20, False),
        (30, 100, False),
        (31, 100, True),
        (100, 100, True),
    ],
)
def test_how_many_it_takes(gone: int, standing: int, holds: bool) -> None:
    assert braked(gone, [], standing, NOW) is holds


def test_a_folder_deleted_in_parts_is_braked_too() -> None:
    removed = [remove(record(), NOW) for _ in range(4)]
    assert not braked(2, [], 10, NOW)
    assert braked(2, removed, 10, NOW + SECOND)
    assert not braked(2, removed, 10, NOW + BRAKE_WINDOW)
    assert not braked(2, [record() for _ in range(4)], 10, NOW)


def brake(newsroom: Newsroom) -> Path:
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


def test_a_save_does_not_lift_the_brake(newsroom: Newsroom, tmp_path: Path) -> None:
    brake(newsroom)
    newsroom.write("town/new.md", body="Something else.")
    newsroom.build("town/new.md", after=SECOND)
    assert brake_holds(tmp_path) and len(newsroom.titles()) == 11
    newsroom.build(after=MINUTE)
    assert brake_holds(tmp_path) and len(newsroom.titles()) == 11


def test_a_save_does_not_discard_what_was_accepted(newsroom: Newsroom, tmp_path: Path) -> None:
    brake(newsroom)
    assert feedsvc("accept-removals", folder=tmp_path).returncode == 0
    newsroom.write("town/new.md", body="Something else.")
    newsroom.build("town/new.md", after=SECOND)
    newsroom.build(after=MINUTE)
    assert not brake_holds(tmp_path) and sorted(newsroom.titles()) == ["New", "Report 0", "Report 1"]


def test_an_acceptance_that_came_too_late_confirms_nothing_later(newsroom: Newsroom, tmp_path: Path) -> None:
    hidden = brake(newsroom)
    hidden.rename(newsroom.articles / "sport")
    assert feedsvc("accept-removals", folder=tmp_path).returncode == 0  # before the scan that finds the files back
    newsroom.build(after=MINUTE)
    assert not brake_holds(tmp_path)
    newsroom.build(after=7 * DAY)
    (newsroom.articles / "sport").rename(hidden)
    for _ in range(3):
        newsroom.build(after=MINUTE)
    assert brake_holds(tmp_path) and len(newsroom.titles()) == 10


def test_an_acceptance_that_crosses_the_scan_that_lifts_the_brake_confirms_nothing(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = brake(newsroom)
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


def test_an_acceptance_is_for_the_files_that_were_gone_when_it_was_given(newsroom: Newsroom, tmp_path: Path) -> None:
    brake(newsroom)
    assert feedsvc("accept-removals", folder=tmp_path).returncode == 0
    shutil.rmtree(newsroom.articles / "town")  # and the rest of the mount goes before the next scan
    newsroom.build(after=MINUTE)
    assert {"Report 0", "Report 1"} <= set(newsroom.titles())
