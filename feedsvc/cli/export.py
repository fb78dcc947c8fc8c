"""`feedsvc export`: what is published as files, and later only what has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from feedsvc.cli.options import options
from feedsvc.settings import Settings


@click.command()
@options("database", "log_format")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The folder to write.")
@click.option(
    "--since",
    type=click.IntRange(min=0),
    metavar="GENERATION",
    help="Write what was published after it. Default: what the folder does not have yet.",
)
def export(out: Path, since: int | None, **given: Any) -> None:
    """Write what is published as files, and later what has changed, with a manifest of what that was."""
    from feedsvc.builder.incremental_export import export_since
    from feedsvc.logs import set_up_logging
    from feedsvc.storage.store import Store

    settings = Settings(**given)
    set_up_logging(settings.log_format)
    store = Store(settings.database, create=False)
    made = export_since(store, out, since)
    store.close()
    click.echo(f"publication {made.generation}: {len(made.written)} files written and {len(made.removed)} removed in {out}")
