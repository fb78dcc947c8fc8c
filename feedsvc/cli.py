"""The commands. With `wsgi.py` the only place that reads the environment and puts the parts together.

Exit codes: 0 done, 1 something in the input is wrong, 2 wrong usage or settings.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import MISSING
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from feedsvc.errors import ArticleError, Fault, FeedsvcError, NothingPublished, TokenError, UsageError
from feedsvc.logs import set_up_logging
from feedsvc.progress import watched
from feedsvc.settings import SECRETS, SETTINGS, Settings, environment_name
from feedsvc.topics import PARTNERS

# Each command imports its own parts: every process of a service begins with this module.
if TYPE_CHECKING:
    from flask import Flask

    from feedsvc.document import Document
    from feedsvc.filing import Filing
    from feedsvc.imports import Wishes
    from feedsvc.intake import Intake
    from feedsvc.lease import Lease
    from feedsvc.logbook import Line
    from feedsvc.press import Press
    from feedsvc.scribe import Scribe
    from feedsvc.status import Status
    from feedsvc.store import Store
    from feedsvc.token import StatusToken

Command = TypeVar("Command", bound=Callable[..., Any])

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


def _secrets() -> dict[str, Any]:
    """The settings that have no flag, as far as the environment has them."""
    return {name: value for name in SECRETS if (value := os.environ.get(environment_name(name)))}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="feedsvc")
def cli() -> None:
    """Feeds, headlines and pages from a folder of articles."""


@cli.command()
@_options(*SETTINGS)
def serve(**given: Any) -> None:
    """Watch the articles, press what changes, and serve what is published."""
    from feedsvc import serve as service

    service.begin()
    from feedsvc.token import StatusToken

    set_up_logging()
    settings = Settings(**given, **_secrets())
    token = StatusToken(settings)

    def announce(address: str) -> None:
        click.echo(f"feedsvc is ready at {address}")
        click.echo(f"its status is at {address}/status: {_way_in(token)}")

    service.serve(settings, announce)


def _way_in(token: StatusToken) -> str:
    """How to be let in, with the token itself on a terminal alone: what is written elsewhere is a log, and is kept."""
    try:
        known = token.read()
    except TokenError as error:
        return f"closed, {error}"
    if sys.stdout.isatty():
        return f"any user name, password {known}"
    return f"any user name, and the password that is in {token.path or environment_name('status_token')}"


@cli.command()
@_options("articles", "database", "public_url")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write every document as a file.")
@click.option("--with-articles", is_flag=True, help="With --out: the articles' own pages too.")
@click.option("--dry-run", is_flag=True, help="Publish nothing; say what would be added, changed and removed in each topic.")
def build(out: Path | None, with_articles: bool, dry_run: bool, **given: Any) -> None:
    """Press once. The exit code is 1 where an article is wrong; all others are published nevertheless."""
    from feedsvc.export import export
    from feedsvc.intake import Intake
    from feedsvc.lease import Lease
    from feedsvc.press import Press
    from feedsvc.readers import SUFFIXES
    from feedsvc.reading import ReadingRoom
    from feedsvc.scribe import Scribe
    from feedsvc.store import Store
    from feedsvc.survey import read_status

    set_up_logging()
    settings = Settings(**given)
    intake = Intake(settings.articles, SUFFIXES)
    intake.check()
    if dry_run:
        for line in _preview(settings, intake):
            click.echo(line)
        return
    store = Store(settings.database)
    lease = Lease(store)
    if not lease.acquire_patiently():
        raise UsageError("another process presses into this database; stop it first, or name another --database")
    try:
        with ReadingRoom() as room:
            press = Press(store, intake, room, settings.base_url, lambda sightings: watched(sightings, "Reading articles"))
            problem = _press_until_still(press, lease, Scribe(store))
    finally:
        lease.release()
    status = read_status(store, datetime.now(UTC))
    click.echo(f"{_counts(status)} published")
    if out:
        count = export(_documents(store, settings.base_url, with_articles), out)
        click.echo(f"{count} documents written to {out}")
    if problem or status.quarantine:
        sys.exit(1)


def _preview(settings: Settings, intake: Intake) -> Iterator[str]:
    from feedsvc.press import Press
    from feedsvc.reading import ReadingRoom
    from feedsvc.store import Store

    with ReadingRoom() as room, TemporaryDirectory() as nowhere:
        try:
            store = Store(settings.database, create=False)
        except NothingPublished:
            store = Store(f"sqlite:///{nowhere}/feedsvc.db")
        changes = Press(store, intake, room, settings.base_url).preview(datetime.now(UTC))
        store.close()
    if not changes:
        yield "nothing would change"
    for slug, some in changes.items():
        numbers = [sum(change.kind == kind for change in some) for kind in "+~-"]
        yield "{}: {} added, {} changed, {} removed".format(slug, *numbers)
        yield from (f"  {change.kind} {change.title} ({change.path})" for change in some)


def _press_until_still(press: Press, lease: Lease, scribe: Scribe) -> str | None:
    """One pressing, and more while files are being written, for a few seconds at most; what a person should know."""
    from feedsvc.schedule import LOOK_AGAIN

    end = time.monotonic() + SETTLE_SECONDS
    hints: set[str] | None = None
    while True:
        now, started = datetime.now(UTC), time.monotonic()
        pressing = press.run(now, holder=lease.holder, fence=lease.fence, hints=hints)
        scribe.note(now, "feedsvc build", time.monotonic() - started, pressing)
        hints = pressing.moving
        if pressing.left:
            end = time.monotonic() + SETTLE_SECONDS
        elif not pressing.moving:
            return pressing.problem
        elif time.monotonic() > end:
            return f"{min(pressing.moving)} is still being written"
        else:
            time.sleep(LOOK_AGAIN)


def _documents(store: Store, public_url: str, with_articles: bool) -> Iterator[Document]:
    from feedsvc import addresses as at
    from feedsvc.archive_feeds import ArchiveFeeds
    from feedsvc.article_pages import ArticlePages
    from feedsvc.stored import Stored

    stored = Stored(store, public_url, lambda: datetime.now(UTC))
    below = at.article_path("")
    archives = ArchiveFeeds(stored)
    filed = archives.files()
    for slug, file in watched(filed, "Making archives"):
        if document := archives.find(slug, file):
            yield document
    made = {at.archive_path(slug, *file.rsplit(".", 1)) for slug, file in filed}
    for path in store.paths():
        if not path.startswith(below) and path not in made and (document := store.document(path)):
            yield document
    if with_articles:
        pages = ArticlePages(stored)
        slugs = sorted(record.slug for record in store.records() if record.live(datetime.now(UTC)))
        for slug in watched(slugs, "Making article pages"):
            page, _ = pages.find(slug)
            if page:
                yield page


@cli.command()
@_options("articles", "public_url")
@click.option("--profile", "partners", type=click.Choice(PARTNERS), multiple=True, help="What this partner refuses; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...], partners: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Read articles, publish nothing, and say what is wrong with them, and what aggregators may refuse."""
    from feedsvc.check import check as check_articles

    settings = Settings(**given)
    named = tuple(dict.fromkeys(partners))
    faults = check_articles(
        settings.articles, paths, settings.base_url, datetime.now(UTC), named, lambda files: watched(files, "Reading articles")
    )
    if as_json:
        click.echo(_json(faults))
    else:
        for fault in faults:
            click.echo(str(fault))
    if any(not fault.warning for fault in faults):
        sys.exit(1)


