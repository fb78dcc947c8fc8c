"""The commands. With `wsgi.py` the only place that reads the environment and puts the parts together.

Exit codes: 0 done, 1 something in the input is wrong, 2 wrong usage or settings.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from flask import Flask

from feedsvc import addresses as at
from feedsvc.article_pages import ArticlePages
from feedsvc.check import check as check_articles
from feedsvc.document import Document
from feedsvc.errors import FeedsvcError, UsageError
from feedsvc.export import export
from feedsvc.intake import Intake
from feedsvc.lease import Lease
from feedsvc.logs import set_up_logging
from feedsvc.press import Press
from feedsvc.readers import SUFFIXES
from feedsvc.schedule import LOOK_AGAIN
from feedsvc.settings import SETTINGS, Settings, environment_name
from feedsvc.status import Status, read_status
from feedsvc.store import Store

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

BAR_FROM = 200  # files, below which a progress bar would only flicker
SETTLE_SECONDS = 3.0
_TYPES: dict[str, Any] = {"Path": Path, "int": int, "float": float}


def _options(*names: str) -> Callable[[Command], Command]:
    """The flags of some settings, each with its environment twin and its help text."""

    def add(command: Command) -> Command:
        for name in reversed(names):
            setting = SETTINGS[name]
            default = None if setting.default is MISSING else setting.default
            command = click.option(
                f"--{name.replace('_', '-')}",
                name,
                type=_TYPES.get(str(setting.type), str),
                default=default,
                show_default=default is not None,
                envvar=environment_name(name),
                show_envvar=True,
                metavar=setting.metadata["metavar"],
                help=setting.metadata["help"],
            )(command)
        return command

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="feedsvc")
def cli() -> None:
    """Feeds, headlines and pages from a folder of articles."""


@cli.command()
@_options(*SETTINGS)
def serve(**given: Any) -> None:
    """Watch the articles, press what changes, and serve what is published."""
    from feedsvc.serve import serve as serve_for_ever  # it needs the server, which no other command does

    set_up_logging()
    settings = Settings(**given)
    serve_for_ever(settings, lambda address: click.echo(f"feedsvc is ready at {address}"))


@cli.command()
@_options("articles", "database", "public_url")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write every document as a file.")
@click.option("--with-articles", is_flag=True, help="With --out: the articles' own pages too.")
def build(out: Path | None, with_articles: bool, **given: Any) -> None:
    """Press once. The exit code is 1 where an article is wrong; all others are published nevertheless."""
    set_up_logging()
    settings = Settings(**given)
    intake = Intake(settings.articles, SUFFIXES)
    intake.check()
    store = Store(settings.database)
    lease = Lease(store)
    if not lease.acquire(time.monotonic()):
        raise UsageError("another process presses into this database; stop it first, or name another --database")
    try:
        press = Press(store, intake, settings.base_url, lambda sightings: _watched(sightings, "Reading articles"))
        problem = _press_until_still(press, lease)
    finally:
        lease.release()
    status = read_status(store)
    click.echo(f"{_counts(status)} published")
    if out:
        count = export(_documents(store, settings.base_url, with_articles), out)
        click.echo(f"{count} documents written to {out}")
    if problem or status.quarantine:
        sys.exit(1)


def _press_until_still(press: Press, lease: Lease) -> str | None:
    """One pressing, and more while files are being written, for a few seconds at most; what a person should know."""
    end = time.monotonic() + SETTLE_SECONDS
    hints: set[str] | None = None
    while True:
        pressing = press.run(datetime.now(UTC), holder=lease.holder, fence=lease.fence, hints=hints)
        if not pressing.moving:
            return pressing.problem
        if time.monotonic() > end:
            return f"{min(pressing.moving)} is still being written"
        hints = pressing.moving
        time.sleep(LOOK_AGAIN)


def _documents(store: Store, public_url: str, with_articles: bool) -> Iterator[Document]:
    below = at.article_path("")
    for path in store.paths():
        if not path.startswith(below) and (document := store.document(path)):
            yield document
    if with_articles:
        pages = ArticlePages(store, public_url, lambda: datetime.now(UTC))
        slugs = sorted(record.slug for record in store.records() if record.live(datetime.now(UTC)))
        for slug in _watched(slugs, "Making article pages"):
            page, _ = pages.find(slug)
            if page:
                yield page


@cli.command()
@_options("articles", "public_url")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...], **given: Any) -> None:
    """Read articles, publish nothing, and say what is wrong with them."""
    settings = Settings(**given)
    faults = check_articles(settings.articles, paths, settings.base_url, lambda files: _watched(files, "Reading articles"))
    for fault in faults:
        click.echo(str(fault))
    if any(not fault.warning for fault in faults):
        sys.exit(1)


@cli.command()
@_options("database")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
def status(as_json: bool, **given: Any) -> None:
    """Say what is published, what is in quarantine, and who presses."""
    known = read_status(Store(Settings(**given).database, create=False))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(known)).decode())
        return
    for line in _lines(known):
        click.echo(line)


def _lines(status: Status) -> Iterator[str]:
    yield f"published   {_counts(status)}"
    yield f"for         {status.public_url or '–'}"
    yield f"generation  {status.generation}, pressed {status.pressed or 'never'}"
    yield f"pressing    {status.holder or 'nobody'}"
    if status.problem:
        yield f"PROBLEM     {status.problem}"
    yield f"quarantine  {len(status.quarantine) or 'empty'}"
    yield from (f"  {fault}" for fault in status.quarantine)
    if status.warnings:
        yield f"warnings    {len(status.warnings)}"
        yield from (f"  {fault}" for fault in status.warnings)


def _counts(status: Status) -> str:
    counted = ((status.articles, "article"), (len(status.topics), "topic"), (status.documents, "document"))
    articles, topics, documents = (f"{number} {name}{'' if number == 1 else 's'}" for number, name in counted)
    return f"{articles} in {topics}, {documents}"


@cli.command("accept-removals")
@_options("database")
def accept_removals(**given: Any) -> None:
    """Confirm that articles which are gone from the folder are meant to be gone."""
    store = Store(Settings(**given).database, create=False)
    if not store.fact("brake"):
        click.echo("nothing waits to be confirmed")
        return
    store.set_fact("removals", "accepted")
    click.echo("confirmed; the next scan takes them back")


def app_from_environment() -> Flask:
    """The app for any WSGI server, with a builder thread that presses in whichever process wins the lease.

    Ends the process with one clear line and exit code 2 where it can't be set up.
    """
    from feedsvc.serve import new_schedule
    from feedsvc.web import create_app

    set_up_logging()
    try:
        context = serve.make_context("feedsvc", [])
        settings = Settings(**context.params)
        Intake(settings.articles, SUFFIXES).check()
        store = Store(settings.database)
        app = create_app(settings, store)
    except (FeedsvcError, click.ClickException) as error:
        click.echo(f"feedsvc: {_sentence(error)}", err=True)
        sys.exit(2)

    def build_for_ever() -> None:
        threading.Thread(target=new_schedule(settings, store).run, name="press", daemon=True).start()

    build_for_ever()
    return app


def _watched(things: Sequence[T], label: str) -> Iterable[T]:
    """Some things one by one, with a progress bar on a terminal and plain lines elsewhere where they are many."""
    if len(things) < BAR_FROM:
        return things
    if not sys.stderr.isatty():
        return _counted(things, label)
    return _with_bar(things, label)


def _with_bar(things: Sequence[T], label: str) -> Iterator[T]:
    with click.progressbar(things, label=label, file=sys.stderr) as bar:
        yield from bar


def _counted(things: Sequence[T], label: str) -> Iterator[T]:
    said = time.monotonic()
    for number, thing in enumerate(things):
        if time.monotonic() - said > 5:
            said = time.monotonic()
            click.echo(f"{label}: {number} of {len(things)}", err=True)
        yield thing


def _sentence(error: Exception) -> str:
    return " ".join((error.format_message() if isinstance(error, click.ClickException) else str(error)).split())


def main() -> None:
    """Runs the command that was typed."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except (FeedsvcError, click.ClickException) as error:
        click.echo(f"feedsvc: {_sentence(error)}", err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)


if __name__ == "__main__":
    main()
