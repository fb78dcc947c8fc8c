"""A process as others see it: when it started, its memory, in which space its number counts, and its name."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def began(pid: int) -> int:
    """When a process started, in the kernel's ticks since the boot (proc(5), stat); 0 if it can't be seen."""
    fields = _after_name(pid)
    return int(fields[19]) if fields else 0


def wants_processor(pid: int) -> bool:
    """Whether a process computes, or waits for its turn to, or for a disk (proc(5), stat: its state)."""
    fields = _after_name(pid)
    return bool(fields) and fields[0] in "RD"


def resident(pid: int) -> int:
    """The bytes of a process that are in memory (proc(5), stat: rss); 0 if it can't be seen."""
    fields = _after_name(pid)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def _after_name(pid: int) -> list[str]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return []
    return stat.rpartition(")")[2].split()  # the name before may hold anything


def boot() -> str:
    """Which boot of this machine it is, "" where that can't be seen (proc(5), boot_id)."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def pid_space() -> int:
    """Which space process numbers are counted in here, 0 where that can't be seen (pid_namespaces(7))."""
    with suppress(OSError):
        return Path("/proc/self/ns/pid").stat().st_ino
    return 0


def call_itself(name: str) -> None:
    """Names this process, for `ps` and `top` (proc(5), comm: 15 characters)."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name, "ascii")
