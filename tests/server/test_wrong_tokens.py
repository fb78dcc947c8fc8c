"""Wrong tokens are counted by client, said without a word of what they were, and answered late."""

from __future__ import annotations

import pytest

from feedsvc.server.wrong_tokens import FREE, MOST_CLIENTS, WINDOW_SECONDS, WrongTokens


def test_who_mistypes_is_answered_at_once_and_who_guesses_is_not(caplog: pytest.LogCaptureFixture) -> None:
    wrong = WrongTokens()
    assert [wrong.note("192.0.2.7", float(turn)) for turn in range(FREE + 3)] == [False] * FREE + [True] * 3
    assert not wrong.note("192.0.2.8", 9.0)
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "a wrong token or password from 192.0.2.7",
        "a wrong token or password from 192.0.2.7; its answers are held back from now on",
        "a wrong token or password from 192.0.2.8",
    ]


def test_it_is_over_after_a_while() -> None:
    wrong = WrongTokens()
    assert any(wrong.note("192.0.2.7", 0.0) for _ in range(FREE + 1))
    assert not wrong.note("192.0.2.7", WINDOW_SECONDS + 1)


def test_so_many_clients_are_remembered_and_no_more() -> None:
    wrong = WrongTokens()
    for number in range(MOST_CLIENTS + 10):
        wrong.note(str(number), 0.0)
    assert len(wrong._counts) == MOST_CLIENTS
