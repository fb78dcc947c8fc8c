"""The way in for any WSGI server: the app with its settings from the environment, and a builder beside it."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from feedsvc.articles.folder import ArticlesFolder
from feedsvc.articles.parsers import SUFFIXES
from feedsvc.builder.process import BuilderProcess
from feedsvc.cli.options import read_settings
from feedsvc.cli.serve import serve
from feedsvc.errors import FeedsvcError, TokenError
from feedsvc.logs import set_up_logging
from feedsvc.status.token import StatusToken
from feedsvc.storage.recovery import open_store
from feedsvc.web.app import create_app

if TYPE_CHECKING:
    from flask import Flask


def app_from_environment() -> Flask:
    """The app for any WSGI server, with a builder thread that builds in whichever process wins the lease.

    Ends the process with one clear line and exit code 2 where it can't be set up.
    """

    def build_for_ever() -> None:
        threading.Thread(target=BuilderProcess(settings).run, name="build", daemon=True).start()

    try:
        settings = read_settings(serve)
        set_up_logging(settings.log_format)
        ArticlesFolder(settings.articles, SUFFIXES).check()
        store = open_store(settings.database)
        app = create_app(settings, store, also=build_for_ever)
        with suppress(TokenError):  # of which whoever asks for the status is told
            StatusToken(settings).read()
    except FeedsvcError as error:
        click.echo(f"feedsvc: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
    return app