@cli.command("import")
@_options("articles")
@click.option("--topic", metavar="T", help="A topic for every article, and the folder they are put into.")
@click.option("--date", metavar="D", help="The date of what has none of its own.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(files: tuple[Path, ...], topic: str | None, date: str | None, **given: Any) -> None:
    """Turn portal pages and RSS, Atom or JSON feeds into articles, and print the path of each.

    An article that is there already is left alone. The exit code is 1 where a file or an entry of a feed is wrong; all others
    are imported nevertheless.
    """
    from feedsvc import imports
    from feedsvc.filing import Filing

    settings = Settings(**given)
    filing = Filing(settings.articles, lambda sightings: watched(sightings, "Reading articles"))
    wishes = imports.wishes(topic, date, filing.site)
    wrong = False
    for file in files:
        faults = _imported(file, filing, wishes)
        for fault in faults:
            click.echo(str(fault), err=True)
        wrong = wrong or any(not fault.warning for fault in faults)
    if wrong:
        sys.exit(1)


def _imported(file: Path, filing: Filing, wishes: Wishes) -> list[Fault]:
    """Files what a file holds, and says where; what is wrong with it."""
    from feedsvc.imports import MAX_FEED_BYTES, read_import

    name = str(file)
    try:
        with file.open("rb") as source:
            batch = read_import(name, source.read(MAX_FEED_BYTES + 1), filing.site, wishes)
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


@cli.command()
@_options("database")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
def status(as_json: bool, **given: Any) -> None:
    """Say what is published, what is in quarantine, and who presses."""
    from feedsvc.store import Store
    from feedsvc.survey import read_status

    known = read_status(Store(Settings(**given).database, create=False), datetime.now(UTC))
    if as_json:
        click.echo(_json(known))
        return
    for line in _lines(known):
        click.echo(line)


def _lines(status: Status) -> Iterator[str]:
    from feedsvc.status import KEPT, NOT_PUBLISHED

    yield f"published   {_counts(status)}"
    yield f"for         {status.public_url or '–'}"
    yield f"generation  {status.generation}, pressed {status.pressed or 'never'}, folder looked at {status.looked or 'never'}"
    lease = status.lease
    since = f" since {lease.since}" if lease and lease.since else ""
    yield f"pressing    {f'process {lease.pid} on {lease.host}{since}, fence {lease.fence}' if lease else 'nobody'}"
    if status.hub:
        yield f"hub         {status.hub.url}, told of everything up to generation {status.hub.announced}"
    yield from (f"PROBLEM     {problem}" for problem in status.problems)
    yield f"quarantine  {len(status.quarantine) or 'empty'}"
    yield from (f"  {one}; {KEPT if one.published else NOT_PUBLISHED}" for one in status.quarantine)
    if status.warnings:
        yield f"warnings    {len(status.warnings)}"
        yield from (f"  {fault}" for fault in status.warnings)
    if status.upcoming:
        yield f"upcoming    {len(status.upcoming)}"
        yield from (f"  {one.when} {one.what}: {one.title} ({one.path})" for one in status.upcoming)
    if status.pressings:
        yield f"pressings   the last {len(status.pressings)}, the newest first"
        yield from (f"  {_pressed(line)}" for line in status.pressings)


def _pressed(line: Line) -> str:
    said = f"generation {line.generation}, {line.read} read, {line.documents} documents" if line.generation else line.outcome
    return f"{line.at} in {line.seconds:.3f} s: {said} ({line.cause}){f'; {line.problem}' if line.problem else ''}"


def _counts(status: Status) -> str:
    counted = ((status.articles, "article"), (len(status.topics), "topic"), (status.documents, "document"))
    articles, topics, documents = (f"{number} {name}{'' if number == 1 else 's'}" for number, name in counted)
    return f"{articles} in {topics}, {documents}"


@cli.command("accept-removals")
@_options("database")
def accept_removals(**given: Any) -> None:
    """Confirm that articles which are gone from the folder are meant to be gone."""
    from feedsvc.store import Store

    store = Store(Settings(**given).database, create=False)
    if not store.fact("brake"):
        click.echo("nothing waits to be confirmed")
        return
    store.set_fact("removals", "accepted")
    click.echo("confirmed: the next scan removes them")


def app_from_environment() -> Flask:
    """The app for any WSGI server, with a builder thread that presses in whichever process wins the lease.

    Ends the process with one clear line and exit code 2 where it can't be set up.
    """
    from feedsvc.intake import Intake
    from feedsvc.readers import SUFFIXES
    from feedsvc.serve import new_schedule
    from feedsvc.store import Store
    from feedsvc.token import StatusToken
    from feedsvc.web import create_app

    set_up_logging()
    try:
        context = serve.make_context("feedsvc", [])
        settings = Settings(**context.params, **_secrets())
        Intake(settings.articles, SUFFIXES).check()
        store = Store(settings.database)
        app = create_app(settings, store)
        with suppress(TokenError):  # of which whoever asks for the status is told
            StatusToken(settings).read()
    except (FeedsvcError, click.ClickException) as error:
        click.echo(f"feedsvc: {_sentence(error)}", err=True)
        sys.exit(2)

    def build_for_ever() -> None:
        threading.Thread(target=new_schedule(settings, store).run, name="press", daemon=True).start()

    build_for_ever()
    return app


def _json(known: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(known)).decode()


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
