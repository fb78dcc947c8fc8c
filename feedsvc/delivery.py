"""Delivery: what is published, answered from memory by a WSGI callable that stands in front of Flask.

A request for a document is one dictionary look-up and one comparison of ETags. Documents are taken from the database when
first asked for; a thread notices a new generation and takes those of them anew that changed.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from feedsvc.alarm import Alarm
from feedsvc.document import Document, respond
from feedsvc.errors import StoreError
from feedsvc.pulse import Pulse
from feedsvc.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("feedsvc.delivery")

POLL_SECONDS = 0.005
LOOK_SECONDS = 10.0
# Under another public URL what is in memory is served for as long as it takes to hand over to who serves it (a reload).
HAND_OVER_SECONDS = 90.0
RETRY_SECONDS = 1.0
MEMORY_BYTES = 48_000_000
MOST_ABSENT = 1_000  # paths, of so many characters at most
LONGEST_ABSENT = 200
GENERATION = "feedsvc.generation"  # in a request's environ: of which one it was found that a document is not there

# A path that reads the same percent-encoded, as documents' paths are, and as WSGI gives it (PEP 3333).
_unreserved = re.compile(r"[\w/.~-]*", re.ASCII).fullmatch


class Shelf:
    """The published documents, as far as they were asked for and fit into memory; what has lain there longest makes room.

    Requests only look up, which needs no lock; whoever puts or takes away holds it.
    """

    def __init__(self, store: Store, public_url: str) -> None:
        self._store = store
        self._public_url = public_url
        self._lock = threading.Lock()
        self._documents: dict[str, Document] = {}
        self._absent: dict[str, Document] = {}  # paths where nothing is, with the page that says so
        self._bytes = 0
        self._generation = 0
        self._database: object = None
        self._waiting: float | None = None
        self.ready = False
        self.failing = False  # the database can't be read

    def at_hand(self, path: str) -> Document | None:
        """The answer that is in memory for a path, if there is one."""
        return (self._documents.get(path) or self._absent.get(path)) if self.ready else None

    @property
    def generation(self) -> int:
        """The publication that is served."""
        return self._generation

    @property
    def over(self) -> bool:
        """Whether the store is closed, and nothing comes any more."""
        return self._store.closed

    def pulse(self) -> Pulse:
        """What tells of new publications."""
        return Pulse(self._store)

    def find(self, path: str) -> Document | None:
        """What is published at a path, from memory if it can be.

        Raises `StoreError` where it is in the database alone, and that can't be read.
        """
        if not self.ready:
            return None
        document = self._documents.get(path)
        if document is None:
            generation = self._generation
            document = self._store.document(path)
            if document is not None:
                with self._lock:
                    # What was read while a newer generation came in may be of the one before.
                    if generation == self._generation:
                        self._keep(document)
        return document

    def absent(self, path: str, generation: int, make: Callable[[], Document]) -> Document:
        """The page for a path where this generation has nothing, made once and remembered as long as it is the newest."""
        with self._lock:
            page = next(iter(self._absent.values()), None)
        page = page or make()
        with self._lock:
            # What comes in may be at this very path.
            if generation == self._generation and len(path) <= LONGEST_ABSENT:
                self._absent[path] = page
                if len(self._absent) > MOST_ABSENT:
                    del self._absent[next(iter(self._absent))]
        return page

    def refresh(self, newest: int, database: object = None) -> None:
        """Takes in what has been published since the last time, as far as the newest publication is another.

        Where it is another database, as after damage, what is in memory is served until that one has something.
        Raises `StoreError` where the database can't be read.
        """
        if (newest, database) == (self._generation, self._database):
            return
        url = self._store.fact("public_url")
        if url is None:
            return
        if url != self._public_url:
            # Its links lead elsewhere. The next pressing makes everything anew.
            now = time.monotonic()
            if self._waiting is None:
                log.warning("what is published is for %s; waiting for a pressing for %s", url, self._public_url)
                self._waiting = now
            self.ready = self.ready and now - self._waiting < HAND_OVER_SECONDS
            return
        begins = not self.ready or database != self._database
        changed: list[tuple[str, Document | None]] = []
        if not begins:
            newest, changed = self._store.changed_since(self._generation, self._documents)
        with self._lock:
            if begins:
                self._documents, self._bytes = {}, 0
            self._absent = {}
            for path, document in reversed(changed):
                self._drop(path)
                if document is not None:
                    self._keep(document)
            self._generation, self._database = newest, database
            self.ready, self._waiting = True, None

    def _keep(self, document: Document) -> None:
        self._drop(document.path)
        self._documents[document.path] = document
        self._bytes += _weight(document)
        while self._bytes > MEMORY_BYTES:
            self._drop(next(iter(self._documents)))

    def _drop(self, path: str) -> None:
        document = self._documents.pop(path, None)
        if document is not None:
            self._bytes -= _weight(document)


class Delivery:
    """The WSGI callable: documents from the shelf, everything else from Flask; `also` is begun with it.

    It begins with the first request, or before by `begin`: a server may make the app, and then fork its workers. No thread lives
    through a fork, and one that is in SQLite at that moment would leave it locked for ever in the copy.
    """

    def __init__(self, shelf: Shelf, app: WSGIApplication, also: Callable[[], object] = lambda: None) -> None:
        self._shelf = shelf
        self._app = app
        self._also = also
        self._lock = threading.Lock()
        self._begun_by = 0
        self.at_hand = shelf.at_hand
        self._looked = threading.Event()  # set when what was published before is in memory, or can't be read

    def begin(self) -> None:
        """Begins to look for publications in this process, and waits for what was published before."""
        with self._lock:
            if self._begun_by != os.getpid():
                self._begun_by = os.getpid()
                threading.Thread(target=self._refresh_for_ever, name="delivery", daemon=True).start()
                self._also()
        self._looked.wait(LOOK_SECONDS)

    @property
    def ready(self) -> bool:
        """Whether what is published is served."""
        return self._shelf.ready

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._begun_by != os.getpid():
            self.begin()
        path = address(environ["PATH_INFO"])
        environ[GENERATION] = self._shelf.generation
        try:
            document = self._shelf.at_hand(path) or self._shelf.find(path)
        except StoreError as error:
            log.error("%s", error)
            document = None
        if document is None:
            return self._app(environ, start_response)
        response = respond(document, environ["REQUEST_METHOD"], environ)
        # The headers are the document's own, and a server or middleware may add to the list that it is given.
        start_response(response.status, response.headers.copy())
        return [response.body]

    def _refresh_for_ever(self) -> None:
        shelf, pulse, reading = self._shelf, self._shelf.pulse(), Alarm()
        while not shelf.over:
            try:
                shelf.refresh(pulse.generation(), pulse.database)
                shelf.failing = False
                if reading.worked():
                    log.info("the database can be read again")
            except StoreError as error:
                shelf.failing = True
                if reading.failed(str(error)):
                    log.error("%s; what is in memory is served", error)
            self._looked.set()
            time.sleep(RETRY_SECONDS if shelf.failing else POLL_SECONDS)
        pulse.close()


def address(path: str) -> str:
    """A path as WSGI gives it, percent-encoded as documents' paths are."""
    return path if _unreserved(path) else quote(path, encoding="latin-1", errors="replace")


def _weight(document: Document) -> int:
    return 1_000 + sum(encoded.size for encoded in document.encodings.values())
