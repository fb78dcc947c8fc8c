"""`Touched`: what a build may have to make anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Touched:
    """What a build may have to make anew: the slugs of topics, their months, the ids of records, the files of pictures.

    A month comes with the earliest publication in it that was touched; `everything` is set where all documents may differ.
    """

    topics: set[str] = field(default_factory=set)
    months: dict[tuple[str, str], datetime] = field(default_factory=dict)
    records: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)
    everything: bool = False
