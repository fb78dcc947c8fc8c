"""A process without rights, which may have been taken over: whatever it gives, its user has an error in time."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedsvc.processes import sandboxed_process
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.procfs import wants_processor
from feedsvc.processes.sandboxed_pool import GROWTH_BYTES, SandboxedPool
from feedsvc.processes.sandboxed_process import Crashed, OutOfTime, SandboxedProcess, Work, WorkFailed
from support.live import until

SLOW = 60.0
SOURCE = ForkServer()
KEPT: list[bytes] = []


def _raw(data: bytes) -> None:
    """Writes past the process's own code, as whoever has taken it over would."""
    line = _line()
    while data:
        data = data[os.write(line, data) :]


def _line() -> int:
    """The number of the one file that is open."""
    [line] = filter(_open, range(3, 200))
    return line


def _open(number: int) -> bool:
    try:
        os.write(number, b"")
    except OSError:
        return False
    return True


def _for_ever() -> None:
    while True:
        pass


def _compute() -> None:
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass


def _raise(error: Exception) -> None:
    raise error


def _keep() -> None:
    KEPT.append(b"\1" * (GROWTH_BYTES * 2 // 3))


def _flood() -> None:
    while True:
        _raw(struct.pack("!cQ", b"d", 1) + b"x")


DEEDS: dict[str, Callable[[], object]] = {
    "loops": _for_ever,
    "computes": _compute,
    "sleeps": lambda: signal.sigwait({signal.SIGUSR1}),
    "hangs": lambda: os.read(_line(), 1),
    "ends": lambda: os._exit(0),
    "segfaults": lambda: ctypes.string_at(0),
    "no memory": lambda: bytearray(3_000_000_000),
    "raises": lambda: _raise(ValueError("wrong\n\x1b[31m" + "x" * 1_000)),
    "raises what is no text": lambda: _raise(ValueError("\ud800")),
    "wrong tag": lambda: _raw(struct.pack("!cQ", b"\x80", 0)),
    "too long": lambda: _raw(struct.pack("!cQ", b"d", 2**63)),
    "half a reply": lambda: (_raw(struct.pack("!cQ", b"d", 9) + b"half"), os._exit(0)),
    "half a reply and no more": lambda: (_raw(struct.pack("!cQ", b"d", 9) + b"half"), _for_ever()),
    "flood": _flood,
    "keeps": _keep,
    "two replies": lambda: _raw(struct.pack("!cQ", b"d", 1) + b"x"),
}


def begun() -> Work:
    def work(request: bytes) -> bytes:
        if request.startswith(b"do "):
            DEEDS[request[3:].decode()]()
        return request[::-1]

    return work


def failing() -> Work:
    raise ImportError


@pytest.fixture
def process() -> Iterator[SandboxedProcess]:
    made = SandboxedProcess("test", SOURCE, begun)
    yield made
    made.end()


@pytest.mark.parametrize("length", [0, 1, 65_536, 5_000_000])
def test_bytes_are_answered_with_bytes(process: SandboxedProcess, length: int) -> None:
    request = os.urandom(length)
    for _ in range(3):
        assert process.ask(request, SLOW, SLOW) == request[::-1]


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        ("loops", OutOfTime),
        ("ends", Crashed),
        ("segfaults", Crashed),
        ("no memory", Crashed),
        ("wrong tag", Crashed),
        ("too long", Crashed),
        ("half a reply", Crashed),
        ("half a reply and no more", OutOfTime),
        ("raises", WorkFailed),
        ("raises what is no text", WorkFailed),
    ],
)
def test_what_goes_wrong_is_an_error(process: SandboxedProcess, deed: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        process.ask(f"do {deed}".encode(), 0.2, SLOW)
    if error is not WorkFailed:
        assert not Path(f"/proc/{process.pid}").exists() or " Z " in Path(f"/proc/{process.pid}/stat").read_text()
    else:
        assert process.ask(b"abc", SLOW, SLOW) == b"cba"


@pytest.mark.parametrize("deed", ["sleeps", "hangs"])
def test_one_that_computes_nothing_is_out_of_time_by_the_clock(process: SandboxedProcess, deed: str) -> None:
    with pytest.raises((OutOfTime, WorkFailed)):
        process.ask(f"do {deed}".encode(), SLOW, 0.3)


def test_one_that_computes_is_waited_for_on_a_busy_machine(process: SandboxedProcess) -> None:
    assert process.ask(b"do computes", SLOW, 0.01) == b"setupmoc od"


def test_a_reply_that_comes_while_its_process_is_looked_at_is_read(
    process: SandboxedProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_at_late(pid: int) -> bool:
        until(lambda: not wants_processor(pid))
        return False

    monkeypatch.setattr(sandboxed_process, "wants_processor", looked_at_late)
    assert process.ask(b"do computes", SLOW, 0.01) == b"setupmoc od"


def test_one_that_takes_nothing_is_out_of_time(process: SandboxedProcess) -> None:
    os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(OutOfTime):
        process.ask(bytes(5_000_000), SLOW, 0.3)


def test_one_that_dribbles_is_out_of_time(process: SandboxedProcess) -> None:
    theirs, ours = socket.socketpair()
    process._socket.close()
    process._socket = ours
    with theirs, pytest.raises(OutOfTime):
        theirs.sendall(struct.pack("!cQ", b"d", 1_000_000) + b"x")
        process.ask(b"", SLOW, 0.3)


def test_what_it_says_of_a_failure_is_one_short_line(process: SandboxedProcess) -> None:
    with pytest.raises(WorkFailed) as caught:
        process.ask(b"do raises", SLOW, SLOW)
    text = str(caught.value)
    assert text.startswith("makes the parser fail: ValueError: wrong  [31mxxx") and text.isprintable() and len(text) < 400


def test_one_that_cannot_begin_has_crashed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Crashed):
        SandboxedProcess("test", SOURCE, failing)


@pytest.fixture
def pool() -> Iterator[SandboxedPool]:
    made = SandboxedPool("test", SOURCE, begun, processes=2)
    yield made
    made.close()


def test_requests_are_answered_each_with_its_own(pool: SandboxedPool) -> None:
    futures = [pool.submit(b"%d" % number, SLOW, SLOW) for number in range(500)]
    assert [future.result(SLOW) for future in futures] == [(b"%d" % number)[::-1] for number in range(500)]


def test_after_a_crash_others_are_answered(pool: SandboxedPool) -> None:
    requests = [b"do ends" if number % 7 == 0 else b"abc" for number in range(50)]
    futures = [pool.submit(request, SLOW, SLOW) for request in requests]
    for request, future in zip(requests, futures, strict=True):
        if request == b"abc":
            assert future.result(SLOW) == b"cba"
        else:
            with pytest.raises(Crashed):
                future.result(SLOW)


@pytest.mark.parametrize("deed", ["two replies", "flood"])
def test_a_reply_that_nobody_asked_for_is_given_to_nobody(pool: SandboxedPool, deed: str) -> None:
    pool.submit(f"do {deed}".encode(), SLOW, SLOW).result(SLOW)
    pool.submit(f"do {deed}".encode(), SLOW, SLOW).result(SLOW)
    idle = list(pool._idle)
    until(lambda: all(process.has_ended() for process in idle))
    assert [pool.submit(b"abc", SLOW, SLOW).result(SLOW) for _ in range(5)] == [b"cba"] * 5


def test_a_process_that_grows_is_replaced_and_others_stay() -> None:
    pool = SandboxedPool("test", SOURCE, begun, processes=1)
    seen = []
    for request in (b"abc", b"abc", b"do keeps", b"do keeps", b"abc", b"do keeps", b"do keeps"):
        assert pool.submit(request, SLOW, SLOW).result(SLOW) == request[::-1]
        seen.append([process.pid for process in pool._idle])
    [first], [last] = seen[0], seen[4]
    pool.close()
    assert seen == [[first], [first], [first], [], [last], [last], []] and first != last


def test_a_pool_closes_while_its_processes_work(pool: SandboxedPool) -> None:
    futures = [pool.submit(b"do loops", SLOW, SLOW) for _ in range(4)]
    until(lambda: len(pool._busy) == 2)
    pids = [process.pid for process in pool._busy]
    pool.close()
    assert all(future.cancelled() or isinstance(future.exception(), Crashed) for future in futures)
    until(lambda: not any(_runs(pid) for pid in pids))


def test_a_process_ends_with_its_user(tmp_path: Path) -> None:
    code = """
        import os, sys
        from feedsvc.processes.forkserver import ForkServer
        from feedsvc.processes.sandboxed_process import SandboxedProcess

        if __name__ == "__main__":
            print(SandboxedProcess("test", ForkServer(), bytes).pid, flush=True)
            os.kill(os.getpid(), 9)
    """
    (tmp_path / "user.py").write_text(textwrap.dedent(code))
    ended = subprocess.run([sys.executable, str(tmp_path / "user.py")], capture_output=True, text=True, timeout=SLOW)
    until(lambda: not _runs(int(ended.stdout)))


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
