"""`BuildCache`: what is kept in memory between builds to save work."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from cachetools import LRUCache

from feedsvc.model.article import Article
from feedsvc.model.record import Record
from feedsvc.storage.store import Store

FRAGMENT_BYTES = 64_000_000
ARTICLE_BYTES = 32_000_000


class BuildCache:
    """What is kept in memory between builds to save work: articles and rendered entries."""

    def __init__(self, store: Store) -> None:
        self.store = store
        # Compression releases the interpreter lock, so it uses all cores.
        self.packers = ThreadPoolExecutor(os.cpu_count(), "packer")
        self.fragments: LRUCache[tuple[str, str], bytes] = LRUCache(FRAGMENT_BYTES, getsizeof=len)
        self._articles: LRUCache[tuple[str, str], Article] = LRUCache(ARTICLE_BYTES, getsizeof=_weight)

    def articles(self, records: Iterable[Record], new: dict[str, Article]) -> dict[str, Article]:
        """The articles of some records by id: just parsed, cached, or from the database."""
        records = list(records)
        found = {r.id: article for r in records if (article := new.get(r.id) or self._articles.get((r.id, r.stamp)))}
        if unknown := [record.id for record in records if record.id not in found]:
            found |= self.store.articles(unknown)
        self._articles.update({(record.id, record.stamp): found[record.id] for record in records})
        return found


def _weight(article: Article) -> int:
    return 1_000 + len(article.body)
