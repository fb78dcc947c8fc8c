"""A process that parses has no rights: each thing that an intruder there would want, tried there."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedsvc.processes import sandbox
from feedsvc.processes.forkserver import ForkServer
from feedsvc.processes.sandboxed_process import SandboxedProcess, Work

SLOW = 60.0
SOURCE = ForkServer()

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")


def _raw(x86_64: int, aarch64: int, *args: int) -> None:
    """A system call past every library."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(x86_64 if os.uname().machine == "x86_64" else aarch64, *args) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _from_another_room() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(4, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "refused")


ACTS: dict[str, Callable[[], object]] = {
    "open a file to read": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "open a device": lambda: os.open(os.devnull, os.O_RDONLY),
    "read its own memory": lambda: os.open("/proc/self/mem", os.O_RDWR),
    "make a file": lambda: os.open("/var/feedsvc-sandbox", os.O_WRONLY | os.O_CREAT),
    "list a folder": lambda: os.listdir("/"),
    "look at a file": lambda: os.stat("/etc/passwd"),
    "follow a link": lambda: os.readlink("/proc/self/exe"),
    "remove a file": lambda: os.unlink("/var/feedsvc-sandbox"),
    "rename a file": lambda: os.rename("/var/feedsvc-sandbox", "/var/feedsvc-sandbox-2"),
    "make a folder": lambda: os.mkdir("/var/feedsvc-sandbox"),
    "make a link": lambda: os.symlink("/etc", "/var/feedsvc-sandbox"),
    "change a mode": lambda: os.chmod("/var", 0o700),
    "change the folder": lambda: os.chdir("/"),
    "a file in memory": lambda: os.memfd_create("x"),
    "a socket of TCP": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "a socket of UDP": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    "a socket of Unix": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "a socket of netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "a pair of sockets": lambda: socket.socketpair(),
    "a pipe": lambda: os.pipe(),
    "a fork": lambda: os.fork(),
    "a thread": lambda: _raw(56, 220, 0x10F00),
    "another program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
    "its parent's end": lambda: os.kill(1, 0),
    "its group's end": lambda: os.killpg(0, 0),
    "its parent's memory": lambda: _raw(101, 117, 16, 1, 0, 0),
    "a place among others": lambda: os.setpriority(os.PRIO_PROCESS, 0, 0),
    "more memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    "another user": lambda: os.setuid(0),
    "a namespace": lambda: _raw(272, 97, 0x10000000),
    "a mount": lambda: _raw(165, 40, 0, 0, 0, 0, 0),
    "a module of the kernel": lambda: _raw(313, 273, 0, 0, 0),
    "io_uring": lambda: _raw(425, 425, 1, 0),
    "bpf": lambda: _raw(321, 280, 0, 0, 0),
    "another filter": _from_another_room,
    "a lock on a file": lambda: fcntl.fcntl(0, fcntl.F_GETFL),
}


def begun(walls: tuple[str, ...] = ("landlock", "seccomp")) -> Work:
    """Tries an act; the error's number, or what came of it."""
    for wall in ("landlock", "seccomp"):
        if wall not in walls:
            setattr(sandbox, f"_{wall}", lambda libc: False)
    ctypes.CDLL(None)

    def act(request: bytes) -> bytes:
        try:
            found = ACTS[request.decode()]()
        except OSError as error:
            return errno.errorcode[error.errno or 0].encode()
        except ValueError:  # so Python says that a limit may not be raised
            return b"EPERM"
        return repr(found).encode()

    return act


@pytest.fixture(scope="module")
def locked() -> Iterator[SandboxedProcess]:
    process = SandboxedProcess("test", SOURCE, begun)
    yield process
    process.end()


@pytest.mark.parametrize("act", ACTS)
def test_nothing_can_be_done_but_to_compute(locked: SandboxedProcess, act: str) -> None:
    assert locked.ask(act.encode(), SLOW, SLOW) in (b"EPERM", b"EACCES")


def test_both_walls_hold_here(locked: SandboxedProcess) -> None:
    assert locked.walls == ("landlock", "seccomp")
    status = Path(f"/proc/{locked.pid}/status").read_text()
    assert "NoNewPrivs:\t1\n" in status and "Seccomp:\t2\n" in status


def test_one_file_is_open_beside_nothing(locked: SandboxedProcess) -> None:
    folder = Path(f"/proc/{locked.pid}/fd")
    found = {os.readlink(one) for one in folder.iterdir() if int(one.name) > 2}
    assert len(found) == 1 and found.pop().startswith("socket:")
    assert {os.readlink(folder / str(standard)) for standard in (0, 1, 2)} == {os.devnull}


@pytest.mark.parametrize(
    "act", ["open a file to read", "make a file", "list a folder", "make a folder", "another program", "open a device"]
)
def test_files_are_out_of_reach_where_there_is_landlock_alone(act: str) -> None:
    process = SandboxedProcess("test", SOURCE, begun, (("landlock",),))
    try:
        assert process.walls == ("landlock",)
        assert process.ask(act.encode(), SLOW, SLOW) in (b"EACCES", b"EMFILE")
    finally:
        process.end()


@pytest.mark.parametrize("act", ["open a file to read", "a socket of TCP", "a pipe"])
def test_nothing_new_is_opened_where_there_is_neither(act: str) -> None:
    process = SandboxedProcess("test", SOURCE, begun, ((),))
    try:
        assert process.walls == ()
        assert process.ask(act.encode(), SLOW, SLOW) == b"EMFILE"
    finally:
        process.end()


def test_a_machine_whose_calls_have_other_numbers_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert sandbox._seccomp(ctypes.CDLL(None)) is False


def computing() -> Work:
    def compute(request: bytes) -> bytes:
        blocks = [bytes(length) for length in range(1, 4_000_000, 40_001)]  # malloc, mmap, mremap, madvise
        words = {f"{number}": [number] * 10 for number in range(100_000)}
        os.urandom(8)
        return str(sum(map(len, blocks)) + len(words)).encode()

    return compute


def test_computing_goes_on() -> None:
    process = SandboxedProcess("test", SOURCE, computing)
    try:
        assert process.ask(b"", SLOW, SLOW) == process.ask(b"", SLOW, SLOW)
    finally:
        process.end()
