"""Saving an article of the corpus, and waiting until a service shows it."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus import TOPICS, article, article_path

SECONDS = 300
ANSWER_SECONDS = 10
# Two readers of a feed a millisecond apart; one that asks without a pause would take the processor from who makes it.
PAUSE = 0.001


def save(folder: Path, index: int, title: str, kind: str = "rename", among: int = TOPICS) -> float:
    """Saves an article under a new title as an editor's program does, and gives the moment at which that is done."""
    path = article_path(folder, index, among)
    if kind == "rename":
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(article(index, title, among), "utf-8")
        os.replace(temporary, path)
    else:
        path.write_text(article(index, title, among), "utf-8")
    return time.perf_counter()


@contextmanager
def as_it_was(folder: Path, most: int, among: int = TOPICS) -> Iterator[None]:
    """The newest articles of the corpus get their own titles back at the end of this block, for the next run."""
    try:
        yield
    finally:
        for index in range(most):
            path = article_path(folder, index, among)
            text = article(index, among=among)
            if path.exists() and path.read_text("utf-8") != text:
                path.write_text(text, "utf-8")


def until_shown(port: int, path: str, text: str) -> float:
    """Asks for a document, over one kept connection while it lasts, until it shows a text; the moment of that response's end."""
    end = time.perf_counter() + SECONDS
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    wanted = text.encode()
    try:
        while time.perf_counter() < end:
            # Who begins to serve is not there yet, and Hugo sends half a feed while it is being made.
            with suppress(OSError, http.client.HTTPException):
                connection.request("GET", path)
                response = connection.getresponse()
                if wanted in response.read() and response.status == 200:
                    return time.perf_counter()
                time.sleep(PAUSE)
                continue
            connection.close()
            time.sleep(PAUSE)
    finally:
        connection.close()
    raise SystemExit(f"{path}: does not show “{text}” within {SECONDS} s")
