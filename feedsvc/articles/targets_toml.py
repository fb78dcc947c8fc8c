"""Reads `[[webhooks]]` and `[[purges]]` of `site.toml`: which machines are to hear of publications. Their secrets are refused here.

Pure: no I/O, no clock, no globals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from feedsvc.errors import Fault
from feedsvc.kinds import Kind
from feedsvc.model.target import EVENTS, PURGE_KINDS, Event, Purge, Webhook
from feedsvc.text import is_uri, is_web_url

MOST_TARGETS = 20  # of each sort; each has a thread of its own
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ID = re.compile(r"[A-Za-z0-9]{4,64}")  # what Fastly and Cloudflare call a service and a zone
_SECRET = re.compile(r"secret|token|password|api_?key|authorization", re.IGNORECASE)


class TargetsToml:
    """Checks the targets in one `site.toml` and gathers their faults."""

    def __init__(self, document: Mapping[str, Any], text: str, path: str) -> None:
        self._document = document
        self._text = text
        self._path = path
        self.faults: list[Fault] = []

    def webhooks(self) -> tuple[Webhook, ...]:
        """The webhooks that have no fault."""
        return tuple(one for number, table in self._tables("webhooks") if (one := self._webhook(number, table)))

    def purges(self) -> tuple[Purge, ...]:
        """The purges that have no fault."""
        return tuple(one for number, table in self._tables("purges") if (one := self._purge(number, table)))

    def _webhook(self, number: int, table: dict[str, Any]) -> Webhook | None:
        place = "webhooks", number
        good = self._keys(place, table, ("name", "url", "events"), "webhook_secret")
        name, url = self._name(place, table), self._url(place, table, needed=True)
        events = table.get("events", [*EVENTS])
        if not isinstance(events, list) or not events or not all(event in EVENTS for event in events):
            self._fault(place, "events", f"events is a list of {', '.join(EVENTS)}")
            return None
        if not (good and name and url):
            return None
        return Webhook(name=name, url=url, events=tuple(event for event in Event if event in events))

    def _purge(self, number: int, table: dict[str, Any]) -> Purge | None:
        place = "purges", number
        good = self._keys(place, table, ("name", "kind", "url", "service", "zone"), "purge_token")
        name, kind = self._name(place, table), table.get("kind")
        if kind not in PURGE_KINDS:
            self._fault(place, "kind", f"kind is one of {', '.join(PURGE_KINDS)}")
            return None
        url = self._url(place, table, needed=kind == "varnish")
        needed = {"fastly": "service", "cloudflare": "zone"}.get(kind)
        for key in ("service", "zone"):
            if key != needed and key in table:
                self._fault(place, key, f"{key} is not for {kind}")
                good = False
        id = table.get(needed, "") if needed else ""
        if needed and not (isinstance(id, str) and _ID.fullmatch(id)):
            self._fault(place, needed, f"{needed} is the id that {kind.capitalize()} gave it")
            return None
        if not (good and name) or url is None:
            return None
        return Purge(name=name, kind=kind, url=url, **{needed: id} if needed else {})

    def _tables(self, sort: str) -> Iterator[tuple[int, dict[str, Any]]]:
        tables = self._document.get(sort, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._fault((sort, 0), "", f"{sort} are tables, each under [[{sort}]]")
            return
        if len(tables) > MOST_TARGETS:
            self._fault((sort, 0), "", f"there are {len(tables)} {sort}; at most {MOST_TARGETS} are allowed")
            return
        names: set[object] = set()
        for number, table in enumerate(tables):
            name = table.get("name")
            if isinstance(name, str) and name in names:
                self._fault((sort, number), "name", f'there are two {sort} of the name "{name}"')
            names.add(name if isinstance(name, str) else None)
            yield number, table

    def _keys(self, place: tuple[str, int], table: dict[str, Any], known: tuple[str, ...], secret: str) -> bool:
        good = True
        for key, value in table.items():
            if key in known:
                continue
            if _SECRET.search(key) or (isinstance(value, str) and value.startswith("whsec_")):
                # Who may read the articles may read site.toml, and it is in backups and repositories. The value is not shown.
                where = f"FEEDSVC_{secret}_{table.get('name', 'name')}".upper()
                self._fault(place, key, f'a secret does not belong here: set {where} in the environment, and remove "{key}"')
                good = False
                continue
            near = get_close_matches(key, known, 1)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(known)}"
            line = self._line(place, key)
            self.faults.append(Fault.warn(Kind.UNKNOWN_KEY, self._path, line, f'unknown key "{key}"{hint}'))
        return good

    def _name(self, place: tuple[str, int], table: dict[str, Any]) -> str | None:
        name = table.get("name")
        if isinstance(name, str) and _NAME.fullmatch(name):
            return name
        reason = 'name is needed: small letters, digits and _, such as "cms", which end the name of its secret\'s variable'
        self._fault(place, "name", reason)
        return None

    def _url(self, place: tuple[str, int], table: dict[str, Any], *, needed: bool) -> str | None:
        url = table.get("url", "")
        if url == "" and not needed:
            return ""
        if not (isinstance(url, str) and is_web_url(url) and is_uri(url) and "#" not in url):
            self._fault(place, "url", "url is an http(s) address without a fragment, its characters percent-encoded")
        elif "@" in urlsplit(url).netloc:
            self._fault(place, "url", "url holds a user name or a password, which does not belong here")
        else:
            return url
        return None

    def _fault(self, place: tuple[str, int], key: str, reason: str) -> None:
        self.faults.append(Fault(self._path, self._line(place, key), reason))

    def _line(self, place: tuple[str, int], key: str) -> int:
        """The line of a key in its table, else that of the table: tomllib keeps no positions."""
        sort, wanted = place
        number, best, first = -1, 0, 0
        for line, text in enumerate(self._text.split("\n"), 1):
            if header := re.match(r"\s*\[+([^\]]+)\]", text):
                if header[1].strip() == sort:
                    number += 1
                    first = first or line
                    best = line if number == wanted else best
                    inside = number == wanted
                else:
                    inside = False
            elif number == wanted and inside and key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", text):
                return line
            elif not first and re.match(rf"\s*{sort}\s*=", text):
                first = line
        return best or first or 1
