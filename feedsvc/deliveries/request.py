"""`Request` and `Kind`: what is sent to a target, and what makes it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from feedsvc.storage.outbox import Target


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a target; `about` is what it is for, in the log."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is read of an answer: its status, where it leads, and after how many seconds to come back."""

    status: int
    location: str = ""
    retry_after: float = 0.0


class Unreachable(Exception):
    """A target can't be told now; the rest is tried later, after so many seconds at the earliest."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Kind(Protocol):
    """What a target is told; `shown` is what the log calls it.

    Where it is `lenient`, what it refuses for good is passed over and not tried again. What is not `guarded` may be at any address.
    """

    name: str
    shown: str
    lenient: bool
    guarded: bool

    def requests(self, target: Target, up_to: int) -> Iterator[Request]:
        """What is to be sent of the publications up to one; notes how far it is when the next one is asked for, and at the end.

        Raises `Unreachable` where something is missing, and `StoreError`.
        """
        ...
