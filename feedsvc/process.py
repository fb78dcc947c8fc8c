"""`began`: what tells a process from a later one of the same number."""

from __future__ import annotations

from pathlib import Path


def began(pid: int) -> int:
    """When a process began, in the kernel's ticks since the machine did (proc(5), stat); 0 where none is seen."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])  # the name before may hold anything
