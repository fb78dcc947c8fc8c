"""`Webhook` and `Purge`: what `site.toml` says of machines that are to hear of a publication. Their secrets are in the environment.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """What may happen to an article; each message is about one of them."""

    PUBLISHED = "published"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    BREAKING = "breaking"


EVENTS = tuple(Event)
PURGE_KINDS = ("varnish", "fastly", "cloudflare")
HUB = "hub"  # the target that `[site] hub` names


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that gets a message of each publication with one of these events."""

    name: str
    url: str
    events: tuple[Event, ...] = EVENTS

    @property
    def target(self) -> str:
        """Its name among all targets."""
        return f"webhook {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """A cache that is asked to forget the keys that changed; `url` is Varnish's own address, or another one of the vendor's API.

    `service` is Fastly's name for it, `zone` Cloudflare's.
    """

    name: str
    kind: str
    url: str = ""
    service: str = ""
    zone: str = ""

    @property
    def target(self) -> str:
        """Its name among all targets."""
        return f"purge {self.name}"
