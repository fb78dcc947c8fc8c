"""`feedsvc check`: what is wrong with articles, before anybody reads them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from feedsvc.cli.options import options
from feedsvc.cli.output import as_json_text
from feedsvc.errors import UsageError
from feedsvc.model.site import PARTNERS
from feedsvc.settings import Settings

if TYPE_CHECKING:
    from feedsvc.articles.watcher import Watcher

MOST_GATHERED = 20  # times that the watcher hears of changes before they are checked, a tenth of a second each


@click.command()
@options("articles", "public_url")
@click.option("--profile", "partners", type=click.Choice(PARTNERS), multiple=True, help="Check this partner's rules; repeatable.")
@click.option("--all", "every_line", is_flag=True, help="Show every warning, and not three of each kind.")
@click.option("--watch", is_flag=True, help="Check again when something in the folder changes, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(
    paths: tuple[Path, ...], partners: tuple[str, ...], every_line: bool, watch: bool, as_json: bool, **given: Any
) -> None:
    """Check articles without publishing them: faults, warnings by kind, and what partners may refuse."""
    from feedsvc.builder.check import check as check_articles
    from feedsvc.builder.check_report import check_report
    from feedsvc.progress import watched

    settings = Settings(**given)
    named = tuple(dict.fromkeys(partners))
    if watch and as_json:
        raise UsageError("--watch shows lines, and --json is for one check; give one of them")

    def once() -> int:
        result = check_articles(
            settings.articles, paths, settings.base_url, datetime.now(UTC), named, lambda files: watched(files, "Reading articles")
        )
        if as_json:
            click.echo(as_json_text(result.faults))
        else:
            for line in check_report(result, every_line or any(path.is_file() for path in paths), named):
                click.echo(line)
        return int(any(not fault.warning for fault in result.faults))

    sys.exit(_again_and_again(settings.articles, once) if watch else once())


def _again_and_again(folder: Path, once: Callable[[], int]) -> int:
    """Checks whenever something has changed, until Ctrl-C; the exit code of the last check."""
    from feedsvc.articles.watcher import Watcher

    code = 0
    try:
        while True:
            with Watcher(folder) as watcher:  # made before the check, so that no change falls between the two
                code = once()
                while not (watcher.lost or watcher.over):
                    if changed := _heard(watcher):
                        changed -= {str(folder) for path in changed for folder in PurePosixPath(path).parents}
                        what = min(changed) if len(changed) == 1 else f"{len(changed):,} files"
                        click.echo(f"\n---- {datetime.now():%H:%M:%S}, {what} changed")
                        code = once()
    except OSError as error:
        raise UsageError(f"the folder {folder} can't be watched: {(error.strerror or str(error)).lower()}") from error
    except KeyboardInterrupt:
        return code


def _heard(watcher: Watcher) -> set[str]:
    """The paths that have changed, once nothing more changes."""
    changed: set[str] = set()
    for _ in range(MOST_GATHERED):
        new = watcher.hear()
        changed |= new
        if not new:
            break
    return changed
