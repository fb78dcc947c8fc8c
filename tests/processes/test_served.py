"""What all workers of a machine serve is told once; those that are gone hold up nobody."""

from __future__ import annotations

import pytest

from feedsvc.processes import served
from feedsvc.processes.served import Served


def test_what_the_last_worker_has_is_what_all_have() -> None:
    shared = Served(3)
    assert shared.by_all() == shared.news() == 0
    shared.put(0, 4)
    shared.put(1, 3)
    assert shared.news() == 3 and shared.news() == 0
    shared.put(1, 4)
    assert shared.news() == 4 and shared.news() == 0


def test_what_could_not_be_told_is_told_again() -> None:
    shared = Served(1)
    shared.put(0, 4)
    assert shared.news() == 4
    shared.take_back()
    assert shared.news() == 4


def test_one_that_says_nothing_any_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(served.time, "monotonic", lambda: now)
    shared = Served(2)
    shared.put(0, 4)
    shared.put(1, 3)
    now += served.SILENT_SECONDS - 0.1
    shared.put(0, 5)
    assert shared.by_all() == 3
    now += 0.2
    assert shared.by_all() == 5


def test_a_number_that_falls_is_told_too() -> None:
    """As after a failover to a standby that had not heard of the last publications."""
    shared = Served(1)
    shared.put(0, 9)
    assert shared.news() == 9
    shared.put(0, 7)
    assert shared.news() == 7
