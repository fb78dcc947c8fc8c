"""`feedsvc import`: portal pages, feeds and exports become articles in the folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.options import options
from feedsvc.errors import ArticleError, Fault
from feedsvc.settings import Settings

if TYPE_CHECKING:
    from feedsvc.importing.feed_entry import ImportOptions
    from feedsvc.importing.filing import Filing


@click.command("import")
@options("articles")
@click.option("--topic", metavar="T", help="A topic for every article; also the folder they are written to.")
@click.option("--date", metavar="D", help="The date for articles without one.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(files: tuple[Path, ...], topic: str | None, date: str | None, **given: Any) -> None:
    """Turn portal pages, RSS, Atom or JSON feeds, and exports of WordPress and Ghost into articles; print the path of each.

    Articles that are there already are left alone. The exit code is 1 if a file or an entry of a feed has a fault; all others
    are imported.
    """
    from feedsvc.importing.detect import import_options
    from feedsvc.importing.filing import Filing
    from feedsvc.progress import watched

    settings = Settings(**given)
    wrong = False
    with Filing(settings.articles, lambda found_files: watched(found_files, "Reading articles")) as filing:
        chosen = import_options(topic, date, filing.site)
        for file in files:
            faults = _imported(file, filing, chosen)
            for fault in faults:
                click.echo(str(fault), err=True)
            wrong = wrong or any(not fault.warning for fault in faults)
    if wrong:
        sys.exit(1)


def _imported(file: Path, filing: Filing, chosen: ImportOptions) -> list[Fault]:
    """Imports the articles of a file and prints their paths; returns its faults."""
    from feedsvc.importing.detect import MAX_FEED_BYTES

    name = str(file)
    try:
        with file.open("rb") as source:
            batch = filing.read(name, source.read(MAX_FEED_BYTES + 1), chosen)
    except OSError as error:
        return [Fault(name, 0, f"can't be read: {error.strerror or error}")]
    except ArticleError as error:
        return list(error.faults)
    faults = list(batch.faults)
    for place, article in batch.articles:
        try:
            filed = filing.add(article)
        except ArticleError as error:
            faults += (Fault(name, 0, f"{place}{fault.reason}") for fault in error.faults)
            continue
        path = f"{filing.folder}/{filed.path}"
        click.echo(path if filed.new else f"{name}: {place}is there already: {path}", err=not filed.new)
    return faults
