"""`feedsvc check`: what is wrong with articles, before anybody reads them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from feedsvc.cli.options import options
from feedsvc.cli.output import as_json_text
from feedsvc.model.site import PARTNERS
from feedsvc.settings import Settings


@click.command()
@options("articles", "public_url")
@click.option("--profile", "partners", type=click.Choice(PARTNERS), multiple=True, help="Check this partner's rules; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...], partners: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Check articles without publishing them: show what is wrong, and what aggregators may refuse."""
    from feedsvc.builder.check import check as check_articles
    from feedsvc.progress import watched

    settings = Settings(**given)
    named = tuple(dict.fromkeys(partners))
    faults = check_articles(
        settings.articles, paths, settings.base_url, datetime.now(UTC), named, lambda files: watched(files, "Reading articles")
    )
    if as_json:
        click.echo(as_json_text(faults))
    else:
        for fault in faults:
            click.echo(str(fault))
    if any(not fault.warning for fault in faults):
        sys.exit(1)
