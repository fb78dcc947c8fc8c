"""What the service's processes share and how they start: fork servers, the PID file, notices and counters in shared memory.

Start with `forkserver`.
"""
