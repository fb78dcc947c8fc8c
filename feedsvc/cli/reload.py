"""`feedsvc reload`: asks the running service to reload its settings and its code, and reports the result."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import click

from feedsvc.cli.options import options
from feedsvc.errors import UsageError
from feedsvc.settings import Settings

RELOAD_SECONDS = 130.0
LOOK_SECONDS = 0.05


@click.command()
@options("database")
def reload(**given: Any) -> None:
    """Reload the settings and the code of the running service, without dropping a request.

    The exit code is 1 if it refuses; then nothing has changed.
    """
    from feedsvc.processes.pidfile import PidFile

    pidfile = PidFile(Settings(**given).folder)
    found = pidfile.find()
    if found is None:
        raise UsageError(f"no running service is registered in {pidfile.path}; name the --database that it runs with")
    os.kill(found.pid, signal.SIGHUP)
    end = time.monotonic() + RELOAD_SECONDS
    while time.monotonic() < end:
        now = pidfile.find()
        if now is None or now.pid != found.pid:
            raise UsageError("the service has ended")
        if now.reloads > found.reloads:
            break
        time.sleep(LOOK_SECONDS)
    else:
        click.echo(f"asked process {found.pid} to reload; it has not answered yet, so see its log", err=True)
        sys.exit(1)
    if now.refused:
        click.echo(f"not reloaded, nothing has changed: {now.refused}", err=True)
        sys.exit(1)
    click.echo(f"reloaded: process {found.pid}")
