"""`Front`: what stands where on the front page. Pure: no I/O, no clock, no globals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from feedsvc.model.site import Topic

T = TypeVar("T")
U = TypeVar("U")

TOP = 4  # the lead and three seconds
BLOCKS = 12  # topics that have a block
BLOCK = 4  # articles in a block
MORE = 8  # articles of the newest that stand in no block


@dataclass(frozen=True, slots=True)
class Front(Generic[T]):
    """The front page's articles in their places, each once: at the top the lead and then the seconds, a block for each topic, and
    what is new in no block."""

    top: tuple[T, ...] = ()
    blocks: tuple[tuple[Topic, tuple[T, ...]], ...] = ()
    more: tuple[T, ...] = ()

    @property
    def all(self) -> tuple[T, ...]:
        """All of them."""
        return (*self.top, *(one for _, some in self.blocks for one in some), *self.more)

    def of(self, made: Callable[[T], U]) -> Front[U]:
        """What is made of each, in the same places."""
        blocks = tuple((topic, tuple(map(made, some))) for topic, some in self.blocks)
        return Front(tuple(map(made, self.top)), blocks, tuple(map(made, self.more)))
