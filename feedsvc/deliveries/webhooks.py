"""`WebhookKind`: messages to a webhook, signed by the Standard Webhooks specification 1.0.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from feedsvc.deliveries.request import Request, Unreachable
from feedsvc.model.announcement import Announcement
from feedsvc.model.target import Event, Webhook
from feedsvc.settings import WEBHOOK_SECRET_PREFIX, environment_name
from feedsvc.storage.outbox import Target
from feedsvc.storage.store import Store

# A message is to be small: the specification names 20 KB.
MOST_ARTICLES = 50
MOST_NAMES = 200
AT_ONCE = 50  # announcements in memory
T = TypeVar("T")


class WebhookKind:
    """A webhook gets every message about the events that it wants, in order, each until it has taken it.

    `secret` are one or more secrets, for the time in which it has a new one; all of them sign.
    """

    lenient = False
    guarded = True

    def __init__(self, store: Store, webhook: Webhook, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._webhook = webhook
        self._secret = secret
        self._clock = clock
        self.name = webhook.target
        # Its path may be a secret.
        self.shown = f"{webhook.target} ({urlsplit(webhook.url).hostname})"

    def requests(self, target: Target, up_to: int) -> Iterator[Request]:
        """The messages about the publications up to one.

        Raises `Unreachable` where it has no secret: what is not signed is not sent.
        """
        if not self._secret:
            variable = environment_name(f"webhook_secret_{self._webhook.name}")
            raise Unreachable(f"{self.shown} has no secret: set {variable}, and start feedsvc again")
        reached = target.generation
        while some := self._store.announcements(reached, up_to, AT_ONCE):
            for announcement in some:
                messages = list(messages_of(announcement))
                for number, (event, body) in enumerate(messages):
                    known = announcement.generation == target.generation + 1 and number < target.messages
                    if event not in self._webhook.events or known:
                        continue
                    yield self._signed(f"msg_{announcement.generation}_{announcement.id}_{number}", body)
                    if number + 1 < len(messages):
                        self._store.reached(target, announcement.generation - 1, number + 1)
                reached = announcement.generation
                self._store.reached(target, reached)
        self._store.reached(target, up_to)

    def _signed(self, id: str, body: bytes) -> Request:
        moment = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id,  # the same at every try, so that the receiver knows what it has
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(signature(one, id, moment, body) for one in self._secret.split()),
        }
        return Request(self._webhook.url, body, headers)


def signature(secret: str, id: str, moment: str, body: bytes) -> str:
    """The signature of a message ("Signature scheme"): HMAC-SHA256 of its id, the moment and the body."""
    key = base64.b64decode(secret.removeprefix(WEBHOOK_SECRET_PREFIX) + "==")
    made = hmac.new(key, f"{id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def messages_of(announcement: Announcement) -> Iterator[tuple[Event, bytes]]:
    """The messages about one publication, each with its event; a big publication has several of each, and they share its names."""
    moment = announcement.at.isoformat().replace("+00:00", "Z")
    for event, articles in announcement.articles.items():
        parts = (_parts(articles, MOST_ARTICLES), _parts(announcement.paths, MOST_NAMES), _parts(announcement.keys, MOST_NAMES))
        for some, paths, keys in zip_longest(*parts, fillvalue=()):
            data: dict[str, Any] = {"generation": announcement.generation, "paths": paths, "keys": keys, "articles": some}
            yield event, msgspec.json.encode({"type": event, "timestamp": moment, "data": data})


def _parts(things: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    return (things[start : start + most] for start in range(0, len(things), most))
