"""`feedsvc status`: the newsroom's status page, in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from feedsvc.cli.options import options
from feedsvc.cli.output import as_json_text
from feedsvc.settings import Settings


@click.command()
@options("database")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
def status(as_json: bool, **given: Any) -> None:
    """Show what is published, what is in quarantine, what is scheduled, and who builds."""
    from feedsvc.processes.pidfile import PidFile
    from feedsvc.status.collect import read_status
    from feedsvc.status.report import report
    from feedsvc.storage.store import Store

    settings = Settings(**given)
    running = PidFile(settings.folder).find()
    known = read_status(Store(settings.database, create=False), datetime.now(UTC), running.notices if running else None)
    if as_json:
        click.echo(as_json_text(known))
        return
    for line in report(known):
        click.echo(line)
