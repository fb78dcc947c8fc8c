"""`WsgiApp`: answers what is published from memory, as a WSGI callable in front of Flask.

A request for a document is one dictionary look-up and one comparison of ETags. Documents are loaded from the database when
first asked for; a thread notices a new generation and loads those that changed again.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from feedsvc.alarm import Alarm
from feedsvc.errors import StoreError
from feedsvc.storage.contact import Failing
from feedsvc.web.cache import DocumentCache
from feedsvc.web.feed_passwords import FeedPasswords
from feedsvc.web.follower import Follower
from feedsvc.web.readiness import Readiness
from feedsvc.web.responses import respond
from feedsvc.web.serving_report import ServingReport

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

log = logging.getLogger("feedsvc.web")
LOOK_SECONDS = 10.0
LOADING_SECONDS = 10.0  # that a new publication may take, which is much more than its number
RETRY_SECONDS = 1.0
GENERATION = "feedsvc.generation"  # in a request's environ: the one in which the document was not found
# A path that is the same percent-encoded, as documents' paths are, and as WSGI gives it (PEP 3333).
_unreserved = re.compile(r"[\w/.~-]*", re.ASCII).fullmatch


class WsgiApp:
    """The WSGI callable: documents from memory, everything else from `app`, which is that of `flask`.

    It starts with the first request, or earlier by `begin`: a server may make the app, and then fork its workers. No thread
    survives a fork, and one that is inside SQLite at that moment would leave it locked for ever in the copy.
    """

    def __init__(
        self,
        cache: DocumentCache,
        readiness: Readiness,
        passwords: FeedPasswords,
        app: WSGIApplication,
        flask: Flask,
        report: ServingReport,
        follower: Follower | None = None,
    ) -> None:
        self.flask = flask
        self._passwords = passwords
        self._cache = cache
        self._readiness = readiness
        self._app = app
        self._follower = follower
        self._report = report
        self._lock = threading.Lock()
        self._begun_by = 0
        self.in_memory = cache.in_memory
        self.pieces = cache.pieces
        self.at_once = readiness.answer
        self._looked = threading.Event()  # set when what was published before is in memory, or can't be read

    def begin(self) -> None:
        """Starts polling for publications in this process, and waits until what was published before is loaded."""
        self._poll()
        self._looked.wait(LOOK_SECONDS)

    def _poll(self) -> None:
        with self._lock:
            if self._begun_by != os.getpid():
                self._begun_by = os.getpid()
                threading.Thread(target=self._refresh_for_ever, name="delivery", daemon=True).start()
                if self._follower:
                    self._follower.begin()

    @property
    def ready(self) -> bool:
        """Whether what is published is served."""
        return self._cache.ready

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._begun_by != os.getpid():
            self._poll()
        health = self.at_once(environ["PATH_INFO"], environ["REQUEST_METHOD"])
        if health is not None:
            start_response(health.status, health.headers)
            return [health.body]
        if not self._looked.is_set():
            self.begin()
        path = address(environ["PATH_INFO"])
        environ[GENERATION] = self._cache.generation
        try:
            document = self._cache.in_memory(path, environ.get("QUERY_STRING", "")) or self._cache.find(path)
        except StoreError as error:
            log.error("%s", error)
            document = None
        if document is None:
            return self._app(environ, start_response)
        refused = self._passwords.refused(document.protected, environ) if document.protected else None
        response = refused or respond(document, environ["REQUEST_METHOD"], environ)
        # The headers are the document's own, and a server or middleware may add to the list that it is given.
        start_response(response.status, response.headers.copy())
        return self.pieces(response.part) if response.part else [response.body]

    def _refresh_for_ever(self) -> None:
        if self._follower:
            self._follower.wait()
        cache, pulse, reading = self._cache, self._cache.pulse(), Alarm()
        contact = cache.contact
        while not cache.over:
            try:
                with contact.asking():
                    newest = pulse.generation()
                with contact.asking(LOADING_SECONDS):
                    cache.refresh(newest, pulse.database)
                contact.failing = Failing.NOTHING
                self._report.look(cache.generation)
                if reading.worked():
                    log.info("the database can be read again")
            except StoreError as error:
                contact.failing = Failing.READ
                if reading.failed(str(error)):
                    log.error("%s; what is in memory is served", error)
            self._readiness.look()
            self._looked.set()
            if contact.failing:
                time.sleep(RETRY_SECONDS)
            else:
                pulse.wait()
        pulse.close()


def address(path: str) -> str:
    """A path as WSGI gives it, percent-encoded as documents' paths are."""
    return path if _unreserved(path) else quote(path, encoding="latin-1", errors="replace")
