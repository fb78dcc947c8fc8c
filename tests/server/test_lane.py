"""What has to be made: in a queue with a bound, by threads that may hang, for clients who take turns."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from feedsvc.server.lane import Lane
from feedsvc.web.responses import Response, plain

ANSWER = plain("made\n", 200, "GET")
SECONDS = 30.0


async def until(condition: Callable[[], object]) -> None:
    end = asyncio.get_running_loop().time() + SECONDS
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it did not come true in time"
        await asyncio.sleep(0.005)


class Asked:
    """Questions to a lane, in the order in which they were answered: which it was, and whether with an answer."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.answered: list[tuple[str, bool]] = []
        self.open = threading.Event()
        self.begun: list[str] = []
        lane.begin(asyncio.get_running_loop())

    def ask(self, name: str, client: str = "192.0.2.1", *, hang: bool = False) -> None:
        def make() -> Response:
            self.begun.append(name)
            if hang:
                assert self.open.wait(SECONDS)
            return ANSWER

        self._lane.ask(f"/{name}", client, make, lambda response: self.answered.append((name, response is ANSWER)))


def run(lane: Lane, test: Callable[[Asked], Awaitable[None]]) -> None:
    async def inside() -> None:
        asked = Asked(lane)
        try:
            await test(asked)
        finally:
            asked.open.set()

    asyncio.run(inside())


def test_what_is_asked_is_answered_in_turn() -> None:
    async def test(asked: Asked) -> None:
        for name in "abc":
            asked.ask(name)
        await until(lambda: len(asked.answered) == 3)
        assert asked.answered == [("a", True), ("b", True), ("c", True)]

    run(Lane("pages", threads=1, waiting=10, seconds=SECONDS), test)


def test_clients_take_turns_however_much_one_asks_for() -> None:
    async def test(asked: Asked) -> None:
        asked.ask("first", hang=True)
        for name in "abcd":
            asked.ask(name, "192.0.2.1")
        asked.ask("x", "192.0.2.2")
        asked.open.set()
        await until(lambda: len(asked.answered) == 6)
        assert asked.begun == ["first", "a", "x", "b", "c", "d"]

    run(Lane("pages", threads=1, waiting=10, seconds=SECONDS), test)


def test_where_the_queue_is_full_there_is_no_answer() -> None:
    async def test(asked: Asked) -> None:
        asked.ask("first", hang=True)
        for name in "abc":
            asked.ask(name)
        await until(lambda: asked.answered)
        assert asked.answered == [("c", False)]
        asked.open.set()
        await until(lambda: len(asked.answered) == 4)
        assert ("a", True) in asked.answered and ("b", True) in asked.answered

    run(Lane("pages", threads=1, waiting=2, seconds=SECONDS), test)


def test_what_comes_too_late_is_given_up_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def test(asked: Asked) -> None:
        asked.ask("stuck", hang=True)
        asked.ask("behind it")
        await until(lambda: len(asked.answered) == 2)
        asked.ask("later")
        await until(lambda: len(asked.answered) == 3)
        assert [good for _, good in asked.answered] == [False] * 3
        assert asked.begun == ["stuck"]  # nobody waits any more for the others
        asked.open.set()
        asked.ask("again")
        await until(lambda: len(asked.answered) == 4)
        assert asked.answered[-1] == ("again", True)

    run(Lane("pages", threads=1, waiting=10, seconds=0.1), test)
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said == ["pages: no answer in 0.1 s, first to /stuck; requests for what is not in memory get 503 until it answers"]
