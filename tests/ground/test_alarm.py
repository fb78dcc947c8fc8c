"""When a failure is news, and when it is over."""

from __future__ import annotations

import pytest

from feedsvc.alarm import HOLD_SECONDS, MOST_PROBLEMS, Alarm


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_never_failed_is_never_over(clock: Clock) -> None:
    assert not Alarm(clock).worked()


def test_each_failure_is_news_once(clock: Clock) -> None:
    alarm = Alarm(clock)
    assert [alarm.failed(text) for text in ("full", "full", "broken", "full")] == [True, False, True, False]
    assert alarm.problem == "full"


def test_what_it_remembers_has_a_bound(clock: Clock) -> None:
    alarm = Alarm(clock)
    assert all(alarm.failed(f"broken at {number}") for number in range(1_000))
    assert len(alarm._said) <= MOST_PROBLEMS


def test_it_is_over_once_when_it_has_worked_for_a_while(clock: Clock) -> None:
    alarm = Alarm(clock)
    alarm.failed("full")
    clock.now += 3600  # however long ago it failed, that it works is seen only now
    assert not alarm.worked()
    clock.now += HOLD_SECONDS - 0.1
    assert not alarm.worked() and alarm.problem == "full"
    clock.now += 0.1
    assert alarm.worked() and alarm.problem is None
    assert not alarm.worked()
    assert alarm.failed("full")


def test_what_fails_by_turns_is_named_once_and_never_over(clock: Clock) -> None:
    alarm = Alarm(clock)
    assert alarm.failed("full")
    for _ in range(100):
        clock.now += HOLD_SECONDS - 1
        assert not alarm.worked()
        clock.now += HOLD_SECONDS - 1
        assert not alarm.failed("full")
