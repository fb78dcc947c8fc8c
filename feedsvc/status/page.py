"""The status as a page: what is published, what is wrong, what is scheduled, and what the builds did. HTML without scripts.

Pure: no clock, no globals; template and stylesheet are part of the program and are read once. The stylesheet is in the page, whose
policy allows it by its digest (CSP3, 8.3), so that the page loads nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Template
from markupsafe import Markup

from feedsvc.formats.dates import day, rfc3339
from feedsvc.formats.templating import templates
from feedsvc.model.history import KEPT as MOST_BARS
from feedsvc.model.history import BuildEntry, BuildOutcome
from feedsvc.status.status import KEPT, NOT_PUBLISHED, Status

LISTED = 200  # faults, warnings and topics on the page; the JSON has all
LEAST, TALLEST = 0.001, 100.0  # seconds at the bottom and at the top of the chart, whose scale is logarithmic
BAR, GAP, HEIGHT, MARGIN = 10, 2, 150, 76
RULES = (0.01, 0.1, 1.0, 10.0)


@cache
def _stylesheet() -> str:
    return (files("feedsvc.formats") / "static" / "status.css").read_text("utf-8")


_DIGEST = base64.b64encode(hashlib.sha256(_stylesheet().encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Bar:
    """A build in the chart."""

    x: int
    y: float
    height: float
    line: BuildEntry


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the chart, and its duration."""

    y: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The durations of the last builds, the newest on the right."""

    bars: tuple[Bar, ...]
    rules: tuple[Rule, ...] = tuple(Rule(HEIGHT - HEIGHT * math.log10(s / LEAST) / math.log10(TALLEST / LEAST), s) for s in RULES)
    width: int = MARGIN + MOST_BARS * (BAR + GAP)
    height: int = HEIGHT
    bar: int = BAR
    margin: int = MARGIN


def page(status: Status) -> bytes:
    """The page `/status`."""
    zone = ZoneInfo(status.timezone)
    rendered = _template().render(
        status=status,
        chart=chart(status.builds),
        listed=LISTED,
        time=partial(_time, zone),
        style=Markup(_stylesheet()),  # noqa: S704  (our own file, and its bytes must match its digest)
    )
    return rendered.encode()


def chart(lines: Sequence[BuildEntry]) -> Chart:
    """The chart of some builds, the newest first."""
    return Chart(tuple(_bars(lines)))


def _bars(lines: Sequence[BuildEntry]) -> Iterator[Bar]:
    begin = MARGIN + (MOST_BARS - len(lines)) * (BAR + GAP)
    for number, line in enumerate(reversed(lines)):
        seconds = min(max(line.seconds, LEAST), TALLEST)
        height = max(2.0, HEIGHT * math.log10(seconds / LEAST) / math.log10(TALLEST / LEAST))
        yield Bar(begin + number * (BAR + GAP), round(HEIGHT - height, 1), round(height, 1), line)


def _time(zone: ZoneInfo, moment: datetime | None) -> Markup:
    """A time for people in the newsroom's time zone, and for programs in UTC."""
    if moment is None:
        return Markup("never")
    shown = f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M:%S}"
    return Markup('<time datetime="{}">{}</time>').format(rfc3339(moment), shown)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.3g} s" if seconds < 60 else f"{seconds / 60:.1f} min"


@cache
def _template() -> Template:
    found = templates()
    found.globals.update(KEPT=KEPT, NOT_PUBLISHED=NOT_PUBLISHED, BuildOutcome=BuildOutcome)
    found.filters.update(duration=_duration, code=_code)
    return found.get_template("status.html")


def _code(sentence: str) -> Markup:
    """A sentence, with the parts between backticks as code."""
    parts = sentence.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts))
