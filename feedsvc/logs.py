"""How feedsvc writes its log: one line an event, to standard error, for people or as JSON; repeated lines are counted.

A line for people is `time level logger message key=value …`. No name and no file's content can start another line.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

OFTEN = 5
WINDOW_SECONDS = 60.0
MOST_KINDS = 1_000
MOST_TEXT = 4_000

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "each"}


def set_up_logging(form: str = "text") -> None:
    """Sends feedsvc's log, and the warnings of what it is built on, to standard error, as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormat() if form == "json" else TextFormat())
    handler.addFilter(RepeatLimit(handler.handle))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("feedsvc").setLevel(logging.INFO)


class TextFormat(logging.Formatter):
    """A line for people, whose fields are read by programs too (logfmt)."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {key}={_quoted(value)}" for key, value in _fields(self, record))
        message = _printable(record.getMessage()[:MOST_TEXT])
        return f"{_time(record)} {record.levelname} {record.name} {message}{fields}"


class JsonFormat(logging.Formatter):
    """A line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        head = {"time": _time(record), "level": record.levelname, "logger": record.name}
        line = {**head, "message": record.getMessage()[:MOST_TEXT], **dict(_fields(self, record))}
        return json.dumps(line, default=str)  # in ASCII, so that no program takes U+2028 for the end of a line


class RepeatLimit(logging.Filter):
    """Holds back the same warning when it comes too often, and logs how many were held back when the minute is over.

    The same line is one of the same logger, level and template. A timer logs it, so that it comes even when nothing else is logged.
    Of records with `each` none is held back.
    """

    def __init__(self, emit: Callable[[logging.LogRecord], object], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._emit = emit
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or getattr(record, "held", None) is not None or getattr(record, "each", False):
            return True
        kind, now = (record.name, record.levelno, str(record.msg)), self._clock()
        with self._lock:
            began, number = self._seen.get(kind, (now, 0))
            if now - began >= WINDOW_SECONDS:
                began, number = now, 0
            self._seen[kind] = began, number + 1
            if len(self._seen) > MOST_KINDS:
                self._seen = {kind: seen for kind, seen in self._seen.items() if now - seen[0] < WINDOW_SECONDS}
        if number == OFTEN:
            timer = threading.Timer(began + WINDOW_SECONDS - now, self.report, (record,))
            timer.daemon = True
            timer.start()
        return number < OFTEN

    def report(self, record: logging.LogRecord) -> None:
        """Logs how many lines like this one were held back."""
        with self._lock:
            _, number = self._seen.pop((record.name, record.levelno, str(record.msg)), (0.0, OFTEN))
        if number > OFTEN:
            more = {"name": record.name, "levelno": record.levelno, "levelname": record.levelname, "held": number - OFTEN}
            self._emit(logging.makeLogRecord({**more, "msg": f"… and {number - OFTEN} more like this: {record.getMessage()}"}))


def _fields(formatter: logging.Formatter, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    yield from ((key, value) for key, value in vars(record).items() if key not in _PLAIN)
    if record.exc_info and record.exc_info[0]:
        yield "exception", formatter.formatException(record.exc_info)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _quoted(value: object) -> str:
    text = str(value)
    if text and not any(character in ' "=\\' for character in text) and text.isprintable():
        return text
    return '"' + _printable(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _printable(text: str) -> str:
    """A text in one line, without characters that move a terminal's cursor or change its direction."""
    return text if text.isprintable() else "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
