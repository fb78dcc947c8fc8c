"""A machine that may build: its own folder of articles, its own connections, and its builder in a thread."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parser_pool import ParserPool
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.articles.revision import revision_of
from feedsvc.builder.build import Builder
from feedsvc.builder.schedule import Schedule
from feedsvc.storage.lease import Lease, current_holder
from feedsvc.storage.store import Store
from support.live import PUBLIC_URL, SLOW


class Machine:
    """Builds, or waits for the lease, from its start to `stop`; `ahead` is by how much its monotonic clock is put forward."""

    def __init__(self, folder: Path, database: str, interval: float = 3600) -> None:
        self.folder = folder
        self.ahead = 0.0
        self.notices: dict[str, str] = {}
        self.store = Store(database)
        self.lease = Lease(self.store)
        (folder / "articles").mkdir(parents=True, exist_ok=True)
        articles = ArticlesFolder(folder / "articles", SUFFIXES)
        revision = partial(revision_of, articles, commits=True)
        builder = Builder(self.store, articles, ParserPool(1), PUBLIC_URL, revision=revision)
        self._schedule = Schedule(
            builder, self.lease, interval, report=self.notices.__setitem__, monotonic=lambda: time.monotonic() + self.ahead
        )
        self._thread = threading.Thread(target=self._schedule.run, daemon=True)

    def start(self) -> Machine:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends it, if it was started."""
        self._schedule.stop()
        if self._thread.ident:
            self._thread.join(SLOW)
            assert not self._thread.is_alive()
        self.store.close()

    def check_out(self, revision: str) -> None:
        """Says which revision its articles have."""
        (self.folder / "articles/.revision").write_text(f"{revision}\n")

    @property
    def builds(self) -> bool:
        """Whether it holds the lease."""
        holder = current_holder(self.store)
        return holder is not None and holder.token == self.lease.token

    @property
    def problem(self) -> str:
        """What its processes say is wrong."""
        return self.notices.get("build", "")
