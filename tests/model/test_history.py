"""The history: the last builds line by line, and all of them counted, whatever came of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.builder.build import BuildResult
from feedsvc.builder.journal import REST_SECONDS, Journal
from feedsvc.errors import StoreError
from feedsvc.model.history import BOUNDS, KEPT, BuildEntry, BuildOutcome, History, Tally, read_history, write_history
from feedsvc.storage.facts import HISTORY
from feedsvc.storage.store import Store
from support.live import NOON
from support.newsroom import HOSTILE

LINE = BuildEntry(at=NOON, cause="start", outcome=BuildOutcome.PUBLISHED, seconds=0.2, generation=1, read=3, documents=20)
QUIET = replace(LINE, outcome=BuildOutcome.UNCHANGED, generation=None, seconds=0.002)
FAILED = replace(LINE, outcome=BuildOutcome.FAILED, generation=None, problem="the disk is full")

lines = st.builds(
    BuildEntry,
    at=st.just(NOON),
    cause=st.text(max_size=5),
    outcome=st.sampled_from(BuildOutcome),
    seconds=st.floats(0, 1e6),
    problem=st.none() | st.sampled_from(["the disk is full", "the folder is gone"]),
)


@given(st.lists(lines, max_size=80))
def test_every_build_is_counted_and_the_last_are_kept(some: list[BuildEntry]) -> None:
    book = History().with_lines(some)
    assert len(book.lines) <= KEPT
    for outcome in BuildOutcome:
        of_this = [line.seconds for line in some if line.outcome is outcome]
        tally = book.tallies.get(outcome, Tally())
        assert tally.number == len(of_this) and tally.seconds == pytest.approx(sum(of_this))
        assert tally.cumulative() == [
            *((str(bound), sum(seconds <= bound for seconds in of_this)) for bound in BOUNDS),
            ("+Inf", len(of_this)),
        ]
    assert read_history(write_history(book)) == book
    assert History().with_lines(some[:40]).with_lines(some[40:]) == book


def test_what_changed_nothing_is_counted_and_not_listed() -> None:
    book = History().with_lines([LINE, replace(QUIET, at=NOON + timedelta(minutes=1))])
    assert book.lines == (LINE,) and book.looked == NOON + timedelta(minutes=1)


def test_how_many_pictures_are_left_is_what_the_last_build_says_that_did_not_fail() -> None:
    book = History().with_lines([replace(LINE, pictures=9), replace(QUIET, pictures=3), replace(FAILED, pictures=0)])
    assert (book.pictures, History().with_lines([replace(LINE, pictures=9), QUIET]).pictures) == (3, 0)


def test_what_fails_again_and_again_is_one_line_the_latest() -> None:
    again = [replace(FAILED, at=NOON + timedelta(seconds=5 * number)) for number in range(60)]
    book = History().with_lines([LINE, *again])
    assert book.lines == (again[-1], LINE) and book.looked == NOON
    assert book.tallies[BuildOutcome.FAILED].number == 60


@pytest.mark.parametrize("text", [None, "", "no JSON", '{"lines": 3}', '{"lines": [{}]}', "[]"])
def test_what_can_not_be_read_is_an_empty_history(text: str | None) -> None:
    assert read_history(text) == History()


class Clock:
    """A monotonic clock that stands where the test puts it."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_changed_nothing_is_written_now_and_then(store: Store) -> None:
    clock = Clock()
    journal = Journal(store, clock)

    def counted() -> int:
        return store.fact(HISTORY).tallies.get(BuildOutcome.UNCHANGED, Tally()).number

    journal.note(NOON, "interval", 0.001, BuildResult())
    assert counted() == 1
    for _ in range(5):
        journal.note(NOON, "interval", 0.001, BuildResult())
    assert counted() == 1
    clock.now = REST_SECONDS
    journal.note(NOON, "interval", 0.001, BuildResult())
    assert counted() == 7
    journal.note(NOON, "interval", 0.001, BuildResult())
    journal.note(NOON, "a.md changed", 0.1, BuildResult(generation=2, documents=11, read=1))
    assert counted() == 8
    (line,) = store.fact(HISTORY).lines
    assert (line.generation, line.documents, line.read, line.cause) == (2, 11, 1, "a.md changed")
    journal.note(NOON, "interval", 0.001, BuildResult())
    journal.write()
    assert counted() == 9


def test_what_the_database_does_not_take_it_gets_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(store)

    def full(_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "note", full)
        journal.note(NOON, "start", 0.1, problem="the disk is full")
    journal.note(NOON, "retry", 0.1, BuildResult(generation=1))
    assert [line.cause for line in store.fact(HISTORY).lines] == ["retry", "start"]


def test_a_line_is_short_and_holds_no_control_character(store: Store) -> None:
    Journal(store).note(NOON, f"{HOSTILE}\ud800\x00\n" * 100, 0.1, BuildResult(generation=1, problem="\x1b[2J" + "x" * 9999))
    (line,) = store.fact(HISTORY).lines
    assert len(line.cause) <= 500 and len(line.problem or "") <= 500
    assert "\x1b" not in f"{line.problem}" and "\n" not in line.cause


def test_an_earlier_history_is_gone_on_with(tmp_path: Path) -> None:
    for number in (1, 2):
        store = Store(f"sqlite:///{tmp_path}/feedsvc.db")
        Journal(store).note(NOON, "start", 0.1, BuildResult(generation=number))
        assert store.fact(HISTORY).tallies[BuildOutcome.PUBLISHED].number == number
        store.close()
