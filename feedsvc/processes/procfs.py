"""A process as others see it: when it began, and what it is called."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def began(pid: int) -> int:
    """When a process began, in the kernel's ticks since the machine did (proc(5), stat); 0 where none is seen."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])  # the name before may hold anything


def call_itself(name: str) -> None:
    """Names this process, for `ps` and `top` (proc(5), comm: 15 characters)."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name, "ascii")
