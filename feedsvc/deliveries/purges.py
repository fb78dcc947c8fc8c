"""Purges: a cache is asked to forget the keys that changed. For Varnish with its xkey module, as `deploy/varnish.vcl` has it,
for Fastly (https://www.fastly.com/documentation/reference/api/purging/) and for Cloudflare
(https://developers.cloudflare.com/api/resources/cache/methods/purge/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from feedsvc.deliveries.request import Request, Unreachable
from feedsvc.model.target import Purge
from feedsvc.settings import environment_name
from feedsvc.storage.outbox import Target
from feedsvc.storage.store import Store

AT_ONCE = 50  # announcements in memory
MOST_KEY_BYTES = 4_000  # in one header: Varnish takes 8 KB of each
_JSON = {"Content-Type": "application/json"}


class _Rule(NamedTuple):
    """How a sort of cache is asked: its own address, the number of keys that a request may name, and the request."""

    url: str
    most: int
    needs_token: bool
    ask: Callable[[Purge, str, str, Sequence[str]], Request]


def _ask_varnish(purge: Purge, url: str, token: str, keys: Sequence[str]) -> Request:
    headers = {"xkey-purge": " ".join(keys), **({"Authorization": f"Bearer {token}"} if token else {})}
    return Request(url, b"", headers, method="PURGE")


def _ask_fastly(purge: Purge, url: str, token: str, keys: Sequence[str]) -> Request:
    body = msgspec.json.encode({"surrogate_keys": keys})
    headers = {**_JSON, "Accept": "application/json", "Fastly-Key": token}
    return Request(f"{url}/service/{purge.service}/purge", body, headers)


def _ask_cloudflare(purge: Purge, url: str, token: str, keys: Sequence[str]) -> Request:
    headers = {**_JSON, "Authorization": f"Bearer {token}"}
    return Request(f"{url}/zones/{purge.zone}/purge_cache", msgspec.json.encode({"tags": keys}), headers)


_RULES = {
    "varnish": _Rule("", 200, False, _ask_varnish),
    "fastly": _Rule("https://api.fastly.com", 256, True, _ask_fastly),
    "cloudflare": _Rule("https://api.cloudflare.com/client/v4", 30, True, _ask_cloudflare),
}


class PurgeKind:
    """A cache forgets the keys of all publications since it was asked last, each key once; to ask twice does no harm."""

    lenient = False
    guarded = True

    def __init__(self, store: Store, purge: Purge, token: str) -> None:
        self._store = store
        self._purge = purge
        self._token = token
        self._rule = _RULES[purge.kind]
        self.name = purge.target
        self.shown = f"{purge.target} ({purge.kind})"

    def requests(self, target: Target, up_to: int) -> Iterator[Request]:
        """The requests about the publications up to one.

        Raises `Unreachable` where it has no token and needs one.
        """
        rule = self._rule
        if rule.needs_token and not self._token:
            variable = environment_name(f"purge_token_{self._purge.name}")
            raise Unreachable(f"{self.shown} has no token: set {variable}, and start feedsvc again")
        url = (self._purge.url or rule.url).rstrip("/")
        reached = target.generation
        while some := self._store.announcements(reached, up_to, AT_ONCE):
            keys = sorted({key for announcement in some for key in announcement.keys})
            for part in _parts(keys, rule.most):
                yield rule.ask(self._purge, url, self._token, part)
            reached = some[-1].generation
            self._store.reached(target, reached)
        self._store.reached(target, up_to)


def _parts(keys: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Keys in parts of as many as one request may name."""
    part: list[str] = []
    size = 0
    for key in keys:
        if len(part) == most or size + len(key) >= MOST_KEY_BYTES:
            yield part
            part, size = [], 0
        part.append(key)
        size += len(key) + 1
    if part:
        yield part
