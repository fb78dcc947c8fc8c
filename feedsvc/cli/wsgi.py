"""The entry point for any WSGI server: the app, with settings from the environment, and a builder thread in the same process."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from feedsvc.builder.process import BuilderProcess
from feedsvc.cli.options import read_settings
from feedsvc.cli.serve import serve
from feedsvc.errors import FeedsvcError, TokenError, UsageError
from feedsvc.logs import set_up_logging
from feedsvc.settings import Settings
from feedsvc.status.token import StatusToken
from feedsvc.supervisor import start_check
from feedsvc.supervisor.entry_points import given_of
from feedsvc.web.app import create_app
from feedsvc.web.follower import open_copy, open_source

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask


def app_from_environment() -> Flask:
    """The app for any WSGI server, with a builder thread that builds in whichever process wins the lease.

    Ends the process with one clear line and exit code 2 where it can't be set up.
    """
    try:
        settings = read_settings(serve)
        set_up_logging(settings.log_format)
        if not settings.serves:
            raise UsageError("a machine that only builds has no use for a web server: run `feedsvc serve`")
        start_check.check(given_of(settings), awaited=True)
        copy = open_copy(settings)
        web = create_app(settings, open_source(settings, copy), copy=copy)
        with suppress(TokenError):  # which a request for the status reports
            StatusToken(settings).read()
    except FeedsvcError as error:
        click.echo(f"feedsvc: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
    app = web.flask  # `flask run` accepts nothing else
    app.wsgi_app = _WithBuilder(web, settings) if settings.builds else web  # type: ignore[method-assign]
    return app


class _WithBuilder:
    """An app that starts a builder thread in each process, with the first request there.

    A server may make the app and then fork its workers, and no thread survives a fork.
    """

    def __init__(self, app: WSGIApplication, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._lock = threading.Lock()
        self._begun_by = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._begun_by != os.getpid():
            self._begin()
        return self._app(environ, start_response)

    def _begin(self) -> None:
        with self._lock:
            if self._begun_by != os.getpid():
                self._begun_by = os.getpid()
                threading.Thread(target=BuilderProcess(self._settings).run, name="build", daemon=True).start()
