"""Importing this takes what the process has so far out of garbage collection, so that forks share its memory.

A collection writes to every object that it looks at, and each page of memory that a fork writes to is its own (see gc.freeze).
"""

from __future__ import annotations

import gc

gc.collect()
gc.freeze()
