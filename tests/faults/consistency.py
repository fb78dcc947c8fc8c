"""`ConsistencyChecker`: whether any answer in a soak contradicts another one, or what the newsroom did."""

from __future__ import annotations

import gzip
import json
import threading
import time
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import brotli
from lxml import etree

from faults.random_newsroom import NEVER, WORD, Window
from feedsvc.model.etag import etag
from feedsvc.model.hashing import digest

MOST_TOLD = 20
ALLOWED = {200, 301, 304, 404, 410, 503}
RSS, ATOM = "{*}guid", "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Asked:
    """A request, and when it was sent."""

    path: str
    coding: str
    tag: str
    sent: float


@dataclass(frozen=True)
class Read:
    """What a body says: the newsroom's words in it, and the id and date of each article by its number."""

    plain: str
    kind: str
    words: frozenset[str]
    dates: Mapping[str, tuple[str, str]]


class ConsistencyChecker:
    """Is given every response; `faults` are sentences about those that should never have been sent.

    `grace` is the number of seconds within which what the newsroom did is served, and every web worker serves it.
    """

    def __init__(self, grace: float) -> None:
        self.windows: Mapping[str, list[Window]] = {}
        self._grace = grace
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self.first: dict[str, float] = {}  # when each word was first read
        self._outages: list[list[float]] = []
        self._lock = threading.Lock()
        self._read: dict[tuple[str, str], Read] = {}
        self._said: dict[tuple[str, str, int], str] = {}
        self._moved: dict[str, list[tuple[float, float]]] = defaultdict(list)  # each path's dates, by when they were first read
        self._found: dict[str, float] = {}
        self._dates: dict[tuple[str, str], tuple[str, str]] = {}

    # ---- how long things may take

    @contextmanager
    def outage(self) -> Iterator[None]:
        """A time in which nothing need be built."""
        span = [time.time(), NEVER]
        self._outages.append(span)
        try:
            yield
        finally:
            span[1] = time.time()

    def deadline(self, when: float) -> float:
        """When what was done at a time must be served at the latest."""
        late = when + self._grace
        return max([late, *(ended + self._grace for ended in self._built_by_nobody(when, late))])

    def settled(self, when: float) -> bool:
        """Whether what was done at a time has long been served."""
        return time.time() > self.deadline(when) + self._grace

    # ---- what was answered

    def hear(self, asked: Asked, status: int, headers: Mapping[str, str], body: bytes, dates: dict[str, float]) -> str:
        """Takes in one response that came whole, and gives its ETag; `dates` are its connection's newest Last-Modified by path."""
        now = time.time()
        self.counts[str(status)] += 1
        tag, coding = headers.get("etag", ""), headers.get("content-encoding", "identity")
        told = f"{asked.path} in {coding}, status {status}, ETag {tag}"
        if status not in ALLOWED or "transfer-encoding" in headers:
            self._tell(f"{told}: {body[:200]!r}")
        if status == 304 and (body or tag != asked.tag):
            self._tell(f"{told} for one who has {asked.tag}")
        if status == 404:
            self._check_not_found(asked)
        if tag and status != 304 and (etag(body) != tag or coding not in ("identity", asked.coding)):
            self._tell(f"{told} is no ETag of this body, or not in {asked.coding}")
        if status not in (200, 304):  # what was taken back may be named on the page that says so
            return ""
        with self._lock:
            self._found.setdefault(asked.path, now)
        modified = parsedate_to_datetime(headers["last-modified"]).timestamp()
        self._check_order(asked, told, modified, now, dates)
        if status != 304:
            self._check_one(f"{told} of {modified}", (asked.path, coding, int(modified)), tag)
        self._check_body(asked, told, tag, modified, headers.get("content-type", ""), coding, body, now)
        return tag

    def lost(self) -> list[str]:
        """The words that readers should have seen and nobody did."""
        lost = []
        for word, windows in list(self.windows.items()):
            for window in windows:
                due = self.deadline(window.opens)
                first = self.first.get(word, NEVER)
                if due < min(window.closes, time.time()) and first > due + self._grace:
                    lost.append(f"{word} from {window.opens:.3f} was first read at {first:.3f}, due {due:.3f}")
        return lost

    def delays(self) -> list[float]:
        """Seconds from saved, or from an embargo's end, to first read, for what was saved while somebody built."""
        read = [(windows[0].opens, self.first[word]) for word, windows in list(self.windows.items()) if word in self.first]
        return sorted(first - saved for saved, first in read if not self._built_by_nobody(saved, first))

    def _built_by_nobody(self, since: float, until: float) -> list[float]:
        """The ends of the outages in a time."""
        return [ended for begun, ended in self._outages if begun < until and ended > since]

    def _check_not_found(self, asked: Asked) -> None:
        if self._found.get(asked.path, NEVER) < asked.sent - self._grace:
            self._tell(f"{asked.path} was found before, and is not found now")

    def _check_order(self, asked: Asked, told: str, modified: float, now: float, dates: dict[str, float]) -> None:
        if modified < dates.get(asked.path, 0):
            self._tell(f"{told}: goes back on its connection, from {dates[asked.path]} to {modified}")
        dates[asked.path] = modified
        with self._lock:
            moved = self._moved[asked.path]
            if not moved or modified > moved[-1][1]:
                insort(moved, (now, modified))
            before = [date for when, date in moved[-30:] if when < asked.sent - self._grace]
        if before and modified < before[-1]:
            self._tell(f"{told}: {modified} is older than {before[-1]}, which was served a second before")

    def _check_one(self, told: str, version: tuple[str, str, int], tag: str) -> None:
        with self._lock:
            if self._said.setdefault(version, tag) != tag:
                self._tell(f"{told} has another body at the same date: {self._said[version]}")

    def _check_body(
        self, asked: Asked, told: str, tag: str, modified: float, kind: str, coding: str, body: bytes, now: float
    ) -> None:
        read = self._read.get((asked.path, tag))
        if read is None and body:
            try:
                read = self._read[asked.path, tag] = _read(kind, coding, body)
            except (ValueError, OSError, brotli.error, etree.XMLSyntaxError, AssertionError) as error:
                self._tell(f"{told} is not whole: {error!r}")
        if read is None:
            return
        self._check_one(f"{told} of {modified}", (asked.path, "plain", int(modified)), read.plain)
        for word in read.words:
            windows = self.windows.get(word, ())
            if not any(window.opens <= now and asked.sent <= self.deadline(window.closes) for window in windows):
                self._tell(f"{told} shows {word} at {asked.sent:.3f}, which may be seen in {windows}")
            if windows and now >= windows[0].opens:
                self.first.setdefault(word, now)
        # A partner's feed has the last change for a date, where the partner wants it so.
        for number, said in read.dates.items() if not asked.path.startswith("/partners/") else ():
            before = self._dates.setdefault((read.kind, number), said)
            if before != said:
                self._tell(f"{told}: article {number} had id and date {before}, and now {said}")

    def _tell(self, fault: str) -> None:
        if len(self.faults) < MOST_TOLD:
            self.faults.append(fault)


def _read(kind: str, coding: str, body: bytes) -> Read:
    plain = {"gzip": gzip.decompress, "br": brotli.decompress}.get(coding, bytes)(body)
    text = plain.decode()
    dates: Iterable[tuple[str | None, str | None, str | None]] = ()
    if "json" in kind:
        told = json.loads(text)
        names = ("date_published", "items") if "items" in told else ("published", "headlines")
        dates = [(entry["title"], entry["id"], entry[names[0]]) for entry in told.get(names[1], ())]
    elif "xml" in kind:
        root = etree.fromstring(plain)
        dates = [(entry.findtext("title"), entry.findtext("guid"), entry.findtext("pubDate")) for entry in root.iter("item")]
        for entry in root.iter(f"{ATOM}entry"):
            dates = [*dates, tuple(entry.findtext(f"{ATOM}{name}") for name in ("title", "id", "published"))]
    elif "html" in kind:
        assert text.rstrip().endswith("</html>"), "it has no end"
    found = {}
    for title, id, date in dates:
        word = WORD.search(title or "")
        assert word and id and date, "an entry lacks title, id or date"
        found[word[0].split("v")[0]] = (id, date)
    return Read(digest(plain), kind, frozenset(WORD.findall(text)), found)
