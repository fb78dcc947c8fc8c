"""`DocumentCache`: the requested published documents in memory, as far as they fit."""

from __future__ import annotations

import logging
import threading
import time
from collections import ChainMap
from collections.abc import Callable
from dataclasses import replace

from feedsvc.model.document import Document
from feedsvc.model.file_copy import Part
from feedsvc.model.site import Site
from feedsvc.model.surrogate_keys import keys_of
from feedsvc.storage.contact import Contact
from feedsvc.storage.facts import PUBLIC_URL, SITE
from feedsvc.storage.generation import GenerationPoll
from feedsvc.storage.store import Store
from feedsvc.web.bounded_cache import BoundedCache
from feedsvc.web.pieces import Pieces

# After a reload with another public URL, what is in memory is served until the new web workers can.
HAND_OVER_SECONDS = 90.0
DOCUMENT_BYTES = 48_000_000
PICTURE_BYTES = 32_000_000  # apart, so that no picture pushes a feed out
MADE_BYTES = 16_000_000
PROTECTED_BYTES = 16_000_000
MOST_ABSENT = 1_000
# Where articles' pages and archives are, which are made on request: all else that is published is in a copy.
ON_REQUEST = ("/articles/", "/feeds/", "/topics/", "/stories/", "/sitemap/")
LONGEST_PATH = 200  # characters of paths that are kept although nothing is published there

Keep = Callable[[Document, int], object]

log = logging.getLogger("feedsvc.web")


class DocumentCache:
    """The requested published documents, as far as they fit into memory; those without requests make room.

    They are read from this machine's copy, where there is one, and pages that it has not yet from the store; `keep` gets those.
    If they are `keyed`, their answers name their surrogate keys.

    Requests only look up, which needs no lock; adding and removing hold the lock.
    """

    def __init__(
        self, store: Store, public_url: str, copy: Store | None = None, keep: Keep = lambda *_: None, *, keyed: bool = False
    ) -> None:
        self._store = store
        self._copy = copy or store
        self._keep_in_copy = keep
        self._keyed = keyed
        self._public_url = public_url
        self._lock = threading.Lock()
        self._documents = BoundedCache(DOCUMENT_BYTES)
        self._pictures = BoundedCache(PICTURE_BYTES)
        self._protected = BoundedCache(PROTECTED_BYTES)  # apart, so that none is found without asking for its password
        self._made = BoundedCache(MADE_BYTES)  # made on request from this generation
        self._absent: dict[str, Document] = {}  # paths with nothing, with the page that says so
        self._generation = 0
        self._database: object = None
        self._waiting: float | None = None
        self.ready = False

    def in_memory(self, path: str, query: str = "") -> Document | None:
        """The answer in memory for a path, if there is one that everybody may have; frames of the ticker are kept by their query
        too."""
        if not self.ready:
            return None
        cache = self._documents
        document = cache.documents.get(path)
        if document is not None:
            cache.asked.add(path)
            return document
        made = self._made.get(path) or self._made.get(f"{path}?{query}")
        return self._pictures.get(path) or made or self._absent.get(path)

    @property
    def generation(self) -> int:
        """The publication that is served."""
        return self._generation

    @property
    def contact(self) -> Contact:
        """Whether that from which it is loaded answers."""
        return self._copy.contact

    def site(self) -> Site:
        """The site as published."""
        return self._copy.fact(SITE)

    @property
    def over(self) -> bool:
        """Whether the store is closed."""
        return self._store.closed

    def pulse(self) -> GenerationPoll:
        """The poll for new publications."""
        return GenerationPoll(self._copy)

    def find(self, path: str) -> Document | None:
        """What is published at a path, from memory if it can be.

        Raises `StoreError` if it is only in the database, and that can't be read.
        """
        if not self.ready:
            return None
        document = self._documents.get(path) or self._pictures.get(path) or self._protected.get(path)
        if document is None:
            generation = self._generation
            document = self._copy.document(path)
            elsewhere = document is None and self._copy is not self._store and path.startswith(ON_REQUEST)
            if elsewhere and (document := self._store.document(path)):
                self._keep_in_copy(document, generation)
            if document is not None:
                document = self.named(document)
                with self._lock:
                    # What was read while a newer generation was loaded may be of the one before.
                    if generation == self._generation:
                        self._keep(document)
        return document

    def named(self, document: Document) -> Document:
        """A document with its surrogate keys, if answers are to have them."""
        return replace(document, keys=keys_of(document.path)) if self._keyed and document.path else document

    def pieces(self, part: Part) -> Pieces:
        """The bytes of a part, read while it is sent."""
        return Pieces(part, self._store.piece)

    def put_made(self, path: str, document: Document, generation: int) -> None:
        """Keeps what was made for a path when this generation was the newest, as long as it is."""
        with self._lock:
            if generation == self._generation and len(path) <= LONGEST_PATH:
                self._made.put(path, document)

    def absent(self, path: str, generation: int, make: Callable[[], Document]) -> Document:
        """The page for a path where this generation has nothing, made once and kept as long as it is the newest."""
        with self._lock:
            page = next(iter(self._absent.values()), None)
        page = page or make()
        with self._lock:
            # The new publication may be at this very path.
            if generation == self._generation and len(path) <= LONGEST_PATH:
                self._absent[path] = page
                if len(self._absent) > MOST_ABSENT:
                    del self._absent[next(iter(self._absent))]
        return page

    def refresh(self, newest: int, database: object = None) -> None:
        """Loads what has been published since the last time.

        If the database is another, as after damage, what is in memory is served until the new one has something.
        Raises `StoreError` where the database can't be read.
        """
        if (newest, database) == (self._generation, self._database):
            return
        url = self._copy.fact(PUBLIC_URL)
        if not (newest and url):  # nothing was published when the number was asked for
            return
        if url != self._public_url:
            # Its links lead elsewhere. The next build rebuilds everything.
            now = time.monotonic()
            if self._waiting is None:
                log.warning("what is published is for %s; waiting for a build for %s", url, self._public_url)
                self._waiting = now
            self.ready = self.ready and now - self._waiting < HAND_OVER_SECONDS
            return
        begins = not self.ready or database != self._database
        changed: list[tuple[str, Document | None]] = []
        if not begins:
            wanted = ChainMap(*(cache.documents for cache in (self._documents, self._pictures, self._protected)))
            newest, changed = self._copy.changed_since(self._generation, wanted)
        with self._lock:
            if begins:
                for cache in (self._documents, self._pictures, self._protected):
                    cache.clear()
            self._made.clear()
            self._absent = {}
            for path, document in reversed(changed):
                for cache in (self._documents, self._pictures, self._protected):
                    cache.drop(path)
                if document is not None:
                    self._keep(self.named(document))
            self._generation, self._database = newest, database
            self.ready, self._waiting = True, None

    def _keep(self, document: Document) -> None:
        # Documents without other codings are compressed already, as pictures are.
        cache = self._pictures if document.encodings.keys() == {"identity"} else self._documents
        if document.protected:
            cache = self._protected
        cache.put(document.path, document)
